"""`stepwell model register|ls|show|rm`."""

from __future__ import annotations

import argparse

from stepwell.cli.actions import add_actions
from stepwell.cli.assets import actions
from stepwell.cli.common import examples

ACTIONS = actions("model", "model")


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_actions(parser, ACTIONS)
    examples(parser, "stepwell model register model.yml", "stepwell model ls", "stepwell model show NAME:1")


def run(args: argparse.Namespace) -> int:
    """Do what the action says."""
    return ACTIONS[args.action].run(args)
