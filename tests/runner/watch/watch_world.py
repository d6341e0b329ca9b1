"""A pipeline in files of its own that is watched by a thread, and what that hears."""

from __future__ import annotations

import queue
import threading
from pathlib import Path
from typing import Self

from stepwell_runner.graph.model import FromData, FromStep, Graph, Input, InputRef, Output, OutputRef, Source, Step, Text, decode, encode
from stepwell_runner.verbs.submit import Finished, Submission, execute, prepare
from stepwell_runner.watch.news import Looked, News
from stepwell_runner.watch.pipeline import Pipeline
from stepwell_runner.watch.watcher import Timing, Watcher
from stepwell_store import workspace as workspaces
from stepwell_store.data.definition import DatasetDefinition, LocalPath
from stepwell_store.errors import UsageError

PATIENCE_S = 30.0
SLOW = Timing(rescan=3600.0, again=3600.0)
"""So that nothing but what the system tells leads to a plan."""


class World:
    """make (src/make, data.txt) -> use (src/use), their graph in pipeline.json, and a workspace that is elsewhere."""

    def __init__(self, base: Path) -> None:
        self.base = base / "project"
        self.write("src/make/make.sh", 'cat "$data" > "$out"\n')
        self.write("src/use/use.sh", 'cat "$make" > "$out"\n')
        self.write("data.txt", "data\n")
        self.file = self.base / "pipeline.json"
        self.define(self.graph())
        self.workspace = workspaces.open_workspace(workspaces.create(base / "elsewhere"))

    def write(self, name: str, text: str) -> Path:
        path = self.base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def define(self, graph: Graph) -> None:
        self.file.write_bytes(encode(graph))

    def graph(self) -> Graph:
        data = FromData(data=DatasetDefinition(kind="file", places=(LocalPath(str(self.base / "data.txt")),)))
        return Graph(name="world", base=str(self.base), steps=(
            self._step("make", Input(name="data", binding=data)),
            self._step("use", Input(name="make", binding=FromStep(step="make", output="out")))))

    def _step(self, key: str, given: Input) -> Step:
        return Step(key=key, name=key, kind="CommandStep", command=(Text("sh"), Text("-e"), Text(f"{key}.sh")), inputs=(given,),
                    outputs=(Output(name="out", kind="file"),), source=Source(path=str(self.base / "src" / key)),
                    variables=((given.name, InputRef(given.name)), ("out", OutputRef("out"))))

    def load(self) -> Graph:
        try:
            return decode(self.file.read_bytes())
        except (OSError, ValueError) as error:
            raise UsageError(f"cannot be read: {error}", where=str(self.file)) from error

    def run(self) -> Finished:
        return execute(self.workspace, prepare(self.workspace, Submission(graph=self.load(), source=str(self.file))))

    def watch(self, *, timing: Timing = SLOW, polling: bool = False) -> Ears:
        return Ears(Watcher(self.workspace, [Pipeline(str(self.file), self.load)], timing=timing, polling=polling))


class Ears:
    """Listens to a watcher in a thread; a context, which ends it."""

    def __init__(self, watcher: Watcher) -> None:
        self.watcher = watcher
        self._news: queue.Queue[News | BaseException] = queue.Queue()
        self._thread = threading.Thread(target=self._listen)

    def _listen(self) -> None:
        try:
            for news in self.watcher:
                self._news.put(news)
        except BaseException as error:
            self._news.put(error)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.watcher.stop()
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()

    def next(self) -> News:
        """The next of anything."""
        news = self._news.get(timeout=PATIENCE_S)
        if isinstance(news, BaseException):
            raise news
        return news

    def look(self) -> Looked:
        """The next plan that says anything."""
        while not isinstance(news := self.next(), Looked):
            pass
        return news

    def told(self) -> dict[str, tuple[str, str]]:
        """What the next plan says anew, as state and reasons by step."""
        return told(self.look())


def told(news: Looked) -> dict[str, tuple[str, str]]:
    """What a plan says anew, as state and reasons by step."""
    assert news.trouble is None
    return {one.step: (one.state, "; ".join(one.why)) for one in news.changed}
