"""Summarize the steps so far in Markdown: `make summary`, on the page of each workflow run."""

import argparse
import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path


def tests(report: Path) -> str:
    """Return the counts of a JUnit report, and the names of what failed."""
    suite = ElementTree.parse(report).getroot()[0]
    failed = [
        case.get("name", "") for case in suite if case.find("failure") is not None or case.find("error") is not None
    ]
    counts = f"{suite.get('tests')} tests, {suite.get('skipped')} skipped, {len(failed)} failed"
    return ": ".join([counts, ", ".join(f"`{name}`" for name in failed)] if failed else [counts])


def starts(evidence: Path) -> str:
    """Return on which machines the image started, and how long it took until it served."""
    started = [json.loads(file.read_text()) for file in sorted(evidence.glob("starts/**/start.json"))]
    return ", ".join(f"on {start['machine']} within {start['seconds']} s" for start in started)


def rows(evidence: Path, metadata: Path, image: str) -> Iterator[tuple[str, str]]:
    """Yield the result of each step; a step without a result has not finished."""
    yield "check", "passed" if (evidence / "check").is_file() else "not passed here"
    report = evidence / "test.xml"
    yield "test", tests(report) if report.is_file() else "not run here"
    yield "starts", starts(evidence) or "not shown here"
    if metadata.is_file():
        digest = json.loads(metadata.read_text()).get("containerimage.digest", "nothing")
        yield "image", f"`{image}@{digest}`"


def main() -> None:
    """Print the summary."""
    parser = argparse.ArgumentParser(prog="python -m image.summary", description=__doc__)
    parser.add_argument("--evidence", type=Path, required=True)
    parser.add_argument("--metadata", type=Path, required=True)
    parser.add_argument("--image", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--revision", required=True)
    options = parser.parse_args()
    print(f"### Version {options.version}\n\nCommit `{options.revision}`\n\n| step | result |\n|---|---|")
    for step, result in rows(options.evidence, options.metadata, options.image):
        print(f"| {step} | {result} |")


if __name__ == "__main__":
    main()
