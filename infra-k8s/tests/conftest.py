"""What every test starts from: an environment without the flags of the make that runs the tests."""

import os
import signal

# A make that a test starts would take them over: `make -C` passes `w` on, which prints the folder.
for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
    os.environ.pop(name, None)

# A shell that starts the tests in the background lets them ignore SIGINT, and so every program that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
