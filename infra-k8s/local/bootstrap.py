"""`python -m local.bootstrap PROGRAM…`: `make setup`, then become PROGRAM; a signal meanwhile ends the setup.

As a prerequisite the setup would go on: a script's background job and all that it starts ignore SIGINT, and make sends
SIGTERM no further than to its recipe's shell. Runs on Python 3.7 too, so that the setup can say which one it needs.
"""

from __future__ import annotations

import os
import sys

from local import children


def main() -> int:
    """Return the exit status, unless PROGRAM replaces this process."""
    children.interrupt_on_signals()
    try:
        status = children.run(["make", "--silent", "--no-print-directory", "setup"]).returncode
        if status == 0:
            os.execv(sys.argv[1], sys.argv[1:])
    except KeyboardInterrupt:
        return 0
    return status


if __name__ == "__main__":
    sys.exit(main())
