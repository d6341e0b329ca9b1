"""What a step left: its outputs go to their datastore, its artifacts stay with the run."""

from __future__ import annotations

import os
from collections.abc import Callable

from stepwell_runner.graph.model import Output, Step
from stepwell_store import files
from stepwell_store.content.digest import digest_file
from stepwell_store.content.sealed import current_seal, measure
from stepwell_store.data.names import target_parts
from stepwell_store.errors import UsageError
from stepwell_store.ledger.records import Artifact, OutputRecord

Roots = Callable[[str], str]
"""The folder of a datastore, by name."""


def collect_outputs(step: Step, step_run: str, run: str, places: dict[str, str], default_datastore: str, root_of: Roots
                    ) -> list[OutputRecord]:
    """Move the outputs of a step that succeeded to their datastores, durable when this returns.

    UsageError names a declared output that the step did not write.
    """
    missing = [output for output in step.outputs if not output.optional and not os.path.lexists(_origin(output, places))]
    if missing:
        listed = ", ".join(f"{output.name} (expected at {_origin(output, places)})" for output in missing)
        raise UsageError(f"the step ended well but did not write its output {listed}",
                         todo="write it to the path that the step gets for it, or take it out of the step's outputs")
    return [_collect(output, _origin(output, places), step_run, run, output.datastore or default_datastore, root_of)
            for output in step.outputs if os.path.lexists(_origin(output, places))]


def _origin(output: Output, places: dict[str, str]) -> str:
    return output.source or places[output.name]


def _collect(output: Output, origin: str, step_run: str, run: str, datastore: str, root_of: Roots) -> OutputRecord:
    if os.path.islink(origin):
        raise UsageError(f"output {output.name} is a symbolic link to {os.readlink(origin)}",
                         todo="write the files themselves; a link would break when its target moves")
    path = place_on_datastore(output, step_run, run)
    target = os.path.join(root_of(datastore), path)
    files.make_dir(os.path.dirname(target))
    if os.path.lexists(target) or output.source is not None:
        _merge(origin, target)
    else:
        os.rename(origin, target)
    found = measure(target)
    files.sync_many([target, *_files_below(target)])
    files.sync_dir(os.path.dirname(os.path.dirname(target)))
    seal = current_seal(target)
    assert seal is not None
    return OutputRecord(step_run=step_run, name=output.name, kind=found.kind, datastore=datastore, path=path, digest=found.digest,
                        seal=seal, size=found.size, files=found.files)


def place_on_datastore(output: Output, step_run: str, run: str) -> str:
    """The path of an output on its datastore; one of its own for every step run unless its author named one."""
    if output.path is None:
        return f"azureml/{step_run}/{output.name}"
    filled = output.path.replace("{run-id}", step_run).replace("{output-name}", output.name).replace("{root-run-id}", run)
    return "/".join(target_parts(filled))


def _merge(origin: str, target: str) -> None:
    """Files go over those that are there, as they do when a shared folder is written through."""
    if not os.path.isdir(origin):
        files.make_dir(os.path.dirname(target))
        temporary = files.temporary_name(os.path.dirname(target))
        files.copy_file(origin, temporary)
        os.replace(temporary, target)
        return
    for parent, _, names in os.walk(origin):
        folder = os.path.normpath(os.path.join(target, os.path.relpath(parent, origin)))
        files.make_dir(folder)
        for name in names:
            _merge(os.path.join(parent, name), os.path.join(folder, name))


def _files_below(path: str) -> list[str]:
    if not os.path.isdir(path):
        return []
    return [os.path.join(parent, name) for parent, folders, names in os.walk(path) for name in (*folders, *names)
            if not os.path.islink(os.path.join(parent, name))]


def collect_artifacts(step_run: str, run: str, folder: str, workspace_root: str) -> list[Artifact]:
    """The files that a step left in `outputs/` and `logs/`, and those that it uploaded for itself or for its run."""
    work = os.path.join(folder, "work")
    for name in ("outputs", "logs"):
        _keep(os.path.join(work, name), os.path.join(folder, "artifacts", name))
    root = os.path.join(folder, "artifacts")
    return [_artifact(path, root, step_run, run, workspace_root) for path in sorted(_files_below(root)) if os.path.isfile(path)]


def _keep(origin: str, target: str) -> None:
    """Move a folder that may not be there, or may be empty, to a place that may exist."""
    if not os.path.isdir(origin) or os.path.islink(origin):
        return
    if not os.listdir(origin):
        os.rmdir(origin)
    elif os.path.isdir(target):
        _merge(origin, target)
    else:
        files.make_dir(os.path.dirname(target))
        os.rename(origin, target)


RUN_ARTIFACTS = ".run/"


def _artifact(path: str, root: str, step_run: str, run: str, workspace_root: str) -> Artifact:
    name = os.path.relpath(path, root)
    digest, found = digest_file(path)
    owner, shown = (run, name.removeprefix(RUN_ARTIFACTS)) if name.startswith(RUN_ARTIFACTS) else (step_run, name)
    return Artifact(owner=owner, name=printable(shown), path=printable(os.path.relpath(path, workspace_root)), digest=digest,
                    size=found.st_size)


def printable(path: str) -> str:
    """A path as text that can be stored and shown, whatever bytes it has."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
