"""What people define and change: datastores, registered datasets, settings."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from stepwell_store.data import addresses, distant
from stepwell_store.data.datastores import EMBEDDED_DATASTORES, Datastore, embedded
from stepwell_store.data.definition import DatasetDefinition, identity
from stepwell_store.data.folder_datastore import FolderDatastore
from stepwell_store.errors import UsageError
from stepwell_store.ledger import assets
from stepwell_store.ledger.database import Database
from stepwell_store.ledger.records import Dataset, from_row, insert, select, to_row

T = TypeVar("T")

SAVED = "dataset"
"""The kind under which datasets without a name are kept among the assets."""


def get_setting(database: Database, name: str, kind: type[T], default: T) -> T:
    """A setting of the workspace, or the default when nobody set it."""
    rows = database.read("SELECT value FROM settings WHERE name = ?", (name,))
    return msgspec.json.decode(rows[0][0], type=kind) if rows else default


def set_setting(database: Database, name: str, value: object) -> None:
    """Change a setting of the workspace."""
    with database.write() as connection:
        connection.execute("INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)", (name, msgspec.json.encode(value).decode()))


def list_datastores(database: Database, root: Path) -> list[Datastore]:
    """All datastores, the embedded ones first."""
    rows = database.read("SELECT name, kind, config FROM datastores ORDER BY name")
    own = [embedded(str(root / "datastores"), name) for name in EMBEDDED_DATASTORES]
    mappings = addresses_of(database) if any(kind == distant.KIND for _, kind, _ in rows) else {}
    return own + [_open(name, kind, msgspec.json.decode(config), mappings) for name, kind, config in rows]


def addresses_of(database: Database) -> dict[str, str]:
    """Which paths of this machine stand for which addresses: what the environment says, then what the workspace says."""
    return {**get_setting(database, addresses.SETTING, dict[str, str], {}), **addresses.from_environment()}


def map_address(database: Database, address: str, path: Path | None) -> None:
    """Let a file or folder of this machine stand for an address, or with None nothing any longer. UsageError when it is not there."""
    if path is not None and not path.exists():
        raise UsageError(f"there is no file or folder {path}", todo="make it first, or name another one")
    known = get_setting(database, addresses.SETTING, dict[str, str], {})
    wanted = addresses.normal(address)
    if path is None and known.pop(wanted, None) is None:
        raise UsageError(f"nothing stands for {wanted}", todo="`stepwell datastore map` lists what does")
    set_setting(database, addresses.SETTING, known if path is None else {**known, wanted: str(path.resolve())})


def datastore_config(database: Database, name: str) -> dict[str, Any] | None:
    """What a datastore was defined with; None for one that is part of the workspace."""
    rows = database.read("SELECT config FROM datastores WHERE name = ?", (name,))
    return msgspec.json.decode(rows[0][0], type=dict[str, Any]) if rows else None


def put_distant(database: Database, name: str, config: Mapping[str, Any], overwrite: bool) -> None:
    """Define a datastore of the cloud; UsageError when the name is taken, unless `overwrite` and it is another one of these."""
    with database.write() as connection:
        taken = connection.execute("SELECT kind FROM datastores WHERE name = ?", (name,)).fetchone()
        if name in EMBEDDED_DATASTORES or (taken and not (overwrite and taken[0] == distant.KIND)):
            raise UsageError(f"there is a datastore {name} already", todo="choose another name, or pass overwrite=True")
        connection.execute("INSERT OR REPLACE INTO datastores (name, kind, config) VALUES (?, ?, ?)",
                           (name, distant.KIND, msgspec.json.encode(config).decode()))


def _open(name: str, kind: str, config: dict[str, str], mappings: Mapping[str, str]) -> Datastore:
    if kind == distant.KIND:
        return distant.opened(name, config, mappings)
    if kind != "folder":
        raise UsageError(f"datastore {name} is of a kind that this Stepwell does not know: {kind}", todo="update Stepwell")
    return FolderDatastore(name, "blob", config["folder"])


def get_datastore(database: Database, root: Path, name: str) -> Datastore:
    """The datastore of this name; UsageError names those that there are."""
    if name in EMBEDDED_DATASTORES:
        return embedded(str(root / "datastores"), name)
    known = {store.name: store for store in list_datastores(database, root)}
    if name not in known:
        import difflib

        near = difflib.get_close_matches(name, known, n=1)
        raise UsageError(f"there is no datastore {name}" + (f"; did you mean {near[0]}?" if near else ""),
                         todo=f"there are: {', '.join(known)}")
    return known[name]


def add_datastore(database: Database, name: str, folder: Path) -> None:
    """Make a folder of this machine a datastore; UsageError when the name is taken or the folder is not there."""
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", todo="make it first, or name another one")
    with database.write() as connection:
        taken = connection.execute("SELECT 1 FROM datastores WHERE name = ?", (name,)).fetchone()
        if taken or name in EMBEDDED_DATASTORES:
            raise UsageError(f"there is a datastore {name} already", todo="choose another name, or remove that one first")
        connection.execute("INSERT INTO datastores (name, kind, config) VALUES (?, 'folder', ?)",
                           (name, msgspec.json.encode({"folder": str(folder.resolve())}).decode()))


def remove_datastore(database: Database, name: str) -> None:
    """Forget a datastore; its files stay where they are."""
    if name in EMBEDDED_DATASTORES:
        raise UsageError(f"{name} is part of the workspace and stays", todo="only datastores that you added can be removed")
    with database.write() as connection:
        if not connection.execute("DELETE FROM datastores WHERE name = ?", (name,)).rowcount:
            raise UsageError(f"there is no datastore {name}")


def register_dataset(database: Database, name: str, definition: DatasetDefinition, description: str | None, tags: dict[str, str],
                     create_new_version: bool) -> int:
    """Register a dataset under a name; the version that it became. UsageError when the name exists and no new version was asked for."""
    with database.write() as connection:
        newest = connection.execute("SELECT max(version) FROM datasets WHERE name = ?", (name,)).fetchone()[0]
        if newest is not None and not create_new_version:
            raise UsageError(f"a dataset {name} exists already", todo="pass create_new_version=True to register another version of it")
        version = (newest or 0) + 1
        record = Dataset(name=name, version=version, id=_new_id(), definition=msgspec.to_builtins(definition), created_at=time.time(),
                         description=description, tags=tags)
        connection.execute(insert(Dataset, "datasets"), to_row(record))
    return version


def get_dataset(database: Database, name: str, version: int | None) -> DatasetDefinition:
    """A registered dataset; the newest version unless one is named."""
    rows = database.read(select(Dataset, "datasets", "WHERE name = ?1 AND (?2 IS NULL OR version = ?2) ORDER BY version DESC LIMIT 1"),
                         (name, version))
    if not rows:
        known = sorted({row[0] for row in database.read("SELECT name FROM datasets")})
        wanted = name if version is None else f"{name} version {version}"
        raise UsageError(f"there is no dataset {wanted}", todo=f"registered are: {', '.join(known) or 'none yet'}")
    found = from_row(Dataset, rows[0])
    definition = msgspec.convert(found.definition, DatasetDefinition)
    return msgspec.structs.replace(definition, name=found.name, version=found.version)


def keep_definition(database: Database, definition: DatasetDefinition) -> str:
    """Keep a dataset that has no name, so that it can be found by its id; the id. Registered ones are kept already."""
    known = identity(definition)
    if definition.name is None and assets.find(database, SAVED, known) is None:
        with suppress(UsageError):  # another process was quicker
            assets.register(database, SAVED, known, msgspec.to_builtins(definition), version="1")
    return known


def definition_by_id(database: Database, dataset: str) -> DatasetDefinition | None:
    """The dataset of this id, registered or only kept; None when there is none. `name:version` names a registered one too."""
    saved = assets.find(database, SAVED, dataset)
    if saved is not None:
        return msgspec.convert(saved.body, DatasetDefinition)
    for row in database.read(select(Dataset, "datasets")):
        found = from_row(Dataset, row)
        definition = msgspec.structs.replace(msgspec.convert(found.definition, DatasetDefinition), name=found.name, version=found.version)
        if dataset in (identity(definition), found.id, f"{found.name}:{found.version}"):
            return definition
    return None


def dataset_versions(database: Database, name: str) -> list[Dataset]:
    """All versions of a registered dataset, the newest first."""
    rows = database.read(select(Dataset, "datasets", "WHERE name = ? ORDER BY version DESC"), (name,))
    return [from_row(Dataset, row) for row in rows]


def describe_dataset(database: Database, name: str, version: int, description: str | None, tags: dict[str, str]) -> None:
    """Give a version of a dataset another description and other tags."""
    with database.write() as connection:
        connection.execute("UPDATE datasets SET description = ?, tags = ? WHERE name = ? AND version = ?",
                           (description, msgspec.json.encode(tags).decode(), name, version))


def unregister_dataset(database: Database, name: str) -> None:
    """Forget all versions of a dataset; its files stay."""
    with database.write() as connection:
        connection.execute("DELETE FROM datasets WHERE name = ?", (name,))


def list_datasets(database: Database) -> list[Dataset]:
    """The newest version of every registered dataset."""
    rows = database.read(select(Dataset, "datasets", "WHERE (name, version) IN (SELECT name, max(version) FROM datasets GROUP BY name)"
                                                     " ORDER BY name"))
    return [from_row(Dataset, row) for row in rows]


def _new_id() -> str:
    return os.urandom(16).hex()
