"""What `stepwell doctor FILE` prints."""

from __future__ import annotations

from pathlib import Path

from stepwell.azureml.migration import Diagnosis, Finding, diagnose
from stepwell.cli import exits
from stepwell.cli.common import print_json, terminal, words
from stepwell_tui.render.status import paint

_COLOURS = {"refused": "red", "missing": "red", "differs": "yellow", "runs": "green"}
_PLACES = 3


def report(path: Path, *, as_json: bool) -> int:
    """Print what a driver uses of v1; the exit code."""
    diagnosis = diagnose(path)
    if as_json:
        print_json({"file": str(path), "findings": diagnosis.findings, "missing_packages": diagnosis.missing_packages})
    else:
        _print(diagnosis)
    bad = diagnosis.of_level("refused") or diagnosis.of_level("missing")
    return exits.WRONG_COMMAND if bad else exits.DONE


def _print(diagnosis: Diagnosis) -> None:
    if not diagnosis.findings:
        print("it uses nothing of azureml")
    colour = terminal().colour
    told = [finding for finding in diagnosis.findings if finding.level != "runs"]
    width = max((len(finding.symbol) for finding in told), default=0)
    for finding in told:
        level = paint(f"{finding.level:8}", _COLOURS[finding.level], colour)
        print(f"{level} {words(finding.symbol):{width}}  {words(finding.note)}  ({_places(finding)})")
    fine = [finding.symbol for finding in diagnosis.of_level("runs")]
    if fine:
        print(f"{paint('runs    ', _COLOURS['runs'], colour)} {len(fine)} more: {words(', '.join(fine))}")
    if diagnosis.missing_packages:
        listed = ", ".join(diagnosis.missing_packages)
        print(f"{paint('packages', _COLOURS['differs'], colour)} not installed where the driver runs: {words(listed)}")


def _places(finding: Finding) -> str:
    more = len(finding.places) - _PLACES
    return "; ".join(finding.places[:_PLACES]) + (f"; {more} more" if more > 0 else "")
