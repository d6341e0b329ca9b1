"""`stepwell diff RUN RUN`."""

from __future__ import annotations

import argparse

import msgspec

from stepwell.cli import exits
from stepwell.cli.common import add_json, add_workspace, examples, find, open_workspace, print_json, print_table, say, short
from stepwell.cli.printing import plain, print_heading, run_line
from stepwell_runner.verbs.compare import Line, Part, compare
from stepwell_store.errors import UsageError
from stepwell_tui.render.tables import Column

HEADINGS: dict[Part, str] = {
    "run": "run", "parameter": "parameters", "metric": "metrics (latest)", "code": "code", "data": "data", "environment": "environments",
    "definition": "how steps are written", "step": "how steps went",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("old", metavar="RUN", help="an id, the beginning of one, #number or @last")
    parser.add_argument("new", metavar="RUN", help="the run to compare it with")
    parser.add_argument("--all", action="store_true", help="also what is the same in both")
    add_workspace(parser)
    add_json(parser)
    examples(parser, "stepwell diff '#3' @last", "stepwell diff 3f2a 9b01 --all", "stepwell diff '#3' @last --json")


def run(args: argparse.Namespace) -> int:
    """Show two runs side by side."""
    workspace = open_workspace(args)
    (old, step), (new, other) = find(workspace, args.old), find(workspace, args.new)
    if step is not None or other is not None:
        raise UsageError("diff compares whole runs", todo=f"stepwell diff {short(old.id)} {short(new.id)}")
    lines = [line for line in compare(workspace, old, new) if args.all or not line.same]
    if args.json:
        print_json(msgspec.to_builtins(lines))
        return exits.DONE
    say(f"old: {run_line(old)}\nnew: {run_line(new)}")
    for part, heading in HEADINGS.items():
        _print(heading, [line for line in lines if line.part == part], f"#{old.number}", f"#{new.number}")
    if not lines:
        say("nothing differs")
    return exits.DONE


def _print(heading: str, lines: list[Line], old: str, new: str) -> None:
    if not lines:
        return
    print_heading(heading)
    steps = any(line.step not in (None, line.name) for line in lines)
    columns = [Column("name"), Column(old), Column(new), *([Column("steps")] if steps else [])]
    print_table(columns, [(name, _cell(before), _cell(after), *([", ".join(owners)] if steps else []))
                          for (name, before, after), owners in _together(lines).items()])


def _together(lines: list[Line]) -> dict[tuple[str, str | None, str | None], list[str]]:
    """Steps of one folder differ in the same files: what is the same in several steps, once, with the steps."""
    found: dict[tuple[str, str | None, str | None], list[str]] = {}
    for line in lines:
        found.setdefault((line.name, line.old, line.new), []).append(line.step or "")
    return found


def _cell(text: str | None) -> str:
    return "-" if text is None else plain(text)
