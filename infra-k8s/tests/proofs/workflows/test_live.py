import pytest

from proofs.workflows.live import Live

NEW, OLD = {"a": "new", "b": "new"}, {"a": "old", "b": "new"}


def test_one_revision_everywhere_is_live() -> None:
    assert Live(2, NEW, NEW, NEW).complaint("new") == ""


@pytest.mark.parametrize(
    ("live", "complaint"),
    [
        (Live(2, NEW, NEW, NEW), "/api/info says"),
        (Live(2, OLD, NEW, NEW), "Prometheus says"),
        (Live(2, {"a": "new"}, NEW, NEW), "Prometheus says"),
        (Live(2, {}, NEW, NEW), "Prometheus says nothing"),
        (Live(2, NEW, NEW, OLD), "the page says"),
        (Live(3, NEW, NEW, NEW), "2 of 3 replicas are ready"),
        (Live(0, {}, {}, {}), "0 of 0 replicas are ready"),
    ],
)
def test_anything_else_is_not(live: Live, complaint: str) -> None:
    revision = "other" if complaint.startswith("/api/info") else "new"
    assert live.complaint(revision).startswith(complaint)
