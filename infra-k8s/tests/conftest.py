"""What every test starts from: an environment without the flags of the make that runs the tests."""

import os

# A make that a test starts would take them over: `make -C` passes `w` on, which prints the folder.
for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
    os.environ.pop(name, None)
