"""`stepwell export RUN|FILE --to azureml-v2`."""

from __future__ import annotations

import argparse
from pathlib import Path

from stepwell.cli import exits
from stepwell.cli.common import add_workspace, examples, origin, say
from stepwell.cli.naming import absolute, graph_of_run, is_file, load_to_look
from stepwell_runner.graph.model import Graph
from stepwell_tui.render.text import safe_line

FORMATS = ("azureml-v2",)


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("what", metavar="FILE|RUN", help="a pipeline file, or a run")
    parser.add_argument("--to", choices=FORMATS, default=FORMATS[0], help="the format (default: azureml-v2, for `az ml job create -f`)")
    parser.add_argument("-o", "--output", metavar="FILE", help="write it there; paths in it are relative to its folder (default: print it)")
    parser.add_argument("--compute", metavar="NAME", default="serverless", help="the default compute on Azure (default: serverless)")
    add_workspace(parser)
    examples(parser, "stepwell export pipeline.py -o pipeline.yml", "stepwell export @last --to azureml-v2 --compute azureml:cpu-cluster")


def run(args: argparse.Namespace) -> int:
    """Write a pipeline in the words of another system."""
    from stepwell.jobs.export import as_yaml, export

    target = Path(args.output).expanduser().absolute() if args.output else None
    graph, kinds = _graph(args)
    found = export(graph, str(target.parent if target is not None else Path.cwd()), args.compute, kinds)
    for notice in found.notices:
        say(f"look at this: {safe_line(notice)}")
    text = as_yaml(found.document)
    if target is None:
        print(text, end="")
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        say(f"written to {safe_line(str(target))}; `az ml job create -f {safe_line(str(target))}` runs it on Azure")
    return exits.DONE


def _graph(args: argparse.Namespace) -> tuple[Graph, dict[tuple[str, str], str]]:
    """The graph, and of a run what its outputs were: files or folders."""
    if is_file(args.what):
        return load_to_look(args, absolute(args.what)), {}
    from stepwell_store.ledger import history

    workspace, run, found = graph_of_run(args, args.what)
    steps = history.steps_of(workspace.database, run.id)
    return found, {(step.step, one.name): one.kind for step in steps
                   for one in history.outputs_of(workspace.database, origin(workspace, step).id)}  # fmt: skip
