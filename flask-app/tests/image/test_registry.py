"""What `make published` takes and what it refuses, on real images in a real registry: `make test-registry`."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from image import index, test_result
from image.command import Refused, run
from image.verification import Image, verify

ROOT = Path(__file__).parent.parent.parent
BOTH = ["linux/amd64", "linux/arm64"]
COMMIT = "c0ffee" * 6 + "cafe"
PASSED = ["check", "test", "starts on linux/amd64", "starts on linux/arm64"]
LOCAL = ("--yes", "--tlog-upload=false", "--use-signing-config=false", "--allow-http-registry")

pytestmark = pytest.mark.registry


@pytest.fixture(scope="module", autouse=True)
def registry() -> str:
    """Return the registry that REGISTRY names; without it, or without the tools, nothing here can be shown."""
    missing = [tool for tool in ("docker", "cosign") if shutil.which(tool) is None]
    if missing or "REGISTRY" not in os.environ:
        reason = f"{' and '.join(missing) or 'REGISTRY'} missing: images cannot be published and refused"
        pytest.fail(reason) if os.environ.get("REQUIRE_ALL") == "1" else pytest.skip(reason)
    return os.environ["REGISTRY"]


@dataclass(frozen=True)
class Publisher:
    """Signs images, and attests that their tests have passed."""

    key: Path

    def sign(self, image: str) -> None:
        run("cosign", "sign", "--key", f"{self.key}.key", *LOCAL, image)

    def attest(self, image: str, *, commit: str = COMMIT, result: str = "PASSED", passed: list[str] = PASSED) -> None:
        configuration = [{"uri": "git+https://example.org", "digest": {"gitCommit": commit}}]
        result_of_tests = {"result": result, "configuration": configuration, "url": "", "passedTests": passed}
        predicate = self.key.with_suffix(".json")
        predicate.write_text(json.dumps(result_of_tests))
        about = ("--type", test_result.TYPE, "--predicate", str(predicate))
        run("cosign", "attest", "--key", f"{self.key}.key", *LOCAL, *about, image)

    def publish(self, image: str) -> None:
        self.sign(image)
        self.attest(image)


def new_publisher(folder: Path) -> Publisher:
    subprocess.run(
        ["cosign", "generate-key-pair", "--output-key-prefix", "key"],
        cwd=folder,
        env={**os.environ, "COSIGN_PASSWORD": ""},
        check=True,
        capture_output=True,
    )
    return Publisher(folder / "key")


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Publisher:
    """Return the publisher that the verification trusts."""
    os.environ["COSIGN_PASSWORD"] = ""
    return new_publisher(tmp_path_factory.mktemp("publisher"))


@pytest.fixture(scope="module")
def other_publisher(tmp_path_factory: pytest.TempPathFactory) -> Publisher:
    """Return a publisher that the verification does not trust."""
    return new_publisher(tmp_path_factory.mktemp("other_publisher"))


@pytest.fixture(scope="module")
def repository(registry: str) -> str:
    """Return where the images of these tests lie."""
    return os.environ.get("IMAGE", f"{registry}/refused/flask-app")


@pytest.fixture(scope="module")
def built(repository: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Return a function that builds and pushes as the workflow does, and returns the image by digest."""

    def build(*variables: str) -> str:
        metadata = tmp_path_factory.mktemp("built") / "image.json"
        run(
            *("make", "--no-print-directory", "-C", str(ROOT), "image", "PUSH=digest", f"IMAGE={repository}"),
            *(f"PLATFORMS={','.join(BOTH)}", f"REVISION={COMMIT}", f"METADATA={metadata}", *variables),
            seconds=600,
        )
        return f"{repository}@{json.loads(metadata.read_text())['containerimage.digest']}"

    return build


@pytest.fixture(scope="module")
def image(built: Callable[..., str]) -> str:
    """Return a complete image that nobody has signed."""
    return built()


@pytest.fixture
def copied(image: str, repository: str, request: pytest.FixtureRequest) -> Callable[..., str]:
    """Return a function that pushes another index of these manifests, which nobody has signed."""

    def copy(*manifests: str) -> str:
        tag = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
        note = ("--annotation", f"index:org.opencontainers.image.title={tag}")
        named = [f"{repository}@{digest}" for digest in manifests] or [image]
        run("docker", "buildx", "imagetools", "create", *note, "--tag", f"{repository}:{tag}", *named)
        inspect = ("docker", "buildx", "imagetools", "inspect", f"{repository}:{tag}")
        return f"{repository}@{run(*inspect, '--format', '{{.Manifest.Digest}}').strip()}"

    return copy


def verified(image: str, by: Publisher) -> dict[str, str]:
    return dict(verify(Image(image, f"{by.key}.pub"), BOTH))


def test_what_the_workflow_publishes_is_taken(copied: Callable[..., str], publisher: Publisher) -> None:
    image = copied()
    publisher.publish(image)
    table = verified(image, publisher)
    assert table["platforms"] == "linux/amd64, linux/arm64"
    assert table["commit"] == COMMIT
    assert "packages on linux/arm64" in table["SBOM"]
    assert list(table) == ["platforms", "signature", "attestation", "commit", "SBOM", "provenance"]


def test_a_copy_that_nobody_signed_is_refused(copied: Callable[..., str], publisher: Publisher) -> None:
    with pytest.raises(Refused, match=r"^not signed by the key of .*: Error: no signatures found$"):
        verified(copied(), publisher)


def test_an_image_signed_by_somebody_else_is_refused(
    copied: Callable[..., str], publisher: Publisher, other_publisher: Publisher
) -> None:
    image = copied()
    other_publisher.publish(image)
    with pytest.raises(Refused, match=r"^not signed by the key of .*: Error: no matching attestations"):
        verified(image, publisher)


def test_an_attestation_is_no_signature(copied: Callable[..., str], publisher: Publisher) -> None:
    image = copied()
    publisher.attest(image)
    with pytest.raises(Refused, match=r"^not signed by the key of .*, only attested$"):
        verified(image, publisher)


def test_an_image_without_an_attested_test_result_is_refused(copied: Callable[..., str], publisher: Publisher) -> None:
    image = copied()
    publisher.sign(image)
    with pytest.raises(Refused, match=r"^no test result attested by the key of "):
        verified(image, publisher)


def test_a_test_result_attested_by_somebody_else_is_refused(
    copied: Callable[..., str], publisher: Publisher, other_publisher: Publisher
) -> None:
    image = copied()
    publisher.sign(image)
    other_publisher.attest(image)
    with pytest.raises(Refused, match=r"^no test result attested by the key of "):
        verified(image, publisher)


@pytest.mark.parametrize(("result", "passed"), [("FAILED", PASSED), ("PASSED", PASSED[:-1])])
def test_an_image_that_did_not_pass_everything_is_refused(
    copied: Callable[..., str], publisher: Publisher, result: str, passed: list[str]
) -> None:
    image = copied()
    publisher.sign(image)
    publisher.attest(image, result=result, passed=passed)
    with pytest.raises(Refused, match=r"^no attestation says that it passed check and test and starts on linux/amd64"):
        verified(image, publisher)


def test_the_test_result_of_another_commit_is_refused(copied: Callable[..., str], publisher: Publisher) -> None:
    image = copied()
    publisher.sign(image)
    publisher.attest(image, commit="other")
    with pytest.raises(Refused, match=f"attested for commit other, but on linux/a.*64 it says it is {COMMIT}"):
        verified(image, publisher)


def test_an_image_that_lacks_a_platform_is_refused(
    image: str, copied: Callable[..., str], publisher: Publisher
) -> None:
    manifests = index.parse(run("docker", "buildx", "imagetools", "inspect", "--raw", image)).platforms
    half = copied(manifests["linux/amd64"])
    publisher.publish(half)
    with pytest.raises(Refused, match=r"^it is to run on linux/amd64, linux/arm64, but it has linux/amd64$"):
        verified(half, publisher)


def test_an_image_without_sbom_and_provenance_is_refused(
    image: str, copied: Callable[..., str], publisher: Publisher
) -> None:
    manifests = index.parse(run("docker", "buildx", "imagetools", "inspect", "--raw", image)).platforms
    unattested = copied(*manifests.values())
    publisher.publish(unattested)
    with pytest.raises(Refused, match=r"^it has neither SBOM nor provenance for linux/amd64, linux/arm64$"):
        verified(unattested, publisher)


@pytest.mark.parametrize(
    ("attest", "refusal"),
    [
        ("--sbom=true --provenance=mode=min", "the provenance for linux/amd64 does not hold the steps of the build"),
        ("--provenance=mode=max", "the SBOM for linux/amd64 does not list flask, gunicorn, prometheus-client"),
    ],
)
def test_incomplete_sbom_and_provenance_are_refused(
    built: Callable[..., str], publisher: Publisher, attest: str, refusal: str
) -> None:
    image = built(f"ATTEST={attest}")
    publisher.publish(image)
    with pytest.raises(Refused, match=refusal):
        verified(image, publisher)
