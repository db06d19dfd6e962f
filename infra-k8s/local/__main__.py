"""`python -m local`: the application, a real Prometheus and light traffic on this machine, until Ctrl-C.

Exit status: 0 stopped as asked, 1 something died or never came up, 2 it could not be started.
"""

import sys

from local import children


def main() -> int:
    """Run and return the exit status."""
    children.interrupt_on_signals()
    try:
        # Takes a while to load, in which a signal may come already.
        from local.command import run

        return run()
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
