"""check, gc, backup, doctor and completion as a person types them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from short_history import pipeline
from stepwell_runner.verbs.submit import Submission, execute, prepare
from stepwell_store import workspace as workspaces
from stepwell_store.housekeeping.gc import collect
from stepwell_store.housekeeping.guard import use_lock
from stepwell_store.housekeeping.plan import Plan, Policy
from stepwell_store.locks import FileLock
from stepwell_store.workspace import Workspace

STEPWELL = str(Path(sys.executable).parent / "stepwell")


@pytest.fixture
def copied(seeded: Any, tmp_path: Path) -> Iterator[Workspace]:
    """A copy of the seeded workspace, to be changed."""
    shutil.copytree(seeded.base / ".stepwell", tmp_path / "copy" / ".stepwell")
    opened = workspaces.open_workspace(tmp_path / "copy" / ".stepwell")
    yield opened
    opened.close()


@pytest.fixture
def there(copied: Workspace) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`there("check")` runs the command in the copy."""
    return lambda *words: subprocess.run([STEPWELL, *words], cwd=copied.base, capture_output=True, text=True, timeout=60)


def test_check_of_a_whole_workspace(typed: Callable[..., Any]) -> None:
    for words in ((), ("--full",), ("--sample", "50%")):
        done = typed("check", *words)
        assert (done.code, done.out.split(" ")[0]) == (0, "verified")
    found = typed("check", "--full", "--json").data
    assert (found["verified"], found["level"], found["findings"]) == (True, "full", [])
    assert found["bytes_read"] > 2000


def test_check_names_the_step_and_what_to_do(copied: Workspace, there: Callable[..., Any]) -> None:
    ((run, step, path),) = copied.database.read(
        "SELECT step_runs.run, step, outputs.path FROM outputs JOIN step_runs ON step_runs.id = step_run"
        " WHERE outputs.kind = 'folder' LIMIT 1")
    (copied.root / "datastores/workspaceblobstore" / path / "model.txt").write_text("other")
    done = there("check")
    assert done.returncode == 4
    assert f"output changed: workspaceblobstore/{path}" in done.stdout
    assert f"{run[:8]}/{step}" in done.stdout
    assert "runs again" in done.stdout
    assert "DAMAGED (quick)" in done.stdout
    (finding,) = json.loads(there("check", "--json").stdout)["findings"]
    assert finding["users"] == [{"run": run, "step": step}]


def test_check_repairs_rows(copied: Workspace, there: Callable[..., Any]) -> None:
    with copied.database.write() as connection:
        connection.execute("DELETE FROM metrics")
    assert there("check").returncode == 0
    assert there("check", "--full").returncode == 4
    done = there("check", "--repair")
    assert done.returncode == 0
    assert "made anew from its events" in done.stdout
    assert there("check", "--full").returncode == 0


@pytest.mark.parametrize("words", [("check", "--sample", "0"), ("check", "--sample", "lots"), ("check", "--full", "--sample", "5"),
                                   ("gc", "--grace", "old"), ("gc", "--keep-runs", "-1"), ("backup",), ("completion", "tcsh"),
                                   ("backup", "a", "b"), ("backup", "--restore", "a")])
def test_wrong_words(typed: Callable[..., Any], words: tuple[str, ...]) -> None:
    done = typed(*words)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err


def test_gc_shows_then_removes(copied: Workspace, there: Callable[..., Any]) -> None:
    shown = there("gc", "--dry-run", "--grace", "0s", "--keep-runs", "1")
    assert shown.returncode == 0
    assert "would remove" in shown.stdout
    assert "runs/" in shown.stdout
    before = sorted(copied.runs.iterdir())
    assert sorted(copied.runs.iterdir()) == before
    done = there("gc", "--grace", "0s", "--keep-runs", "1")
    assert done.stdout.splitlines()[-1] == shown.stdout.splitlines()[-1].replace("would remove", "removed")
    assert len(sorted(copied.runs.iterdir())) < len(before)
    assert there("check", "--full").returncode == 0
    assert len(json.loads(there("runs", "--json").stdout)) == 5
    assert there("gc").stdout == "nothing to remove\n"


def test_gc_stands_back_while_something_runs(copied: Workspace, there: Callable[..., Any]) -> None:
    copied.objects.put_bytes(b"nobody names this")
    lock = use_lock(copied.locks)
    assert lock.try_acquire(shared=True)
    beside = there("gc", "--grace", "0s")
    lock.release()
    assert "run `stepwell gc` again" in beside.stderr
    assert "objects: 1" not in beside.stdout
    assert "objects: 1, 17 B" in there("gc", "--grace", "0s").stdout


def test_a_run_keeps_collections_away_for_its_life(seeded: Any, copied: Workspace) -> None:
    copied.objects.put_bytes(b"nobody names this")
    found: list[Plan] = []

    def look(_: object) -> None:
        found.append(collect(copied, Policy(grace_s=0.0), dry_run=True))

    execute(copied, prepare(copied, Submission(graph=pipeline(seeded.base), force=True)), listener=look)
    assert len(found) > 5
    assert all(plan.notes and not {item.kind for item in plan.items} - {"attempt"} for plan in found)
    assert [item.kind for item in collect(copied, Policy(grace_s=-1.0)).items if item.kind == "object"] == ["object"]


def test_two_gcs_are_one_too_many(copied: Workspace, there: Callable[..., Any]) -> None:
    with FileLock(copied.locks / "collect.lock"):
        done = there("gc")
    assert done.returncode == 5
    assert f"process {os.getpid()}" in done.stderr


def test_a_restored_project_reuses_everything(seeded: Any, tmp_path: Path, typed: Callable[..., Any]) -> None:
    done = typed("backup", str(tmp_path / "b.tar"))
    assert done.code == 0
    assert "read back and verified" in done.out
    assert typed("backup", str(tmp_path / "b.tar")).code == 2
    assert typed("backup", "--overwrite", "--json", str(tmp_path / "b.tar")).data["left_out"] == []
    assert typed("backup", "--restore", str(tmp_path / "b.tar"), str(tmp_path / "new")).code == 0
    assert typed("backup", "--restore", str(tmp_path / "b.tar"), str(tmp_path / "new")).code == 2
    assert typed("check", "--full", "-w", str(tmp_path / "new")).code == 0
    workspace = workspaces.open_workspace(tmp_path / "new" / ".stepwell")
    prepared = prepare(workspace, Submission(graph=pipeline(seeded.base), parameters={"rate": 2.0}))
    assert sorted(prepared.plan.reused()) == ["clean", "train"]
    assert execute(workspace, prepared).status == "Completed"
    workspace.close()


def test_restore_of_nonsense_is_refused(tmp_path: Path, typed: Callable[..., Any]) -> None:
    (tmp_path / "b.tar").write_bytes(b"nonsense" * 500)
    assert typed("backup", "--restore", str(tmp_path / "b.tar"), str(tmp_path / "new")).code == 4
    assert not (tmp_path / "new").exists()
    assert typed("backup", "--restore", str(tmp_path / "none.tar"), str(tmp_path / "new")).code in (2, 3)


def test_doctor(typed: Callable[..., Any], tmp_path: Path) -> None:
    done = typed("doctor")
    assert done.code == 0
    for topic in ("python", "sqlite", "uv", "git", "disk", "permissions", "file system", "runs"):
        assert any(line.startswith(f"ok    {topic} ") for line in done.out.splitlines()), topic
    states = {remark["state"] for remark in typed("doctor", "--json").data["remarks"]}
    assert "bad" not in states
    outside = subprocess.run([STEPWELL, "doctor", "--json"], cwd=tmp_path, capture_output=True, text=True)
    assert outside.returncode == 0
    assert '"workspace":null' in outside.stdout


def test_doctor_tells_what_is_wrong(copied: Workspace, there: Callable[..., Any]) -> None:
    copied.root.chmod(0o755)
    (copied.root / "workspace (1).db").touch()
    (run,) = copied.database.read("SELECT id FROM runs LIMIT 1")[0]
    with copied.database.write() as connection:
        connection.execute("UPDATE runs SET ended_at = NULL, status = 'Running' WHERE id = ?", (run,))
    done = there("doctor")
    assert done.returncode == 3
    assert "chmod -R go-rwx" in done.stdout
    assert "workspace (1).db" in done.stdout
    assert f"{run[:8]}: the runner died" in done.stdout
    assert copied.database.read("SELECT count(*) FROM runs WHERE ended_at IS NULL") == [(1,)], "it only looks"


def _complete(script: Path, words: list[str], cwd: Path) -> list[str]:
    listed = " ".join(f"'{word}'" for word in words)
    text = f"source '{script}'; COMP_WORDS=({listed}); COMP_CWORD={len(words) - 1}; _stepwell; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    path = f"{Path(STEPWELL).parent}:{os.environ['PATH']}"
    done = subprocess.run(["bash", "-c", text], cwd=cwd, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_completion_for_bash(seeded: Any, typed: Callable[..., Any], tmp_path: Path) -> None:
    script = tmp_path / "completion.bash"
    script.write_text(typed("completion", "bash").out)
    assert _complete(script, ["stepwell", "ru"], seeded.base) == ["run", "runs"]
    assert _complete(script, ["stepwell", "check", "--f"], seeded.base) == ["--full"]
    assert _complete(script, ["stepwell", "completion", ""], seeded.base) == ["bash", "zsh", "fish"]
    assert _complete(script, ["stepwell", "show", seeded.runs[0][:4]], seeded.base) == [seeded.runs[0][:8]]
    assert len(_complete(script, ["stepwell", "show", ""], seeded.base)) == 6
    assert _complete(script, ["stepwell", "check", ""], seeded.base) == []


@pytest.mark.parametrize(("shell", "words"), [("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])])
def test_completion_for_other_shells_is_their_language(typed: Callable[..., Any], tmp_path: Path, shell: str, words: list[str]) -> None:
    script = tmp_path / "completion"
    script.write_text(typed("completion", shell).out)
    for option in ("older-than", "keep-runs"):
        assert option in script.read_text()
    if shutil.which(shell) is None and not os.environ.get("CI"):
        pytest.skip(f"{shell} is not on this machine")
    subprocess.run([*words, str(script)], check=True, timeout=20)


@pytest.mark.skipif(shutil.which("fish") is None and "CI" not in os.environ, reason="fish is not on this machine")
def test_completion_for_fish_works(seeded: Any, typed: Callable[..., Any], tmp_path: Path) -> None:
    script = tmp_path / "completion.fish"
    script.write_text(typed("completion", "fish").out)
    path = f"{Path(STEPWELL).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}

    def complete(line: str) -> list[str]:
        done = subprocess.run(["fish", "-c", f"source {script}; complete -C '{line}'"], cwd=seeded.base, env=environment,
                              capture_output=True, text=True, check=True)
        return [one.split("\t")[0] for one in done.stdout.splitlines()]

    assert complete("stepwell doc") == ["doctor"]
    assert complete("stepwell gc --older") == ["--older-than"]
    assert seeded.runs[1][:8] in complete("stepwell show ")
