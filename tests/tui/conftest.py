"""What the tests of every room of the dashboard share."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.register_assert_rewrite("frames")


@pytest.fixture(autouse=True)
def nobodys(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of settings that are nobody's: tests neither obey a person's own, nor write over what is on the clipboard."""
    folder = tmp_path_factory.mktemp("settings")
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(folder))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "TMUX"):
        monkeypatch.delenv(name, raising=False)
    return folder
