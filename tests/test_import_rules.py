"""Imports: which rooms may import which, and what a command must not load, since start-up time is a feature."""

from __future__ import annotations

import functools
import subprocess
import sys
from pathlib import Path

import pytest

from commandline import CHAIN, Project

CHECKOUT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent

# Nothing that a person runs every few seconds loads any of these.
SCREEN = {"textual", "rich"}
TABLES = {"pandas", "polars", "pyarrow", "numpy"}
FAR = {"pyspark", "docker", "paramiko"}
SERVERS = {"asyncio", "http.server", "urllib.request", "ssl"}
SLOW = {"logging", "tempfile", "shutil", "importlib.metadata", "concurrent.futures"}
STORE = {"sqlite3", "pysqlite3", "sqlite_utils"}
LIBRARIES = {"msgspec", "blake3", "git", "pathspec", "psutil", "yaml"}
NEVER = SCREEN | TABLES | FAR | SERVERS
ENGINE = {"stepwell_runner.execution.engine", "stepwell_runner.planning", "stepwell_runner.verbs.submit"}

# A module -> what importing it must not import.
MODULES = {
    "stepwell": NEVER | STORE | SLOW | LIBRARIES,
    "stepwell.cli": NEVER | STORE | SLOW | LIBRARIES,
    "stepwell_runner.graph.model": NEVER | STORE | SLOW | {"subprocess", "threading"},
    "stepwell_runner.targets.protocol": NEVER | STORE | SLOW | {"git", "pathspec", "psutil", "yaml"},
    "stepwell_store.errors": NEVER | STORE | SLOW | LIBRARIES,
    "stepwell_store.data.definition": NEVER | STORE | SLOW,
    "stepwell.cli.verbs.ui": NEVER | SLOW | {"git", "pathspec", "psutil", "yaml", "stepwell.load", "stepwell_runner"},
    "stepwell_tui.screens.home": ENGINE | {"git", "pathspec", "psutil", "yaml", "stepwell_runner.graph", "stepwell_tui.modals"},
    "stepwell_tui.screens.runs": ENGINE,
    "stepwell_tui.screens.published": ENGINE,
}

# A command line, typed in an empty folder -> what it must not import.
COMMANDS = {
    "--version": NEVER | STORE | SLOW | LIBRARIES,
}

LOOKING = NEVER | {"git", "yaml", "logging", "tempfile", "concurrent.futures", "importlib.metadata", "sqlite_utils"}

# A command line, typed in a workspace with one run -> what it must not import.
LOOKS = {
    "runs": LOOKING | {"pathspec", "psutil", "stepwell_runner.graph.model"},
    "show @last": LOOKING | {"pathspec"},
    "logs @last": LOOKING | {"pathspec"},
    "metrics @last": LOOKING | {"pathspec"},
    "outputs @last": LOOKING,
    "why @last": LOOKING | {"pathspec"},
    "diff @last @last": LOOKING | {"pathspec"},
    "graph @last": LOOKING | {"pathspec", "psutil"},
    "published ls": LOOKING | {"pathspec", "litestar", "uvicorn", "dateutil"},
    "endpoint ls": LOOKING | {"pathspec", "litestar", "uvicorn", "dateutil"},
    "queue": LOOKING | {"pathspec", "litestar", "uvicorn", "dateutil"},
    "snapshot ls": LOOKING,
    "dataset ls": LOOKING,
    "component ls": LOOKING | {"pathspec", "psutil", "stepwell.jobs.loading"},
    "datastore ls": LOOKING | {"pathspec", "psutil"},
    "run pipeline.py": LOOKING | {"pathspec", "psutil", "json", "random", "socket", "subprocess", "stepwell_runner.sweep.conductor"},
    "exec source/driver.py": LOOKING | {"pathspec", "psutil"},  # what looks for the workspace; the driver comes in its place
    "env ls": LOOKING | {"pathspec"},
    "compute ls": LOOKING | {"pathspec", "psutil", "subprocess"},
}


def imported(*command: str, cwd: Path) -> set[str]:
    """Every module that a Python process imports, as its interpreter says; its children are not counted."""
    done = subprocess.run([sys.executable, "-X", "importtime", *command], cwd=cwd, capture_output=True, text=True)
    lines = done.stderr.splitlines()
    assert done.returncode == 0, done.stdout + "\n".join(line for line in lines if not line.startswith("import time:"))
    return {line.rsplit("|", 1)[1].strip() for line in lines if line.startswith("import time:")}


@functools.cache
def loaded_anyway() -> set[str]:
    """What this machine's Python imports at its start, whatever it runs."""
    return imported("-c", "pass", cwd=CHECKOUT)


def offenders(loaded: set[str], forbidden: set[str]) -> set[str]:
    """The forbidden modules among the loaded ones, by their own name or as the package of one."""
    return {name for name in loaded - loaded_anyway() if any(name == bad or name.startswith(f"{bad}.") for bad in forbidden)}


def test_contracts_are_kept() -> None:
    done = subprocess.run([PROGRAMS / "lint-imports", "--no-cache", "--no-logo"], cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", MODULES)
def test_module_loads_nothing_heavy(module: str, tmp_path: Path) -> None:
    assert offenders(imported("-c", f"import {module}", cwd=tmp_path), MODULES[module]) == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_command_loads_nothing_heavy(command: str, tmp_path: Path) -> None:
    loaded = imported(str(PROGRAMS / "stepwell"), *command.split(), cwd=tmp_path)
    assert offenders(loaded, COMMANDS[command]) == set()


@pytest.fixture(scope="session")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a workspace in which a pipeline has run once."""
    project = Project(tmp_path_factory.mktemp("looked_at") / "project")
    project.pipeline(CHAIN)
    project.write("source/driver.py", "")
    project.run()
    return project.folder


@pytest.mark.parametrize("command", LOOKS)
def test_looking_loads_nothing_heavy(command: str, looked_at: Path) -> None:
    loaded = imported(str(PROGRAMS / "stepwell"), *command.split(), cwd=looked_at)
    assert offenders(loaded, LOOKS[command]) == set()


def test_the_check_would_see_an_offender(tmp_path: Path) -> None:
    loaded = imported("-c", "import logging.handlers", cwd=tmp_path)
    assert offenders(loaded, SLOW) >= {"logging", "logging.handlers"}
