"""Build a commit twice without any cache, compare the builds, and limit the faster one's time: `make reproducible`.

Each platform's image manifest is compared, which names all of its layers. SBOM and provenance are not part of it and
hold the time of the build, so the index over all of them differs.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from image import index
from image.command import Refused

# For both platforms with SBOM and provenance, on two CPUs that do nothing else.
LIMIT_SECONDS = 45


@dataclass(frozen=True)
class Build:
    """A finished build: its time, the load of the machine before it, and its index."""

    seconds: float
    load: float
    index: index.Index


def build(command: list[str], layout: Path) -> Build:
    """Run a build without cache into an OCI layout; raise Refused where it fails."""
    load = os.getloadavg()[0]
    begin = time.monotonic()
    output = f"type=oci,tar=false,rewrite-timestamp=true,dest={layout}"
    print(f"reproducible: building without cache ({layout.name} of two)", flush=True)
    done = subprocess.run(
        [*command, "--no-cache", "--progress=quiet", "--output", output, "."], stdout=subprocess.DEVNULL
    )
    seconds = time.monotonic() - begin
    if done.returncode != 0:
        raise Refused(f"the build failed: {' '.join(command)}")
    return Build(seconds, load, read(layout))


def read(layout: Path) -> index.Index:
    """Return the image index of an OCI layout, which its own index.json points to."""
    top = json.loads((layout / "index.json").read_text())["manifests"][0]["digest"]
    return index.parse((layout / "blobs" / top.replace(":", "/")).read_text())


def report(builds: list[Build]) -> str:
    """Return a table of builds: a row each, and in it a digest per platform."""
    platforms = sorted(builds[0].index.platforms)
    lines = [f"{'seconds':>7}  {'load':>4}  " + "  ".join(f"{platform:<19}" for platform in platforms)]
    for each in builds:
        digests = "  ".join(each.index.platforms[platform][:19] for platform in platforms)
        lines.append(f"{each.seconds:7.1f}  {each.load:4.1f}  {digests}")
    return "\n".join(lines)


def compare(builds: list[Build]) -> None:
    """Raise Refused where two builds differ, or where one of them came without SBOM and provenance."""
    for each in builds:
        if each.index.unattested or not each.index.platforms:
            missing = ", ".join(each.index.unattested) or "any platform"
            raise Refused(f"a build came without SBOM and provenance for {missing}")
    first, second = (each.index.platforms for each in builds)
    if differ := sorted(name for name in first | second if first.get(name) != second.get(name)):
        raise Refused(f"two builds of the same commit differ on {', '.join(differ)}")


def judge(builds: list[Build], cpus: int) -> str:
    """Return a line about the faster build's time; raise Refused if it is over the limit on a machine that was idle.

    A machine is busy by the load before the first build: the load after it is the build's own.
    """
    fastest, load = min(each.seconds for each in builds), builds[0].load
    took = f"the faster build took {fastest:.1f} s, the limit is {LIMIT_SECONDS} s"
    if fastest <= LIMIT_SECONDS:
        return took
    if load >= cpus:
        return f"{took}: not judged: load {load:.1f} before on {cpus} CPUs"
    raise Refused(f"{took}, and the machine was not busy before: load {load:.1f} on {cpus} CPUs")


def main() -> int:
    """Build twice with the command on the command line; return 0 if both are equal and one is fast enough."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            builds = [build(sys.argv[1:], Path(folder) / turn) for turn in ("first", "second")]
        print(report(builds))
        compare(builds)
        print("reproducible: both builds have the same image manifest on each platform")
        print(f"reproducible: {judge(builds, os.cpu_count() or 1)}")
    except Refused as refusal:
        print(f"reproducible: {refusal}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
