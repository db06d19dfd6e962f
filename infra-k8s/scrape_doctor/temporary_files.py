"""Temporary files that go with the process: kr8s writes the kubeconfig's keys into some and never deletes them."""

import atexit
import shutil
import tempfile


def delete_at_exit() -> None:
    """Put this process's temporary files into a folder of their own, deleted when the process ends."""
    tempfile.tempdir = tempfile.mkdtemp(prefix="scrape-doctor-")
    atexit.register(shutil.rmtree, tempfile.tempdir, ignore_errors=True)
