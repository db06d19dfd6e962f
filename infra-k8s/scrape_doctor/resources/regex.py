"""Regular expressions that Prometheus does not compile: those of RE2, which is Go's, not Python's."""

import re
import warnings

# What RE2 leaves out and Python knows, outside of a class; an escaped backslash or bracket is passed over.
TOKEN = re.compile(
    r"\\(?P<escaped>.)|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|(?P<group>\(\?(?:=|!|<=|<!|>))", re.DOTALL
)
NAMED_CLASS = re.compile(r"\[:\^?\w+:\]")  # Go's alone: to Python the bracket at its end closes the class around it
# Errors of Python's compiler that are errors of RE2 too; others may be syntax that only Go knows.
COMMON_ERRORS = ("missing )", "unbalanced parenthesis", "unterminated character set", "bad escape (end of pattern)")


def error(pattern: str) -> str:
    """Return why a pattern does not compile; empty where it does, or where only Go's compiler could tell."""
    for token in TOKEN.finditer(pattern):
        if token["group"]:
            return f"{token['group']} is not known to Prometheus' regular expressions (RE2)"
        if token["escaped"] and token["escaped"] in "123456789":
            return f"\\{token['escaped']} (a back-reference) is not known to Prometheus' regular expressions (RE2)"
    pattern = NAMED_CLASS.sub(r"\\w", pattern)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except re.error as found:
        return str(found.msg) if is_common(found, pattern) else ""
    return ""


def is_common(found: re.error, pattern: str) -> bool:
    """Tell whether an error of Python's compiler is certain to be one of RE2 too.

    RE2 repeats an anchor (`^*`), takes the hyphen beside a class for itself (`[\\w-.]`) and `{,3}` for text.
    """
    place = found.pos or 0
    before, operator = pattern[:place][-1:], pattern[place : place + 1]
    match str(found.msg):
        case "nothing to repeat":
            return operator in "*+?" and before in ("", "(", "|")
        case "multiple repeat":
            return operator in "*+?" and before in "*+?"
        case message if message.startswith("bad character range"):
            return re.fullmatch("bad character range .-.", message, re.DOTALL) is not None
        case message:
            return any(words in message for words in COMMON_ERRORS)
