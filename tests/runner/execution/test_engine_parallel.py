"""Steps with parallel work in real runs: what they leave, reuse, parameters, failure, and that cancelling ends the workers."""

from __future__ import annotations

import os
import time
from pathlib import Path

import msgspec
import psutil
import pytest
from trial_runs import GIVES_UP_S, Trials

from stepwell_runner.execution.ownership import recover, request_cancel
from stepwell_runner.graph.model import FromData, Input, Output, Parameter, ParameterRef, Source, Step, Text
from stepwell_runner.graph.parallel import AppendRows, Parallel, parallel_command
from stepwell_runner.verbs.submit import Submission
from stepwell_store.data.definition import DatasetDefinition, LocalPath
from stepwell_store.ledger import events, history
from stepwell_store.ledger.records import metric_value

ENTRY = """
import os, sys
def run(mini_batch):
    return [os.path.basename(file) + sys.argv[-1] for file in mini_batch]
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name, count in (("code", 0), ("files", 7)):
        (tmp_path / name).mkdir()
        for number in range(count):
            (tmp_path / name / f"f{number}").write_text("x")
    (tmp_path / "code" / "entry.py").write_text(ENTRY)
    return tmp_path


def score(place: Path, **changes: object) -> Step:
    work: dict[str, object] = {"entry": "entry.py", "split": ("files",), "batch_size": ParameterRef("size"), "workers": Text("2"),
                               "append": AppendRows(output="out", file=Text("rows.txt")), "failed_items": Text("0")}
    data = DatasetDefinition(kind="file", places=(LocalPath(str(place / "files")),))
    return Step(key="score", name="score", kind="parallel", command=parallel_command((Text("!"),)), source=Source(path=str(place / "code")),
                script="entry.py", inputs=(Input(name="files", binding=FromData(data=data)),), outputs=(Output(name="out"),),
                work=Parallel(**{**work, **changes}))  # type: ignore[arg-type]


def submission(trials: Trials, step: Step, **parameters: object) -> Submission:
    graph = msgspec.structs.replace(trials.graph(step), parameters=(Parameter(name="size", type="integer", default=3),))
    return Submission(graph=graph, parameters=parameters)  # type: ignore[arg-type]


def test_rows_are_an_output_and_progress_is_reported(trials: Trials, place: Path) -> None:
    heard: list[events.AnyEvent] = []
    done = trials.submit(submission(trials, score(place)), heard.append)
    assert done.status == "Completed", done.error
    assert (done.place("score") / "rows.txt").read_text().split() == [f"f{number}!" for number in range(7)]
    metrics = {one.name: metric_value(one) for one in history.metrics_of(trials.workspace.database, done.steps["score"].id)}
    assert metrics == {"mini_batches": 3, "failed_mini_batches": 0, "items": 7, "failed_items": 0, "results": 7}
    assert [event.message for event in heard if isinstance(event, events.StepNoted)][-1] == "3 of 3 mini-batches done, 0 failed"
    kept = {one.name for one in history.artifacts_of(trials.workspace.database, done.steps["score"].id)}
    assert {"logs/job_result.txt", "logs/user/stdout/node000/process000.std.txt"} <= kept


def test_it_is_reused_unless_what_counts_differs(trials: Trials, place: Path) -> None:
    assert trials.submit(submission(trials, score(place))).told() == {"score": "Completed"}
    assert trials.submit(submission(trials, score(place, workers=Text("1"), logging=Text("DEBUG")))).told() == {"score": "Reused"}
    again = trials.submit(submission(trials, score(place), size=4))
    assert (again.told(), again.why("score")) == ({"score": "Completed"}, ["parameter size: 3 → 4"])
    (place / "files" / "f8").write_text("y")
    assert trials.submit(submission(trials, score(place), size=4)).why("score") == ["input files changed"]


def test_its_failure_is_that_of_the_step(trials: Trials, place: Path) -> None:
    (place / "code" / "entry.py").write_text("def run(mini_batch):\n    return mini_batch[:-1]\n")
    done = trials.submit(submission(trials, score(place)))
    assert (done.status, done.steps["score"].exit_code) == ("Failed", 42)
    assert "failed: 1 items failed; 0 are tolerated" in (done.attempt("score") / "logs" / "std_log.txt").read_text()


def test_a_killed_runner_leaves_no_workers(trials: Trials, place: Path) -> None:
    entry = "import os, time\ndef run(mini_batch):\n    open(os.environ['MARK'] + str(os.getpid()), 'w').close()\n    time.sleep(1000)\n"
    (place / "code" / "entry.py").write_text(entry)
    (place / "marks").mkdir()
    process = trials.process(msgspec.structs.replace(
        score(place, batch_size=Text("3")), variables=(("MARK", Text(f"{place}/marks/")),), timeout_s=None))
    deadline = time.monotonic() + 3 * GIVES_UP_S
    while len(names := os.listdir(place / "marks")) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    workers = [psutil.Process(int(name)) for name in names]
    process.kill()
    process.communicate()
    assert len(recover(trials.workspace)) == 1
    assert psutil.wait_procs(workers, timeout=GIVES_UP_S)[1] == []


def test_cancelling_ends_the_workers(trials: Trials, place: Path) -> None:
    entry = "import os, time\ndef run(mini_batch):\n    open(os.environ['MARK'] + str(os.getpid()), 'w').close()\n    time.sleep(1000)\n"
    (place / "code" / "entry.py").write_text(entry)
    (place / "marks").mkdir()
    step = msgspec.structs.replace(score(place), variables=(("MARK", Text(f"{place}/marks/")),), timeout_s=None)
    seen: list[psutil.Process] = []

    def stop_when_it_works(event: events.AnyEvent) -> None:
        if isinstance(event, events.StepStarted):
            import threading

            threading.Thread(target=stop, args=(event.run,)).start()

    def stop(run: str) -> None:
        deadline = time.monotonic() + 3 * GIVES_UP_S
        while len(names := os.listdir(place / "marks")) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        seen.extend(psutil.Process(int(name)) for name in names)
        request_cancel(trials.workspace, run)

    done = trials.submit(submission(trials, step), stop_when_it_works)
    assert done.told() == {"score": "Canceled"}
    assert len(seen) == 2
    assert psutil.wait_procs(seen, timeout=GIVES_UP_S)[1] == []
