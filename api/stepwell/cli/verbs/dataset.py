"""`stepwell dataset ls|show|register|head|profile|diff`."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator

import msgspec

from stepwell.cli import exits
from stepwell.cli.actions import Action, add_actions
from stepwell.cli.common import add_json, add_workspace, examples, open_workspace, print_json, print_table, say
from stepwell.cli.printing import ago
from stepwell_store.data.definition import DatasetDefinition, DatastorePath, LocalPath, Place, Url
from stepwell_store.data.profile import profile
from stepwell_store.data.resolve import Resolved
from stepwell_store.data.rows import rows
from stepwell_store.errors import UsageError
from stepwell_store.workspace import Workspace
from stepwell_tui.render import profiles
from stepwell_tui.render.tables import Column
from stepwell_tui.render.text import safe_line, size_text

_FORMATS = {".csv": "delimited", ".tsv": "delimited", ".parquet": "parquet", ".jsonl": "json_lines", ".ndjson": "json_lines"}
_NONE_YET = "no datasets yet: stepwell dataset register NAME PATH, or Dataset…register() in a pipeline file"


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_actions(parser, ACTIONS)
    examples(parser, "stepwell dataset register iris data/iris.csv",
             "stepwell dataset register photos 'photos/*.png' --datastore workspaceblobstore", "stepwell dataset ls",
             "stepwell dataset show iris", "stepwell dataset head iris -n 5", "stepwell dataset profile iris:2",
             "stepwell dataset diff iris:1 iris:2")


def run(args: argparse.Namespace) -> int:
    """Do what the action says."""
    return ACTIONS[args.action].run(args)


def _add_dataset(parser: argparse.ArgumentParser, dest: str = "name") -> None:
    parser.add_argument(dest, metavar="NAME[:VERSION]", help="a registered dataset (default: its newest version)")


def _reading(parser: argparse.ArgumentParser) -> None:
    _add_dataset(parser)
    add_workspace(parser)
    add_json(parser)


def _definition(workspace: Workspace, named: str) -> DatasetDefinition:
    name, colon, version = named.rpartition(":")
    if not colon:
        return workspace.dataset(named)
    if not version.isdigit():
        raise UsageError(f"{version!r} is no version of a dataset", todo=f"versions are numbers: {name}:1")
    return workspace.dataset(name, int(version))


def _resolved(workspace: Workspace, definition: DatasetDefinition) -> Resolved:
    return workspace.files_of(definition.places, notice=say)


# --- ls and show ----------------------------------------------------------------------------------------------------


def _configure_ls(parser: argparse.ArgumentParser) -> None:
    add_workspace(parser)
    add_json(parser)


def _ls(args: argparse.Namespace) -> int:
    from stepwell_tui.views.datasets import registered

    found = registered(open_workspace(args))
    if args.json:
        print_json(found)
    elif found:
        titles = ("kind", "registered", "description")
        print_table([Column("name", keep=True), Column("version", right=True, keep=True), *map(Column, titles)], [
                    (one.name, str(one.version), one.kind, ago(one.created_at), one.description) for one in found])
    else:
        say(_NONE_YET)
    return exits.DONE


def _show(args: argparse.Namespace) -> int:
    from stepwell_tui.views.datasets import detail

    workspace = open_workspace(args)
    definition = _definition(workspace, args.name)
    found = detail(workspace, str(definition.name))
    if args.json:
        print_json(found)
        return exits.DONE
    for version in found.versions:
        print(safe_line(f"{found.name}:{version.version}  {version.kind}, registered {ago(version.created_at)}"))
        for name, value in [*(("from", place) for place in version.places), *version.reading, *version.tags.items()]:
            print(safe_line(f"  {name:<20} {value}"))
        if version.description:
            print(safe_line(f"  {version.description}"))
    for use in found.uses:
        print(safe_line(f"used by run {use.run[:8]} ({use.pipeline}), step {use.step} as {use.input}"))
    return exits.DONE


# --- register -------------------------------------------------------------------------------------------------------


def _configure_register(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what to call it")
    parser.add_argument("paths", metavar="PATH", nargs="+", help="a file, folder, glob or http(s) address")
    parser.add_argument("--datastore", metavar="NAME", help="the paths are on this datastore")
    parser.add_argument("--as", dest="kind", choices=("files", *sorted(set(_FORMATS.values()))),
                        help="how it is read (default: by the ending of the first path: .csv .tsv .parquet .jsonl are tables)")
    parser.add_argument("--description", metavar="TEXT")
    parser.add_argument("--new-version", action="store_true", help="another version of a name that there is")
    add_workspace(parser)


def _register(args: argparse.Namespace) -> int:
    workspace = open_workspace(args)
    definition = _given(args)
    count = len(_resolved(workspace, definition).files)
    version = workspace.register_dataset(args.name, definition, description=args.description, create_new_version=args.new_version)
    say(f"{safe_line(args.name)}:{version} is registered: {count} file{'s' if count != 1 else ''}; nothing was copied")
    return exits.DONE


def _given(args: argparse.Namespace) -> DatasetDefinition:
    ending = os.path.splitext(args.paths[0])[1].lower()
    form = _FORMATS.get(ending) if args.kind is None else None if args.kind == "files" else args.kind
    options = {"separator": "\t"} if form == "delimited" and ending == ".tsv" else {}
    places = tuple(_place(path, args.datastore) for path in args.paths)
    return DatasetDefinition(kind="tabular" if form else "file", places=places, format=form, options=options)


def _place(path: str, datastore: str | None) -> Place:
    if datastore is not None:
        return DatastorePath(datastore, path.lstrip("/"))
    if path.startswith(("http://", "https://")):
        return Url(path)
    return LocalPath(os.path.abspath(os.path.expanduser(path)))


# --- head and profile -----------------------------------------------------------------------------------------------


def _configure_head(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-n", type=int, default=10, metavar="N", help="so many rows or files, 100 at most (default: 10)")
    _reading(parser)


def _head(args: argparse.Namespace) -> int:
    from stepwell_tui.views.datasets import preview

    workspace = open_workspace(args)
    definition = _definition(workspace, args.name)
    found = preview(workspace, str(definition.name), definition.version)
    if args.json:
        table = found.table
        print_json([dict(zip(table.columns, row, strict=True)) for row in table.rows[:args.n]] if table else found.files[:args.n])
    elif found.table is not None and found.table.columns:
        print_table([Column(name, keep=True, foreign=True) for name in found.table.columns], found.table.rows[:args.n])
    elif found.files:
        print_table([Column("name"), Column("size", right=True, keep=True), Column("changed", keep=True)],
                    [(one.name, size_text(one.size), ago(one.mtime)) for one in found.files[:args.n]])
    if found.note:
        say(safe_line(found.note))
    return exits.DONE


def _profile(args: argparse.Namespace) -> int:
    workspace = open_workspace(args)
    definition = _definition(workspace, args.name)
    if definition.kind != "tabular":
        raise UsageError(f"{args.name} is a dataset of files, which have no columns", todo="`stepwell dataset head` lists them")
    found = profile(rows(definition, _resolved(workspace, definition).files))
    if args.json:
        print_json(found)
        return exits.DONE
    print_table(profiles.COLUMNS, profiles.cells(found))
    say(f"{found.rows} rows{', before its ' + ', '.join(one.name for one in definition.transforms) if definition.transforms else ''}")
    return exits.DONE


# --- diff -----------------------------------------------------------------------------------------------------------


def _configure_diff(parser: argparse.ArgumentParser) -> None:
    _add_dataset(parser, "first")
    _add_dataset(parser, "second")
    add_workspace(parser)
    add_json(parser)


def _diff(args: argparse.Namespace) -> int:
    workspace = open_workspace(args)
    one, other = (_definition(workspace, name) for name in (args.first, args.second))
    found = [*_reading_differences(one, other), *_file_differences(workspace, one, other)]
    if args.json:
        print_json([{"what": what, "first": first, "second": second} for what, first, second in found])
    elif found:
        print_table([Column("what", keep=True), Column(args.first), Column(args.second)], found)
    else:
        say("they read the same files in the same way")
    return exits.DONE


def _reading_differences(one: DatasetDefinition, other: DatasetDefinition) -> Iterator[tuple[str, str, str]]:
    first, second = (msgspec.to_builtins(msgspec.structs.replace(each, name=None, version=None)) for each in (one, other))
    for name in sorted({*first, *second}):
        if first.get(name) != second.get(name):
            yield name, _words(first.get(name)), _words(second.get(name))


def _words(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _file_differences(workspace: Workspace, one: DatasetDefinition, other: DatasetDefinition) -> Iterator[tuple[str, str, str]]:
    """Files by the names that a step sees, where they differ."""
    first, second = (dict(zip(found.names, found.files, strict=True)) for found in (_resolved(workspace, each) for each in (one, other)))
    for name in sorted({*first, *second}):
        if first.get(name) != second.get(name):
            yield name, _size(first.get(name)), _size(second.get(name))


def _size(file: str | None) -> str:
    return "" if file is None else size_text(os.stat(file).st_size)


ACTIONS = {
    "ls": Action("list the registered datasets", _configure_ls, _ls),
    "show": Action("its versions, how they are read, and who used them", _reading, _show),
    "register": Action("give files or a table a name; nothing is copied", _configure_register, _register),
    "head": Action("the first rows or files", _configure_head, _head),
    "profile": Action("kinds, missing values, extremes and means of the columns of a table", _reading, _profile),
    "diff": Action("what differs between two versions or datasets", _configure_diff, _diff),
}
