"""`stepwell datastore ls|add|upload|download|default|map|rm`."""

from __future__ import annotations

import argparse
from pathlib import Path

from stepwell.cli import exits
from stepwell.cli.actions import Action, add_actions
from stepwell.cli.common import add_json, add_workspace, examples, open_workspace, print_json, print_table, say
from stepwell.cli.printing import ago, files_text
from stepwell.cli.transfers import progress
from stepwell_store.data.datastores import EMBEDDED_DATASTORES, Datastore
from stepwell_store.errors import UsageError
from stepwell_store.ledger import definitions
from stepwell_store.workspace import Workspace
from stepwell_tui.render.tables import Column
from stepwell_tui.render.text import safe_line, size_text


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_actions(parser, ACTIONS)
    examples(parser, "stepwell datastore ls", "stepwell datastore add photos ~/photos",
             "stepwell datastore upload workspaceblobstore data iris", "stepwell datastore download workspaceblobstore iris copy-of-iris",
             "stepwell datastore default photos", "stepwell datastore map https://account.blob.core.windows.net/container ~/copy")


def run(args: argparse.Namespace) -> int:
    """Do what the action says."""
    return ACTIONS[args.action].run(args)


def _add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the datastore")


def _configure_ls(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="list the files of this datastore")
    parser.add_argument("prefix", metavar="PREFIX", nargs="?", default="", help="only the file or folder of this path")
    add_workspace(parser)
    add_json(parser)


def _ls(args: argparse.Namespace) -> int:
    workspace = open_workspace(args)
    return _ls_stores(workspace, args.json) if args.name is None else _ls_files(workspace.datastore(args.name), args.prefix, args.json)


def _ls_stores(workspace: Workspace, as_json: bool) -> int:
    default = workspace.default_datastore_name()
    stores = [{"name": store.name, "kind": store.kind, "folder": getattr(store, "root", getattr(store, "address", None)),
               "default": store.name == default} for store in workspace.datastores()]
    if as_json:
        print_json(stores)
    else:
        print_table([Column("name", keep=True), Column("default", keep=True), Column("kind", keep=True), Column("folder")],
                    [(str(store["name"]), "default" if store["default"] else "", str(store["kind"]), str(store["folder"] or ""))
                     for store in stores])
    return exits.DONE


def _ls_files(store: Datastore, prefix: str, as_json: bool) -> int:
    entries = store.ls(prefix)
    if as_json:
        print_json([{"path": _text(entry.path), "size": entry.size, "mtime": entry.mtime} for entry in entries])
    elif entries:
        print_table([Column("path"), Column("size", right=True, keep=True), Column("changed", keep=True)],
                    [(entry.path, size_text(entry.size), ago(entry.mtime)) for entry in entries])
    else:
        say(f"nothing in {store.name}{f' below {safe_line(prefix)}' if prefix else ''}: stepwell datastore upload {store.name} FOLDER")
    return exits.DONE


def _text(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _configure_add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what to call it")
    parser.add_argument("folder", metavar="FOLDER", help="a folder of this machine")
    add_workspace(parser)


def _add(args: argparse.Namespace) -> int:
    workspace = open_workspace(args)
    definitions.add_datastore(workspace.database, args.name, Path(args.folder).expanduser())
    say(f"{safe_line(args.name)} is a datastore now; its files stay where they are")
    return exits.DONE


def _configure_upload(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    parser.add_argument("source", metavar="SRC", help="a file, or a folder whose content is copied")
    parser.add_argument("target", metavar="TARGET", nargs="?", default="", help="the folder on the datastore (default: its top)")
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there")
    add_workspace(parser)
    add_json(parser)


def _upload(args: argparse.Namespace) -> int:
    store = open_workspace(args).datastore(args.name)
    with progress() as tell:
        done = store.upload(str(Path(args.source).expanduser()), args.target, overwrite=args.overwrite, progress=tell)
    if args.json:
        print_json({"uploaded": [_text(path) for path in done.uploaded], "skipped": [_text(path) for path in done.skipped]})
    skipped = f"; {len(done.skipped)} were there already (--overwrite replaces them)" if done.skipped else ""
    say(f"{files_text(len(done.uploaded))} copied to {store.name}{skipped}")
    return exits.DONE


def _configure_download(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    parser.add_argument("prefix", metavar="PREFIX", nargs="?", default="", help="a file or folder on it (default: everything)")
    parser.add_argument("folder", metavar="DIR", help="where to copy it to")
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there")
    add_workspace(parser)


def _download(args: argparse.Namespace) -> int:
    store = open_workspace(args).datastore(args.name)
    if not store.ls(args.prefix):
        raise UsageError(f"there is nothing{f' at {args.prefix}' if args.prefix else ''} on {args.name}",
                         todo=f"`stepwell datastore ls {args.name}` lists its files")
    with progress() as tell:
        count = store.download(str(Path(args.folder).expanduser()), args.prefix, overwrite=args.overwrite, progress=tell)
    rest = len(store.ls(args.prefix)) - count
    skipped = f"; {rest} were there already (--overwrite replaces them)" if rest else ""
    say(f"{files_text(count)} copied to {safe_line(args.folder)}{skipped}")
    return exits.DONE


def _configure_default(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="make this one the default")
    add_workspace(parser)


def _default(args: argparse.Namespace) -> int:
    workspace = open_workspace(args)
    if args.name is not None:
        definitions.set_setting(workspace.database, "default_datastore", workspace.datastore(args.name).name)
    print(safe_line(workspace.default_datastore_name()))
    return exits.DONE


def _configure_rm(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    add_workspace(parser)


def _rm(args: argparse.Namespace) -> int:
    workspace = open_workspace(args)
    if args.name == workspace.default_datastore_name() and args.name not in EMBEDDED_DATASTORES:
        raise UsageError(f"{args.name} is the default datastore",
                         todo="first make another one the default: stepwell datastore default NAME")
    definitions.remove_datastore(workspace.database, args.name)
    say(f"{safe_line(args.name)} is no datastore any longer; its files stay where they are")
    return exits.DONE


def _configure_map(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address", metavar="ADDRESS", nargs="?", help="an address such as https://account.blob.core.windows.net/container")
    parser.add_argument("path", metavar="PATH", nargs="?", help="the file or folder of this machine that stands for it")
    parser.add_argument("--rm", action="store_true", help="let nothing stand for the address any longer")
    add_workspace(parser)
    add_json(parser)


def _map(args: argparse.Namespace) -> int:
    workspace = open_workspace(args)
    if args.address is not None and args.path is None and not args.rm:
        raise UsageError("a path is missing", todo=f"stepwell datastore map {args.address} FOLDER, or --rm to take a mapping back")
    if args.address is not None:
        path = None if args.rm else Path(args.path).expanduser()
        definitions.map_address(workspace.database, args.address, path)
    known = definitions.addresses_of(workspace.database)
    if args.json:
        print_json(known)
    elif known:
        print_table([Column("address", keep=True), Column("stands for it")], sorted(known.items()))
    else:
        say("no address is served from this machine: stepwell datastore map https://account.blob.core.windows.net/container FOLDER")
    return exits.DONE


ACTIONS = {
    "ls": Action("list the datastores, or the files of one", _configure_ls, _ls),
    "add": Action("make a folder of this machine a datastore", _configure_add, _add),
    "upload": Action("copy files to a datastore", _configure_upload, _upload),
    "download": Action("copy files from a datastore", _configure_download, _download),
    "default": Action("say or set where outputs of steps go", _configure_default, _default),
    "map": Action("let a folder of this machine stand for an address of the cloud", _configure_map, _map),
    "rm": Action("forget a datastore; its files stay", _configure_rm, _rm),
}
