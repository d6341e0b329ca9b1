"""The work that every tool gets: steps as a list, and the files that they need. A tool's driver turns the list into its own words."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import msgspec

SEED = "in.txt"
STEPS = "steps.txt"
CHANGED = "m{:04}"

_SCRIPT = """import sys

KIND = "first"
name, *sources, target = sys.argv[1:]
size = 0
for source in sources:
    with open(source) as file:
        size += len(file.read())
with open({log!r}, "a") as file:
    file.write(name + "\\n")
with open(target, "w") as file:
    file.write(f"{{name}} {{KIND}} {{size}}\\n")
"""
_SLEEP = "import time\n\ntime.sleep(0.1)\n"


class Step(msgspec.Struct, frozen=True):
    """One step: it runs `src/<source>/step.py NAME INPUT... OUTPUT`, and its output is `out/<name>.txt` where a tool leaves that free.

    Inputs are `in.txt` or outputs of earlier steps, as paths.
    """

    name: str
    source: str
    inputs: tuple[str, ...]

    @property
    def script(self) -> str:
        """The path of its script, relative to the folder of the pipeline."""
        return f"src/{self.source}/step.py"

    @property
    def output(self) -> str:
        """The path of its output, likewise."""
        return f"out/{self.name}.txt"


def chain(length: int) -> list[Step]:
    """Steps of which each reads what the one before it left; all have the same source."""
    return [Step(f"s{number:04}", "all", (f"out/s{number - 1:04}.txt" if number else SEED,)) for number in range(length)]


def fan(width: int) -> list[Step]:
    """One step, then `width` steps that read it, then one that reads them all; every step has a source of its own."""
    middle = [Step(CHANGED.format(number), CHANGED.format(number), ("out/first.txt",)) for number in range(width)]
    return [Step("first", "first", (SEED,)), *middle, Step("last", "last", tuple(step.output for step in middle))]


def independent(count: int) -> list[Step]:
    """Steps that need nothing of each other."""
    return [Step(f"p{number:04}", "all", (SEED,)) for number in range(count)]


def write(folder: Path, steps: list[Step], *, sleeping: bool = False) -> None:
    """Put the scripts, the seed and the list of steps into a folder that is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "out").mkdir(parents=True)
    (folder / SEED).write_text("seed\n")
    (folder / STEPS).write_text("".join(f"{step.name} {step.source} {' '.join(step.inputs)}\n" for step in steps))
    text = (_SLEEP if sleeping else "") + _SCRIPT.format(log=str(folder / "ran.log"))
    for script in {step.script for step in steps}:
        (folder / script).parent.mkdir(parents=True)
        (folder / script).write_text(text)
    (folder / "ran.log").touch()


def edit(folder: Path, step: Step, *, other_bytes: bool, nonce: int) -> None:
    """Change a step's script, so that its output stays the same or not."""
    path = folder / step.script
    text = path.read_text()
    path.write_text(text.replace('KIND = "', f'KIND = "{nonce}') if other_bytes else f"{text}# {nonce}\n")


def take_ran(folder: Path) -> list[str]:
    """The names of the steps that ran since this was last asked, sorted."""
    log = folder / "ran.log"
    names = sorted(log.read_text().split())
    log.write_text("")
    return names


def tree(folder: Path, files: int, size: int) -> Path:
    """A source folder of many files of `size` bytes in a hundred folders, and one script; kept between runs of the benchmark."""
    root = folder / f"tree-{files}-{size}"
    if not (root / "step.py").exists():
        shutil.rmtree(root, ignore_errors=True)
        content = random.Random(1).randbytes(size)
        for number in range(files):
            path = root / f"d{number % 100:02}" / f"f{number:05}.bin"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(number.to_bytes(8, "big") + content[8:])
        root.mkdir(parents=True, exist_ok=True)
        (root / "step.py").write_text("import sys\n\nopen(sys.argv[-1], 'w').close()\n")
    return root


def make_repository(folder: Path) -> None:
    """Put the author's files of a folder under version control."""
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")
    for words in (("init", "--quiet"), ("add", SEED, STEPS, "src"), ("commit", "--quiet", "--message", "work")):
        subprocess.run(["git", *identity, *words], cwd=folder, check=True)


def scratch(folder: Path) -> Path:
    """An empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return folder
