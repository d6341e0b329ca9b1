"""The map of the house names every room that there is, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).parents[1]
FLOORS = {"api": "api/stepwell", "tui": "tui/stepwell_tui", "runner": "runner/stepwell_runner", "store": "store/stepwell_store"}


def rooms() -> Iterator[Path]:
    """What the first column of the table names: folders, and modules without their ending; after the first of a row without its floor."""
    table = (TOP / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## Rooms")[2].partition("\n## ")[0]
    for row in table.splitlines():
        if row.startswith("| `"):
            names = re.findall(r"`([^`]+)`", row.split("|")[1])
            floor = FLOORS[names[0].partition("/…/")[0]]
            yield from (TOP / floor / name.rpartition("…/")[2].rstrip("/") for name in names)


def test_every_room_that_is_named_is_there() -> None:
    assert [str(room) for room in rooms() if not room.is_dir() and not room.with_suffix(".py").is_file()] == []


def test_every_room_is_named() -> None:
    there = {path.with_suffix("") for floor in FLOORS.values() for path in (TOP / floor).iterdir()
             if (path.is_dir() or path.suffix == ".py") and not path.name.startswith("__")}
    assert there <= set(rooms())
