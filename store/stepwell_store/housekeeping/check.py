"""Checks a workspace: the database, the objects that history names, what steps left."""

from __future__ import annotations

from stepwell_store.data.datastores import Progress
from stepwell_store.errors import IntegrityError
from stepwell_store.housekeeping.fold import check_rows, repair_rows
from stepwell_store.housekeeping.guard import using
from stepwell_store.housekeeping.objects import check_objects, set_aside
from stepwell_store.housekeeping.references import named, needed, required
from stepwell_store.housekeeping.report import Finding, Report, no_progress
from stepwell_store.housekeeping.results import check_artifacts, check_outputs
from stepwell_store.housekeeping.sampling import Level
from stepwell_store.workspace import Workspace

QUICK, FULL = Level(0), Level(100)

_BROKEN = "stop all runs, keep a copy of the folder, and restore the last backup: stepwell backup --restore FILE DIR"


def check(workspace: Workspace, level: Level = QUICK, *, repair: bool = False, progress: Progress = no_progress) -> Report:
    """Look at all of it, and read the part that the level says. With `repair` rows that differ from the events are made anew.

    Corrupt objects are set aside, so that running their step again stores them anew. Nothing else is changed.
    """
    with using(workspace.locks):
        broken = _check_database(workspace, level)
        if broken:
            return Report(level=level.name, findings=broken)
        rows = check_rows(workspace) if level.is_full else []
        repaired = bool(rows) and repair and all(row.state != "unreadable" for row in rows)
        if repaired:
            repair_rows(workspace)
            rows = check_rows(workspace)
        return _check_content(workspace, level, tuple(rows), repaired, progress)


def _check_database(workspace: Workspace, level: Level) -> tuple[Finding, ...]:
    pragma = "integrity_check" if level.is_full else "quick_check"
    try:
        said = [row[0] for row in workspace.database.read(f"PRAGMA {pragma}")]
        lost = workspace.database.read("PRAGMA foreign_key_check")
    except IntegrityError as error:
        said, lost = [str(error)], []
    found = [Finding(what="database", state="corrupt", name=workspace.database.path.name, detail=text, todo=_BROKEN)
             for text in said if text != "ok"]
    found += [Finding(what="database", state="corrupt", name=table, detail=f"a row of {table} names a row of {parent} that is not there",
                      todo=_BROKEN) for table, _, parent, _ in lost]
    return tuple(found)


def _check_content(workspace: Workspace, level: Level, rows: tuple[Finding, ...], repaired: bool, progress: Progress) -> Report:
    with workspace.database.snapshot():
        references = required(workspace.database.connection)
        roots = named(workspace.database.connection)
    objects = check_objects(workspace.objects, references, level, progress)
    outputs = check_outputs(workspace, level, progress)
    artifacts = check_artifacts(workspace, level, progress)
    wanted = needed(workspace.objects, roots, ()).digests
    orphans = tuple(sorted(digest for digest in objects.sizes if digest not in wanted))
    return Report(
        level=level.name, objects=len(objects.sizes), outputs=outputs.count, artifacts=artifacts.count,
        bytes_read=objects.bytes_read + outputs.bytes_read + artifacts.bytes_read,
        findings=(*rows, *objects.findings, *outputs.findings, *artifacts.findings), orphans=orphans,
        orphan_bytes=sum(objects.sizes[digest] for digest in orphans), set_aside=set_aside(workspace.objects.root), repaired=repaired)
