"""`stepwell data register|ls|show|rm`."""

from __future__ import annotations

import argparse

from stepwell.cli.actions import add_actions
from stepwell.cli.assets import actions
from stepwell.cli.common import examples

ACTIONS = actions("data", "data")


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_actions(parser, ACTIONS)
    examples(parser, "stepwell data register data.yml", "stepwell data ls", "stepwell data show NAME:1")


def run(args: argparse.Namespace) -> int:
    """Do what the action says."""
    return ACTIONS[args.action].run(args)
