"""The first thing that a newcomer runs: the ways that it tells lead there. That the sample runs is tested with `make demo`."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from stepwell.cli.verbs.demo import samples, way_there


@pytest.mark.parametrize("place", ["iris", "stepwell-demo/iris", "two words/iris", "../elsewhere/iris"])
def test_what_to_type_next_finds_folder_and_command_in_a_shell_that_knows_neither(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    here = tmp_path / "here"
    here.mkdir()
    folder = (here / place).resolve()
    folder.mkdir(parents=True)
    monkeypatch.chdir(here)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    script = "\n".join(["set -e", *way_there(folder), "pwd", "stepwell demo --list"])
    done = subprocess.run(["bash", "-c", script], env={"PATH": "/usr/bin:/bin"}, cwd=here, capture_output=True, text=True)
    assert done.stdout.splitlines() == [str(folder), *sorted(path.name for path in samples().iterdir() if path.is_dir())], done.stderr


def test_a_command_that_is_found_already_needs_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "stepwell"
    program.parent.mkdir()
    program.write_text("")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.chdir(tmp_path)
    assert way_there(tmp_path / "iris") == ["cd iris"]
