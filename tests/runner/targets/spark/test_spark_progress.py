"""What an event log tells of how far Spark is."""

from __future__ import annotations

import json
from pathlib import Path

from stepwell_runner.targets.spark.progress import Progress


def event(kind: str, **fields: object) -> str:
    return json.dumps({"Event": f"SparkListener{kind}", **fields}, separators=(",", ":")) + "\n"


def stage(number: int, tasks: int, name: str = "count at File.java:0") -> dict[str, object]:
    return {"Stage Info": {"Stage ID": number, "Stage Attempt ID": 0, "Stage Name": name, "Number of Tasks": tasks}}


def task(number: int, reason: str = "Success") -> str:
    return event("TaskEnd", **{"Stage ID": number, "Stage Attempt ID": 0, "Task End Reason": {"Reason": reason}})


def test_a_log_is_followed_as_it_grows(tmp_path: Path) -> None:
    log = tmp_path / "local-1.inprogress"
    progress = Progress(str(tmp_path))
    progress.poll()
    assert (progress.now(), progress.summary()) == (None, None)
    log.write_text(event("LogStart", version="4.3.0") + event("JobStart", **{"Job ID": 0}) + event("StageSubmitted", **stage(0, 3)))
    progress.poll()
    assert progress.now() == "Spark: stage 0 (count) 0/3 tasks"
    with log.open("a") as file:
        file.write(task(0) + task(0, "ExceptionFailure") + task(0)[:20])
    progress.poll()
    assert progress.now() == "Spark: stage 0 (count) 1/3 tasks"
    with log.open("a") as file:
        file.write(task(0)[20:] + task(0) + event("StageCompleted", **stage(0, 3)) + "nonsense\n{}\n")
    log.rename(tmp_path / "local-1")
    progress.poll()
    assert progress.now() is None
    assert progress.summary() == "Spark: 1 job, 1 stage, 4 tasks, 1 of them failed"


def test_several_stages_at_once_are_told_and_an_application_that_ends_has_none(tmp_path: Path) -> None:
    log = tmp_path / "app"
    log.write_text("".join(event("StageSubmitted", **stage(number, 1, "$anonfun$x at X.java:1")) for number in range(5)))
    progress = Progress(str(tmp_path))
    progress.poll()
    assert (progress.now() or "").endswith("stage 2 0/1 tasks and 2 more")
    with log.open("a") as file:
        file.write(event("ApplicationEnd", Timestamp=1))
    progress.poll()
    assert progress.now() is None
