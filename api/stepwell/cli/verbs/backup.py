"""`stepwell backup FILE`, and `stepwell backup --restore FILE DIR`."""

from __future__ import annotations

import argparse
from pathlib import Path

from stepwell.cli import exits
from stepwell.cli.common import add_json, add_workspace, examples, open_workspace, print_json, say, words
from stepwell.cli.transfers import progress
from stepwell_store.errors import UsageError
from stepwell_store.housekeeping.report import no_progress
from stepwell_tui.render.text import size_text


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("file", metavar="FILE", help="the backup, an ordinary tar file")
    parser.add_argument("dir", metavar="DIR", nargs="?", help="with --restore: the folder in which to make the workspace")
    parser.add_argument("--restore", action="store_true", help="make a workspace from a backup")
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    add_workspace(parser)
    add_json(parser)
    examples(parser, "stepwell backup ~/backups/project.tar", "stepwell backup --overwrite nightly.tar",
             "stepwell backup --restore ~/backups/project.tar ~/restored")
    assert parser.epilog is not None
    parser.epilog += ("\n\nRuns may go on meanwhile. The file holds the database, objects, embedded datastores, logs and artifacts; not"
                      "\nenvironments (they are made again) and not folders that you added as datastores.")


def run(args: argparse.Namespace) -> int:
    """Write a backup, or make a workspace from one."""
    if args.restore:
        return _restore(args)
    if args.dir is not None:
        raise UsageError(f"what is {args.dir} for?", todo="stepwell backup FILE writes one; stepwell backup --restore FILE DIR reads one")
    return _backup(args)


def _backup(args: argparse.Namespace) -> int:
    from stepwell_store.housekeeping.backup import backup

    workspace = open_workspace(args)
    with progress() as tell:
        written = backup(workspace, Path(args.file).expanduser(), overwrite=args.overwrite, progress=tell or no_progress)
    if args.json:
        print_json({"file": written.path, "bytes": written.size, "files": written.files, "notes": written.notes,
                    "left_out": written.left_out})
    else:
        print(f"{words(written.path)}: {written.files} files, {size_text(written.size)}, read back and verified")
    for note in written.notes:
        say(words(note))
    for path in written.left_out:
        say(f"{path} is corrupt and was left out: `stepwell check --full` tells whose it is")
    return exits.DOES_NOT_VERIFY if written.left_out else exits.DONE


def _restore(args: argparse.Namespace) -> int:
    from stepwell_store.housekeeping.restore import restore

    if args.dir is None:
        raise UsageError("restore it where?", todo="stepwell backup --restore FILE DIR")
    with progress() as tell:
        root = restore(Path(args.file).expanduser(), Path(args.dir).expanduser(), progress=tell or no_progress)
    if args.json:
        print_json({"workspace": str(root)})
    else:
        print(f"made {words(str(root))}; the next run there looks once at every output that it wants to reuse")
    return exits.DONE
