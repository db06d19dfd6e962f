"""Regular expressions that Prometheus does not compile: those of RE2, which is Go's, not Python's."""

import re
import warnings

# What RE2 leaves out and Python knows, outside of a class; an escaped backslash or bracket is passed over.
TOKEN = re.compile(
    r"\\(?P<escaped>.)|\[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*\]|(?P<group>\(\?(?:=|!|<=|<!|>))", re.DOTALL
)
# Errors of Python's compiler that are errors of RE2 too; others may be syntax that only Go knows.
COMMON_ERRORS = (
    "missing )",
    "unbalanced parenthesis",
    "unterminated character set",
    "nothing to repeat",
    "multiple repeat",
    "bad character range",
    "bad escape (end of pattern)",
)


def error(pattern: str) -> str:
    """Return why a pattern does not compile; empty where it does, or where only Go's compiler could tell."""
    for token in TOKEN.finditer(pattern):
        if token["group"]:
            return f"{token['group']} is not known to Prometheus' regular expressions (RE2)"
        if token["escaped"] and token["escaped"] in "123456789":
            return f"\\{token['escaped']} (a back-reference) is not known to Prometheus' regular expressions (RE2)"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except re.error as found:
        return str(found.msg) if any(words in str(found.msg) for words in COMMON_ERRORS) else ""
    return ""
