"""`stepwell schema`."""

from __future__ import annotations

import argparse
import json

from stepwell.cli import exits
from stepwell.cli.common import examples

_KINDS = {"pipeline": "pipeline job"} | {name: name for name in ("job", "component", "environment", "data", "model")}


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("kind", nargs="?", choices=list(_KINDS), default="pipeline", help="what kind of file (default: pipeline)")
    examples(parser, "stepwell schema > pipeline.schema.json", "stepwell schema component > component.schema.json")
    assert parser.epilog is not None
    parser.epilog += "\n\nEditors take it by a first line such as:  # yaml-language-server: $schema=pipeline.schema.json"


def run(args: argparse.Namespace) -> int:
    """Print the JSON schema of the YAML that is accepted."""
    from stepwell.jobs.schema import schema

    print(json.dumps(schema(_KINDS[args.kind]), indent=2))
    return exits.DONE
