"""What is on this machine at the moment of one submission: sources, environments, data. Each is looked at once, so that
the plan and all steps of the run see the same state."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping

import msgspec

from stepwell_runner.execution.collect import printable
from stepwell_runner.execution.habitats import Habitats
from stepwell_runner.execution.selected import chosen
from stepwell_runner.graph.model import Source, Step
from stepwell_runner.graph.trials import family
from stepwell_runner.planning.reasons import AnyReason, EnvironmentChanged, SourceChanged
from stepwell_store.content import snapshots
from stepwell_store.content.digest import digest_parts
from stepwell_store.content.filecache import FileDigests
from stepwell_store.content.sealed import measure
from stepwell_store.content.trees import Tree, decode, diff
from stepwell_store.data.datastores import Datastore
from stepwell_store.data.definition import DatasetDefinition
from stepwell_store.data.distant import DistantDatastore
from stepwell_store.data.folder_datastore import FolderDatastore
from stepwell_store.data.missing import NothingThere
from stepwell_store.data.resolve import Resolved
from stepwell_store.errors import StepwellError, UsageError
from stepwell_store.workspace import Workspace

SHOWN_FILES = 20


_SourceKey = tuple[Source, tuple[str, ...]]
"""A source, and what the step names of it if that counts."""


class Sight:
    """The observer of one submission. `pinned` maps step keys to snapshots that stand for their source folders, as in a
    rerun of an earlier run, and `files` paths of hash_paths to the digests that stand for what is there."""

    def __init__(self, workspace: Workspace, pinned: Mapping[str, str] | None = None, files: Mapping[str, str] | None = None) -> None:
        self._workspace = workspace
        self._pinned = pinned or {}
        self._scans: dict[_SourceKey, snapshots.Scan] = {}
        self._stored: dict[_SourceKey, str] = {}
        self.habitats = Habitats(workspace)
        self._resolved: dict[bytes, Resolved] = {}
        self._data: dict[bytes, str] = {}
        self._roots: dict[str, str] = {}
        self._files: dict[str, str] = dict(files or {})
        self._trees: dict[str, Tree] = {}
        self._lock = threading.Lock()

    # --- the Observer of planning

    def source(self, step: Step) -> str:
        """The tree digest of what belongs to the step's source; empty when it has none."""
        return self._pinned.get(family(step.key)) or self._scan(step).digest

    def environment(self, step: Step) -> str:
        """The identity of the step's environment, as it is on the step's target."""
        return self.habitats.identity(step).digest

    def data(self, data: DatasetDefinition) -> str:
        """The digest of a dataset's files under their names, and of how they are read."""
        key = msgspec.json.encode(data)
        found = self._data.get(key)
        if found is None:
            found = self._data[key] = self._digest(data, key)
        return found

    def _digest(self, data: DatasetDefinition, key: bytes) -> str:
        files = self.files_of(data)
        reading = msgspec.json.encode((data.kind, data.format, data.options, data.transforms))
        with FileDigests(self._workspace.cache, key) as cache:
            parts = [part for name, file in zip(files.names, files.files, strict=True) for part in (name, cache.digest(file))]
        return digest_parts("dataset-1", [reading, *(part.encode("utf-8", "surrogateescape") for part in parts)])

    def file(self, path: str) -> str:
        """The content digest of a file or folder that the author named in hash_paths."""
        if path not in self._files:
            if not os.path.exists(path):
                raise UsageError(f"hash_paths names {path}, which is not there", todo="correct the path, or take it out of hash_paths")
            self._files[path] = measure(path).digest
        return self._files[path]

    # --- for the workshop

    def files_of(self, data: DatasetDefinition) -> Resolved:
        """The files of a dataset."""
        key = msgspec.json.encode(data)
        with self._lock:
            found = self._resolved.get(key)
            if found is None:
                found = self._resolved[key] = self._resolve(data)
        return found

    def _resolve(self, data: DatasetDefinition) -> Resolved:
        try:
            found = self._workspace.files_of(data.places)
        except NothingThere:
            if data.must_exist:
                raise
            return Resolved((), (), None, False)
        return chosen(data, _without(found, data.without) if data.without else found)

    def is_still(self, data: DatasetDefinition) -> bool:
        """Whether the dataset's files are what they were when they were looked at first."""
        key = msgspec.json.encode(data)
        try:
            return self._digest(data, key) == self._data.get(key)
        except FileNotFoundError:
            return False

    def expect(self, data: DatasetDefinition, digest: str) -> None:
        """Take it that the dataset's files were these when they were looked at first."""
        self._data[msgspec.json.encode(data)] = digest

    def root_of(self, datastore: str) -> str:
        """The folder of a datastore on this machine."""
        with self._lock:
            if datastore not in self._roots:
                self._roots[datastore] = local_root(self._workspace.datastore(datastore))
        return self._roots[datastore]

    def stored(self, step: Step) -> str | None:
        """Put the step's source into the object store, once a run; its tree digest, None when it has no source."""
        if step.source is None:
            return None
        if family(step.key) in self._pinned:
            return self._pinned[family(step.key)]
        key = _source_key(step)
        if key not in self._stored:
            found = self._scans[key] = snapshots.store(self._scan(step), self._workspace.objects)
            self._stored[key] = found.digest
        return self._stored[key]

    def tree(self, digest: str) -> Tree:
        """The files of a stored snapshot, read once."""
        with self._lock:
            found = self._trees.get(digest)
            if found is None:
                found = self._trees[digest] = snapshots.load_tree(digest, self._workspace.objects)
        return found

    def explain(self, step: Step, reason: AnyReason) -> AnyReason:
        """The same reason with the names of files that differ, where both trees are known."""
        if isinstance(reason, EnvironmentChanged):
            return self.habitats.explain(step, reason)
        if not isinstance(reason, SourceChanged) or reason.old is None:
            return reason
        try:
            old = decode(self._workspace.objects.read(reason.old))
            new = self._new_tree(step)
        except StepwellError:
            return reason
        found = diff(old, new)
        return SourceChanged(reason.old, reason.new, _few(found.changed), _few(found.added), _few(found.removed))

    def _new_tree(self, step: Step) -> Tree:
        pinned = self._pinned.get(family(step.key))
        return decode(self._workspace.objects.read(pinned)) if pinned else self._scan(step).tree

    def _scan(self, step: Step) -> snapshots.Scan:
        key = _source_key(step)
        found = self._scans.get(key)
        if found is None:
            found = self._scans[key] = self._look(step)
        return found

    def _look(self, step: Step) -> snapshots.Scan:
        source = step.source
        assert source is not None
        if not os.path.isdir(source.path):
            raise UsageError(f"step {step.name}: there is no source folder {source.path}", todo="correct source_directory")
        include = source.only or None
        if source.narrow:
            from stepwell_runner.execution.narrow import named_by, narrowed

            # A command that names nothing in the folder, such as `make`, may need all of it.
            include = narrowed(source.path, named_by(step), source.include) or None
        folder = source.path
        if source.extra:
            from stepwell_runner.execution.merging import merged

            folder, include = merged(source, str(self._workspace.cache)), None
        return snapshots.scan(folder, str(self._workspace.cache), include=include)


def _without(found: Resolved, patterns: tuple[str, ...]) -> Resolved:
    from fnmatch import fnmatchcase

    kept = [place for place, name in enumerate(found.names) if not any(fnmatchcase(name, pattern) for pattern in patterns)]
    return Resolved(tuple(found.files[place] for place in kept), tuple(found.names[place] for place in kept), found.root, False)


def _source_key(step: Step) -> _SourceKey:
    assert step.source is not None
    if not step.source.narrow:
        return step.source, ()
    from stepwell_runner.execution.narrow import named_by

    return step.source, named_by(step)


def _few(paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(printable(path) for path in paths[:SHOWN_FILES])


def local_root(datastore: Datastore) -> str:
    """The folder of a datastore that is on this machine; UsageError for one that is not."""
    if isinstance(datastore, FolderDatastore):
        return datastore.root
    if isinstance(datastore, DistantDatastore):
        datastore.ls()  # says what to do
    raise UsageError(f"datastore {datastore.name} is not a folder of this machine", todo="outputs of steps need one that is")
