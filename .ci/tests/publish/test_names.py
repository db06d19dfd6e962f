import pytest

from publish.names import LONGEST, Names
from publish.refusal import Refusal


@pytest.mark.parametrize(
    "owner", ["", "-ada", "ada-", "a--b", "_ada", "ada_", "a-_b", "ada/x", "ada\n", "a" * 40, "your-github-name"]
)
def test_an_owner_that_github_would_not_have_is_refused(owner: str) -> None:
    with pytest.raises(Refusal, match=r"^OWNER=.*must be your name on GitHub"):
        Names(owner)


@pytest.mark.parametrize("owner", ["a", "Octo-Cat", "ada_corp", "0", "a" * 39])
def test_an_owner_that_github_has_is_taken(owner: str) -> None:
    assert Names(owner).owner == owner


@pytest.mark.parametrize(
    ("service", "why"),
    [
        *((name, "small letters") for name in ("", "Shop", "web_shop", "2shop", "-shop", "shop-", "a--b", "shop.x")),
        ("a" * (LONGEST + 1), "at most"),
        *((name, "already") for name in ("infra-k8s", "devops-portfolio-project", "monitoring", "default", "kube-dns")),
        *((name, "word of Python or YAML") for name in ("class", "null", "true", "no")),
    ],
)
def test_a_name_that_something_would_not_have_is_refused(service: str, why: str) -> None:
    with pytest.raises(Refusal, match=f"^NAME=.*{why}"):
        Names("ada", service)


def test_a_name_takes_every_form() -> None:
    names = Names("ada", "web-shop")
    assert (names.snake, names.pascal, names.title) == ("web_shop", "WebShop", "Web shop")
    assert names.repositories == ("web-shop", "infra-k8s", "devops-portfolio-project")
