"""Where the siblings are."""

from pathlib import Path

import pytest

from checks.repositories import APP, MissingRepository, folder


def test_a_relative_folder_is_resolved_for_commands_that_run_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "app").mkdir()
    monkeypatch.chdir(tmp_path / "pages")
    monkeypatch.setenv("APP_DIR", "../app")
    assert folder(APP) == tmp_path.resolve() / "app"


@pytest.mark.parametrize(("value", "message"), [("", "APP_DIR is not set"), ("/nowhere", "there is no such folder")])
def test_a_missing_sibling_is_named_with_its_variable(
    value: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_DIR", value)
    with pytest.raises(MissingRepository, match=message):
        folder(APP)
