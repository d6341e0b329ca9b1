"""Paths in few words."""

from __future__ import annotations

import pytest

from stepwell_tui.views.paths import near


@pytest.mark.parametrize(("path", "shown"), [
    ("/home/ada/churn/.stepwell/envs/a", ".stepwell/envs/a"), ("/home/ada/churn", "."), ("/home/ada/other/x", "~/other/x"),
    ("/home/ada", "~"), ("/home/adam/x", "/home/adam/x"), ("/srv/data", "/srv/data"), ("image on docker", "image on docker"), ("", ""),
])
def test_the_project_and_the_home_folder_go_without_saying(monkeypatch: pytest.MonkeyPatch, path: str, shown: str) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert near(path, "/home/ada/churn") == shown
