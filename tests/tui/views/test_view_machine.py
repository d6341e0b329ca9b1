"""Environments and compute."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from stepwell_store.locks import FileLock
from stepwell_store.workspace import Workspace
from stepwell_tui.views.compute import compute, gpus_in, slots
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


def test_the_slots_of_a_target_and_who_has_them(bare: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "slots"
    folder.mkdir()
    count = os.cpu_count() or 1
    beyond = folder / f"local-{count + 3}.lock"
    with FileLock(folder / "local-0.lock"), FileLock(beyond):
        found = slots(str(folder), "local")
        assert [slot.number for slot in found if slot.taken] == [0, count + 3]
        assert found[0].holder is not None
        assert found[0].holder.pid == os.getpid()
    assert beyond.exists()
    assert [slot.taken for slot in slots(str(folder), "local")] == [False] * count


def test_the_machine_as_it_is(workspace: Workspace) -> None:
    found = compute(workspace)
    assert found.taken == 0
    assert found.steps == ()
    assert found.machine.cpus == os.cpu_count()
    assert 0 < found.machine.memory_free <= found.machine.memory


def test_what_nvidia_smi_says() -> None:
    first, second = gpus_in("NVIDIA A100, 40GB, 100, 40960, 7\nOld one, [N/A], 2048, [N/A]\nnonsense\n")
    assert (first.name, first.memory_used, first.memory, first.busy) == ("NVIDIA A100, 40GB", 100 << 20, 40960 << 20, 7)
    assert (second.memory_used, second.memory, second.busy) == (None, 2048 << 20, None)
