"""Registered datasets: which there are, their versions, who used them, and how their data begins."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice

import msgspec

from stepwell_runner.graph.model import FromData, FromParameter, Graph, Step
from stepwell_runner.verbs.steps import graph_of
from stepwell_store.data.definition import DatasetDefinition, DatastorePath, Url, place_words
from stepwell_store.data.profile import Profile, profile
from stepwell_store.data.resolve import Resolved
from stepwell_store.data.rows import rows
from stepwell_store.errors import StepwellError, UsageError
from stepwell_store.ledger import history
from stepwell_store.ledger.lineage import Maker, maker_of
from stepwell_store.ledger.records import Dataset, Run, columns, from_row
from stepwell_store.workspace import Workspace
from stepwell_tui.views.tabular import Head, head

LOOKED_AT = 300
"""Runs that are looked through for uses of a dataset, the newest ones."""
SHOWN_FILES = 2000
PROFILED_ROWS = 200_000
"""So many rows are looked through for the profile of a table: a second or two."""


class Listed(msgspec.Struct, frozen=True):
    """A registered dataset by its newest version. `kind` such as `file` or `table, delimited`; name and description are foreign text."""

    name: str
    version: int
    kind: str
    description: str
    created_at: float


class Version(msgspec.Struct, frozen=True):
    """One version. `places` are its places in words, `reading` how they are read, both foreign text; `made_by` made its data."""

    version: int
    created_at: float
    kind: str
    places: tuple[str, ...]
    reading: tuple[tuple[str, str], ...]
    description: str = ""
    tags: dict[str, str] = {}
    made_by: Maker | None = None


class Use(msgspec.Struct, frozen=True):
    """A step of a run that had it as an input."""

    run: str
    number: int
    pipeline: str
    status: str
    created_at: float
    step: str
    input: str
    version: int | None


class Detail(msgspec.Struct, frozen=True):
    """All about one dataset: versions and uses, the newest first."""

    name: str
    versions: tuple[Version, ...]
    uses: tuple[Use, ...]


class DataFile(msgspec.Struct, frozen=True):
    """A file of a dataset under the name that a step sees."""

    name: str
    size: int
    mtime: float


class Preview(msgspec.Struct, frozen=True):
    """How the data begins: the head of a table or a list of files; `note` says what more there is, or why there is nothing."""

    table: Head | None = None
    files: tuple[DataFile, ...] = ()
    note: str = ""


def registered(workspace: Workspace) -> list[Listed]:
    """The newest version of every dataset, by name."""
    return [Listed(one.name, one.version, _kind(_definition(one)), one.description or "", one.created_at) for one in workspace.datasets()]


def detail(workspace: Workspace, name: str) -> Detail:
    """All about one dataset; no versions when there is none of this name."""
    found = workspace.database.read(f"SELECT {', '.join(columns(Dataset))} FROM datasets WHERE name = ? ORDER BY version DESC",  # noqa: S608
                                    (name,))
    return Detail(name, tuple(_version(workspace, from_row(Dataset, row)) for row in found), tuple(_uses(workspace, name)))


def _definition(record: Dataset) -> DatasetDefinition:
    return msgspec.convert(record.definition, DatasetDefinition)


def _kind(definition: DatasetDefinition) -> str:
    return f"table, {definition.format}" if definition.kind == "tabular" and definition.format else definition.kind


def _version(workspace: Workspace, record: Dataset) -> Version:
    definition = _definition(record)
    options = [(name, _words(value)) for name, value in definition.options.items()]
    options += [(transform.name, _words(transform.options)) for transform in definition.transforms]
    return Version(record.version, record.created_at, _kind(definition), tuple(map(place_words, definition.places)), tuple(options),
                   record.description or "", record.tags, _maker(workspace, definition))


def _maker(workspace: Workspace, definition: DatasetDefinition) -> Maker | None:
    places = (place for place in definition.places if isinstance(place, DatastorePath))
    return next(filter(None, (maker_of(workspace.database, place.datastore, place.path) for place in places)), None)


def _words(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


# --- who used it ----------------------------------------------------------------------------------------------------


def _uses(workspace: Workspace, name: str) -> Iterator[Use]:
    graphs: dict[str, Graph | None] = {}
    for run in history.list_runs(workspace.database, limit=LOOKED_AT):
        if run.graph not in graphs:
            graphs[run.graph] = graph_of(workspace, run)
        graph = graphs[run.graph]
        for step in graph.steps if graph else ():
            yield from _inputs(run, step, name)


def _inputs(run: Run, step: Step, name: str) -> Iterator[Use]:
    for one in step.inputs:
        data = _bound(run, one.binding)
        if data is not None and data.name == name:
            yield Use(run.id, run.number, run.pipeline, run.status, run.created_at, step.key, one.name, data.version)


def _bound(run: Run, binding: object) -> DatasetDefinition | None:
    if isinstance(binding, FromData):
        return binding.data
    value = run.parameters.get(binding.parameter) if isinstance(binding, FromParameter) else None
    return msgspec.convert(value, DatasetDefinition) if isinstance(value, dict) else None


# --- how it begins --------------------------------------------------------------------------------------------------


def preview(workspace: Workspace, name: str, version: int | None = None) -> Preview:
    """How a dataset's data begins. Nothing is fetched from an address for it; what is wrong with the places is the note."""
    try:
        definition = workspace.dataset(name, version)
        if any(isinstance(place, Url) for place in definition.places):
            return Preview(note="files behind an address are fetched when a step needs them, not for a look")
        found = workspace.files_of(definition.places)
        return _files(found) if definition.kind == "file" else _table(definition, found)
    except StepwellError as error:
        return Preview(note=str(error))


def _files(found: Resolved) -> Preview:
    shown = []
    for name, path in zip(found.names[:SHOWN_FILES], found.files, strict=False):
        try:
            facts = os.stat(path)
        except OSError:  # it went away meanwhile
            continue
        shown.append(DataFile(name, facts.st_size, facts.st_mtime))
    count = len(found.files)
    return Preview(files=tuple(shown), note=f"the first {SHOWN_FILES} of {count} files" if count > SHOWN_FILES else "")


def _table(definition: DatasetDefinition, found: Resolved) -> Preview:
    table = head(found.files[0], definition.format or "delimited", definition.options)
    notes = [table.note, f"the first of {len(found.files)} files" if len(found.files) > 1 else "", _untouched(definition)]
    return Preview(table=table, note="; ".join(note for note in notes if note))


def _untouched(definition: DatasetDefinition) -> str:
    """What a step would see otherwise than it is shown here."""
    names = [transform.name for transform in definition.transforms]
    from_path = [name for name in ("include_path", "partition_format") if definition.options.get(name)]
    parts = [f"before {', '.join(names)}" if names else "", "without the columns from file names" if from_path else ""]
    return "; ".join(part for part in parts if part)


# --- what is in its columns -----------------------------------------------------------------------------------------


class Profiled(msgspec.Struct, frozen=True):
    """The columns of a table; `note` says what was left out, or why there is nothing."""

    profile: Profile | None = None
    note: str = ""


def profiled(workspace: Workspace, name: str, version: int | None = None) -> Profiled:
    """What is in the columns of a dataset that is a table, as far as its first rows tell."""
    try:
        definition = workspace.dataset(name, version)
        if definition.kind != "tabular":
            raise UsageError("this is a dataset of files, which have no columns")
        if any(isinstance(place, Url) for place in definition.places):
            raise UsageError("files behind an address are fetched when a step needs them, not for a look")
        found = profile(islice(rows(definition, workspace.files_of(definition.places).files), PROFILED_ROWS))
    except StepwellError as error:
        return Profiled(note=str(error))
    notes = [f"{'the first ' if found.rows == PROFILED_ROWS else ''}{found.rows:,} rows", _untouched(definition)]
    return Profiled(found, "; ".join(note for note in notes if note))
