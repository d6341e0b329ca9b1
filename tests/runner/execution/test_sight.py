"""What is on this machine, looked at once for a submission."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from trial_runs import Trials, shell, told

from stepwell_runner.execution.collect import printable
from stepwell_runner.execution.sight import Sight
from stepwell_runner.graph.model import FromData, Input, Source, Step
from stepwell_runner.planning.reasons import NeverRan, SourceChanged
from stepwell_runner.verbs.submit import Submission, execute, prepare
from stepwell_store import workspace as workspaces
from stepwell_store.data.definition import DatasetDefinition, LocalPath
from stepwell_store.errors import MachineError, UsageError


def data(*paths: Path, **more: object) -> DatasetDefinition:
    return DatasetDefinition(kind="file", places=tuple(LocalPath(str(path)) for path in paths), **more)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "source"
    made.mkdir()
    (made / "train.py").write_text("import helper\n")
    (made / "helper.py").write_text("x = 1\n")
    (made / "other.py").write_text("")
    return made


def step(folder: Path, **more: object) -> Step:
    return shell("a", ": > $out", source=Source(path=str(folder), **more))  # type: ignore[arg-type]


def test_a_source_is_looked_at_once_for_a_submission(trials: Trials, folder: Path) -> None:
    sight = Sight(trials.workspace)
    before = sight.source(step(folder))
    (folder / "helper.py").write_text("x = 2\n")
    assert sight.source(step(folder)) == before
    assert Sight(trials.workspace).source(step(folder)) != before


def test_a_source_that_is_edited_before_it_is_stored_counts_as_what_was_stored(trials: Trials, folder: Path) -> None:
    sight = Sight(trials.workspace)
    before = sight.source(step(folder))
    (folder / "helper.py").write_text("x = 2\n")
    stored = sight.stored(step(folder))
    assert stored != before
    assert sight.source(step(folder)) == stored
    (folder / "helper.py").write_text("x = 3\n")
    assert sight.stored(step(folder)) == stored


def test_a_narrow_source_has_only_what_its_script_needs(trials: Trials, folder: Path) -> None:
    def narrow() -> str:
        script = shell("a", ": > $out")
        return Sight(trials.workspace).source(
            Step(key="a", name="a", kind="k", command=script.command, script="train.py", source=Source(path=str(folder), narrow=True)))

    before = narrow()
    (folder / "other.py").write_text("edited")
    assert narrow() == before
    (folder / "helper.py").write_text("edited")
    assert narrow() != before


def test_a_pinned_snapshot_stands_for_the_folder(trials: Trials, folder: Path) -> None:
    stored = Sight(trials.workspace).stored(step(folder))
    assert stored is not None
    (folder / "helper.py").unlink()
    folder.rename(folder.with_name("moved"))
    sight = Sight(trials.workspace, {"a": stored})
    assert (sight.source(step(folder)), sight.stored(step(folder))) == (stored, stored)
    run = trials.submit(Submission(graph=trials.graph(shell("a", "ls > $out", source=Source(path=str(folder)))), pinned={"a": stored}))
    assert run.text("a").split() == ["helper.py", "logs", "other.py", "outputs", "train.py"]


def test_files_that_differ_are_named(trials: Trials, folder: Path) -> None:
    first = Sight(trials.workspace)
    old = first.stored(step(folder))
    (folder / "helper.py").write_text("edited")
    (folder / "other.py").unlink()
    (folder / "new.py").write_text("")
    sight = Sight(trials.workspace)
    reason = SourceChanged(old, sight.source(step(folder)))
    assert sight.explain(step(folder), reason) == SourceChanged(old, reason.new, ("helper.py",), ("new.py",), ("other.py",))
    unknown = SourceChanged(f"blake3:{'0' * 64}", reason.new)
    assert sight.explain(step(folder), unknown) == unknown
    assert sight.explain(step(folder), NeverRan()) == NeverRan()


@pytest.mark.parametrize(("path", "shown"), [("plain/ü.py", "plain/ü.py"), ("n\udce9w.py", "n\ufffdw.py")])
def test_a_path_of_any_bytes_can_be_stored_and_shown(path: str, shown: str) -> None:
    assert printable(path) == shown


def test_a_source_folder_that_is_not_there_is_named(trials: Trials, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no source folder") as caught:
        Sight(trials.workspace).source(step(tmp_path / "nowhere"))
    assert "nowhere" in str(caught.value)


def test_data_counts_by_names_bytes_and_reading(trials: Trials, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "a.csv").write_text("1")

    def digest(**more: object) -> str:
        return Sight(trials.workspace).data(data(folder, **more))

    digests = [digest(), digest(format="delimited"), digest(options={"separator": ";"})]
    assert digest(name="registered", version=7) == digests[0]
    (folder / "a.csv").write_text("2")
    digests.append(digest())
    (folder / "a.csv").rename(folder / "b.csv")
    digests.append(digest())
    (folder / "empty.csv").write_text("")
    digests.append(digest())
    assert len(set(digests)) == len(digests)


def test_a_further_file_counts_by_its_bytes_and_must_be_there(trials: Trials, tmp_path: Path) -> None:
    path = tmp_path / "lib.so"
    one = shell("a", ": > $out", hash_paths=(str(path),))
    with pytest.raises(UsageError, match="hash_paths names"):
        trials.run(one)
    path.write_text("1")
    assert trials.run(one).told() == {"a": "Completed"}
    path.write_text("2")
    assert trials.run(one).why("a") == [f"{path} changed"]
    path.write_text("1")
    assert trials.run(one).told() == {"a": "Reused"}


def test_data_that_is_missing_is_found_when_planning_also_for_steps_that_wait(trials: Trials, tmp_path: Path) -> None:
    waits = shell("b", ": > $out", "a", inputs=(Input(name="a", binding=shell("x", "", "a").inputs[0].binding),
                                                Input(name="given", binding=FromData(data=data(tmp_path / "nowhere.csv")))))
    with pytest.raises(UsageError, match=r"nowhere\.csv"):
        trials.plan(shell("a", ": > $out"), waits)


def test_files_are_resolved_once_however_many_threads_ask(trials: Trials, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1")
    sight = Sight(trials.workspace)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(sight.files_of(data(tmp_path / "a.csv")))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in found}) == 1
    assert len(found) == 8


def test_a_parameter_of_a_waiting_step_is_told_before_the_step_before_it_has_run(trials: Trials) -> None:
    trials.run(shell("a", "echo 1 > $out"), shell("b", "cat $a > $out", "a"))
    plan = trials.plan(shell("a", "echo 2 > $out"), shell("b", "cat $a $a > $out", "a"))
    assert told(plan)["b"] == ("a",)
    assert [type(reason).__name__ for reason in plan.decisions["b"].reasons] == ["DefinitionChanged"]  # type: ignore[union-attr]


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="only root may mount a file system to make it read-only")
def test_a_read_only_workspace_can_be_asked_what_would_run(tmp_path: Path) -> None:
    (tmp_path / "mounted").mkdir()
    (tmp_path / "data.csv").write_text("1")
    if subprocess.run(["mount", "-t", "tmpfs", "none", tmp_path / "mounted"], capture_output=True).returncode:
        pytest.skip("this machine does not let its root mount a tmpfs")
    given = (Input(name="given", binding=FromData(data=data(tmp_path / "data.csv"))),)
    steps = (shell("a", ": > $out", inputs=given), shell("b", "cat $a > $out", "a"))
    try:
        trials = Trials(tmp_path / "mounted")
        trials.run(*steps)
        trials.workspace.close()
        subprocess.run(["mount", "-o", "remount,ro", tmp_path / "mounted"], check=True)
        with closing(workspaces.require(tmp_path / "mounted")) as workspace:
            assert told(prepare(workspace, trials.submission(*steps)).plan) == {"a": True, "b": True}
            with pytest.raises(MachineError, match="read-only"):
                execute(workspace, prepare(workspace, trials.submission(*steps, force=True)))
    finally:
        subprocess.run(["umount", tmp_path / "mounted"], check=True)
