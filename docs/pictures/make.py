"""Makes the pictures of the dashboard in the README: `python docs/pictures/make.py [FOLDER]`, by really running a small project."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from project import make
from textual.pilot import Pilot

from stepwell.cli.verbs.ui import Loading
from stepwell_store.workspace import require
from stepwell_tui.app import Dashboard

SIZE = (120, 30)
PATIENCE_S = 60.0
IDENTITY = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com", "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.com"}


def call(base: Path, *words: str) -> None:
    """Run a program there; how it ends is what the history is made of."""
    subprocess.run(words, cwd=base, env={**os.environ, **IDENTITY}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def history(base: Path) -> None:
    """A few runs: all new, all reused, another parameter, one that fails, and one after the repair."""
    stepwell = str(Path(sys.executable).parent / "stepwell")
    make(base)
    (base / ".gitignore").write_text(".stepwell/\n")
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "The first model"]):
        call(base, "git", *words)
    call(base, stepwell, "run", "churn.py")
    call(base, stepwell, "run", "churn.py")
    call(base, stepwell, "run", "churn.py", "-p", "rate=0.3")
    evaluate = base / "evaluate" / "step.py"
    good = evaluate.read_text()
    evaluate.write_text(good + "raise ValueError('no rows to compare')\n")
    call(base, stepwell, "run", "churn.py", "-p", "rate=0.2")
    evaluate.write_text(good)
    call(base, stepwell, "run", "churn.py", "-p", "rate=0.2")


def _text(pilot: Pilot[None]) -> str:
    return "\n".join("".join(segment.text for segment in strip) for strip in pilot.app.screen._compositor.render_strips())


async def until(pilot: Pilot[None], *texts: str) -> None:
    """Wait until the screen shows all of these."""
    deadline = time.monotonic() + PATIENCE_S
    while not all(text in _text(pilot) for text in texts):
        if time.monotonic() > deadline:
            raise SystemExit(f"the screen never showed {texts}")
        await pilot.pause(0.1)


async def shoot(base: Path, folder: Path) -> None:
    """Go through the places and take the pictures."""
    app = Dashboard(require(base), Loading())

    def save(name: str) -> None:
        (folder / f"{name}.svg").write_text(app.export_screenshot(title="stepwell"))

    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, "Recent runs", "#5")
        save("home")
        await pilot.press("2")
        await until(pilot, "fresh")
        train = base / "train-boosted" / "step.py"
        train.write_text(train.read_text().replace("range(60)", "range(80)"))
        await until(pilot, "step.py +1 −1")
        save("stale")
        await pilot.press("3")
        await until(pilot, "Failed")
        await pilot.press("colon", *"churn")
        await until(pilot, "Go to", "#5 churn", "churn.py")
        save("palette")
        await pilot.press("escape")
        await until(pilot, "Failed")
        await pilot.press("j", "j", "enter")
        await until(pilot, "train-boosted", "INFO")
        await pilot.press("j", "j", "j", "m")
        await until(pilot, "accuracy")
        await pilot.pause(0.5)
        save("dashboard")
        await pilot.press("escape", "c")
        await until(pilot, "rate", "accuracy", "┤")
        await pilot.pause(0.5)
        save("compare")


def main() -> int:
    """Make them."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1] / "images").resolve()
    with tempfile.TemporaryDirectory() as place:
        base = Path(place) / "churn"
        base.mkdir()
        history(base)
        asyncio.run(shoot(base, folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
