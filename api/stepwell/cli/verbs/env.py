"""`stepwell env ls|show|register|build`."""

from __future__ import annotations

import argparse

import msgspec

from stepwell.cli import exits
from stepwell.cli.actions import Action, add_actions
from stepwell.cli.assets import actions
from stepwell.cli.common import add_json, add_parameters, add_workspace, examples, open_workspace, parameters, print_json, print_table, say
from stepwell.cli.naming import absolute, load_to_use
from stepwell.cli.printing import ago, moment, print_facts, print_heading
from stepwell_store.errors import UsageError
from stepwell_store.workspace import Workspace
from stepwell_tui.render.tables import Column
from stepwell_tui.render.text import safe_line, size_text
from stepwell_tui.views.environments import Environment, environments

_SHORT = 12


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_actions(parser, ACTIONS)
    examples(parser, "stepwell env ls", "stepwell env show 3f2a", "stepwell env build pipeline.py",
             "stepwell env build pipeline.py train --target docker")


def run(args: argparse.Namespace) -> int:
    """Do what the action says."""
    return ACTIONS[args.action].run(args)


def _configure_ls(parser: argparse.ArgumentParser) -> None:
    add_workspace(parser)
    add_json(parser)


def _ls(args: argparse.Namespace) -> int:
    found = environments(open_workspace(args))
    if args.json:
        print_json(found)
        return exits.DONE
    print_table(
        [Column("env", keep=True), Column("kind", keep=True), Column("what"), Column("state"), Column("size", right=True),
         Column("uses", right=True), Column("last used")],
        [(one.key[:_SHORT], one.kind, one.words, one.state, "" if one.size is None else size_text(one.size), str(one.uses or ""),
          ago(one.used_at)) for one in found])  # fmt: skip
    return exits.DONE


def _configure_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("env", metavar="ENV", help="the beginning of its key, as `stepwell env ls` lists it, or `current`")
    add_workspace(parser)
    add_json(parser)


def _show(args: argparse.Namespace) -> int:
    workspace = open_workspace(args)
    one = _find(workspace, args.env)
    if args.json:
        print_json(one)
        return exits.DONE
    log = workspace.envs / f"{one.key}.log"
    print_facts([
        ("environment", one.key), ("kind", one.kind), ("what", one.words), ("state", one.state), ("where", one.where),
        ("size", None if one.size is None else size_text(one.size)), ("made", moment(one.made_at)), ("last used", moment(one.used_at)),
        ("used by", ", ".join(one.used_by)), ("log", str(log) if log.exists() else None),
    ])  # fmt: skip
    _list("asked for", list(one.requirements))
    _list("packages", [f"{name} {version}" for name, version in one.packages])
    return exits.DONE


def _list(title: str, lines: list[str]) -> None:
    if lines:
        print_heading(title)
        for line in lines:
            print(safe_line(line))


def _find(workspace: Workspace, name: str) -> Environment:
    known = environments(workspace)
    found = [one for one in known if (one.kind == "current" if name == "current" else one.key.startswith(name))]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{len(found)} environments begin with {name}",
                         todo=f"write more of it: {', '.join(one.key[:20] for one in found)}")
    raise UsageError(f"there is no environment {name}", todo="`stepwell env ls` lists them")


def _configure_build(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a pipeline file")
    parser.add_argument("steps", metavar="STEP", nargs="*", help="only for these steps (default: all)")
    add_parameters(parser)
    parser.add_argument("--target", metavar="NAME", help="as they are on this compute target")
    add_workspace(parser)
    add_json(parser)


def _build(args: argparse.Namespace) -> int:
    from stepwell_runner.verbs.environments import build
    from stepwell_runner.verbs.submit import Submission, prepare

    path = absolute(args.file)
    workspace, graph = load_to_use(args, path)
    submission = Submission(graph=graph, source=str(path), parameters=parameters(args.parameter), target=args.target)
    made = build(prepare(workspace, submission), tuple(args.steps), say)
    if args.json:
        print_json([msgspec.to_builtins(one) for one in made])
        return exits.DONE
    for one in made:
        print(f"{safe_line(', '.join(one.steps))}: {safe_line(one.image or one.python)}")
    return exits.DONE


ACTIONS = {
    "ls": Action("list what steps run in", _configure_ls, _ls),
    "show": Action("all that is known of one", _configure_show, _show),
    "register": actions("environment", "env")["register"],
    "build": Action("make the environments of a pipeline's steps now, not when they run", _configure_build, _build),
}
