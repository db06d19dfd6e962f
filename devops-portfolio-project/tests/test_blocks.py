"""Every block of the pages names its check and passes it."""

import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from checks.blocks import SHELL, Block, Check, UncheckedBlock, blocks, name, sibling_blocks
from checks.cluster import query
from checks.commands import commands, unknown_names
from checks.markdown import inline_code
from checks.prometheus import Prometheus
from checks.repositories import NAMES, THIS, MissingRepository, folder, pages, sibling_pages
from checks.shell import BlockFailed, run, serve
from tests.conftest import require, require_whole_tree, skip_or_fail

ALL = [block for page in pages() for block in blocks(page)]
SIBLINGS = [block for page, repository in sibling_pages() for block in sibling_blocks(page, repository)]
MACHINE = Path("machine.md")


def of(*proofs: Check) -> list[Block]:
    return [block for block in ALL if block.check in proofs]


def place(block: Block) -> str:
    return block.place if block in ALL else f"{block.source}/{block.place}"


def shell(text: str, repository: str = "infra-k8s") -> Block:
    return Block(MACHINE, 1, "bash", Check.RUN, repository, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("```bash\nls\n```\n", "page.md:1: 'bash' does not say how the block is checked"),
        ("```python run\n1\n```\n", "page.md:1: 'python run' does not say"),
        ("```bash run elsewhere\nls\n```\n", "page.md:1: 'elsewhere': every block runs in the folder"),
        ("text\n\n    ls\n", "page.md:3: an indented block cannot say"),
    ],
)
def test_a_block_without_a_check_is_refused(text: str, said: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(text)
    with pytest.raises(UncheckedBlock, match=said):
        list(blocks(page))


def test_every_kind_of_check_is_used() -> None:
    assert {block.check for block in ALL} == set(Check)


@pytest.mark.parametrize("page", pages(), ids=name)
def test_shell_blocks_are_of_valid_syntax(page: Path) -> None:
    text = "\n".join(f"f() {{\n{block.text}\n}}" for block in blocks(page) if block.language in SHELL)
    done = subprocess.run(["bash", "-n"], input=text.replace("<pod>", "pod"), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_shell_blocks_of_the_sibling_pages_are_of_valid_syntax() -> None:
    require("workspace", "flask-app", "infra-k8s")
    for block in SIBLINGS:
        done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), place(block)


def test_every_readme_of_the_siblings_has_blocks() -> None:
    require("workspace", "flask-app", "infra-k8s")
    readmes = {page for page, _ in sibling_pages() if page.name == "README.md"}
    assert len(readmes) >= 3
    assert readmes <= {block.page for block in SIBLINGS}


@pytest.mark.parametrize("block", [*(block for block in ALL if block.language in SHELL), *SIBLINGS], ids=place)
def test_what_a_shell_block_names_exists(block: Block) -> None:
    require("workspace", "flask-app", "infra-k8s")
    try:
        assert list(unknown_names(block.text, block.source)) == []
    except MissingRepository as missing:
        skip_or_fail(missing)


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_make_command_in_a_sentence_exists(page: Path) -> None:
    require_whole_tree()
    require(*NAMES)
    for text in inline_code(page):
        if text.startswith("make "):
            assert any(not list(unknown_names(text, repository)) for repository in NAMES), text


@pytest.mark.parametrize("block", [block for block in ALL if block.language in SHELL], ids=place)
def test_a_block_needs_no_makefile_beside_the_repositories(block: Block) -> None:
    """Cloned one by one they have none: a target is named with its repository."""
    assert beside(block.text) == []


def beside(text: str) -> list[str]:
    """Return the make commands of a block that run in the folder that holds the repositories."""
    found, elsewhere = [], False
    for words in commands(text):
        if words[0] == "cd":
            elsewhere = words[1] != ".."
        elif words[0] == "make" and words[1] != "-C" and not elsewhere:
            found.append(" ".join(words))
    return found


def test_a_command_for_a_makefile_beside_the_repositories_is_found() -> None:
    text = "make up PORT=1\ncd infra-k8s\nmake deploy\ncd ..\nmake doctor\nmake -C flask-app run\n"
    assert beside(text) == ["make up PORT=1", "make doctor"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("make nonsense", "make nonsense: no such target in infra-k8s"),
        ("make deploy NONSENSE=1  # a remark", "make NONSENSE=: no Makefile reads it"),
        ('make doctor DOCTOR_ARGS="--nonsense"', "--nonsense: scrape_doctor has no such flag"),
        ("python -m scrape_doctor --nonsense x", "--nonsense: scrape_doctor has no such flag"),
        ("ls && cat helm/nonsense.yaml", "helm/nonsense.yaml: no such file"),
        ("cd nonsense", "cd nonsense: no such folder in infra-k8s"),
        ("make ci [NONSENSE=1]", "make NONSENSE=: no Makefile reads it"),
        (
            "helm upgrade x helm/flask-app --set image.tag=1,image.nonsense=2",
            "--set image.nonsense: the chart has no such value",
        ),
    ],
)
def test_a_name_that_does_not_exist_is_found(text: str, said: str) -> None:
    require("infra-k8s")
    assert list(unknown_names(text, "infra-k8s")) == [said]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("minikube start --drivr=docker --memory=4096 --cpus=2", "make minikube neither runs nor prints this"),
        ("minikube image load ghcr.io/your-github-name/flask-app:0.0.9", "make minikube neither runs nor prints this"),
        ("minikube service flask -n flask-app", "make minikube neither runs nor prints this"),
        ("kubectl port-forward svc/flask 5000", "svc/flask: neither the chart nor the monitoring stack has it"),
        ("kubectl rollout status deployment/flask", "deployment/flask: neither the chart nor the monitoring stack has"),
    ],
)
def test_what_the_chain_on_minikube_does_not_have_is_found(text: str, said: str) -> None:
    require("infra-k8s")
    try:
        assert said in "".join(unknown_names(text, "infra-k8s"))
    except MissingRepository as missing:
        skip_or_fail(missing)


@pytest.mark.parametrize("block", of(Check.RUN), ids=place)
def test_a_block_that_needs_no_cluster_runs(block: Block) -> None:
    require(block.source)
    run(block)


@pytest.mark.parametrize(
    "block", {block.text.split("#")[0].strip(): block for block in of(Check.SERVE)}.values(), ids=place
)
def test_a_block_that_serves_serves(block: Block) -> None:
    require("workspace", "flask-app", "infra-k8s")
    serve(block)


def test_a_block_that_fails_is_found() -> None:
    with pytest.raises(BlockFailed, match=r"machine\.md:1: exit status 1: gone"):
        run(Block(MACHINE, 1, "bash", Check.RUN, THIS, "echo gone\nfalse\ntrue"))


def test_what_a_block_leaves_running_is_stopped_and_holds_nothing_up() -> None:
    output = run(Block(MACHINE, 1, "bash", Check.RUN, THIS, "sleep 1000 &\necho $!"), seconds=5)
    deadline = time.monotonic() + 5
    state = ["ps", "-o", "stat=", "-p", output.strip()]
    while subprocess.run(state, capture_output=True, text=True).stdout.strip() not in ("", "Z"):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_block_that_does_not_serve_is_found() -> None:
    with pytest.raises(BlockFailed, match="nothing answers"):
        serve(Block(MACHINE, 1, "bash", Check.SERVE, THIS, "true"), seconds=5)


class Answering(Prometheus):
    """A Prometheus that answers every query with what it is called."""

    def get(self, path: str, **parameters: object) -> object:
        return {"result": [self.url] if self.url else []}


def test_a_query_that_is_answered_with_nothing_is_found_unless_the_block_says_so() -> None:
    block = Block(MACHINE, 1, "promql", Check.QUERY, THIS, "up")
    query(Answering("something"), block)
    query(Answering(""), replace(block, check=Check.EMPTY))
    with pytest.raises(BlockFailed, match=r"machine\.md:1: Prometheus answers with nothing"):
        query(Answering(""), block)


@pytest.mark.parametrize("block", of(Check.EXCERPT), ids=place)
def test_an_excerpt_is_what_the_file_holds(block: Block) -> None:
    repository, _, path = block.source.partition("/")
    require(repository)
    assert block.text.rstrip() in (folder(repository) / path).read_text()


@pytest.mark.parametrize("block", of(Check.FILES), ids=place)
def test_a_tree_names_files_that_exist(block: Block) -> None:
    require("flask-app", "infra-k8s")
    missing = [path for path in tree(block.text) if not (folder(path.parts[0]) / Path(*path.parts[1:])).exists()]
    assert missing == []


def tree(text: str) -> list[Path]:
    """Return the paths of a tree that is drawn by two spaces of indent a level, with remarks behind two spaces."""
    found: list[Path] = []
    above: list[str] = []
    for line in text.splitlines():
        entry = line.strip().split("  ")[0]
        if entry:
            above = [*above[: (len(line) - len(line.lstrip())) // 2], entry]
            found.append(Path(*above))
    return found


@pytest.mark.parametrize("block", of(Check.CHECKED), ids=place)
def test_a_sentence_before_the_block_says_what_was_not_run(block: Block) -> None:
    """GitHub hides the word behind the language."""
    before = [line for line in block.page.read_text().splitlines()[: block.line - 1] if line.strip()]
    assert any("checked, not run" in line for line in before[-2:])
