"""`stepwell completion bash|zsh|fish`."""

from __future__ import annotations

import argparse

from stepwell.cli import exits
from stepwell.cli.common import examples

SHELLS = ("bash", "zsh", "fish")


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    parser.add_argument("shell", metavar="SHELL", choices=SHELLS, help=" or ".join(SHELLS))
    examples(parser, "echo 'source <(stepwell completion bash)' >> ~/.bashrc",
             "echo 'source <(stepwell completion zsh)' >> ~/.zshrc",
             "stepwell completion fish > ~/.config/fish/completions/stepwell.fish")


def run(args: argparse.Namespace) -> int:
    """Print the script."""
    from stepwell.cli.completions import SCRIPTS, gather

    print(SCRIPTS[args.shell](gather()), end="")
    return exits.DONE
