"""The command line. Only what the verb at hand needs is imported, and leaving costs nothing."""

from __future__ import annotations

import gc
import os
import sys


def command() -> None:
    """The program `stepwell`: `main`, and out. Taking an interpreter down piece by piece takes longer than many commands do."""
    code = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue  # nobody reads it any longer
    os._exit(code)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code (see exits.py)."""
    words = sys.argv[1:] if arguments is None else arguments
    if words == ["--version"]:
        from stepwell import __version__

        print(f"stepwell {__version__}")
        return 0
    # A command allocates much and frees little before it is over; the collector would only look at it again and again.
    # A verb that stays calls `stay`.
    gc.disable()
    _import_msgspec()
    from stepwell.cli.dispatch import dispatch

    return dispatch(words)


def stay() -> None:
    """From here on the process may live for days, so memory is collected again, but for what starting up has left."""
    gc.freeze()
    gc.enable()


def _import_msgspec() -> None:
    # It asks typing_extensions before typing, which has all that it wants since Python 3.11, and importing that takes longer than
    # importing msgspec itself. Hidden for this one import only.
    if "typing_extensions" in sys.modules:
        return
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]
    try:
        import msgspec  # noqa: F401
    finally:
        del sys.modules["typing_extensions"]
