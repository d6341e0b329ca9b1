"""`stepwell metrics RUN[/STEP]`."""

from __future__ import annotations

import argparse

import msgspec

from stepwell.cli import exits
from stepwell.cli.common import add_json, add_workspace, examples, print_json, print_table, say, short, terminal
from stepwell.cli.naming import add_run, meant
from stepwell.cli.printing import print_heading
from stepwell.cli.show_run import value_text
from stepwell_runner.verbs.measured import Measured, measured_by, measured_in
from stepwell_store.errors import UsageError
from stepwell_tui.render.plot import Series, plot, sparkline
from stepwell_tui.render.tables import Column

CURVE = 16
PLOT_WIDTH = 100


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_run(parser)
    parser.add_argument("--name", metavar="NAME", action="append", help="only the metric of this name; repeatable")
    parser.add_argument("--plot", action="store_true", help="draw the series")
    add_workspace(parser)
    add_json(parser)
    examples(parser, "stepwell metrics @last", "stepwell metrics @last/train --plot", "stepwell metrics @last --name loss --json")


def run(args: argparse.Namespace) -> int:
    """Show what a run or step measured."""
    workspace, found, steps, step = meant(args, args.run)
    metrics = measured_in(workspace, found, steps) if step is None else measured_by(workspace, step)
    chosen = _named(metrics, args.name)
    if args.json:
        print_json(msgspec.to_builtins(chosen))
    elif args.plot:
        _plot(chosen)
    elif chosen:
        _print(chosen)
    else:
        say(f"nothing was measured in {short(found.id)}: a step does so with Run.get_context().log(name, value)")
    return exits.DONE


def _named(metrics: list[Measured], names: list[str] | None) -> list[Measured]:
    if names is None:
        return metrics
    known = list(dict.fromkeys(one.name for one in metrics))
    for name in names:
        if name not in known:
            raise UsageError(f"there is no metric {name}", todo=f"there are: {', '.join(known) or 'none'}")
    return [one for one in metrics if one.name in names]


def _print(metrics: list[Measured]) -> None:
    plain = [one for one in metrics if not one.rows]
    steps = len({one.step for one in metrics}) > 1
    if plain:
        columns = [*([Column("step")] if steps else []), Column("metric"), Column("latest", right=True), Column("min", right=True),
                   Column("max", right=True), Column("values", right=True, keep=True), Column("curve", keep=True)]
        print_table(columns, [(*([one.step or ""] if steps else []), *_cells(one)) for one in plain])
    for one in metrics:
        if one.rows:
            print_heading(f"{one.step}: {one.name}" if one.step and steps else one.name)
            names = list(dict.fromkeys(name for row in one.rows for name in row))
            print_table([Column(name) for name in names], [[_cell(row.get(name)) for name in names] for row in one.rows])


def _cells(one: Measured) -> tuple[str, ...]:
    curve = sparkline(one.values, CURVE, unicode=terminal().unicode) if len(one.values) > 1 else ""
    extremes = [_cell(one.minimum), _cell(one.maximum)] if one.count > 1 else ["", ""]
    return one.name, _cell(one.latest), *extremes, str(one.count), curve


def _cell(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else value_text(value)


def _plot(metrics: list[Measured]) -> None:
    """One plot a name, with a curve for each step that measured it."""
    series: dict[str, list[Measured]] = {}
    for one in metrics:
        if one.values:
            series.setdefault(one.name, []).append(one)
    if not series:
        raise UsageError("there are no numbers to plot", todo="without --plot the metrics are listed")
    out = terminal()
    width = min(out.width, PLOT_WIDTH)
    for name, curves in series.items():
        print_heading(name)
        drawn = [Series(one.step or "run", one.values, one.at) for one in curves]
        print(plot(drawn, width, unicode=out.unicode, colour=out.colour), end="")
