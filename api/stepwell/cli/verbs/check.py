"""`stepwell check`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from itertools import groupby

from stepwell.cli import exits
from stepwell.cli.common import add_json, add_workspace, examples, open_workspace, print_json, say, short, words
from stepwell.cli.transfers import progress
from stepwell_store.housekeeping.check import check
from stepwell_store.housekeeping.references import User
from stepwell_store.housekeeping.report import Finding, Report, no_progress
from stepwell_store.housekeeping.sampling import Level
from stepwell_tui.render.text import size_text

_SHOWN = 20
_SHOWN_USERS = 4


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--full", action="store_true", help="read every byte again, and compare history with its events")
    how.add_argument("--sample", metavar="P%", type=_percent, default=0.0, help="read this part of the bytes, chosen at random")
    parser.add_argument("--repair", action="store_true", help="check --full, and make rows of history that differ anew from its events")
    add_workspace(parser)
    add_json(parser)
    examples(parser, "stepwell check", "stepwell check --full", "stepwell check --sample 5% --json")


def _percent(text: str) -> float:
    try:
        value = float(text.removesuffix("%"))
    except ValueError:
        value = -1.0
    if not 0 < value <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no percentage above 0; write for example 5%")
    return value


def run(args: argparse.Namespace) -> int:
    """Check the workspace: 0 when all of it verifies, else 4."""
    workspace = open_workspace(args)
    level = Level(100.0 if args.full or args.repair else args.sample)
    with progress() as tell:
        found = check(workspace, level, repair=args.repair, progress=tell or no_progress)
    if args.json:
        print_json({"level": found.level, "verified": not found.damage, "objects": found.objects, "outputs": found.outputs,
                    "artifacts": found.artifacts, "bytes_read": found.bytes_read, "findings": found.findings,
                    "orphans": found.orphans, "orphan_bytes": found.orphan_bytes, "set_aside": found.set_aside,
                    "repaired": found.repaired})
    else:
        _print(found)
    return exits.DOES_NOT_VERIFY if found.damage else exits.DONE


def _print(found: Report) -> None:
    for (_, _, todo), those in groupby(sorted(found.findings, key=_sort_key), key=_sort_key):
        _print_group(list(those), todo)
    if found.repaired:
        print("the rows of history were made anew from its events")
    if found.orphans:
        print(f"{len(found.orphans)} objects ({size_text(found.orphan_bytes)}) are named by nothing: `stepwell gc` removes them")
    if found.set_aside:
        print(f"{found.set_aside} corrupt objects are set aside in objects/quarantine; they are used by nothing")
    looked = f"{found.objects} objects, {found.outputs} outputs, {found.artifacts} artifacts; {size_text(found.bytes_read)} were read"
    print(f"{'DAMAGED' if found.damage else 'verified'} ({found.level}): {looked}")
    if found.level == "quick" and not found.damage:
        say("`stepwell check --full` reads every byte")


def _sort_key(finding: Finding) -> tuple[str, str, str]:
    return finding.what, finding.state, finding.todo


def _print_group(findings: list[Finding], todo: str) -> None:
    """Findings of one kind: each with who is affected, then what to do about them."""
    for finding in findings[:_SHOWN]:
        users = f"  of {_users(finding.users)}" if finding.users else ""
        detail = f"  ({words(finding.detail)})" if finding.detail else ""
        print(f"{finding.what} {finding.state}: {words(finding.name)}{users}{detail}")
    if len(findings) > _SHOWN:
        print(f"... and {len(findings) - _SHOWN} more (--json lists all)")
    print(f"    {words(todo)}")


def _users(users: Iterable[User]) -> str:
    names = [short(user.run) + (f"/{words(user.step)}" if user.step else "") for user in users]
    more = f" and {len(names) - _SHOWN_USERS} more" if len(names) > _SHOWN_USERS else ""
    return ", ".join(names[:_SHOWN_USERS]) + more
