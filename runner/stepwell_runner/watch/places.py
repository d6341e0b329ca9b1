"""Where edits count: source folders, the files that define a pipeline, and data."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress

from stepwell_runner.graph.model import FromData, Graph
from stepwell_store.content.ignore import NEVER, RULE_FILES, Rules, read_rules
from stepwell_store.data.definition import DatasetDefinition, DatastorePath, LocalPath
from stepwell_store.data.folder_datastore import FolderDatastore
from stepwell_store.data.names import fixed_parts, is_glob
from stepwell_store.errors import StepwellError
from stepwell_store.workspace import Workspace

SOURCE_FOLDERS = 10_000
OTHER_FOLDERS = 500
"""More folders than this are not watched in one place; what changes in the others is found by looking from time to time."""

DEFINING = (".py", ".yml", ".yaml", ".json", ".toml", ".ini", ".cfg", ".txt")
"""What a pipeline file may import or read."""

_COMPILED = (".pyc", ".pyo")

Seal = dict[str, tuple[int, int, int, int]]
"""Of files: size, mtime and ctime in nanoseconds, inode."""


class Place:
    """A file, or all that is in a folder but for what never counts or is `excluded` (absolute folders). It need not exist.

    With `ruled` the folder's ignore file counts too. `endings` narrows it to files of such names.
    """

    def __init__(self, top: str, *, ruled: bool = False, endings: tuple[str, ...] = (), excluded: Iterable[str] = (),
                 most: int = OTHER_FOLDERS) -> None:
        self.top = top
        self._ruled = ruled
        self._endings = endings
        self._most = most
        self._excluded = tuple(one for one in excluded if not _is_below(top, one))
        self._rules = self._read_rules()

    def _read_rules(self) -> Rules | None:
        if self._ruled:
            with suppress(OSError):
                return read_rules(self.top)
        return None

    def concerns(self, path: str) -> bool:
        """Whether a change of this path may matter here; that of a folder above it does."""
        if _is_below(self.top, path):
            return True
        if not _is_below(path, self.top) or any(_is_below(path, one) for one in self._excluded):
            return False
        below = path[len(self.top) + 1 :]
        if self._ruled and below in RULE_FILES:
            return True
        parts = below.split("/")
        folders = ("/".join(parts[: count + 1]) for count in range(len(parts) - 1))
        return not (any(self._leaves_out(folder, True) for folder in folders) or self._leaves_out(below, os.path.isdir(path))
                    ) and self._ends_well(path)

    def _ends_well(self, path: str) -> bool:
        # A name without an ending may be that of a folder that was there a moment ago.
        return not self._endings or path.endswith(self._endings) or "." not in os.path.basename(path)

    def _leaves_out(self, below: str, is_folder: bool) -> bool:
        if os.path.basename(below) in NEVER or below.endswith(_COMPILED):
            return True
        return self._rules is not None and self._rules.decide(os.fsencode(below) + (b"/" if is_folder else b"")) is True

    def folders(self) -> list[str]:
        """The folders whose direct content has to be watched, the one above the place first, so that it may come and go."""
        above = os.path.dirname(self.top)
        while not os.path.isdir(above):
            above = os.path.dirname(above)
        return [above, *(folder for folder, _ in self._walk())]

    def seal(self) -> Seal:
        """The files as they are now: the same when nothing was touched."""
        found: Seal = {}
        files = [self.top] if os.path.isfile(self.top) else (f"{folder}/{name}" for folder, names in self._walk() for name in names)
        for path in files:
            if not self._endings or path.endswith(self._endings):
                with suppress(OSError):
                    info = os.stat(path)
                    found[path] = (info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino)
        return found

    def _walk(self) -> Iterator[tuple[str, list[str]]]:
        """Folders, each with the names of its files, as far as both count."""
        for count, (folder, below, names) in enumerate(os.walk(self.top)):
            if count == self._most:
                return
            inner = folder[len(self.top) + 1 :]
            prefix = f"{inner}/" if inner else ""
            below[:] = [name for name in below if not self._leaves_out(prefix + name, True) and f"{folder}/{name}" not in self._excluded]
            yield folder, [name for name in names if not self._leaves_out(prefix + name, False)]


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder + "/")


def definition(file: str, workspace: Workspace, others: Iterable[str] = ()) -> list[Place]:
    """What may define a pipeline: its file, others that it names, and what is in its folder and could be imported or read by it."""
    return [*(Place(one) for one in (file, *others)),
            Place(os.path.dirname(file), ruled=True, endings=DEFINING, excluded=outputs(workspace))]


def outputs(workspace: Workspace) -> list[str]:
    """Folders into which runs write."""
    roots = [store.root for store in workspace.datastores() if isinstance(store, FolderDatastore)]
    return [str(workspace.root), *roots]


def used(graph: Graph, values: Iterable[object], workspace: Workspace) -> list[Place]:
    """What the steps of a graph use: their source folders, files named in hash_paths, and data. `values` are of parameters."""
    sources = dict.fromkeys(os.path.abspath(step.source.path) for step in graph.steps if step.source is not None)
    files = dict.fromkeys(os.path.abspath(path) for step in graph.steps for path in step.hash_paths)
    data = dict.fromkeys(top for one in _datasets(graph, values) for top in _tops(one, workspace))
    excluded = outputs(workspace)
    return [*(Place(top, ruled=True, excluded=excluded, most=SOURCE_FOLDERS) for top in sources),
            *(Place(top) for top in (*files, *data))]


def _datasets(graph: Graph, values: Iterable[object]) -> Iterator[DatasetDefinition]:
    for step in graph.steps:
        for one in step.inputs:
            if isinstance(one.binding, FromData):
                yield one.binding.data
    yield from (value for value in values if isinstance(value, DatasetDefinition))


def _tops(data: DatasetDefinition, workspace: Workspace) -> Iterator[str]:
    """The files, or the folders above globs; not a whole datastore, nor what comes from an address."""
    for place in data.places:
        if isinstance(place, LocalPath):
            yield _fixed("/", os.path.abspath(place.path))
        elif isinstance(place, DatastorePath):
            with suppress(StepwellError):
                store = workspace.datastore(place.datastore)
                if isinstance(store, FolderDatastore) and (top := _fixed(store.root, place.path)) != store.root:
                    yield top


def _fixed(root: str, path: str) -> str:
    parts = tuple(part for part in path.split("/") if part)
    return os.path.join(root, *(fixed_parts(parts) if is_glob(path) else parts))
