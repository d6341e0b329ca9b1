"""What `stepwell doctor FILE` says of a driver: each use of v1, where it is, and how far Stepwell goes with it."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import msgspec

from stepwell.azureml.members import of_member
from stepwell.azureml.sources import parsed, pieces
from stepwell.azureml.support import LEVELS, Level, Support, of_name
from stepwell.azureml.surface import MODULES, refusal
from stepwell.azureml.uses import Use, Uses
from stepwell_store.errors import UsageError


class Finding(msgspec.Struct, frozen=True):
    """One thing of v1 that a driver uses, the places where it does, and what there is to say."""

    symbol: str
    level: Level
    note: str
    places: tuple[str, ...]


class Diagnosis(msgspec.Struct, frozen=True):
    """A whole driver. `missing_packages` are imported by it, and not installed where it would run."""

    findings: tuple[Finding, ...]
    missing_packages: tuple[str, ...]

    def of_level(self, level: Level) -> list[Finding]:
        """The findings of one level."""
        return [finding for finding in self.findings if finding.level == level]


def diagnose(path: Path) -> Diagnosis:
    """Read a driver; nothing of it is run. UsageError when it cannot be read."""
    if not path.is_file():
        raise UsageError(f"there is no file {path}", todo="Name a v1 driver: a Python file or a notebook.")
    uses = Uses()
    places: dict[str, list[str]] = {}
    supports: dict[str, Support] = {}
    for piece in pieces(path):
        begun = len(uses.found)
        uses.visit(parsed(piece, path))
        for use in uses.found[begun:]:
            symbol = _symbol(use)
            supports.setdefault(symbol, _support(use))
            here = piece.place(use.line)
            if here not in places.setdefault(symbol, []):
                places[symbol].append(here)
    found = [Finding(symbol, support.level, support.note, tuple(places[symbol])) for symbol, support in supports.items()]
    found.sort(key=lambda finding: LEVELS.index(finding.level))
    return Diagnosis(tuple(found), tuple(sorted(_not_installed(uses, path.absolute().parent))))


def _symbol(use: Use) -> str:
    return use.module if use.name is None else use.name if use.member is None else f"{use.name}.{use.member}"


def _support(use: Use) -> Support:
    why = refusal(use.module)
    if why is not None:
        return Support("refused", why)
    if use.name is None:
        served = use.module in MODULES or use.module.startswith("msrest")
        return Support("runs") if served else Support("missing", "Stepwell has no such module")
    if use.member is not None:
        return of_member(use.name, use.member)
    if use.module.startswith("msrest"):
        return Support("runs")
    if use.module not in MODULES:
        return Support("missing", f"Stepwell has no module {use.module}")
    return of_name(use.name)


def _not_installed(uses: Uses, folder: Path) -> set[str]:
    """Packages that the driver imports and that are neither Python's, nor installed, nor lie beside it."""
    wanted = {name for name in uses.packages if name and name not in sys.stdlib_module_names and name not in ("azureml", "msrest")}
    beside = {name for name in wanted if (folder / f"{name}.py").exists() or (folder / name).is_dir()}
    return {name for name in wanted - beside if find_spec(name) is None}
