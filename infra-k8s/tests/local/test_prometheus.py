"""Finding a Prometheus, or bringing one: recorders in place of apt-get and dpkg-deb, which would take the network."""

import io
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from local import prometheus
from local.prometheus import Programs, PrometheusMissing, cache_folder, find

APT = """\
with open("{record}", "a") as record:
    record.write(" ".join(a for a in sys.argv[1:] if not a.startswith("/")) + "\\n")
if "-c" not in sys.argv and {stale}:
    sys.exit("E: Can't find a source to download version")
if "download" in sys.argv:
    pathlib.Path("prometheus_1_all.deb").touch()
"""
UNPACK = """\
folder = pathlib.Path(sys.argv[3]) / "usr" / "bin"
folder.mkdir(parents=True)
for name in ("prometheus", "promtool"):
    (folder / name).write_text("#!{python}\\nraise SystemExit({status})")
    (folder / name).chmod(0o755)
"""
BREW = """\
pathlib.Path("{record}").write_text(" ".join(sys.argv[1:]))
for name in ("prometheus", "promtool"):
    (pathlib.Path("{bin}") / name).touch(0o755)
"""

Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Leave PATH and the cache empty; return a function that puts a Python script on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def put(name: str, script: str) -> None:
        (folder / name).write_text(f"#!{sys.executable}\nimport pathlib, sys\n{script}")
        (folder / name).chmod(0o755)

    return put


def debian(install: Install, record: Path, *, stale: bool = False, status: int = 0) -> None:
    """Make this a Debian; `stale` package lists cannot be downloaded with, and the programs exit with `status`."""
    install("apt-get", APT.format(record=record, stale=stale))
    install("dpkg-deb", UNPACK.format(python=sys.executable, status=status))


def test_programs_on_path_are_taken(install: Install, tmp_path: Path) -> None:
    install("prometheus", "")
    install("promtool", "")
    assert find() == Programs(tmp_path / "bin" / "prometheus", tmp_path / "bin" / "promtool")
    assert not (tmp_path / "cache").exists()


def test_package_is_brought_once(install: Install, tmp_path: Path) -> None:
    record = tmp_path / "record"
    debian(install, record)
    assert find() == find()
    assert find().promtool == tmp_path / "cache" / "infra-k8s" / "prometheus" / "usr" / "bin" / "promtool"
    assert record.read_text().splitlines() == ["--quiet download prometheus"]


def test_missing_package_lists_are_fetched_into_a_folder_of_their_own(install: Install, tmp_path: Path) -> None:
    record = tmp_path / "record"
    debian(install, record, stale=True)
    assert find().prometheus.is_file()
    assert record.read_text().splitlines() == [
        "--quiet download prometheus",
        "-c --quiet update",
        "-c --quiet download prometheus",
    ]
    assert {each.name for each in cache_folder().parent.iterdir()} == {"prometheus", "prometheus.lock"}


def test_program_that_does_not_run_is_not_kept(install: Install, tmp_path: Path) -> None:
    debian(install, tmp_path / "record", status=1)
    with pytest.raises(PrometheusMissing, match=r"--version.*prometheus\.io/download"):
        find()
    assert not cache_folder().exists()


def test_without_any_way_one_line_says_how_to_get_it(install: Install) -> None:
    with pytest.raises(PrometheusMissing, match=r"^Prometheus is not installed: put .* on PATH") as error:
        find()
    assert "\n" not in str(error.value)


class Terminal(io.StringIO):
    """Somebody who answers, or reads."""

    def isatty(self) -> bool:
        """Tell that it is one."""
        return True


@pytest.fixture
def asked(install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Terminal]:
    """Make this a Mac with a terminal in colour; return a function that answers and returns what was asked."""
    terminal = Console(stderr=True, force_terminal=True, color_system="truecolor")
    monkeypatch.setattr(prometheus, "progress", terminal)
    install("brew", BREW.format(record=tmp_path / "record", bin=tmp_path / "bin"))
    monkeypatch.setattr(platform, "system", lambda: "Darwin")

    def answer(text: str) -> Terminal:
        question = Terminal()
        monkeypatch.setattr(sys, "stdin", Terminal(text))
        monkeypatch.setattr(sys, "stderr", question)
        return question

    return answer


@pytest.mark.parametrize("answer", ["y\n", "YES\n"])
def test_homebrew_is_run_after_a_yes(asked: Callable[[str], Terminal], tmp_path: Path, answer: str) -> None:
    question = asked(answer)
    assert find() == Programs(tmp_path / "bin" / "prometheus", tmp_path / "bin" / "promtool")
    assert (tmp_path / "record").read_text() == "install prometheus"
    assert question.getvalue() == "Prometheus is not installed. Run `brew install prometheus`? [y/N] "


@pytest.mark.parametrize("answer", ["\n", "n\n", "no\n", ""])
def test_homebrew_is_not_run_after_anything_else(asked: Callable[[str], Terminal], tmp_path: Path, answer: str) -> None:
    asked(answer)
    with pytest.raises(PrometheusMissing, match=r"run `brew install prometheus`, or put .* on PATH"):
        find()
    assert not (tmp_path / "record").exists()


def test_homebrew_is_not_run_unasked(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    install("brew", "sys.exit('must not run')")
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    with pytest.raises(PrometheusMissing, match=r"run `brew install prometheus`$"):
        find()
