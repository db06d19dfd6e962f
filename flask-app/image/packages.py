"""Install the locked packages into the image: wheels for its platform, on any other; nothing is compiled.

pip says of a package that has no such wheel that no version of it exists. Here it is reported as what it is.
"""

import os
import platform
import re
import subprocess
import sys

MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
MANYLINUX = ("manylinux2014", "manylinux_2_17", "manylinux_2_28")
MISSING = re.compile(r"^ERROR: No matching distribution found for (\S+)", re.MULTILINE)


def command(machine: str, folder: str) -> list[str]:
    """Return pip's call."""
    options = (
        "--no-cache-dir --disable-pip-version-check --root-user-action ignore --no-compile --require-hashes --no-deps"
    )
    platforms = [option for name in MANYLINUX for option in ("--platform", f"{name}_{machine}")]
    wheels = ["--only-binary", ":all:", "--implementation", "cp", *platforms]
    return [
        sys.executable,
        "-m",
        "pip",
        "install",
        *options.split(),
        *wheels,
        "--target",
        folder,
        "-r",
        "requirements.txt",
    ]


def explanation(output: str, architecture: str) -> str:
    """Return what pip's output means if a package has no wheel; "" if something else went wrong."""
    missing = MISSING.search(output)
    if not missing or "Retrying" in output:  # then the index was out of reach
        return ""
    return (
        f"flask-app: {missing[1]} has no wheel for linux/{architecture} and Python {platform.python_version()}, and the"
        " image compiles nothing. Ask in requirements.in for a version that has one, or for another package, and run"
        " `make lock`: docs/image.md"
    )


def main(architecture: str, folder: str) -> int:
    """Install into `folder`; return the exit status."""
    if architecture not in MACHINES:
        print(f"flask-app: no wheels for {architecture}", file=sys.stderr)
        return 1
    done = subprocess.run(
        command(MACHINES[architecture], folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    print(done.stdout, end="", flush=True)
    if done.returncode and (told := explanation(done.stdout, architecture)):
        print(told, file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(os.environ["TARGETARCH"], sys.argv[1]))
