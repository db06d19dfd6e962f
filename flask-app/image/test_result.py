"""The signed test result of an image: that it was checked, tested and started, and at which commit.

`make check`, `make test` and `make starts` leave their evidence in a folder; `make attest` attests only what is there.
The form is in-toto's test result: https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md
"""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from image.command import Refused

TYPE = "https://in-toto.io/attestation/test-result/v0.1"
MACHINES = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}


def started(evidence: Path) -> dict[str, str]:
    """Return the revision of the image that was started, by platform."""
    starts = [json.loads(file.read_text()) for file in evidence.glob("starts/**/start.json")]
    return {MACHINES[start["machine"]]: start["revision"] for start in starts}


def passed(evidence: Path, revision: str, platforms: list[str]) -> list[str]:
    """Return the steps that passed at `revision`; raise Refused if one did not, or passed at another commit."""
    found = {f"starts on {platform}": at for platform, at in started(evidence).items()}
    for step in ("check", "test"):
        if (file := evidence / step).is_file():
            found[step] = file.read_text().strip()
    wanted = ["check", "test", *(f"starts on {platform}" for platform in platforms)]
    for name in wanted:
        if found.get(name) != revision:
            at = f"only at {found[name]}" if name in found else "not yet"
            raise Refused(f"{name!r} has passed {at}, not at {revision}: run `make {name.split()[0]}` first")
    return wanted


def predicate(evidence: Path, revision: str, platforms: list[str], source: str, url: str) -> dict[str, Any]:
    """Return the test result to be signed; raise Refused without a commit, or without evidence for it."""
    if re.fullmatch("[0-9a-f]{40}", revision) is None:
        raise Refused(f"{revision!r} is no commit: commit what was changed, then begin with `make check`")
    return {
        "result": "PASSED",
        "configuration": [{"uri": f"git+{source}", "digest": {"gitCommit": revision}}],
        "url": url,
        "passedTests": passed(evidence, revision, platforms),
    }


def main() -> int:
    """Print the predicate; return 0 if there is evidence for it."""
    parser = argparse.ArgumentParser(prog="python -m image.test_result", description=__doc__)
    parser.add_argument("--evidence", type=Path, required=True)
    parser.add_argument("--revision", required=True)
    parser.add_argument("--platforms", required=True, help="linux/amd64,…")
    parser.add_argument("--source", default="", help="the address of the repository")
    parser.add_argument("--url", default="", help="the address of the workflow run")
    options = parser.parse_args()
    try:
        result = predicate(
            options.evidence, options.revision, options.platforms.split(","), options.source, options.url
        )
    except Refused as refusal:
        print(f"attest: {refusal}", file=sys.stderr)
        return 1
    print(json.dumps(result, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
