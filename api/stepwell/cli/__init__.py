"""The command line. Only what the verb at hand needs is imported."""

from __future__ import annotations

import gc
import sys


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code (see exits.py)."""
    words = sys.argv[1:] if arguments is None else arguments
    if words == ["--version"]:
        from stepwell import __version__

        print(f"stepwell {__version__}")
        return 0
    # A command allocates much and frees little before it is over; the collector would only look at it again and again.
    gc.disable()
    from stepwell.cli.dispatch import dispatch

    return dispatch(words)
