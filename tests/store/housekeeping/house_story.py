"""A workspace with a history, made of real files, objects and events, without running anything."""

from __future__ import annotations

import itertools
import os
import random
import time
import uuid
from pathlib import Path

import msgspec

from stepwell_store.content.batch import Batch
from stepwell_store.content.digest import digest_file
from stepwell_store.content.sealed import measure
from stepwell_store.content.trees import TreeEntry, encode, make_tree
from stepwell_store.files import make_dir, write_atomic
from stepwell_store.ledger.events import (
    AnyEvent,
    MetricsLogged,
    Reused,
    RunCreated,
    RunEnded,
    RunStarted,
    StepEnded,
    StepsReused,
    StepStarted,
)
from stepwell_store.ledger.records import Artifact, Metric, OutputRecord, Run, StepRun
from stepwell_store.workspace import Workspace

DAY = 86_400.0


class Made(msgspec.Struct, frozen=True):
    """A run that was recorded: ids of its step runs by key, of all that it stored the digests, of its files the paths."""

    run: str
    steps: dict[str, str]
    digests: frozenset[str]
    files: tuple[Path, ...]


class Story:
    """Writes history into a workspace. `at` is when things happen, in seconds since 1970; files get that age."""

    def __init__(self, workspace: Workspace, seed: int = 0) -> None:
        self.workspace = workspace
        self.random = random.Random(seed)
        self.numbers = itertools.count()

    def bytes(self) -> bytes:
        """Some content that nothing else has."""
        return f"content {next(self.numbers)} ".encode() + self.random.randbytes(self.random.randrange(1, 400))

    def snapshot(self, count: int = 3) -> tuple[str, set[str]]:
        """Store a snapshot; its tree's digest, and those of all its objects."""
        with self.workspace.objects.batch() as batch:
            return self._snapshot(batch, count)

    def _snapshot(self, batch: Batch, count: int = 3) -> tuple[str, set[str]]:
        datas = [self.bytes() for _ in range(count)]
        entries = [TreeEntry(f"file{number}.py", batch.put_bytes(data), len(data)) for number, data in enumerate(datas)]
        tree = batch.put_bytes(encode(make_tree(entries)))
        return tree, {tree, *(entry.digest for entry in entries)}

    def new_id(self) -> str:
        """An id as runs and step runs have."""
        return str(uuid.UUID(int=self.random.getrandbits(128)))

    def run(self, steps: tuple[str, ...] = ("one", "two"), *, at: float | None = None, pipeline: str = "p", end: bool = True) -> Made:
        """A run all of whose steps ran; without `end` its runner died while they did."""
        at = time.time() if at is None else at
        run, made, paths = self.new_id(), {step: self.new_id() for step in steps}, list[Path]()
        with self.workspace.objects.batch() as batch:
            graph, diff = batch.put_bytes(b'{"graph": ' + self.bytes() + b"}"), batch.put_bytes(self.bytes())
            sources = {step: self._snapshot(batch) for step in steps}
        happened: list[AnyEvent] = []
        for position, (step, step_run) in enumerate(made.items()):
            tree = sources[step][0]
            started = StepRun(id=step_run, run=run, position=position, step=step, name=step, kind="PythonScriptStep", status="Running",
                              attempt=1, fingerprint=f"blake3:{self.random.randbytes(32).hex()}", snapshot=tree, started_at=at,
                              ingredients={"source": tree, "environment": f"blake3:{'e' * 64}"})
            happened.append(StepStarted(at=at, run=run, record=started))
            if end:
                outputs, artifacts = self._left(run, step, step_run, at)
                paths += [self.place(one) for one in outputs] + [self.workspace.root / one.path for one in artifacts]
                metric = Metric(owner=step_run, name="loss", type="number", value="0.5", at=at)
                happened += [MetricsLogged(at=at, run=run, metrics=[metric]),
                             StepEnded(at=at, run=run, step_run=step_run, status="Completed", outputs=outputs, artifacts=artifacts)]
        self.begin(run, graph, diff, pipeline, at, *happened, *([RunEnded(at=at, run=run, status="Completed")] if end else []))
        return Made(run, made, frozenset({graph, diff}.union(*(those for _, those in sources.values()))), tuple(paths))

    def reusing(self, earlier: Made, *, at: float | None = None, pipeline: str = "p") -> str:
        """A run that took all results of an earlier one; its id."""
        at = time.time() if at is None else at
        run = self.new_id()
        graph = self.workspace.objects.put_bytes(b'{"graph": ' + self.bytes() + b"}")
        reused = [Reused(self.new_id(), position, step, step, "PythonScriptStep", "local", step_run, f"blake3:{'f' * 64}")
                  for position, (step, step_run) in enumerate(earlier.steps.items())]
        self.begin(run, graph, None, pipeline, at, StepsReused(at=at, run=run, steps=reused), RunEnded(at=at, run=run, status="Completed"))
        return run

    def begin(self, run: str, graph: str, diff: str | None, pipeline: str, at: float, *more: AnyEvent) -> None:
        """The events with which a run begins, and more."""
        git = None if diff is None else {"repository": "r", "branch": None, "commit": "c", "dirty": True, "diff": diff}

        def record(number: int) -> AnyEvent:
            return RunCreated(at=at, run=run, record=Run(number=number, id=run, experiment="e", pipeline=pipeline, status="Queued",
                                                         graph=graph, parameters={}, options={}, created_at=at, git=git))

        make_dir(self.workspace.runs / run)
        self.workspace.record_run(record, [RunStarted(at=at, run=run), *more])

    def place(self, output: OutputRecord) -> Path:
        """Where an output is."""
        return self.workspace.root / "datastores" / output.datastore / output.path

    def _left(self, run: str, step: str, step_run: str, at: float) -> tuple[list[OutputRecord], list[Artifact]]:
        outputs = [self.output(step_run, "file", at), self.output(step_run, "folder", at)]
        folder = self.workspace.runs / run / step / "1"
        for name in ("artifacts/plot.txt", "logs/std_log.txt", "work/script.py"):
            make_dir((folder / name).parent)
            write_atomic(folder / name, self.bytes(), durable=False)
        path = folder / "artifacts" / "plot.txt"
        digest, found = digest_file(path)
        return outputs, [Artifact(owner=step_run, name="plot.txt", path=str(path.relative_to(self.workspace.root)), digest=digest,
                                  size=found.st_size)]

    def output(self, step_run: str, name: str, at: float, path: str | None = None) -> OutputRecord:
        """Write an output, a folder when it is called `folder`, and its record."""
        path = path or f"azureml/{step_run}/{name}"
        place = self.workspace.root / "datastores" / "workspaceblobstore" / path
        names = ("a.txt", "deep/b.txt") if name == "folder" else ("",)
        for one in names:
            make_dir((place / one).parent)
            write_atomic(place / one, self.bytes(), durable=False)
            os.utime(place / one, (at, at))
        os.utime(place, (at, at))
        found = measure(place)
        return OutputRecord(step_run=step_run, name=name, kind=found.kind, datastore="workspaceblobstore", path=path,
                            digest=found.digest, seal=found.seal, size=found.size, files=found.files)
