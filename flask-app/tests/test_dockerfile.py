"""What raises the base image, and what replaces it."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
# Dependabot's parser in short: a name written out in a FROM; it reads no ARG and follows no variable.
READ_BY_DEPENDABOT = r"^FROM\s+(?:--platform=\S+\s+)?([a-z0-9./_-]+):([\w.-]+)@(sha256:[0-9a-f]{64})"


def test_the_base_image_stands_by_digest_where_dependabot_reads_it() -> None:
    raised = re.findall(READ_BY_DEPENDABOT, DOCKERFILE, re.MULTILINE)
    assert len(raised) == DOCKERFILE.count("@sha256:") == 2
    assert len(set(raised)) == 1
    assert raised[0][0] == "python"


def test_a_build_argument_replaces_the_base_image_wherever_it_is_used() -> None:
    stages = re.findall(r"^FROM\s+(?:--platform=(\S+)\s+)?(\S+)(?: AS (\S+))?$", DOCKERFILE, re.MULTILINE)
    bases = {name: (platform, base) for platform, base, name in stages}
    assert bases["build"] == ("$BUILDPLATFORM", "${BASE_IMAGE:-pinned-builder}")
    assert bases["image"] == ("", "${BASE_IMAGE:-pinned}")
    assert bases["pinned-builder"][0] == "$BUILDPLATFORM"
    assert bases["pinned"][0] == ""
    assert [base for _, base, _ in stages if base.startswith("pinned")] == []
