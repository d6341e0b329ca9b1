"""How much of a text file changed: lines added and lines removed since a snapshot."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import takewhile
from operator import eq

from stepwell_runner.graph.model import Step
from stepwell_runner.planning.reasons import SHOWN, SourceChanged, words
from stepwell_store.content.objects import ObjectStore
from stepwell_store.content.trees import Tree, decode
from stepwell_store.errors import StepwellError

MOST_BYTES = 256 * 1024
MOST_PAIRS = 4_000_000
"""More pairs of lines than this are not compared: that would take seconds."""

MINUS = "\u2212"


def counted(old: bytes, new: bytes) -> tuple[int, int] | None:
    """Lines added and removed between two texts; None for what is no text, is too large, or has the same lines."""
    if max(len(old), len(new)) > MOST_BYTES or b"\0" in old or b"\0" in new:
        return None
    try:
        before, after = old.decode().splitlines(), new.decode().splitlines()
    except UnicodeDecodeError:
        return None
    before, after = _without_common_ends(before, after)
    if before == after or len(before) * len(after) > MOST_PAIRS:
        return None
    return _compare(before, after)


def _without_common_ends(before: list[str], after: list[str]) -> tuple[list[str], list[str]]:
    start = _common(before, after)
    before, after = before[start:], after[start:]
    end = _common(before[::-1], after[::-1])
    return before[: len(before) - end], after[: len(after) - end]


def _common(before: list[str], after: list[str]) -> int:
    """With how many lines both begin."""
    return sum(1 for _ in takewhile(bool, map(eq, before, after)))


def _compare(before: list[str], after: list[str]) -> tuple[int, int]:
    from difflib import SequenceMatcher

    same = sum(block.size for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks())
    return len(after) - same, len(before) - same


def told_with_counts(reason: SourceChanged, step: Step, objects: ObjectStore) -> Iterator[str]:
    """`train.py +3 -1` for each of the first changed files, as far as the old text is stored; then the reason's other words."""
    counts = dict(_counts(reason, step, objects))
    for path, (added, removed) in counts.items():
        yield f"{path} +{added} {MINUS}{removed}"
    rest = tuple(path for path in reason.changed if path not in counts)
    if rest or reason.added or reason.removed or not counts:
        yield words(SourceChanged(reason.old, reason.new, rest, reason.added, reason.removed))


def _counts(reason: SourceChanged, step: Step, objects: ObjectStore) -> Iterator[tuple[str, tuple[int, int]]]:
    if step.source is None or reason.old is None or not reason.changed:
        return
    try:
        tree = decode(objects.read(reason.old))
    except StepwellError:
        return
    for path in reason.changed[:SHOWN]:
        found = _count(path, tree, step.source.path, objects)
        if found is not None:
            yield path, found


def _count(path: str, tree: Tree, folder: str, objects: ObjectStore) -> tuple[int, int] | None:
    entry = next((entry for entry in tree.entries if entry.path == path), None)
    if entry is None or entry.size > MOST_BYTES:
        return None
    try:
        with open(os.path.join(folder, path), "rb") as file:
            return counted(objects.read(entry.digest), file.read(MOST_BYTES + 1))
    except (StepwellError, OSError):
        return None
