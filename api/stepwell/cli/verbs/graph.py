"""`stepwell graph FILE|RUN`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from stepwell.cli import exits
from stepwell.cli.common import add_workspace, examples, say, terminal
from stepwell.cli.naming import absolute, graph_of_run, is_file, load_to_look
from stepwell_runner.verbs.steps import shown_status, steps_of_run
from stepwell_tui.render.graph.adapt import drawable
from stepwell_tui.render.graph.model import Edge, Node
from stepwell_tui.render.text import duration_text, safe_line

FORMATS = ("text", "mermaid", "svg")
PIPED_WIDTH = 120

Drawable = tuple[list[Node], list[Edge]]


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("what", metavar="FILE|RUN", help="a pipeline file, or a run, drawn with how its steps went")
    parser.add_argument("--format", choices=FORMATS, help="how to draw it (default: by the name of the -o FILE, else text)")
    parser.add_argument("-o", "--output", metavar="FILE", help="write it there")
    parser.add_argument("--no-status", action="store_true", help="leave out how the steps went")
    add_workspace(parser)
    examples(parser, "stepwell graph pipeline.py", "stepwell graph @last", "stepwell graph @last -o run.svg",
             "stepwell graph pipeline.py --format mermaid")


def run(args: argparse.Namespace) -> int:
    """Draw a pipeline."""
    wanted = args.format or _format_of(args.output)
    graph = drawable(load_to_look(args, absolute(args.what))) if is_file(args.what) else _of_run(args)
    text = _drawn(graph, wanted, status=not args.no_status, to_file=args.output is not None)
    if args.output is None:
        print(text, end="" if text.endswith("\n") else "\n")
    else:
        Path(args.output).expanduser().write_text(text, encoding="utf-8")
        say(f"drawn in {safe_line(args.output)}")
    return exits.DONE


def _format_of(path: str | None) -> str:
    endings = {".svg": "svg", ".mmd": "mermaid", ".mermaid": "mermaid"}
    return endings.get(Path(path).suffix.lower(), "text") if path else "text"


def _of_run(args: argparse.Namespace) -> Drawable:
    workspace, found, graph = graph_of_run(args, args.what)
    steps = steps_of_run(workspace, found)
    notes = {step.step: duration_text(step.duration_s) for step in steps if step.duration_s is not None and step.reused_from is None}
    return drawable(graph, {step.step: shown_status(step) for step in steps}, notes)


def _drawn(graph: Drawable, wanted: str, *, status: bool, to_file: bool) -> str:
    nodes, edges = graph
    if wanted == "mermaid":
        from stepwell_tui.render.graph.mermaid import render_mermaid

        return render_mermaid(nodes, edges, status=status)
    if wanted == "svg":
        from stepwell_tui.render.graph.svg import render_svg

        return render_svg(nodes, edges, status=status)
    from stepwell_tui.render.graph.text import render_text

    out = terminal()
    width = out.width if out.is_terminal and not to_file else PIPED_WIDTH
    return render_text(nodes, edges, width, status, out.colour and not to_file, out.unicode or to_file or not sys.stdout.isatty())
