"""What a person can do from the dashboard: really done, in a real workspace, by runs in processes of their own."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bare import Bare, bare, done
from frames import drive, eventually, frame
from textual.pilot import Pilot

from short_history import Seeded, lonely, pipeline, seed
from stepwell_runner.graph import model
from stepwell_store import workspace as workspaces
from stepwell_store.errors import UsageError
from stepwell_store.ledger import history
from stepwell_store.ledger.records import Run
from stepwell_store.locks import holder
from stepwell_store.workspace import Workspace
from stepwell_tui import doing


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    return seed(tmp_path_factory.mktemp("seeded"))


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = workspaces.open_workspace(workspaces.create(tmp_path))
    yield opened
    opened.close()


def held(gate: Path) -> model.Graph:
    """A pipeline of one step, which ends when somebody opens the gate, a named pipe, for writing."""
    return model.Graph(name="held", steps=(model.Step(key="only", name="only", kind="CommandStep", command=(
        model.Text("cat"), model.Text(str(gate)))),))


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    path = tmp_path / "gate"
    os.mkfifo(path)
    return path


def open_gate(gate: Path) -> None:
    with gate.open("wb"):
        pass


def record(workspace: Workspace, run: str) -> Run:
    return history.get_run(workspace.database, run)


def began(workspace: Workspace, run: str) -> bool:
    return any(step.status == "Running" for step in history.steps_of(workspace.database, run))


async def ended(app: Bare, pilot: Pilot[None], run: str) -> Run:
    await eventually(pilot, lambda: record(app.workspace, run).ended_at is not None)
    return record(app.workspace, run)


# --- running


def test_a_pipeline_is_run_with_the_parameters_that_were_filled_in(seeded: Seeded) -> None:
    async def test() -> None:
        async with bare(seeded.base) as (app, pilot):
            run = await done(app, pilot, doing.run_pipeline(app, pipeline(seeded.base), str(seeded.base / "p.py")), "3", "enter")
            assert run is not None
            found = await ended(app, pilot, run)
            assert (found.status, found.parameters, found.source) == ("Completed", {"rate": 3.0}, str(seeded.base / "p.py"))
            assert app.toasts()[-1] == f"Run #{found.number} of words has begun"

    drive(test())


def test_the_form_begins_with_the_values_of_the_last_run_and_leaving_it_runs_nothing(seeded: Seeded) -> None:
    async def test() -> None:
        async with bare(seeded.base) as (app, pilot):
            before = history.count_runs(app.workspace.database)
            last = history.list_runs(app.workspace.database, pipeline="words", limit=1)[0].parameters["rate"]
            app.run_worker(doing.run_pipeline(app, pipeline(seeded.base), "p.py"))
            await eventually(pilot, lambda: f"│ {last}" in frame(app))
            await pilot.press("escape")
            await app.workers.wait_for_complete()
            assert history.count_runs(app.workspace.database) == before

    drive(test())


def test_a_pipeline_without_parameters_runs_at_once_and_by_force_runs_every_step(seeded: Seeded) -> None:
    async def test() -> None:
        async with bare(seeded.base) as (app, pilot):
            run = await done(app, pilot, doing.run_pipeline(app, lonely(), "p.py", force=True))
            assert run is not None
            found = await ended(app, pilot, run)
            assert found.options == {"force": True}
            step, = history.steps_of(app.workspace.database, run)
            assert step.reused_from is None

    drive(test())


def test_a_rerun_asks_for_values_from_those_of_its_run(seeded: Seeded) -> None:
    async def test() -> None:
        async with bare(seeded.base) as (app, pilot):
            run = await done(app, pilot, doing.rerun(app, seeded.runs[2]), "enter")
            assert run is not None
            found = await ended(app, pilot, run)
            assert (found.rerun_of, found.parameters, found.status) == (seeded.runs[2], {"rate": 2.0}, "Completed")
            other = await done(app, pilot, doing.rerun(app, seeded.runs[2]), "4", "enter")
            assert other is not None
            assert (await ended(app, pilot, other)).parameters == {"rate": 4.0}

    drive(test())


def test_a_rerun_from_a_step_forces_it_and_what_comes_after(seeded: Seeded) -> None:
    async def test() -> None:
        async with bare(seeded.base) as (app, pilot):
            run = await done(app, pilot, doing.rerun(app, seeded.runs[0], start="train"), "enter")
            assert run is not None
            await ended(app, pilot, run)
            reused = {step.step: step.reused_from is not None for step in history.steps_of(app.workspace.database, run)}
            assert reused == {"clean": True, "train": False, "after": False}

    drive(test())


def test_a_run_that_did_not_complete_is_resumed_and_one_that_did_is_not(seeded: Seeded) -> None:
    async def test() -> None:
        async with bare(seeded.base) as (app, pilot):
            run = await done(app, pilot, doing.resume(app, seeded.runs[3]))
            assert run is not None
            assert (await ended(app, pilot, run)).status == "Failed"  # at the same rate, which is still too high
            assert await done(app, pilot, doing.resume(app, seeded.runs[0])) is None
            assert "nothing left to do" in app.complaints[-1]

    drive(test())


def test_what_the_new_process_ran_into_is_shown(tmp_path: Path) -> None:
    async def test() -> None:
        async with bare(tmp_path) as (app, pilot):
            broken = model.Graph(name="broken", steps=(model.Step(key="a", name="a", kind="CommandStep", target="moon", command=()),))
            assert await done(app, pilot, doing.run_pipeline(app, broken, "p.py")) is None
            assert "moon" in app.complaints[-1]
            assert await done(app, pilot, doing.rerun(app, "nothing")) is None
            assert "there is no run nothing" in app.complaints[-1]

    drive(test())


# --- runs outlive the dashboard


def test_a_run_goes_on_when_the_dashboard_is_closed(
        tmp_path: Path, gate: Path, workspace: Workspace, eventually: Callable[..., None]) -> None:
    async def start() -> str | None:
        async with bare(tmp_path) as (app, pilot):
            return await done(app, pilot, doing.run_pipeline(app, held(gate), "p.py"))

    run = drive(start())
    assert run is not None
    eventually(lambda: began(workspace, run), 30)
    open_gate(gate)
    eventually(lambda: record(workspace, run).status == "Completed", 30)


KILLED = """
import os, signal, sys
from pathlib import Path
from bare import bare, done
from frames import drive
from stepwell_tui import doing
from test_doing import held

async def start():
    async with bare(Path(sys.argv[1])) as (app, pilot):
        print(await done(app, pilot, doing.run_pipeline(app, held(Path(sys.argv[2])), "p.py")), flush=True)
        os.kill(0, signal.SIGKILL)

drive(start())
"""


def test_a_run_goes_on_when_the_dashboard_and_its_process_group_are_killed(
        tmp_path: Path, gate: Path, workspace: Workspace, eventually: Callable[..., None]) -> None:
    path = os.pathsep.join(entry for entry in sys.path if entry)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(gate)], env={**os.environ, "PYTHONPATH": path},
                            stdout=subprocess.PIPE, start_new_session=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    run = killed.stdout.decode().strip()
    eventually(lambda: began(workspace, run), 30)
    open_gate(gate)
    eventually(lambda: record(workspace, run).status == "Completed", 30)


# --- cancelling


@pytest.mark.parametrize(("keys", "status"), [(["y"], "Canceled"), (["enter"], "Completed")])
def test_a_run_is_cancelled_only_when_one_says_yes(tmp_path: Path, gate: Path, keys: list[str], status: str) -> None:
    async def test() -> None:
        async with bare(tmp_path) as (app, pilot):
            run = await done(app, pilot, doing.run_pipeline(app, held(gate), "p.py"))
            assert run is not None
            await eventually(pilot, lambda: began(app.workspace, run))
            answer = await done(app, pilot, doing.cancel(app, run), *keys)
            assert answer == (run if status == "Canceled" else None)
            if answer is None:
                await asyncio.to_thread(open_gate, gate)
            assert (await ended(app, pilot, run)).status == status
            assert await done(app, pilot, doing.cancel(app, run)) is None
            assert "is over already" in app.complaints[-1]

    drive(test())


def test_a_run_whose_runner_died_is_ended_by_cancelling_it(tmp_path: Path, gate: Path) -> None:
    async def test() -> None:
        async with bare(tmp_path) as (app, pilot):
            run = await done(app, pilot, doing.run_pipeline(app, held(gate), "p.py"))
            assert run is not None
            await eventually(pilot, lambda: began(app.workspace, run))
            lock = app.workspace.runs / run / "lock"
            owner = holder(str(lock))
            assert owner is not None
            os.kill(owner.pid, signal.SIGKILL)
            await eventually(pilot, lambda: not doing.is_owned(app.workspace, run))
            assert await done(app, pilot, doing.cancel(app, run), "y") == run
            assert record(app.workspace, run).status == "Canceled"

    drive(test())


# --- comparing


def test_a_run_is_compared_with_the_one_before_it_or_two_with_each_other(seeded: Seeded) -> None:
    async def test() -> None:
        async with bare(seeded.base) as (app, pilot):
            assert await done(app, pilot, doing.compare(app, [seeded.runs[1]])) == (seeded.runs[0], seeded.runs[1])
            assert await done(app, pilot, doing.compare(app, [seeded.runs[3], seeded.runs[0]])) == (seeded.runs[0], seeded.runs[3])
            assert await done(app, pilot, doing.compare(app, [seeded.runs[0]])) is None
            assert "the first of words" in app.complaints[-1]

    drive(test())


# --- files


def test_a_snapshot_is_restored_into_a_new_folder_only(seeded: Seeded) -> None:
    async def test() -> None:
        async with bare(seeded.base) as (app, pilot):
            step = history.find_step(app.workspace.database, seeded.runs[0], "clean")
            assert step.snapshot is not None
            tree = await done(app, pilot, doing.restore(app, step.snapshot, "old source"))
            assert tree is not None
            assert sorted(path.name for path in (seeded.base / "old source").iterdir()) == ["clean.py", "train.py"]
            assert app.toasts()[-1] == f"2 files in {seeded.base / 'old source'}"
            assert await done(app, pilot, doing.restore(app, step.snapshot, "old source")) is None
            assert "not an empty folder" in app.complaints[-1]

    drive(test())


def test_files_are_copied_to_a_datastore_and_those_that_are_there_are_skipped(tmp_path: Path) -> None:
    folder = tmp_path / "iris"
    folder.mkdir()
    (folder / "one.csv").write_text("1\n")

    async def test() -> None:
        async with bare(tmp_path) as (app, pilot):
            await done(app, pilot, doing.upload(app, "workspaceblobstore", "iris", "flowers"))
            assert app.toasts()[-1] == "1 file copied to workspaceblobstore"
            (folder / "two.csv").write_text("2\n")
            found = await done(app, pilot, doing.upload(app, "workspaceblobstore", str(folder), "flowers"))
            assert found is not None
            assert (found.uploaded, found.skipped) == (("flowers/two.csv",), ("flowers/one.csv",))
            assert "1 were there already" in app.toasts()[-1]
            assert await done(app, pilot, doing.upload(app, "nowhere", "iris")) is None
            assert "nowhere" in app.complaints[-1]
            assert await done(app, pilot, doing.upload(app, "workspaceblobstore", "missing")) is None

    drive(test())


def test_a_copy_tells_how_far_it_is_and_stops_between_files(tmp_path: Path, workspace: Workspace) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(300):
        (folder / f"{number:03}").write_text("0123456789")
    store = workspace.datastore("workspaceblobstore")
    told: list[str] = []
    store.upload(str(folder), "all", progress=doing.Progress(told.append, threading.Event(), every_s=0.0))
    assert (told[0], told[-1]) == ("10 B of 3.0 kB copied", "3.0 kB of 3.0 kB copied")
    stop = threading.Event()
    stop.set()
    with pytest.raises(UsageError, match="stopped"):
        store.upload(str(folder), "some", progress=doing.Progress(told.append, stop))
    there = store.ls("some")
    assert 0 < len(there) < 300
    assert {entry.size for entry in there} == {10}
