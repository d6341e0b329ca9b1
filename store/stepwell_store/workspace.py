"""A workspace: one folder, `.stepwell`, that holds all of it. Find it, make it, open it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from stepwell_store import files
from stepwell_store.content.objects import ObjectStore
from stepwell_store.data.datastores import DEFAULT_DATASTORE, Datastore, Notice, Progress
from stepwell_store.data.definition import DatasetDefinition, Place, Url
from stepwell_store.errors import IntegrityError, MachineError, UsageError
from stepwell_store.housekeeping import reserve
from stepwell_store.ledger import definitions, events, schema
from stepwell_store.ledger.database import Database, open_connection, translated
from stepwell_store.ledger.records import Dataset

if TYPE_CHECKING:
    from stepwell_store.data.resolve import Resolved
from stepwell_store.locks import FileLock

FOLDER = ".stepwell"
DATABASE = "workspace.db"
FOLDERS = ("objects", "datastores/workspaceblobstore", "datastores/workspacefilestore", "runs", "envs", "locks", "cache")


class Workspace:
    """An open workspace. `root` is the `.stepwell` folder, `base` the folder that holds it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.base = root.parent
        self.runs = root / "runs"
        self.locks = root / "locks"
        self.envs = root / "envs"
        self.cache = root / "cache"
        self.database = Database(root / DATABASE, self.locks / "write.lock")

    @cached_property
    def objects(self) -> ObjectStore:
        """The content-addressed store."""
        return ObjectStore(self.root / "objects")

    @cached_property
    def name(self) -> str:
        """What people call it; the name of its folder unless they said otherwise."""
        return definitions.get_setting(self.database, "name", str, self.base.name)

    def record(self, *happened: events.AnyEvent) -> None:
        """Append events, with the rows that follow from them, in one durable transaction."""
        self.record_all(happened)

    def record_all(self, happened: Iterable[events.AnyEvent]) -> None:
        """Append many events in one durable transaction."""
        with self.database.write() as connection:
            events.append(connection, happened)

    def record_run(self, make: Callable[[int], events.AnyEvent], more: Iterable[events.AnyEvent]) -> list[events.AnyEvent]:
        """Append the event that creates a run, made for the next run number, and others; the events."""
        with self.database.write() as connection:
            happened = [make(events.next_number(connection)), *more]
            events.append(connection, happened)
        return happened

    def datastore(self, name: str) -> Datastore:
        """The datastore of this name; UsageError with the names that there are."""
        return definitions.get_datastore(self.database, self.root, name)

    def datastores(self) -> list[Datastore]:
        """All datastores, the embedded ones first."""
        return definitions.list_datastores(self.database, self.root)

    def files_of(self, places: Sequence[Place], *, progress: Progress | None = None, notice: Notice | None = None) -> Resolved:
        """The files of a dataset's places now; addresses are fetched once unless they changed. UsageError names what is missing."""
        from stepwell_store.data.resolve import resolve

        mappings = definitions.addresses_of(self.database) if any(isinstance(place, Url) for place in places) else {}
        return resolve(places, self.datastore, str(self.cache / "downloads"), mappings=mappings, progress=progress, notice=notice)

    def default_datastore_name(self) -> str:
        """Where outputs go when a step does not say."""
        return definitions.get_setting(self.database, "default_datastore", str, DEFAULT_DATASTORE)

    def register_dataset(self, name: str, definition: DatasetDefinition, *, description: str | None = None,
                         tags: dict[str, str] | None = None, create_new_version: bool = False) -> int:
        """Give a dataset a name; the version that it became."""
        return definitions.register_dataset(self.database, name, definition, description, tags or {}, create_new_version)

    def dataset(self, name: str, version: int | None = None) -> DatasetDefinition:
        """A registered dataset, the newest version unless one is named."""
        return definitions.get_dataset(self.database, name, version)

    def datasets(self) -> list[Dataset]:
        """The newest version of every registered dataset."""
        return definitions.list_datasets(self.database)

    def close(self) -> None:
        """Close the database."""
        self.database.close()


def find(start: Path) -> Path | None:
    """The nearest `.stepwell` folder at or above `start`; one that somebody else owns is refused."""
    for folder in (start, *start.parents):
        root = folder / FOLDER
        if os.path.isfile(root / DATABASE):
            _refuse_foreign(root)
            return root
    return None


def _refuse_foreign(root: Path) -> None:
    owner = root.stat().st_uid
    if os.geteuid() not in (0, owner):
        raise MachineError(f"the workspace {root} belongs to another user", todo="name a workspace of your own with -w DIR")


def create(base: Path) -> Path:
    """Make a workspace in a folder, or finish one that was begun; its `.stepwell` folder. Safe when several do it at once."""
    root = base.resolve() / FOLDER
    _make_folders(root)
    if not (root / DATABASE).exists():
        with FileLock(root / "locks" / "create.lock"):
            if not (root / DATABASE).exists():
                # Data and secrets of a person must not go with `git add .` into their repository.
                files.write_atomic(root / ".gitignore", b"*\n")
                _create_database(root)
                reserve.keep(root)
    return root


def _make_folders(root: Path) -> None:
    with translated(root):
        for folder in FOLDERS:
            files.make_dir(root / folder)


def _create_database(root: Path) -> None:
    for left in root.glob("new-*"):
        left.unlink()  # by one that was killed here; we hold the lock
    # Built aside and renamed, so that nobody ever opens half of it. The file exists before SQLite does, because
    # SQLite gives the -wal and -shm files the mode that it finds there.
    path = root / f"new-{os.getpid()}.db"
    files.write_atomic(path, b"", durable=False)
    connection = open_connection(path)
    with translated(path):
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
        connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
        connection.execute("BEGIN IMMEDIATE")
        schema.migrate(connection)
        connection.execute("INSERT INTO settings (name, value) VALUES ('created_at', ?)", (str(time.time()),))
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.close()
        files.sync_file(path)
        path.rename(root / DATABASE)
        files.sync_dir(root)


def open_workspace(root: Path) -> Workspace:
    """Open a `.stepwell` folder, bringing older tables up to date; MachineError when a newer Stepwell wrote it.

    IntegrityError when the database has nothing of a workspace. Folders that a copy lost because they were empty are made anew.
    """
    if not all(os.path.isdir(root / folder) for folder in FOLDERS) and os.access(root, os.W_OK):
        _make_folders(root)
    workspace = Workspace(root)
    version = schema.version_of(workspace.database.connection)
    if version > schema.VERSION:
        workspace.close()
        raise MachineError(f"this workspace was written by a newer Stepwell (format {version}, this one knows {schema.VERSION})",
                           where=str(root), todo="update Stepwell, or name another workspace with -w DIR")
    if version == 0:
        workspace.close()
        raise IntegrityError("the workspace database is empty", where=str(root / DATABASE),
                             todo="somebody emptied or replaced it; restore the last backup: stepwell backup --restore FILE DIR")
    if version < schema.VERSION:
        with workspace.database.write() as connection:
            if schema.version_of(connection) < schema.VERSION:
                schema.migrate(connection)
    return workspace


def require(start: Path) -> Workspace:
    """The open workspace at or above a folder; UsageError that says how to make one."""
    root = find(start)
    if root is None:
        raise UsageError(f"there is no workspace in {start} or above it", todo="make one with `stepwell init`, or name one with -w DIR")
    return open_workspace(root)
