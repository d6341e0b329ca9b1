"""Measures the dashboard and its widgets beside Textual's own and an application with nothing in it: `python bench/tui/run.py`.

Wall times are from a key to the last byte that it made the program write to its terminal; CPU is that of the whole program.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1]))
from figures import Figure, table
from terminal import Silent, Terminal
from tools import history

from stepwell_store.workspace import create

_SCENES = str(Path(__file__).with_name("scenes.py"))
_KEYS = 40
_DOWN, _PAGE_DOWN, _PAGE_UP, _CTRL_END = "\x1b[B", "\x1b[6~", "\x1b[5~", "\x1b[1;5F"
_PATIENCE_S = 300.0


class Sizes(msgspec.Struct, frozen=True):
    """How much of everything. RichLog gets `rich_lines`, because more take it minutes."""

    runs: int = 10_000
    rows: int = 100_000
    lines: int = 1_000_000
    rich_lines: int = 20_000
    per_second: int = 20_000
    seconds: float = 5.0
    idle_seconds: float = 5.0


TINY = Sizes(100, 2_000, 20_000, 2_000, 2_000, 1.0, 1.0)
Values = dict[str, dict[str, float]]


class Bench:
    """Collects values by what was measured and by tool."""

    def __init__(self, folder: Path, sizes: Sizes) -> None:
        self.folder = folder
        self.sizes = sizes
        self.values: Values = {}
        self.failures: list[str] = []

    def measure(self, tool: str, scene: str, argument: Path, story: Callable[[Terminal], dict[str, float]]) -> None:
        """Run a scene and take in what its story measured."""
        self.run(tool, scene, [sys.executable, _SCENES, scene, str(argument)], story)

    def run(self, tool: str, scene: str, words: list[str], story: Callable[[Terminal], dict[str, float]]) -> None:
        """The same for any program."""
        print(f"{scene} …", file=sys.stderr, flush=True)
        try:
            with Terminal(words) as terminal:
                for what, value in story(terminal).items():
                    self.values.setdefault(what, {})[tool] = value
        except Silent as failure:
            self.failures.append(f"{scene}: {failure}")


def main() -> int:
    """Measure, print the table; 1 when something could not be measured, or a target was not reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="with very little work, to see that everything works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    args = parser.parse_args()
    sizes = TINY if args.tiny else Sizes()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), sizes)
        empty = bench.folder / "nothing"
        bench.measure("bare", "minimal", empty, lambda terminal: _bare(bench, terminal, empty))
        _dashboard(bench)
        _tables(bench)
        _logs(bench)
    figures = _figures(bench)
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors; load average {os.getloadavg()[0]:.1f}")
    print(f"{sizes.rows:,} rows, {sizes.lines:,} lines ({sizes.rich_lines:,} for RichLog), {sizes.per_second:,} lines/s")
    print(table(figures, ["stepwell", "datatable", "richlog", "log", "bare"]))
    for failure in bench.failures:
        print(f"not measured: {failure}")
    if args.json:
        args.json.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=1))
    return 1 if bench.failures or any(figure.reached is False for figure in figures) else 0


def _figures(bench: Bench) -> list[Figure]:
    wanted: list[tuple[str, str, str, float | None]] = [
        ("start", "first frame", "ms CPU", 350.0), ("start", "first frame, wall", "ms", None), ("start", "idle", "% CPU", 1.0),
        ("start", "key down", "ms", 15.0), ("start", "key down, CPU", "ms CPU", 15.0),
        ("table", "first rows", "ms CPU", None), ("table", "memory", "MB", None), ("table", "longest stall", "ms", 50.0),
        ("table", "key down", "ms", 15.0), ("table", "key down, CPU", "ms CPU", 15.0), ("table", "key down, bytes", "bytes", None),
        ("table", "page down", "ms", None), ("table", "page down, CPU", "ms CPU", 15.0), ("table", "to the end", "ms", None),
        ("log", "opened at its end", "ms", 50.0), ("log", "memory open", "MB", None), ("log", "page up", "ms", None),
        ("log", "page up, CPU", "ms CPU", 15.0), ("log", "following", "% CPU", None), ("log", "behind at the end", "ms", 500.0),
        ("log", "longest stall", "ms", 50.0), ("log", "idle with a log", "% CPU", 1.0),
    ]
    return [Figure(workload, what, unit, bench.values.get(f"{workload} {what}", {}), bound) for workload, what, unit, bound in wanted]


def _bare(bench: Bench, terminal: Terminal, path: Path) -> dict[str, float]:
    """What Textual itself costs, and how long an event loop that does nothing is kept waiting by what else the machine does."""
    terminal.until("ready", _PATIENCE_S)
    terminal.painted(5)
    found = {"start first frame": terminal.cpu() * 1000, "start idle": _idle(bench, terminal)}
    terminal.send("z")
    terminal.rest(2 * bench.sizes.idle_seconds)
    stall = _stall(path)
    return found | {"table longest stall": stall, "log longest stall": stall}


def _dashboard(bench: Bench) -> None:
    """The dashboard itself, on a workspace in which much was run."""
    base = bench.folder / "project"
    base.mkdir()
    create(base)
    history.fill(base, bench.sizes.runs)
    words = [str(Path(sys.executable).parent / "stepwell"), "ui", "-w", str(base)]
    bench.run("stepwell", f"dashboard, {bench.sizes.runs:,} runs", words, lambda terminal: _opened(bench, terminal))


def _opened(bench: Bench, terminal: Terminal) -> dict[str, float]:
    shown = terminal.until(f"#{bench.sizes.runs}", _PATIENCE_S)
    found = {"start first frame": terminal.cpu() * 1000, "start first frame, wall": (shown - terminal.begun) * 1000}
    terminal.painted(5)
    terminal.rest(2.0)
    found["start idle"] = _idle(bench, terminal)
    terminal.send("3")
    terminal.rest(1.0)
    wall, cpu, _ = _keys(terminal, _DOWN)
    return found | {"start key down": wall, "start key down, CPU": cpu}


def _idle(bench: Bench, terminal: Terminal) -> float:
    before, seconds = terminal.cpu(), bench.sizes.idle_seconds
    terminal.rest(seconds)
    return (terminal.cpu() - before) / seconds * 100


def _tables(bench: Bench) -> None:
    path = bench.folder / "runs.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE runs (id INTEGER PRIMARY KEY, pipeline, status, started, took, who, git, said)")
        rows = ((f"row {at} of many",) for at in range(bench.sizes.rows))
        database.executemany("INSERT INTO runs VALUES (NULL, 'train', 'Completed', '8 min ago', '1 m 12 s', 'ada', '3f2c9a1', ?)", rows)
    database.close()
    last = f"run {bench.sizes.rows} "
    bench.measure("stepwell", "table", path, lambda terminal: _with_rows(terminal, path, last, "G"))
    bench.measure("datatable", "datatable", path, lambda terminal: _with_rows(terminal, path, last, _CTRL_END))


def _with_rows(terminal: Terminal, path: Path, newest: str, end: str) -> dict[str, float]:
    terminal.until(newest, _PATIENCE_S)
    terminal.painted(10)
    found = {"table first rows": terminal.cpu() * 1000, "table memory": terminal.memory() / 1e6}
    terminal.send("z")
    for name, key in (("key down", _DOWN), ("page down", _PAGE_DOWN)):
        wall, cpu, count = _keys(terminal, key)
        found |= {f"table {name}": wall, f"table {name}, CPU": cpu, f"table {name}, bytes": count}
    sent = terminal.send(end)
    found["table to the end"] = (terminal.until("run 1 ", 60) - sent) * 1000
    terminal.rest(0.2)
    return found | {"table longest stall": _stall(path)}


def _keys(terminal: Terminal, key: str) -> tuple[float, float, float]:
    """The medians of wall time and bytes of a key, and the mean of CPU, in milliseconds."""
    walls, counts = [], []
    before = terminal.cpu()
    for _ in range(_KEYS):
        sent = terminal.send(key)
        last, count = terminal.painted(10)
        walls.append((last - sent) * 1000)
        counts.append(count)
    return median(walls), (terminal.cpu() - before) * 1000 / _KEYS, median(counts)


def _stall(path: Path) -> float:
    note = Path(f"{path}.stall")
    return float(note.read_text()) * 1000 if note.exists() else 0.0


def _logs(bench: Bench) -> None:
    for tool, scene in (("stepwell", "logview"), ("log", "log"), ("richlog", "richlog")):
        lines = bench.sizes.rich_lines if scene == "richlog" else bench.sizes.lines
        path = bench.folder / scene
        with path.open("w") as file:
            file.writelines(f"12:00:00 INFO  epoch=18 step={at} loss=0.05176 lr=1e-4 throughput=1234.5\n" for at in range(lines))
        bench.measure(tool, scene, path, lambda terminal, path=path, lines=lines: _with_log(bench, terminal, path, lines))  # type: ignore[misc]
        path.unlink()


def _with_log(bench: Bench, terminal: Terminal, path: Path, lines: int) -> dict[str, float]:
    terminal.until("ready", 60)
    terminal.rest(0.5)
    sent = terminal.send("o")
    found = {"log opened at its end": (terminal.until(f"step={lines - 1} ", _PATIENCE_S) - sent) * 1000}
    terminal.rest(1)
    found["log idle with a log"] = _idle(bench, terminal)
    found["log memory open"] = terminal.memory() / 1e6
    terminal.send("z")
    found |= _following(bench, terminal, path, lines)
    terminal.send("\t")
    terminal.rest(0.5)
    wall, cpu, _ = _keys(terminal, _PAGE_UP)
    return found | {"log page up": wall, "log page up, CPU": cpu, "log longest stall": _stall(path)}


def _following(bench: Bench, terminal: Terminal, path: Path, lines: int) -> dict[str, float]:
    """Let somebody write to the log, and see how far behind the screen is when they end."""
    ended: list[float] = []

    def write() -> None:
        count = int(bench.sizes.per_second * bench.sizes.seconds)
        begun, done = time.perf_counter(), 0
        with path.open("a") as file:
            while done < count:
                due = min(count, int((time.perf_counter() - begun) * bench.sizes.per_second))
                file.writelines(f"12:00:01 INFO  epoch=19 step={lines + at} loss=0.05176 lr=1e-4\n" for at in range(done, due))
                file.flush()
                done = due
                time.sleep(0.01)
        ended.append(time.perf_counter())

    before, begun = terminal.cpu(), time.perf_counter()
    writer = threading.Thread(target=write)
    writer.start()
    shown = terminal.until(f"step={lines + int(bench.sizes.per_second * bench.sizes.seconds) - 1} ", _PATIENCE_S)
    writer.join()
    return {"log following": (terminal.cpu() - before) / (shown - begun) * 100, "log behind at the end": (shown - ended[0]) * 1000}


if __name__ == "__main__":
    sys.exit(main())
