"""`python -m proofs.pipeline`: four commits on their way to what Prometheus reports live, told one after the other.

Exit status: 0 all proven, 1 something else became of one, 2 it could not be started.
"""

import signal
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import httpx
import kr8s

from clients.diagnostics import diagnostics
from clients.helm import HelmFailed, Release
from clients.namespaces import temporary_namespace
from proofs.pipeline import report
from proofs.pipeline.forge import Forge
from proofs.pipeline.live import watched
from proofs.pipeline.place import Place
from proofs.pipeline.repository import GitFailed
from proofs.pipeline.stories import STORIES, Untold
from proofs.pipeline.telling import Teller, Told, Untrue
from proofs.settings import MissingSetting
from scrape_doctor import temporary_files

BUILD = Path(__file__).resolve().parents[2] / "build"
# What may go wrong in a way that one line explains.
FAILURES = (
    *(Untrue, Untold, GitFailed, HelmFailed, RuntimeError, subprocess.CalledProcessError),
    *(kr8s.ServerError, kr8s.NotFoundError, kr8s.ConnectionClosedError, httpx.HTTPError, OSError),
)


def main() -> int:
    """Tell the stories and return the exit status."""
    # Only plain objects are asked for, which every version serves.
    warnings.filterwarnings("ignore", message="Kubernetes version .* is not supported")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    temporary_files.delete_at_exit()
    try:
        place = found()
    except MissingSetting as missing:
        print(f"pipeline: {missing}", file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory(prefix="pipeline-", ignore_cleanup_errors=True) as folder:
            return run(Forge(Path(folder), place))
    except KeyboardInterrupt:
        return 130


def found() -> Place:
    """Return the place, once its Prometheus has answered; raise MissingSetting with one line that says what to do."""
    place = Place.from_environment()
    try:
        with watched() as prometheus:
            prometheus.query("up")
    except (*FAILURES, LookupError, ValueError) as failure:
        raise MissingSetting(
            f"no Prometheus answers ({failure}): name a cluster by KUBECONFIG that has kube-prometheus-stack as release"
            " `monitoring` in namespace `monitoring`"
        ) from failure
    return place


def run(forge: Forge) -> int:
    """Tell the stories in a namespace of their own; write and print what became of them."""
    tellings = [Told(story.name) for story in STORIES]
    namespace = forge.place.namespace
    try:
        forge.build()
        with temporary_namespace(namespace):
            try:
                tell(forge, tellings)
            finally:
                Release(namespace).uninstall()
    except FAILURES as failure:
        print(f"pipeline: {failure}", file=sys.stderr)
        return 1
    finally:
        report.write(tellings, forge.logs, BUILD)
    report.show(tellings)
    return int(any(told.complaint for told in tellings))


def tell(forge: Forge, tellings: list[Told]) -> None:
    """Tell one story after the other, up to the first that turns out otherwise; print what the cluster said of that."""
    teller = Teller(forge)
    for number, (story, told) in enumerate(zip(STORIES, tellings, strict=True), start=1):
        print(f"\n==> {number}. {story.name}", flush=True)
        try:
            teller.tell(story, told)
        except FAILURES as failure:
            told.complaint = str(failure)
            print(f"\n{diagnostics(forge.place.namespace)}\n\npipeline: {failure}", file=sys.stderr)
            return
        print("\n".join(f"    {line}" for line in told.seen), flush=True)


if __name__ == "__main__":
    sys.exit(main())
