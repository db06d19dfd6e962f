"""The walkthrough keeps the ten chapters of the document that it was specified by."""

import pytest

from checks.repositories import HERE

TEXT = (HERE / "README_TECH.md").read_text()


@pytest.mark.parametrize(
    "title",
    [
        "1. Project overview & goals",
        "2. Repository structure (multi-repo design)",
        "3. Local prerequisites",
        "4. End-to-end setup (exact commands)",
        "5. CI pipeline (GitHub Actions — flask-app repo)",
        "6. CD pipeline (Helm + Kubernetes — infra-k8s repo)",
        "7. Observability stack",
        "8. System flow (how everything connects)",
        "9. Troubleshooting & lessons learned",
        "10. Architecture diagram",
    ],
)
def test_chapter_is_there_and_in_the_table_of_contents(title: str) -> None:
    assert f"\n## {title}\n" in TEXT
    assert f"\n{title.partition(' ')[0]} [{title.partition(' ')[2]}](#" in TEXT


def test_every_proof_is_on_record() -> None:
    assert "No whole run of" not in (HERE / "PROOFS.md").read_text()
