"""What runs and steps left, outputs and artifacts alike, with the paths where it is, and copies of it."""

from __future__ import annotations

import os
from typing import Literal

import msgspec

from stepwell_runner.execution.sight import local_root
from stepwell_store.data.datastores import Progress
from stepwell_store.data.transfer import Copy, copy_all
from stepwell_store.data.walk import files_below
from stepwell_store.errors import UsageError
from stepwell_store.files import StrPath, join_inside
from stepwell_store.ledger import history
from stepwell_store.ledger.records import Run, StepRun
from stepwell_store.workspace import Workspace

_SHOWN = 5


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """An output (a file or folder on a datastore) or an artifact. `step` is None for an artifact of the run; `size` in bytes.

    `path` is absolute. `made_by` is the step run that made it, or the run.
    """

    step: str | None
    kind: Literal["file", "folder", "artifact"]
    name: str
    path: str
    digest: str
    size: int
    files: int
    made_by: str
    datastore: str | None = None


def left_by_run(workspace: Workspace, run: Run, steps: list[StepRun]) -> list[Left]:
    """What all steps of a run left, and the artifacts of the run itself."""
    return [*(one for step in steps for one in left_by(workspace, step)), *_artifacts(workspace, run.id, None)]


def left_by(workspace: Workspace, step: StepRun) -> list[Left]:
    """What a step left, or the step whose result it took."""
    made = step.reused_from or step.id
    outputs = [
        Left(step=step.step, kind=one.kind, name=one.name, path=os.path.join(local_root(workspace.datastore(one.datastore)), one.path),
             digest=one.digest, size=one.size, files=one.files, made_by=made, datastore=one.datastore)
        for one in history.outputs_of(workspace.database, made)]
    return [*outputs, *_artifacts(workspace, made, step.step)]


def _artifacts(workspace: Workspace, owner: str, step: str | None) -> list[Left]:
    return [Left(step=step, kind="artifact", name=one.name, path=os.path.join(workspace.root, one.path), digest=one.digest, size=one.size,
                 files=1, made_by=owner) for one in history.artifacts_of(workspace.database, owner)]


def copy_out(left: list[Left], folder: StrPath, *, by_step: bool, overwrite: bool = False, progress: Progress | None = None) -> int:
    """Copy all of it into a folder under the names that it has there, with `by_step` each step into a folder of its own.

    How many files were copied. UsageError, before anything is copied, when something is no longer there, or when a file is
    there already and `overwrite` was not asked for.
    """
    gone = [one.name for one in left if not os.path.exists(one.path)]
    if gone:
        raise UsageError(f"no longer there: {', '.join(gone)}", todo="run the pipeline again; the steps that made them will run")
    copies = [copy for one in left for copy in _copies(one, os.path.join(os.path.abspath(folder), one.step or "" if by_step else ""))]
    taken = [copy.target for copy in copies if os.path.lexists(copy.target)]
    if taken and not overwrite:
        more = f" and {len(taken) - _SHOWN} more" if len(taken) > _SHOWN else ""
        raise UsageError(f"there already: {', '.join(taken[:_SHOWN])}{more}", todo="name another folder, or say --overwrite")
    copied, _ = copy_all(copies, overwrite, progress)
    return len(copied)


def _copies(one: Left, folder: str) -> list[Copy]:
    target = join_inside(folder, one.name)
    if one.kind != "folder":
        return [Copy(one.path, target, one.name, one.size)]
    return [Copy(os.path.join(one.path, entry.path), os.path.join(target, entry.path), f"{one.name}/{entry.path}", entry.size)
            for entry in files_below(one.path)]
