"""A workspace in a folder of the test's own, and Python processes that work on it at the same time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stepwell_store import workspace as workspaces
from stepwell_store.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = workspaces.open_workspace(workspaces.create(tmp_path))
    yield opened
    opened.close()


def at_once(script: str, count: int, *arguments: str) -> list[str]:
    """What so many Python processes print, all of which begin when the last one is ready; each must end well.

    The script may use `number`, which counts the processes, and `sys.argv[1:]`. What comes before the line `# go` only prepares.
    """
    prepare, _, work = script.partition("# go\n")
    whole = f"import sys\n{prepare}\nprint(flush=True)\nnumber = int(sys.stdin.readline())\n{work}"
    command = [sys.executable, "-W", "error", "-c", whole, *arguments]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    for number, process in enumerate(processes):
        assert process.stdin is not None
        process.stdin.write(f"{number}\n")
        process.stdin.flush()
    printed = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * count
    return printed


@pytest.fixture(name="at_once")
def at_once_fixture() -> Callable[..., list[str]]:
    return at_once
