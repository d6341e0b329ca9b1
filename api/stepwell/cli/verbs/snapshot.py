"""`stepwell snapshot ls|show|diff|restore`."""

from __future__ import annotations

import argparse
import sys

import msgspec

from stepwell.cli import exits
from stepwell.cli.actions import Action, add_actions
from stepwell.cli.common import add_json, add_workspace, examples, open_workspace, print_json, print_table, say, short, terminal
from stepwell.cli.printing import ago, files_text
from stepwell_runner.verbs.ingredients import brief
from stepwell_runner.verbs.sources import file_in, find_snapshot, made_by, restore
from stepwell_runner.verbs.steps import steps_of_run
from stepwell_store.content import snapshots, trees
from stepwell_store.content.trees import Tree
from stepwell_store.ledger import history, lineage
from stepwell_store.ledger.lineage import KeptSnapshot
from stepwell_store.ledger.records import Run
from stepwell_store.workspace import Workspace
from stepwell_tui.render.tables import Column
from stepwell_tui.render.text import safe_line, safe_text, size_text

WHAT = "RUN/STEP, or the beginning of a digest"


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_actions(parser, ACTIONS)
    examples(parser, "stepwell snapshot ls", "stepwell snapshot show @last/train", "stepwell snapshot show @last/train train.py",
             "stepwell snapshot diff '#1/train' '#2/train'", "stepwell snapshot restore @last/train old-source")


def run(args: argparse.Namespace) -> int:
    """Do what the action says."""
    return ACTIONS[args.action].run(args)


def _configure_ls(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", nargs="?", help="the snapshots of this run only")
    parser.add_argument("-n", metavar="N", type=int, default=20, dest="limit", help="how many (default: 20)")
    add_workspace(parser)
    add_json(parser)


def _ls(args: argparse.Namespace) -> int:
    workspace = open_workspace(args)
    run = None if args.run is None else history.find_run(workspace.database, args.run)
    found = lineage.snapshots(workspace.database, args.limit) if run is None else _of_run(workspace, run)
    if args.json:
        print_json(msgspec.to_builtins(found))
    elif found:
        print_table([Column("snapshot", keep=True), Column("last used by"), Column("began", keep=True), Column("uses", right=True)],
                    [(brief(one.digest), f"#{one.number}/{one.step}", ago(one.started_at), str(one.uses)) for one in found])
    else:
        say("no snapshots yet: a run keeps one of each source folder")
    return exits.DONE


def _of_run(workspace: Workspace, run: Run) -> list[KeptSnapshot]:
    made = [made_by(workspace, step) for step in steps_of_run(workspace, run)]
    with_source = [(step, step.snapshot) for step in made if step.snapshot is not None]
    uses = [digest for _, digest in with_source]
    first = {digest: step for step, digest in reversed(with_source)}
    return [KeptSnapshot(digest, uses.count(digest), run.number, run.id, step.step, step.started_at or run.created_at, run.pipeline)
            for digest, step in sorted(first.items(), key=lambda pair: pair[1].position)]


def _configure_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="WHAT", help=WHAT)
    parser.add_argument("path", metavar="PATH", nargs="?", help="print this file of it")
    add_workspace(parser)
    add_json(parser)


def _show(args: argparse.Namespace) -> int:
    workspace = open_workspace(args)
    digest = find_snapshot(workspace, args.what)
    tree = snapshots.load_tree(digest, workspace.objects)
    if args.path is not None:
        _print_file(workspace.objects.read(file_in(tree, args.path).digest))
    elif args.json:
        print_json({"digest": digest, "files": [msgspec.to_builtins(entry) | {"path": _text(entry.path)} for entry in tree.entries]})
    else:
        print_table([Column("file"), Column("size", right=True, keep=True), Column("content", keep=True), Column("", keep=True)],
                    [(entry.path, size_text(entry.size), brief(entry.digest), "executable" if entry.executable else "")
                     for entry in tree.entries])
        say(f"{digest}: {files_text(len(tree.entries))}, {size_text(tree.size)}")
    return exits.DONE


def _print_file(data: bytes) -> None:
    if terminal().is_terminal:
        print(safe_text(data.decode("utf-8", "surrogateescape")), end="" if data.endswith(b"\n") else "\n")
    else:
        sys.stdout.buffer.write(data)


def _text(path: str) -> str:
    return trees.path_bytes(path).decode("utf-8", "replace")


def _configure_diff(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="WHAT", help=WHAT)
    parser.add_argument("new", metavar="WHAT", help="the same, to compare it with")
    parser.add_argument("-U", "--patch", action="store_true", help="also the lines of text files that differ")
    add_workspace(parser)
    add_json(parser)


def _diff(args: argparse.Namespace) -> int:
    workspace = open_workspace(args)
    old, new = (snapshots.load_tree(find_snapshot(workspace, name), workspace.objects) for name in (args.old, args.new))
    found = trees.diff(old, new)
    if args.json:
        print_json({name: [_text(path) for path in paths] for name, paths in msgspec.structs.asdict(found).items()})
        return exits.DONE
    for verb, paths in (("changed", found.changed), ("added", found.added), ("removed", found.removed)):
        for path in paths:
            print(f"{verb:7}  {safe_line(path)}")
            if args.patch:
                _print_patch(workspace, old, new, path)
    if old == new:
        say("the same files")
    return exits.DONE


def _print_patch(workspace: Workspace, old: Tree, new: Tree, path: str) -> None:
    import difflib

    sides = [next((workspace.objects.read(entry.digest) for entry in tree.entries if entry.path == path), b"") for tree in (old, new)]
    if any(b"\0" in side[:8192] for side in sides):
        print("    (not text)")
        return
    before, after = (side.decode("utf-8", "replace").splitlines() for side in sides)
    for line in difflib.unified_diff(before, after, "old", "new", lineterm="", n=2):
        print(f"    {safe_text(line)}")


def _configure_restore(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="WHAT", help=WHAT)
    parser.add_argument("folder", metavar="DIR", help="a folder that is new or empty")
    add_workspace(parser)


def _restore(args: argparse.Namespace) -> int:
    workspace = open_workspace(args)
    digest = find_snapshot(workspace, args.what)
    tree = restore(workspace, digest, args.folder)
    say(f"{files_text(len(tree.entries))} of {short(brief(digest))} in {safe_line(args.folder)}")
    return exits.DONE


ACTIONS = {
    "ls": Action("list the snapshots that steps ran in", _configure_ls, _ls),
    "show": Action("list the files of a snapshot, or print one of them", _configure_show, _show),
    "diff": Action("say which files differ between two snapshots", _configure_diff, _diff),
    "restore": Action("copy a snapshot into a new folder", _configure_restore, _restore),
}
