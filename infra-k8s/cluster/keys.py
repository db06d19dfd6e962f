"""The kubeconfig's keys, which kr8s writes into temporary files for every client and leaves there."""

import atexit
import shutil
import tempfile


def leave_none() -> None:
    """Let this process's temporary files lie in a folder of their own that goes with it."""
    tempfile.tempdir = tempfile.mkdtemp(prefix="infra-k8s-")
    atexit.register(shutil.rmtree, tempfile.tempdir, ignore_errors=True)
