"""What v1 reports of its use to its maker: nothing is reported here."""

from __future__ import annotations

INSTRUMENTATION_KEY = ""


def set_diagnostics_collection(send_diagnostics: bool = True, verbosity: object = None) -> None:
    """Nothing: there is nothing to turn on or off."""
