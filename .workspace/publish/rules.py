"""What publishing writes instead of what: the one table from which owner and name are set."""

import re
from dataclasses import dataclass

from publish.names import PLACEHOLDER, REPOSITORIES, Names


@dataclass(frozen=True)
class Rule:
    """A pattern and what takes its place, in texts and in the names of files and folders."""

    pattern: re.Pattern[str]
    replacement: str


def table(names: Names) -> tuple[Rule, ...]:
    """Return the rules in the order in which they are applied.

    Not among the patterns and so left alone: `Flask application`, which it stays; `FLASK_APP`, a variable of Flask;
    the package `app`; the placeholder that is neither assigned nor followed by a path, as which the chart knows it.
    """
    siblings = "|".join(REPOSITORIES)
    return (
        # On GitHub a sibling is no neighbouring folder. The rules below finish the address.
        Rule(re.compile(rf"\]\((?:\.\./)+({siblings})/"), rf"](https://github.com/{PLACEHOLDER}/\1/blob/main/"),
        # Small letters: an image's name has no others, and everything else that holds an owner ignores case.
        Rule(re.compile(rf"(?<== ){PLACEHOLDER}|{PLACEHOLDER}(?=/)"), names.owner.lower()),
        Rule(re.compile(r"(?<![a-zA-Z0-9])flask-app(?![a-zA-Z0-9])"), names.service),
        Rule(re.compile(r"(?<![a-zA-Z0-9])flask_app(?![a-zA-Z0-9])"), names.snake),
        Rule(re.compile(r"(?<![a-zA-Z0-9])FLASK_APP(?=_)"), names.snake.upper()),
        Rule(re.compile(r"FlaskApp(?![a-z])"), names.pascal),
        Rule(re.compile(r"(?<![a-zA-Z0-9])flaskapp"), names.pascal.lower()),
        Rule(re.compile(r"(?<![a-zA-Z0-9])Flask app(?![a-zA-Z0-9])"), names.title),
    )


def applied(rules: tuple[Rule, ...], text: str) -> str:
    """Return the text with every rule applied."""
    for rule in rules:
        text = rule.pattern.sub(rule.replacement, text)
    return text
