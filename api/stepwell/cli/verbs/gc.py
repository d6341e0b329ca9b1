"""`stepwell gc`."""

from __future__ import annotations

import argparse
import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from stepwell.cli import exits
from stepwell.cli.common import add_json, add_workspace, examples, open_workspace, print_json, say, words
from stepwell.cli.transfers import progress
from stepwell_runner.verbs.orphans import orphans, remove
from stepwell_runner.verbs.unused_images import remove_images, unused_images
from stepwell_store import workspace as workspaces
from stepwell_store.housekeeping import reserve
from stepwell_store.housekeeping.gc import collect
from stepwell_store.housekeeping.plan import DAY_S, KEY_S, Item, Plan, Policy
from stepwell_store.housekeeping.report import no_progress
from stepwell_store.workspace import Workspace
from stepwell_tui.render.text import size_text

if TYPE_CHECKING:
    from stepwell_runner.containers.provide import MadeImage

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": DAY_S, "w": 7 * DAY_S}
_AGE = re.compile(r"(\d+(?:\.\d+)?)([smhdw])").fullmatch
_WORDS = {"object": "objects", "incoming": "unfinished objects", "output": "outputs", "attempt": "folders of ended attempts",
          "run": "files of runs", "environment": "environments", "cache": "caches", "temporary": "temporary files"}


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("-n", "--dry-run", action="store_true", help="show what would go; remove nothing")
    parser.add_argument("--grace", metavar="AGE", type=_age, default=DAY_S, help="keep what is younger (default: 24h)")
    parser.add_argument("--keep-runs", metavar="N", type=_count, help="also remove files and outputs of runs but for the newest N")
    parser.add_argument("--older-than", metavar="AGE", type=_age,
                        help="also remove files and outputs of runs that ended before that, and environments and caches not used since;"
                             " with --keep-runs only what both let go")
    add_workspace(parser)
    add_json(parser)
    examples(parser, "stepwell gc --dry-run", "stepwell gc", "stepwell gc --keep-runs 20", "stepwell gc --older-than 30d")
    assert parser.epilog is not None
    parser.epilog += ("\n\nHistory stays, whatever goes. What a kept run used stays too, and so does the newest result of every step;"
                      "\nan older result whose outputs went is made again when it is next wanted.")


def _age(text: str) -> float:
    found = _AGE(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no age; write for example 30d, 12h or 45m")
    return float(found[1]) * _UNITS[found[2]]


def _count(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a number")
    return int(text)


def run(args: argparse.Namespace) -> int:
    """Remove what nothing needs."""
    root = workspaces.find(Path(args.workspace or ".").expanduser().absolute())
    if root is not None:
        reserve.release_when_full(root)
    workspace = open_workspace(args)
    policy = Policy(grace_s=args.grace, keep_runs=args.keep_runs, older_than_s=args.older_than)
    left = orphans(workspace)
    # Containers first: an image stays while one of them is left.
    notes = (*left.notes, *(() if args.dry_run else remove(left)))
    planned, images = _collect(workspace, policy, args.dry_run)
    notes = (*planned.notes, *notes)
    if args.json:
        print_json({"dry_run": args.dry_run, "bytes": planned.size, "notes": notes, "keys": planned.keys,
                    "containers": [{"name": one.name, "run": one.run, "step": one.step, "status": one.status} for one in left.containers],
                    "images": [{"name": one.tag, "engine": one.where, "bytes": one.size} for one in images],
                    "items": [{"kind": item.kind, "path": _relative(workspace, item), "bytes": item.size, "why": item.why}
                              for item in planned.items]})
    else:
        _print(workspace, planned, args.dry_run, len(left.containers), images)
        for note in notes:
            say(note)
    return exits.DONE


def _collect(workspace: Workspace, policy: Policy, dry_run: bool) -> tuple[Plan, list[MadeImage]]:
    """What went or would go, with the images among it."""
    images: list[MadeImage] = []

    def first(planned: Plan) -> Plan:
        going = remove_images(workspace, planned)
        images.extend(unused_images(workspace, going))  # while their notes are there
        return going

    with progress() as tell:
        planned = collect(workspace, policy, dry_run=dry_run, progress=tell or no_progress, first=first)
    return planned, unused_images(workspace, planned) if dry_run else images


def _relative(workspace: Workspace, item: Item) -> str:
    return os.path.relpath(item.path, workspace.root).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _print(workspace: Workspace, planned: Plan, dry_run: bool, containers: int, images: list[MadeImage]) -> None:
    counts = Counter((item.kind, item.why) for item in planned.items)
    for kind, why in sorted(counts):
        those = [item for item in planned.items if (item.kind, item.why) == (kind, why)]
        print(f"{_WORDS[kind]}: {counts[kind, why]}, {size_text(sum(item.size for item in those))} ({why})")
        for item in those if dry_run else ():
            print(f"    {size_text(item.size):>9}  {words(_relative(workspace, item))}")
    if planned.keys:
        print(f"keys of submissions: {planned.keys} (used more than {KEY_S / DAY_S:.0f} days ago)")
    if containers:
        print(f"containers: {containers} (their runs have ended)")
    if images:
        print(f"images: {len(images)}, {size_text(sum(one.size for one in images))} on their engines (no step ran in them for long)")
    something = planned.items or planned.keys or containers
    print(f"{'would remove' if dry_run else 'removed'} {size_text(planned.size)}" if something else "nothing to remove")
