"""Checks what steps left: outputs on their datastores by their seals, artifacts in the run folders."""

from __future__ import annotations

import os

import msgspec

from stepwell_store.content.digest import digest_file
from stepwell_store.content.sealed import current_seal, measure
from stepwell_store.data.datastores import Progress
from stepwell_store.data.folder_datastore import FolderDatastore
from stepwell_store.errors import StepwellError, UsageError
from stepwell_store.housekeeping.references import User
from stepwell_store.housekeeping.report import Finding, State
from stepwell_store.housekeeping.sampling import Level
from stepwell_store.ledger.records import Artifact, OutputRecord, Record, columns, from_row
from stepwell_store.workspace import Workspace

_OUTPUT_CHANGED = "the step runs again when it is next wanted; restore a backup to have the old bytes"
_OUTPUT_GONE = "nothing, unless you want it: the step runs again when it is next wanted"
_ARTIFACT = "restore a backup, or run the step again"
_REPLACED = "\ufffd"
"""Stands in stored paths for bytes that were no UTF-8: such a file cannot be found by its row."""


class Looked(msgspec.Struct, frozen=True):
    """The findings, how many things were looked at, and the bytes that were read for it."""

    findings: tuple[Finding, ...]
    count: int
    bytes_read: int


def check_outputs(workspace: Workspace, level: Level, progress: Progress) -> Looked:
    """Outputs that are there are untouched, or were touched and have their bytes still. Later ones at the same place count alone."""
    rows = _current(_outputs(workspace))
    chosen = {id(row) for row in level.choose(rows)}
    findings: list[Finding] = []
    done = read = 0
    total = sum(output.size for output, _ in rows)
    for row in rows:
        output, user = row
        done += output.size
        progress(done, total, "outputs")
        state, cost, detail = _output_state(workspace, output, id(row) in chosen)
        read += cost
        if state is not None:
            findings.append(Finding(what="output", state=state, name=f"{output.datastore}/{output.path}", users=(user,), detail=detail,
                                    todo=_OUTPUT_GONE if state == "gone" else _OUTPUT_CHANGED))
    return Looked(tuple(findings), len(rows), read)


def _outputs(workspace: Workspace) -> list[tuple[OutputRecord, User]]:
    """The newest first."""
    rows = workspace.database.read(
        f"SELECT {_columns(OutputRecord, 'outputs')}, step_runs.run, step_runs.step FROM outputs"  # noqa: S608 - names from records
        " JOIN step_runs ON step_runs.id = outputs.step_run JOIN runs ON runs.id = step_runs.run"
        " ORDER BY runs.number DESC, step_runs.ended_at DESC")
    return [(from_row(OutputRecord, row[:-2]), User(row[-2], row[-1])) for row in rows]


def _artifacts(workspace: Workspace) -> list[tuple[Artifact, User]]:
    rows = workspace.database.read(
        f"SELECT {_columns(Artifact, 'artifacts')}, coalesce(step_runs.run, artifacts.owner), step_runs.step FROM artifacts"  # noqa: S608
        " LEFT JOIN step_runs ON step_runs.id = artifacts.owner")
    found = [(from_row(Artifact, row[:-2]), User(row[-2], row[-1])) for row in rows]
    return [(artifact, user) for artifact, user in found if _REPLACED not in artifact.path]


def _columns(record: type[Record], table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in columns(record))


def _current(rows: list[tuple[OutputRecord, User]]) -> list[tuple[OutputRecord, User]]:
    """Without outputs whose place, or a part or the whole of it, a newer step run has written to since."""
    kept, exact, above = [], set[tuple[str, str]](), set[tuple[str, str]]()
    for output, user in rows:
        parts = output.path.split("/")
        ways = {(output.datastore, "/".join(parts[:count])) for count in range(1, len(parts))}
        place = (output.datastore, output.path)
        if place not in exact and place not in above and not ways & exact:
            kept.append((output, user))
        exact.add(place)
        above |= ways
    return kept


def _output_state(workspace: Workspace, output: OutputRecord, read: bool) -> tuple[State | None, int, str]:
    """What is wrong, the bytes that were read, and words."""
    try:
        datastore = workspace.datastore(output.datastore)
    except UsageError as error:
        return "gone", 0, error.what
    if not isinstance(datastore, FolderDatastore):
        return None, 0, ""
    path = os.path.join(datastore.root, output.path)
    try:
        seal = current_seal(path)
        if seal is None:
            return "gone", 0, ""
        if seal == output.seal and not read:
            return None, 0, ""
        found = measure(path)
    except StepwellError as error:
        return "unreadable", 0, str(error)
    if (found.digest, found.kind) != (output.digest, output.kind):
        return "changed", found.size, f"it has {found.files} files and {found.size} bytes; {output.files} and {output.size} were stored"
    return None, found.size, ""


def check_artifacts(workspace: Workspace, level: Level, progress: Progress) -> Looked:
    """Artifacts have their size, and those that the level reads their bytes. A whole folder that went is no damage."""
    known = _artifacts(workspace)
    chosen = {id(row) for row in level.choose(known)}
    findings: list[Finding] = []
    done = read = 0
    total = sum(artifact.size for artifact, _ in known)
    for row in known:
        artifact, user = row
        done += artifact.size
        progress(done, total, "artifacts")
        state = _artifact_state(str(workspace.root), artifact, id(row) in chosen)
        read += artifact.size if id(row) in chosen else 0
        if state is not None:
            findings.append(Finding(what="artifact", state=state, name=artifact.path, users=(user,),
                                    todo=_OUTPUT_GONE if state == "gone" else _ARTIFACT))
    return Looked(tuple(findings), len(known), read)


def _artifact_state(root: str, artifact: Artifact, read: bool) -> State | None:
    path = os.path.join(root, artifact.path)
    try:
        size = os.stat(path).st_size
    except (FileNotFoundError, NotADirectoryError):
        return "missing" if os.path.isdir(_folder_of_artifacts(path)) else "gone"
    except OSError:
        return "unreadable"
    if size != artifact.size:
        return "changed"
    try:
        return "changed" if read and digest_file(path)[0] != artifact.digest else None
    except (OSError, StepwellError):
        return "unreadable"


def _folder_of_artifacts(path: str) -> str:
    """The folder `artifacts` of the attempt that the path lies in."""
    head, mark, _ = path.rpartition("/artifacts/")
    return head + "/artifacts" if mark else os.path.dirname(path)
