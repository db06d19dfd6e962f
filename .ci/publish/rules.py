"""Rename rules for owner and service: the one table from which both are set."""

import re
from dataclasses import dataclass

from publish.names import PLACEHOLDER, REPOSITORIES, Names


@dataclass(frozen=True)
class Rule:
    """A pattern without groups and its replacement, in texts, messages, and names of files and folders."""

    pattern: str
    replacement: str


def rules(names: Names) -> tuple[Rule, ...]:
    """Return the rules; where two match at one place, the first counts.

    Not matched and so left alone: `Flask application`; `FLASK_APP`, a variable of Flask; the package `app`; the
    placeholder that is neither assigned nor followed by a path, which the chart compares with.
    """
    # An image's name has small letters only; everything else that holds an owner ignores case.
    owner = names.owner.lower()
    return (
        # On GitHub a sibling is no neighbouring folder.
        *(
            Rule(rf"\]\((?:\.\./)+{folder}/", f"](https://github.com/{owner}/{repository}/blob/main/")
            for folder, repository in zip(REPOSITORIES, names.repositories, strict=True)
        ),
        Rule(rf"(?<== ){PLACEHOLDER}|{PLACEHOLDER}(?=/)", owner),
        Rule(r"(?<![a-zA-Z0-9])flask-app(?![a-zA-Z0-9])", names.service),
        Rule(r"(?<![a-zA-Z0-9])flask_app(?![a-zA-Z0-9])", names.snake),
        Rule(r"(?<![a-zA-Z0-9])FLASK_APP(?=_)", names.snake.upper()),
        Rule(r"FlaskApp(?![a-z])", names.pascal),
        Rule(r"(?<![a-zA-Z0-9])flaskapp", names.pascal.lower()),
        Rule(r"(?<![a-zA-Z0-9])Flask app(?![a-zA-Z0-9])", names.title),
    )


def apply(table: tuple[Rule, ...], text: bytes) -> bytes:
    """Return a text with every rule applied, in one pass: an owner or a name may look like what is replaced.

    What is no text is returned as it is.
    """
    if b"\0" in text:
        return text
    patterns = re.compile("|".join(f"({rule.pattern})" for rule in table).encode())
    return patterns.sub(lambda found: table[(found.lastindex or 0) - 1].replacement.encode(), text)
