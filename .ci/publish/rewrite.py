"""A folder's own history under its published names, by git-filter-repo: from the same commits always the same ones."""

import hashlib
import io
import re
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import redirect_stdout
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import git_filter_repo

from publish.git import BRANCH, Git
from publish.names import Names
from publish.refusal import Refusal
from publish.rules import apply, rules

# A name of another length changes where lines break; a line that cannot be broken is marked.
FORMATTERS = (("format",), ("check", "--select=E501", "--add-noqa"))
# The style of all three folders, written here: a setting that changed later would give old commits another content,
# and so another history. A ruff that formats differently does the same: raising it starts a new publication.
STYLE = ("--isolated", "--line-length=120", "--target-version=py311", "--no-cache", "--quiet")
SHA256 = re.compile(rb"\b[0-9a-f]{64}\b")


def rewrite(workspace: Git, folder: str, names: Names, repository: Path) -> Git:
    """Make the bare repository that a folder of the workspace becomes: its history on main, every name in it set.

    Raises:
        Refusal: if two files would get one name, or the formatter fails.
    """
    renamed = partial(apply, rules(names))
    paths = Counter(renamed(path.encode()) for path in workspace("ls-files", folder).splitlines())
    if taken := [path.decode() for path, number in paths.items() if number > 1]:
        raise Refusal(f"two files would be {taken[0]}: choose another NAME")
    workspace("clone", "--quiet", "--bare", "--no-tags", str(workspace.folder), str(repository))
    git = Git(repository)
    git("update-ref", f"refs/heads/{BRANCH}", workspace("rev-parse", "HEAD"))
    contents = _renamed(_texts(git, folder), names)
    # A process of its own: git-filter-repo leaves its pipes and children to the end of it.
    filtering = get_context("spawn").Process(target=_filter, args=(repository, folder, names, contents))
    filtering.start()
    filtering.join()
    if filtering.exitcode != 0:
        raise Refusal(f"git filter-repo failed on {folder} with exit status {filtering.exitcode}")
    return git


def _filter(repository: Path, folder: str, names: Names, contents: dict[bytes, bytes]) -> None:
    """Rewrite a repository's history: a folder's alone, with new contents of blobs, and names in paths and messages."""
    renamed = partial(apply, rules(names))

    def set_content(blob: git_filter_repo.Blob, _: object) -> None:
        blob.data = contents.get(blob.original_id, blob.data)

    where = ("--source", str(repository), "--target", str(repository), "--refs", BRANCH)
    options = git_filter_repo.FilteringOptions.parse_args([*where, "--subdirectory-filter", folder, "--force"])
    with redirect_stdout(io.StringIO()):  # it reports its progress there
        git_filter_repo.RepoFilter(
            options,
            filename_callback=lambda path: path and renamed(path),  # None: outside of the folder
            message_callback=renamed,
            blob_callback=set_content,
        ).run()


def _texts(git: Git, folder: str) -> dict[bytes, tuple[str, bytes]]:
    """Return path and content of every text in the history of a folder, by the id of its blob."""
    blobs = ("rev-list", "--objects", "--filter=object:type=blob", "--filter-provided-objects", BRANCH, "--", folder)
    paths = dict(line.partition(" ")[::2] for line in git(*blobs).splitlines())
    batch = ("git", "cat-file", "--batch")
    output = subprocess.run(batch, cwd=git.folder, input="\n".join(paths).encode(), capture_output=True, check=True)
    contents, found = io.BytesIO(output.stdout), {}
    for blob, path in paths.items():
        content = contents.read(int(contents.readline().split()[-1]))
        contents.readline()
        if b"\0" not in content:
            found[blob.encode()] = (path, content)
    return found


def _renamed(texts: dict[bytes, tuple[str, bytes]], names: Names) -> dict[bytes, bytes]:
    """Return what texts become: every name set, Python code formatted, and each other's checksums made true again."""
    renamed = {blob: apply(rules(names), content) for blob, (_, content) in texts.items()}
    changed = [blob for blob, (_, content) in texts.items() if renamed[blob] != content]
    renamed |= _formatted({blob: renamed[blob] for blob in changed if texts[blob][0].endswith(".py")})
    sums = {_sum(texts[blob][1]): _sum(renamed[blob]) for blob in changed}
    return {blob: SHA256.sub(lambda found: sums.get(found[0], found[0]), text) for blob, text in renamed.items()}


def _formatted(python: dict[bytes, bytes]) -> dict[bytes, bytes]:
    """Return Python code in the style of all three folders."""
    ruff = Path(sys.executable).with_name("ruff")
    with tempfile.TemporaryDirectory() as scratch:
        files = {blob: Path(scratch, f"{blob.decode()}.py") for blob in python}
        for blob, file in files.items():
            file.write_bytes(python[blob])
        for formatter in FORMATTERS if files else ():
            done = subprocess.run((ruff, *formatter, *STYLE, scratch), capture_output=True, text=True)
            if done.returncode != 0:
                raise Refusal(
                    f"ruff {formatter[0]} failed on the renamed files: {(done.stderr.splitlines() or [''])[-1]}"
                )
        return {blob: file.read_bytes() for blob, file in files.items()}


def _sum(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
