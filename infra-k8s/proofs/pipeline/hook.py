"""What the forge's post-receive hooks run: the chain of the repository that was pushed to, for a new commit on main."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from proofs.pipeline import cd, ci
from proofs.pipeline.forge import Forge
from proofs.pipeline.place import Place

CHAINS: dict[str, Callable[[Forge, str], None]] = {"app": ci.start, "infra": cd.start}


def main() -> None:
    """Read what was pushed from standard input, as git tells it, and start the chain."""
    # What it has pushed itself runs in another session, and is ended with it in this way alone.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    name, folder = sys.argv[1:]
    forge = Forge(Path(folder), Place.from_environment())
    for line in sys.stdin:
        _, commit, reference = line.split()
        if reference == "refs/heads/main" and os.environ.get(cd.OWN_PUSH) != name:
            CHAINS[name](forge, commit)


if __name__ == "__main__":
    main()
