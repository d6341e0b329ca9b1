"""Snapshots of source folders: what is in one, and what differs between two."""

from __future__ import annotations

import difflib
import itertools
from typing import Literal

import msgspec

from stepwell_store.content import snapshots, trees
from stepwell_store.content.trees import Tree, TreeEntry
from stepwell_store.ledger import lineage
from stepwell_store.ledger.lineage import KeptSnapshot
from stepwell_store.workspace import Workspace
from stepwell_tui.render.text import safe_line, safe_text, size_text
from stepwell_tui.views.texts import Shown, shown

LISTED = 1000
COMPARED_BYTES = 512 << 10
PATCH_LINES = 3000


class Contents(msgspec.Struct, frozen=True):
    """The files of a snapshot."""

    digest: str
    tree: Tree


class Difference(msgspec.Struct, frozen=True):
    """A file that differs between two snapshots; None on the side that does not have it."""

    path: str
    what: Literal["changed", "added", "removed"]
    old: TreeEntry | None
    new: TreeEntry | None


def kept(workspace: Workspace) -> list[KeptSnapshot]:
    """The snapshots that step runs ran in, those used last first."""
    return lineage.snapshots(workspace.database, LISTED)


def contents(workspace: Workspace, digest: str) -> Contents:
    """The files of a snapshot; IntegrityError when it is no longer there."""
    return Contents(digest, snapshots.load_tree(digest, workspace.objects))


def file_text(workspace: Workspace, entry: TreeEntry) -> Shown:
    """A file of a snapshot as text."""
    if entry.size > COMPARED_BYTES:
        return Shown(None, f"too large to be shown: {size_text(entry.size)}")
    return shown(workspace.objects.read(entry.digest), entry.size)


def difference(workspace: Workspace, old: str, new: str) -> list[Difference]:
    """The files by which two snapshots differ, in order of path."""
    before, after = ({entry.path: entry for entry in contents(workspace, digest).tree.entries} for digest in (old, new))
    found = trees.diff(Tree(tuple(before.values())), Tree(tuple(after.values())))
    kinds: tuple[Literal["changed", "added", "removed"], ...] = ("changed", "added", "removed")
    listed = [Difference(path, kind, before.get(path), after.get(path))
              for kind, paths in zip(kinds, (found.changed, found.added, found.removed), strict=True) for path in paths]
    return sorted(listed, key=lambda one: one.path)


def patch(workspace: Workspace, one: Difference) -> Shown:
    """The lines by which a file differs, as a unified diff."""
    if any(entry is not None and entry.size > COMPARED_BYTES for entry in (one.old, one.new)):
        return Shown(None, "too large to be compared line by line")
    sides = [b"" if entry is None else workspace.objects.read(entry.digest) for entry in (one.old, one.new)]
    if any(b"\0" in side[:8192] for side in sides):
        return Shown(None, f"not text: {_sizes(one)}")
    before, after = (safe_text(side.decode("utf-8", "surrogateescape")).expandtabs(4).splitlines() for side in sides)
    names = safe_line(one.path) if one.old else "nothing", safe_line(one.path) if one.new else "nothing"
    lines = list(itertools.islice(difflib.unified_diff(before, after, *names, lineterm=""), PATCH_LINES))
    if not lines:
        return Shown("", _unlined(one))
    return Shown("\n".join(lines), f"the first {PATCH_LINES} lines" if len(lines) == PATCH_LINES else "")


def _unlined(one: Difference) -> str:
    if one.old and one.new and one.old.executable != one.new.executable:
        return f"it became {'executable' if one.new.executable else 'not executable'}"
    return "the same lines; their ends differ" if one.old and one.new else "an empty file"


def _sizes(one: Difference) -> str:
    return " → ".join(size_text(entry.size) for entry in (one.old, one.new) if entry is not None)
