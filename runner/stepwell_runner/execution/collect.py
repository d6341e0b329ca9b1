"""What a step left: its outputs go to their datastore, its artifacts stay with the run."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

import msgspec

from stepwell_runner.graph.model import Output, Step
from stepwell_store import files
from stepwell_store.content.digest import digest_file
from stepwell_store.content.sealed import measure
from stepwell_store.data.names import glob_matcher, source_parts, target_parts
from stepwell_store.errors import UsageError
from stepwell_store.ledger.records import Artifact, OutputRecord

Roots = Callable[[str], str]
"""The folder of a datastore, by name."""


class OutputPlace(msgspec.Struct, frozen=True):
    """Where a step writes one output, and where it belongs: `datastore` and the `path` on it, `target` as a path of this machine.

    An output whose place is new for every step run is written there at once; one with a place that its author named is
    written in the attempt's folder and copied over when the step has succeeded.
    """

    output: Output
    written: str
    datastore: str
    path: str
    target: str

    @property
    def in_place(self) -> bool:
        """Whether the step writes to where the output belongs."""
        return self.written == self.target


def prepare_places(step: Step, step_run: str, folder: str, default_datastore: str, root_of: Roots) -> dict[str, OutputPlace]:
    """The places of a step's outputs, made ready: the parent exists, and the folder itself for outputs of kind `folder`.

    What an earlier attempt of the same step run left is removed.
    """
    places = places_of(step, step_run, folder, default_datastore, root_of)
    for parent in {os.path.dirname(place.written) for place in places.values() if place.output.source is None}:
        if os.path.lexists(parent):
            files.remove_tree(parent)
        files.make_dir(parent)
    for place in places.values():
        if place.output.kind == "folder" and place.output.source is None:
            os.mkdir(place.written, 0o700)
    return places


def places_of(step: Step, step_run: str, folder: str, default_datastore: str, root_of: Roots) -> dict[str, OutputPlace]:
    """The places of a step's outputs by name."""
    return {output.name: _place(output, step_run, folder, default_datastore, root_of) for output in step.outputs}


def _place(output: Output, step_run: str, folder: str, default_datastore: str, root_of: Roots) -> OutputPlace:
    datastore = output.datastore or default_datastore
    path = f"azureml/{step_run}/{output.name}" if output.path is None else _filled(output.path, step_run, output.name)
    target = os.path.join(root_of(datastore), path)
    staged = os.path.join(folder, "data", output.name)
    return OutputPlace(output, _source(output, folder) or (target if output.path is None else staged), datastore, path, target)


def _source(output: Output, folder: str) -> str | None:
    """Where the author said that the step leaves it: an absolute path, or one relative to where the step runs."""
    return None if output.source is None else os.path.join(folder, "work", output.source)


def _filled(path: str, step_run: str, name: str) -> str:
    return "/".join(target_parts(path.replace("{run-id}", step_run).replace("{output-name}", name)))


def where_left(places: dict[str, OutputPlace], folder: str) -> dict[str, OutputPlace]:
    """The places with those of files in `outputs/` and `logs/`, which an author named as sources, where they are by now."""
    return {name: _where_left(place, folder) for name, place in places.items()}


def _where_left(place: OutputPlace, folder: str) -> OutputPlace:
    source = place.output.source
    moved = None if source is None else os.path.join(folder, "artifacts", source)
    if moved is None or os.path.lexists(place.written) or not os.path.lexists(moved):
        return place
    return msgspec.structs.replace(place, written=moved)


def gather_artifacts(places: dict[str, OutputPlace], folder: str) -> None:
    """Fill the outputs that are to hold the step's artifacts: what it left, which `collect_artifacts` has set aside, and its log."""
    for place in places.values():
        if place.output.artifacts:
            for name in ("outputs", "logs"):
                if os.path.isdir(origin := os.path.join(folder, "artifacts", name)):
                    _merge(origin, os.path.join(place.written, name))
            _merge(os.path.join(folder, "logs", "std_log.txt"), os.path.join(place.written, "user_logs", "std_log.txt"))


def collect_outputs(step_run: str, places: dict[str, OutputPlace]) -> list[OutputRecord]:
    """The outputs of a step that succeeded, on their datastores and durable when this returns.

    UsageError names a declared output that the step did not write.
    """
    for place in places.values():
        if place.output.may_be_empty and not os.path.lexists(place.written):
            files.make_dir(place.written)
    missing = [place for place in places.values() if not place.output.optional and not os.path.lexists(place.written)]
    if missing:
        listed = ", ".join(f"{place.output.name} (expected at {place.written})" for place in missing)
        raise UsageError(f"the step ended well but did not write its output {listed}",
                         todo="write it to the path that the step gets for it, or take it out of the step's outputs")
    return [_collect(place, step_run) for place in places.values() if os.path.lexists(place.written)]


def _collect(place: OutputPlace, step_run: str) -> OutputRecord:
    _check(place)
    if not place.in_place:
        files.make_dir(os.path.dirname(place.target))
        _leave_out(place)
        _check_free(place)
        _merge(place.written, place.target)
    found = measure(place.target)
    files.sync_many([place.target, *_below(place.target)[0]])
    files.sync_dir(os.path.dirname(os.path.dirname(place.target)))
    return OutputRecord(step_run=step_run, name=place.output.name, kind=found.kind, datastore=place.datastore, path=place.path,
                        digest=found.digest, seal=found.seal, size=found.size, files=found.files)


def _leave_out(place: OutputPlace) -> None:
    """Remove what none of the output's patterns names."""
    if not place.output.globs or not os.path.isdir(place.written):
        return
    wanted = [glob_matcher(source_parts(glob)) for glob in place.output.globs]
    for path in _below(place.written)[0]:
        if os.path.isfile(path) and not any(one.fullmatch(os.path.relpath(path, place.written)) for one in wanted):
            os.unlink(path)


def _check_free(place: OutputPlace) -> None:
    """UsageError when an upload would replace a file that is there, and was not told to."""
    if place.output.mode != "upload" or place.output.overwrite or not os.path.isdir(place.target):
        return
    for path in _below(place.written)[0]:
        name = os.path.relpath(path, place.written)
        if os.path.isfile(path) and os.path.exists(os.path.join(place.target, name)):
            raise UsageError(f"output {place.output.name} would replace {name}, which is there already", where=place.target,
                             todo="give a destination of its own for every run ({run-id}), or say that it may be overwritten")


def _check(place: OutputPlace) -> None:
    """UsageError for an output that is not of its kind, or that would lose what its links lead to."""
    output, written = place.output, place.written
    if output.kind != "any" and os.path.isdir(written) != (output.kind == "folder"):
        raise UsageError(f"output {output.name} is declared as a {output.kind} and is a {'file' if output.kind == 'folder' else 'folder'}",
                         where=written, todo="write what is declared, or declare what is written")
    top = os.path.join(os.path.normpath(written), "")
    for link in [written] if os.path.islink(written) else _below(written)[1]:
        goal = os.readlink(link)
        stays = not os.path.isabs(goal) and os.path.normpath(os.path.join(os.path.dirname(link), goal)).startswith(top)
        if not stays or not os.path.exists(link):
            name = os.path.relpath(link, os.path.dirname(written))
            raise UsageError(f"output {output.name} holds a symbolic link to something outside of it: {name} → {goal}",
                             todo="write the files themselves; a link would break when its target moves or goes")


def set_aside(places: dict[str, OutputPlace], folder: str) -> None:
    """Move what a step that did not succeed wrote out of the datastore into the folder of its attempt, for people to look at."""
    for parent in {os.path.dirname(place.written) for place in places.values() if place.in_place}:
        if os.path.isdir(parent) and os.listdir(parent):
            _move(parent, os.path.join(folder, "unfinished"))
        else:
            files.remove_tree(parent)


def _move(origin: str, target: str) -> None:
    try:
        os.rename(origin, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _merge(origin, target)
        files.remove_tree(origin)


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


def _below(path: str) -> tuple[list[str], list[str]]:
    """The files and folders below a folder, and the symbolic links; nothing below a file."""
    plain: list[str] = []
    links: list[str] = []
    for parent, folders, names in os.walk(path):
        for one in (os.path.join(parent, name) for name in (*folders, *names)):
            (links if os.path.islink(one) else plain).append(one)
    return plain, links


def collect_artifacts(step_run: str, run: str, folder: str, workspace_root: str) -> list[Artifact]:
    """The files that a step left in `outputs/` and `logs/`, and those that it uploaded for itself or for its run."""
    work = os.path.join(folder, "work")
    for name in ("outputs", "logs"):
        _keep(os.path.join(work, name), os.path.join(folder, "artifacts", name))
    root = os.path.join(folder, "artifacts")
    return [_artifact(path, root, step_run, run, workspace_root) for path in sorted(_below(root)[0]) if os.path.isfile(path)]


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
