"""No tool at all: the same commands one after another, a walk of the same folder, a pass over the same bytes."""

from __future__ import annotations

import sys
from pathlib import Path

from inputs import Step
from measure import Command
from tools.tool import Tool

_WALK = """
import os, sys, time

def walk(root):
    stack = [root]
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    stack.append(entry.path)
                else:
                    entry.stat(follow_symlinks=False)
                    yield entry.path
"""
_TIMED = """
wall, cpu = time.perf_counter(), time.process_time()
for path in walk(sys.argv[1]):
    {body}
print(time.perf_counter() - wall, time.process_time() - cpu)
"""
_HASH = """
from blake3 import blake3

def digest(path):
    with open(path, "rb", buffering=0) as file:
        return blake3(file.read()).digest()
"""


class Bare(Tool):
    """The commands themselves, through xargs."""

    name = "bare"

    def version(self) -> Command:
        """An interpreter that does nothing."""
        return Command((str(self.place.python), "-c", "pass"), self.place.work)

    def pipeline(self, folder: Path, steps: list[Step], jobs: int) -> Command:
        """One interpreter a step."""
        (folder / "words.txt").write_text("".join(f"{step.script} {step.name} {' '.join(step.inputs)} {step.output}\n" for step in steps))
        return Command(("sh", "-c", f"xargs -L 1 -P {jobs} '{self.place.python}' <words.txt"), folder)

    def walk(self, tree: Path) -> Command:
        """Scandir and stat of every file; prints its own wall and CPU seconds, without the start of the interpreter."""
        return self._timed(_WALK + _TIMED.format(body="pass"), tree)

    def hash(self, tree: Path) -> Command:
        """Reads and hashes every file on one thread; prints likewise."""
        return self._timed(_WALK + _HASH + _TIMED.format(body="digest(path)"), tree)

    def _timed(self, program: str, tree: Path) -> Command:
        return Command((sys.executable, "-c", program, str(tree)), self.place.work)
