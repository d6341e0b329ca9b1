"""What every tool can be asked for: how it is installed, and its words for a list of steps."""

from __future__ import annotations

import subprocess
import sys
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from inputs import Step
from measure import Command


class Place:
    """`root` keeps environments and the large source folder, `work` is for everything else; `python` runs the steps of every tool."""

    def __init__(self, root: Path, work: Path) -> None:
        self.root = root
        self.work = work
        self.python = root / "envs" / "steps" / "bin" / "python"

    def environment(self, name: str, *packages: str) -> Path:
        """The `bin` folder of an environment made by uv, with the byte code of all that is in it."""
        home = self.root / "envs" / name
        if not (home / "complete").exists():
            uv = str(Path(sys.executable).with_name("uv"))
            subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(home)], check=True)
            if packages:
                subprocess.run([uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(home / "bin" / "python"), *packages],
                               check=True)
            (home / "complete").touch()
        return home / "bin"


class Tool(ABC):
    """Base of the tools. A method that gives None means that the tool has nothing of the kind."""

    name: ClassVar[str]
    longest: ClassVar[int] = 10**9
    """The longest chain that it does in reasonable time."""

    def __init__(self, place: Place) -> None:
        self.place = place

    def install(self) -> None:  # noqa: B027
        """Make it ready to be measured."""

    @abstractmethod
    def version(self) -> Command:
        """It says its version."""

    @abstractmethod
    def pipeline(self, folder: Path, steps: list[Step], jobs: int) -> Command | None:
        """The steps in its own words, put into a folder that has the scripts; the command that runs them."""

    def tree(self, folder: Path, tree: Path) -> Command | None:  # noqa: ARG002
        """One step that depends on every file of a folder; the command that runs it when one of them changed."""
        return None

    def look(self, command: Command) -> Command | None:  # noqa: ARG002
        """The same command, looking only at what it would do."""
        return None

    def history(self, folder: Path, runs: int, listed: int) -> Command | None:  # noqa: ARG002
        """A store of so many runs is made; the command that lists the newest."""
        return None
