"""`stepwell compute ls|add|test|rm`."""

from __future__ import annotations

import argparse

import msgspec

from stepwell.cli import exits
from stepwell.cli.actions import Action, add_actions
from stepwell.cli.common import add_json, add_workspace, examples, open_workspace, print_json, print_table, say
from stepwell.cli.remarks import print_remarks
from stepwell_runner.targets.kinds import KINDS
from stepwell_runner.verbs import compute
from stepwell_store.errors import UsageError
from stepwell_store.ledger.compute import ComputeTarget
from stepwell_tui.render.tables import Column
from stepwell_tui.render.text import safe_line


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_actions(parser, ACTIONS)
    examples(parser, "stepwell compute ls", "stepwell compute add small --kind local --max-steps 1", "stepwell compute test local",
             "stepwell compute rm small")


def run(args: argparse.Namespace) -> int:
    """Do what the action says."""
    return ACTIONS[args.action].run(args)


def _configure_ls(parser: argparse.ArgumentParser) -> None:
    add_workspace(parser)
    add_json(parser)


def _ls(args: argparse.Namespace) -> int:
    targets = compute.targets(open_workspace(args))
    if args.json:
        print_json([msgspec.to_builtins(target) | {"taken": target.taken} for target in targets])
        return exits.DONE
    print_table([Column("name", keep=True), Column("kind", keep=True), Column("steps", keep=True, right=True), Column("settings"),
                 Column("what")],
                [(one.name, one.kind, f"{one.taken}/{one.max_steps}", _settings(one.settings), one.description or "") for one in targets])
    return exits.DONE


def _settings(settings: object) -> str:
    assert isinstance(settings, dict)
    return " ".join(f"{name}={value}" for name, value in settings.items())


def _configure_add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what steps call it; the name of a kind changes that kind's own target")
    parser.add_argument("--kind", metavar="KIND", help=f"one of: {', '.join(KINDS)}")
    parser.add_argument("--max-steps", metavar="N", type=int, help="how many steps run on it at once, across runs and processes")
    parser.add_argument("--set", metavar="NAME=VALUE", dest="settings", action="append", default=[],
                        help="a setting of its kind; may be given more than once")
    parser.add_argument("--description", metavar="TEXT", help="a line for people")
    parser.add_argument("--replace", action="store_true", help="take the place of one of the same name")
    add_workspace(parser)
    add_json(parser)
    parser.epilog = "settings:\n" + "\n".join(_lines_of_settings())


def _lines_of_settings() -> list[str]:
    lines = []
    for name, kind in KINDS.items():
        lines.append(f"  {name}: {kind.what}")
        lines += [f"    {setting.name:<12} {setting.what}" for setting in kind.settings]
    return lines


def _add(args: argparse.Namespace) -> int:
    kind = args.kind or (args.name if args.name in KINDS else None)
    if kind is None:
        raise UsageError("what kind of compute target?", todo=f"say --kind with one of: {', '.join(KINDS)}")
    target = ComputeTarget(name=args.name, kind=kind, max_steps=args.max_steps, settings=_assignments(args.settings),
                           description=args.description)
    stored = compute.define(open_workspace(args), target, replace=args.replace)
    if args.json:
        print_json(stored)
    else:
        name = safe_line(stored.name)
        say(f"{name} is a compute target now: steps name it, or `stepwell run FILE --target {name}`;"
            f" `stepwell compute test {name}` looks at it")
    return exits.DONE


def _assignments(words: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f"--set {word} is not of the form NAME=VALUE", todo="for example: --set memory=4g")
        found[name] = value
    return found


def _configure_test(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", default="local", help="the compute target (default: local)")
    add_workspace(parser)
    add_json(parser)


def _test(args: argparse.Namespace) -> int:
    found = compute.test(open_workspace(args), args.name)
    ready = all(finding.state != "bad" for finding in found)
    if args.json:
        print_json({"target": args.name, "ready": ready, "findings": found})
    else:
        print_remarks(found)
        say(f"steps can run on {safe_line(args.name)}" if ready else f"steps cannot run on {safe_line(args.name)}")
    return exits.DONE if ready else exits.MACHINE_NOT_READY


def _configure_rm(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a compute target that was added")
    add_workspace(parser)


def _rm(args: argparse.Namespace) -> int:
    compute.remove(open_workspace(args), args.name)
    say(f"{safe_line(args.name)} is no compute target any longer; what ran on it stays recorded")
    return exits.DONE


ACTIONS = {
    "ls": Action("list where steps can run, and how many do", _configure_ls, _ls),
    "add": Action("define a compute target", _configure_add, _add),
    "test": Action("look at a compute target: what it can do, what not and why", _configure_test, _test),
    "rm": Action("forget a compute target", _configure_rm, _rm),
}
