"""`python -m local.bootstrap PROGRAM…`: make both environments at once, then become PROGRAM; a signal ends all of it.

As prerequisites they would go on: a script's background job and all that it starts ignore SIGINT, and make sends
SIGTERM no further than to its recipe's shell. Runs on Python 3.7 too, so that they can say which one it needs.
"""

from __future__ import annotations

import os
import sys

from local import children


def main() -> int:
    """Return the exit status, unless PROGRAM replaces this process."""
    children.interrupt_on_signals()
    try:
        status = children.run(["make", "--silent", "--no-print-directory", "-j2", "setup-up", "setup-app"]).returncode
        if status == 0:
            os.execv(sys.argv[1], sys.argv[1:])
    except KeyboardInterrupt:
        return 0
    return status


if __name__ == "__main__":
    sys.exit(main())
