"""Environments and compute."""

from __future__ import annotations

import os
import sys

from stepwell_store.locks import FileLock
from stepwell_store.workspace import Workspace
from stepwell_tui.views.compute import compute
from stepwell_tui.views.environments import environments


def test_the_current_interpreter_knows_the_steps_that_it_ran(workspace: Workspace) -> None:
    current = environments(workspace)[0]
    assert (current.kind, current.where, current.state) == ("current", sys.executable, "ready")
    assert current.words.startswith("Python 3.")
    assert current.uses == 6
    assert set(current.used_by) == {"words/clean", "words/train", "words/after"}
    assert "msgspec" in dict(current.packages)


def test_environments_that_were_made_say_what_is_in_them(bare: Workspace) -> None:
    home = bare.envs / ("a" * 20)
    (home / "bin").mkdir(parents=True)
    (home / "requirements.txt").write_text("pandas==2.0\n\nnumpy\n")
    (home / "pyvenv.cfg").write_text("home = /usr\nversion_info = 3.12.1\n")
    (bare.envs / f"{'a' * 20}.log").write_text("made")
    made = environments(bare)[1]
    assert (made.kind, made.words, made.requirements) == ("made", "Python 3.12.1, 2 requirements", ("pandas==2.0", "numpy"))
    assert (made.size, made.files, made.uses) == (53, 2, 0)
    assert made.state.startswith("broken")
    (home / "bin" / "python").symlink_to(sys.executable)
    assert environments(bare)[1].state == "ready"
    with FileLock(f"{home}.lock"):
        assert environments(bare)[1].state == "being made"


def test_the_machine_as_it_is(workspace: Workspace) -> None:
    found = compute(workspace)
    assert found.taken == 0
    assert found.steps == ()
    assert found.room == sum(target.max_steps for target in found.targets)
    assert found.machine.cpus == os.cpu_count()
    assert 0 < found.machine.memory_free <= found.machine.memory
