"""Checks objects: that those which history names are there with their size, and that their bytes are those of their names."""

from __future__ import annotations

import os
import re
import threading

import msgspec

from stepwell_store.content.digest import is_digest
from stepwell_store.content.objects import QUARANTINE, ObjectCorrupt, ObjectMissing, ObjectStore
from stepwell_store.content.parallel import map_threads
from stepwell_store.data.datastores import Progress
from stepwell_store.errors import StepwellError
from stepwell_store.housekeeping.references import Reference, tree_of, users_of
from stepwell_store.housekeeping.report import Finding, State
from stepwell_store.housekeeping.sampling import Level

_TODO = {
    "graph": "the run can be looked at but not repeated; run its pipeline again, or restore a backup",
    "diff": "only the record of uncommitted changes is lost; restore a backup to have it",
    "snapshot": "run the step again from its source folder, which stores it anew, or restore a backup",
}
_NAMED = re.compile(rb"[\n\0](blake3:[0-9a-f]{64}) [x-] (\d+) ")
_NOBODY = "no row needs it, and no snapshot that can be read"


class Checked(msgspec.Struct, frozen=True):
    """The findings, and the sizes of all objects by digest as they are afterwards."""

    findings: tuple[Finding, ...]
    sizes: dict[str, int]
    bytes_read: int


def listing(root: str) -> dict[str, int]:
    """The size of every object of a store, by digest; one look at each folder."""
    sizes: dict[str, int] = {}
    for folder in os.listdir(root) if os.path.isdir(root) else ():
        if len(folder) != 2:
            continue
        with os.scandir(f"{root}/{folder}") as entries:
            found = {f"blake3:{folder}{entry.name}": entry.stat(follow_symlinks=False).st_size for entry in entries}
        sizes.update((digest, size) for digest, size in found.items() if is_digest(digest))
    return sizes


def set_aside(root: str) -> int:
    """How many corrupt objects were moved out of the way, ever."""
    folder = os.path.join(root, QUARANTINE)
    return len(os.listdir(folder)) if os.path.isdir(folder) else 0


def check_objects(objects: ObjectStore, references: list[Reference], level: Level, progress: Progress) -> Checked:
    """Look at every object that is needed, and read those of the level; corrupt ones are set aside by the store."""
    sizes = listing(objects.root)
    chosen = level.choose(sorted(sizes))
    bad: dict[str, State] = _read(objects, chosen, sizes, progress)
    read = sum(sizes[digest] for digest in chosen)
    for digest in bad:
        sizes.pop(digest, None)
    bad |= _absent(objects, references, sizes, bad)
    users = users_of(objects, references, set(bad))
    kinds = {reference.digest: reference.kind for reference in references}
    findings = tuple(
        Finding(what="object", state=state, name=digest, users=tuple(users[digest]),
                todo=_TODO[kinds.get(digest, "snapshot")] if users[digest] else _NOBODY)
        for digest, state in sorted(bad.items()))
    return Checked(findings, sizes, read)


def _read(objects: ObjectStore, chosen: list[str], sizes: dict[str, int], progress: Progress) -> dict[str, State]:
    total, counting, done = sum(sizes[digest] for digest in chosen), threading.Lock(), [0]

    def verify(digest: str) -> State | None:
        state = _verify(objects, digest)
        with counting:
            done[0] += sizes[digest]
            progress(done[0], total, "objects")
        return state

    states = map_threads(verify, chosen)
    return {digest: state for digest, state in zip(chosen, states, strict=True) if state is not None}


def _verify(objects: ObjectStore, digest: str) -> State | None:
    try:
        objects.verify(digest)
    except ObjectCorrupt:
        return "corrupt"
    except ObjectMissing:
        return "missing"
    except StepwellError:
        return "unreadable"
    return None


def _absent(objects: ObjectStore, references: list[Reference], sizes: dict[str, int], bad: dict[str, State]) -> dict[str, State]:
    """Objects that history needs and that are not there, or with another size than their tree says."""
    found: dict[str, State] = {}
    pairs: set[tuple[bytes, bytes]] = set()
    trees: list[str] = []
    wanted = {reference.digest: reference.kind for reference in references if reference.digest not in bad}
    for digest, kind in wanted.items():
        if digest not in sizes:
            found[digest] = "missing"
        elif kind == "snapshot":
            try:
                pairs.update(_NAMED.findall(objects.read(digest)))
                trees.append(digest)
            except StepwellError:
                found[digest] = "corrupt"
    # Most files are in most snapshots, so each is looked at once; the trees are only decoded when something is wrong.
    if any(sizes.get(name.decode()) != int(size) for name, size in pairs):
        for digest in trees:
            found |= _absent_files(objects, digest, sizes, bad)
    return found


def _absent_files(objects: ObjectStore, digest: str, sizes: dict[str, int], bad: dict[str, State]) -> dict[str, State]:
    tree = tree_of(objects, digest)
    if tree is None:
        return {digest: "corrupt"}
    return {entry.digest: "corrupt" if entry.digest in sizes else "missing" for entry in tree.entries
            if sizes.get(entry.digest) != entry.size and entry.digest not in bad}
