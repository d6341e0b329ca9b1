"""How far Spark has got with a step, from the event log that it writes beside: jobs, stages and tasks, as a line for people."""

from __future__ import annotations

import os
from typing import Any

import msgspec


class Stage(msgspec.Struct):
    """A stage that runs or ran: what it does, in parentheses or empty, and its tasks."""

    name: str
    tasks: int
    done: int = 0


class Progress:
    """Reads event logs as they grow. `folder` holds one file per Spark application of the step."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._offsets: dict[str, int] = {}
        self._decode = msgspec.json.Decoder(dict[str, Any]).decode
        self._running: dict[tuple[str, int, int], Stage] = {}
        self.jobs = 0
        self.stages = 0
        self.tasks = 0
        self.failed_tasks = 0

    def poll(self) -> None:
        """Take in what was written since the last time."""
        for path in self._files():
            chunk = self._rest_of(path)
            for line in chunk.splitlines():
                self._take(path, line)

    def now(self) -> str | None:
        """What runs at the moment; None when nothing does."""
        if not self._running:
            return None
        stages = sorted(self._running.items())
        shown = "; ".join(f"stage {number}{stage.name} {stage.done}/{stage.tasks} tasks" for (_, number, _), stage in stages[:3])
        return f"Spark: {shown}" + (f" and {len(stages) - 3} more" if len(stages) > 3 else "")

    def summary(self) -> str | None:
        """What has been done in all; None when Spark did nothing."""
        if not (self.jobs or self.stages):
            return None
        failed = f", {self.failed_tasks} of them failed" if self.failed_tasks else ""
        return f"Spark: {_many(self.jobs, 'job')}, {_many(self.stages, 'stage')}, {_many(self.tasks, 'task')}{failed}"

    def _files(self) -> list[str]:
        found: list[str] = []
        for folder, _, names in os.walk(self._folder):
            found += [os.path.join(folder, name) for name in names if not name.startswith((".", "appstatus"))]
        return sorted(found)

    def _rest_of(self, path: str) -> bytes:
        """The whole lines that are new. A log that Spark has finished loses its ending, but goes on to be the same log."""
        key = path.removesuffix(".inprogress")
        try:
            with open(path, "rb") as file:
                file.seek(self._offsets.get(key, 0))
                chunk = file.read()
        except FileNotFoundError:
            return b""
        end = chunk.rfind(b"\n") + 1
        self._offsets[key] = self._offsets.get(key, 0) + end
        return chunk[:end]

    def _take(self, path: str, line: bytes) -> None:
        if not line.startswith(_WANTED):
            return
        try:
            event = self._decode(line)
            self._note(path.removesuffix(".inprogress"), event)
        except (msgspec.MsgspecError, KeyError, TypeError):
            return  # a line of a version of Spark that says it otherwise

    def _note(self, log: str, event: dict[str, Any]) -> None:
        match event["Event"]:
            case "SparkListenerJobStart":
                self.jobs += 1
            case "SparkListenerStageSubmitted":
                info = event["Stage Info"]
                self._running[log, info["Stage ID"], info["Stage Attempt ID"]] = Stage(_short(info["Stage Name"]), info["Number of Tasks"])
            case "SparkListenerTaskEnd":
                self._end_task(self._running.get((log, event["Stage ID"], event["Stage Attempt ID"])), event["Task End Reason"]["Reason"])
            case "SparkListenerStageCompleted":
                info = event["Stage Info"]
                self._running.pop((log, info["Stage ID"], info["Stage Attempt ID"]), None)
                self.stages += 1
            case "SparkListenerApplicationEnd":
                self._running = {key: stage for key, stage in self._running.items() if key[0] != log}

    def _end_task(self, stage: Stage | None, reason: str) -> None:
        self.tasks += 1
        if reason != "Success":
            self.failed_tasks += 1
        elif stage is not None:
            stage.done += 1


_WANTED = tuple(f'{{"Event":"SparkListener{name}"'.encode() for name in
                ("JobStart", "StageSubmitted", "TaskEnd", "StageCompleted", "ApplicationEnd"))  # fmt: skip


def _short(name: str) -> str:
    """`count at NativeMethodAccessorImpl.java:0` says nothing after its first word, and nothing at all when that is made up."""
    word = name.partition(" at ")[0][:60]
    return "" if word.startswith("$") else f" ({word})"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
