"""The real command, as a person types it: a project folder, its pipeline file, and `stepwell` in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HEAD = """\
from stepwell import CommandStep, Dataset, Pipeline, PipelineData, PipelineParameter, PythonScriptStep, Workspace
ws = Workspace.from_config()
"""
CHAIN = """\
first, second = PipelineData("first"), PipelineData("second")
make = CommandStep(["cp text.txt", first], name="make", outputs=[first], source_directory="source")
use = CommandStep(["cat", first, first, ">", second], name="use", inputs=[first], outputs=[second], source_directory="source")
pipeline = Pipeline(ws, [use])
"""
"""Two steps; the second doubles what the first copies from source/text.txt."""

LONGEST_S = 60.0
GRACE_S = "0.2"


class Result:
    """How a command ended: `code`, and what it said as `out` and `err`."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code = code
        self.out = out.decode("utf-8", "replace")
        self.err = err.decode("utf-8", "replace")

    @property
    def data(self) -> Any:
        """The JSON of its last line."""
        return json.loads(self.out.splitlines()[-1])

    def __repr__(self) -> str:
        return f"exit code {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


class Project:
    """A folder that a person works in, made unless it is there. `stepwell` runs a command there to its end."""

    def __init__(self, folder: Path, *, new: bool = True) -> None:
        self.folder = folder
        self.root = folder / ".stepwell"
        if new:
            (folder / "source").mkdir(parents=True)
            self.write("source/text.txt", "hello\n")

    def write(self, name: str, text: str) -> Path:
        """A file of the project, its folders made as needed."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def pipeline(self, text: str, name: str = "pipeline.py") -> Path:
        """A pipeline file in the vocabulary that HEAD imports."""
        return self.write(name, HEAD + text)

    def start(self, *words: str, environment: Mapping[str, str | None] | None = None, **options: Any) -> subprocess.Popen[bytes]:
        """Begin a command; whoever starts it ends it. A variable whose value is None is not there."""
        options = {"cwd": self.folder, "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        return subprocess.Popen([sys.executable, "-m", "stepwell", *words], env=variables(environment), **options)

    def stepwell(self, *words: str, code: int | None = 0, environment: Mapping[str, str | None] | None = None, limit: float = LONGEST_S,
                 **options: Any) -> Result:
        """Run a command to its end and look at how it ended; `code` None takes any but a bug's."""
        with self.start(*words, environment=environment, **options) as process:
            result = finish(process, limit)
        assert code is None or result.code == code, result
        return result

    def run(self, *words: str, code: int | None = 0, **options: Any) -> Result:
        """`stepwell run pipeline.py`."""
        return self.stepwell("run", "pipeline.py", *words, code=code, **options)

    def steps(self, *words: str, code: int = 0) -> dict[str, Any]:
        """Run the pipeline; what `--json` says of each step."""
        return {step["name"]: step for step in self.run("--json", *words, code=code).data["steps"]}

    def works(self) -> None:
        """A sound pipeline runs to its end, with no flag, and everything that the workspace keeps verifies."""
        self.pipeline(CHAIN, "sound.py")
        data = self.stepwell("run", "sound.py", "--json").data
        assert data["status"] == "Completed"
        assert Path(data["outputs"]["use/second"]).read_text() == 2 * (self.folder / "source" / "text.txt").read_text()
        self.verify()

    def verify(self) -> None:
        """Every object has the bytes of its name, the database is whole, and no run is open."""
        from stepwell_store.content.objects import ObjectStore

        objects = ObjectStore(self.root / "objects")
        for digest in objects.digests():
            objects.verify(digest)
        assert self.rows("PRAGMA integrity_check") == [("ok",)]
        assert self.rows("PRAGMA foreign_key_check") == []
        assert self.rows("SELECT id FROM runs WHERE ended_at IS NULL") == []

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What a query says, through Python's own SQLite: a second opinion."""
        with contextlib.closing(sqlite3.connect(self.root / "workspace.db", timeout=30)) as connection:
            return connection.execute(sql).fetchall()

    def runs(self) -> list[dict[str, Any]]:
        """What `stepwell runs --json` says, the newest first."""
        found: list[dict[str, Any]] = self.stepwell("runs", "--json", "-n", "10000").data
        return found


def variables(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """This process's environment without settings of Stepwell's, a short patience with steps, and the changes."""
    kept: dict[str, str | None] = {name: value for name, value in os.environ.items() if not name.startswith("STEPWELL_")}
    merged = kept | {"STEPWELL_GRACE_S": GRACE_S} | dict(changes or {})
    return {name: value for name, value in merged.items() if value is not None}


def finish(process: subprocess.Popen[bytes], limit: float = LONGEST_S) -> Result:
    """Wait for a command; what it said must never be a traceback of Stepwell's own."""
    try:
        out, err = process.communicate(timeout=limit)
    except BaseException:
        process.kill()
        raise
    result = Result(process.returncode, out or b"", err or b"")
    # What a step wrote is shown behind a bar, and may well be a traceback.
    assert not re.search(r"^(Traceback|stepwell: this is a bug)|a bug in Stepwell", result.err, re.MULTILINE), result
    assert result.code != 70, result
    return result


def processes_with(text: str) -> Iterator[int]:
    """The running processes that have this text in their command line."""
    import psutil

    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and text in " ".join(process.cmdline()):
                yield process.pid


_MEASURE = """\
import os, sys
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(child, 0)
with open(sys.argv[1], "w") as note:
    note.write(str(used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)))
sys.exit(os.waitstatus_to_exitcode(status))
"""


class Measured:
    """Words that run a command and note the most memory that one of its processes had at any time.

    A process begins with the peak of the one that started it, so a small one stands between the command and the tests.
    """

    def __init__(self, note: Path, *words: str) -> None:
        self._note = note
        self.words = [sys.executable, "-S", "-c", _MEASURE, str(note), *words]

    @property
    def peak(self) -> int:
        """In bytes, once the command has ended."""
        return int(self._note.read_text())


class Meeting:
    """A named pipe through which a step says that it has come to a place, and waits there if it is to."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        self._end = os.open(path, os.O_RDWR)  # both ends, so that nobody waits for the other to open it

    def word(self) -> bytes:
        """The next thing that a step says."""
        poll = select.poll()
        poll.register(self._end, select.POLLIN)
        assert poll.poll(LONGEST_S * 1000), f"nobody came to {self.path}"
        return os.read(self._end, 4096)

    def say(self, word: bytes) -> None:
        """Something for a step that reads from here."""
        os.write(self._end, word)

    def close(self) -> None:
        """Nobody will come any more."""
        os.close(self._end)
