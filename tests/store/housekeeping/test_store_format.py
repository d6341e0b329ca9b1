"""The page about the store names everything that there is."""

from __future__ import annotations

import re
import typing
from pathlib import Path

from stepwell_store.housekeeping.archive import MANIFEST
from stepwell_store.ledger import events, schema
from stepwell_store.workspace import FOLDERS, Workspace

PAGE = (Path(__file__).parents[3] / "docs" / "store-format.md").read_text(encoding="utf-8")


def test_every_table_is_named(workspace: Workspace) -> None:
    tables = {row[0] for row in workspace.database.read("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")}
    described = set(re.findall(r"^\| `(\w+)` \|", PAGE.partition("## Tables")[2].partition("## Locks")[0], re.MULTILINE))
    assert described == tables


def test_every_event_is_named() -> None:
    kinds = {kind.__struct_config__.tag for kind in typing.get_args(events.AnyEvent)}
    assert set(re.findall(r"`(\w+)`", PAGE.partition("Kinds of events:")[2].partition(".")[0])) == kinds


def test_every_folder_and_the_version_are_named() -> None:
    assert all(f"`{folder}" in PAGE for folder in FOLDERS)
    assert f"version {schema.VERSION}\n" in PAGE
    assert f"{schema.APPLICATION_ID:#x}" in PAGE
    assert MANIFEST in PAGE
