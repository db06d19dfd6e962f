"""A real Prometheus: the one on PATH, else one in a cache folder of its own, without root, the system untouched."""

import fcntl
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from local import children

PROGRAMS = ("prometheus", "promtool")
HOW_TO_GET_IT = "put `prometheus` and `promtool` on PATH: https://prometheus.io/download/"

# Debian's own hooks after an update want to write to the system; these lists are ours alone.
APT_CONF = """\
Dir::State "{folder}/state";
Dir::Cache "{folder}/cache";
Debug::NoLocking "true";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"""

progress = Console(stderr=True)


class PrometheusMissing(RuntimeError):
    """There is no Prometheus and none could be brought; the message is one line that says how to get it."""


@dataclass(frozen=True)
class Programs:
    """Where Prometheus' two programs are."""

    prometheus: Path
    promtool: Path


def find() -> Programs:
    """Return a Prometheus that runs here, bringing one into the cache folder if need be.

    Safe to call from several processes at once: one brings it, the others wait for it.

    Raises:
        PrometheusMissing: if there is none and none could be brought.
    """
    if programs := _on_path() or _cached():
        return programs
    with _locked(cache_folder()):
        return _cached() or _bring()


def cache_folder() -> Path:
    """Return where a Prometheus of our own is kept; remove it to get a fresh one."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "infra-k8s" / "prometheus"


def _on_path() -> Programs | None:
    found = [shutil.which(name) for name in PROGRAMS]
    return Programs(*(Path(path) for path in found if path)) if all(found) else None


def _cached() -> Programs | None:
    programs = [cache_folder() / "usr" / "bin" / name for name in PROGRAMS]
    return Programs(*programs) if all(program.is_file() for program in programs) else None


def _bring() -> Programs:
    if shutil.which("apt-get") and shutil.which("dpkg-deb"):
        return _from_debian()
    if platform.system() == "Darwin" and shutil.which("brew"):
        return _from_homebrew()
    raise PrometheusMissing(f"Prometheus is not installed: {HOW_TO_GET_IT}")


def _from_debian() -> Programs:
    """Unpack the distribution's package into the cache folder; it appears there complete or not at all."""
    target = cache_folder()
    progress.print(f"==> bringing Prometheus (20 MB, the distribution's package) into {target}", soft_wrap=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder, progress.status("downloading"):
        _download(Path(folder))
        (package,) = Path(folder).glob("prometheus_*.deb")
        unpacked = Path(folder) / "unpacked"
        _run(["dpkg-deb", "-x", str(package), str(unpacked)])
        for name in PROGRAMS:
            _run([str(unpacked / "usr" / "bin" / name), "--version"])
        shutil.rmtree(target, ignore_errors=True)
        unpacked.rename(target)
    return Programs(*(target / "usr" / "bin" / name for name in PROGRAMS))


def _download(folder: Path) -> None:
    """Download with the system's package lists; where they are missing or stale, with lists of our own."""
    download = ["apt-get", "--quiet", "download", "prometheus"]
    try:
        _run(download, cwd=folder)
    except PrometheusMissing:
        for part in ("state/lists/partial", "cache/archives/partial"):
            (folder / part).mkdir(parents=True)
        conf = folder / "apt.conf"
        conf.write_text(APT_CONF.format(folder=folder))
        _run(["apt-get", "-c", str(conf), "--quiet", "update"], cwd=folder)
        _run(["apt-get", "-c", str(conf), *download[1:]], cwd=folder)


def _from_homebrew() -> Programs:
    command = "brew install prometheus"
    if not sys.stdin.isatty() or not sys.stderr.isatty():
        raise PrometheusMissing(f"Prometheus is not installed: run `{command}`")
    progress.print(
        f"Prometheus is not installed. Run `{command}`? [y/N] ", end="", markup=False, highlight=False, soft_wrap=True
    )
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise PrometheusMissing(f"Prometheus is not installed: run `{command}`, or {HOW_TO_GET_IT}")
    children.run(command.split())
    if programs := _on_path():
        return programs
    raise PrometheusMissing(f"`{command}` brought no prometheus and promtool on PATH: {HOW_TO_GET_IT}")


def _run(command: list[str], cwd: Path | None = None) -> None:
    """Run a command of which only the failure is of interest."""
    try:
        done = children.run(command, cwd=cwd, captured=True)
    except OSError as error:
        raise PrometheusMissing(f"{command[0]} does not run ({error.strerror}): {HOW_TO_GET_IT}") from None
    if done.returncode != 0:
        words = (done.stderr.strip() or done.stdout.strip() or f"exit {done.returncode}").splitlines()[-1]
        raise PrometheusMissing(f"Prometheus could not be brought, {' '.join(command)}: {words}; {HOW_TO_GET_IT}")


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "prometheus.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
