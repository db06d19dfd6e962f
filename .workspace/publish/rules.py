"""What publishing writes instead of what: the one table from which owner and name are set."""

import re
from dataclasses import dataclass

from publish.names import PLACEHOLDER, REPOSITORIES, Names


@dataclass(frozen=True)
class Rule:
    """A pattern without groups and what takes its place, in texts and in the names of files and folders."""

    pattern: str
    replacement: str


def table(names: Names) -> tuple[Rule, ...]:
    """Return the rules; where two fit at one place, the first counts.

    Not among the patterns and so left alone: `Flask application`, which it stays; `FLASK_APP`, a variable of Flask;
    the package `app`; the placeholder that is neither assigned nor followed by a path, as which the chart knows it.
    """
    # Small letters: an image's name has no others, and everything else that holds an owner ignores case.
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


def applied(rules: tuple[Rule, ...], text: str) -> str:
    """Return the text with every rule applied, in one pass: an owner or a name may look like what is replaced."""
    patterns = re.compile("|".join(f"({rule.pattern})" for rule in rules))
    return patterns.sub(lambda found: rules[(found.lastindex or 0) - 1].replacement, text)
