"""The columns of a table as lines: what is in each of them."""

from __future__ import annotations

from stepwell_store.data.profile import ColumnProfile, Profile
from stepwell_tui.render.tables import Column

_FIGURES = ("count", "missing", "distinct", "min", "max", "mean", "std")
_WIDEST = 20

COLUMNS = (Column("column", keep=True), Column("kind", keep=True), *(Column(name, right=True, keep=True) for name in _FIGURES))


def cells(found: Profile) -> list[tuple[str, ...]]:
    """A row for each column; foreign text."""
    return [_cells(column) for column in found.columns]


def _cells(column: ColumnProfile) -> tuple[str, ...]:
    figures = (column.minimum, column.maximum, column.mean, column.std)
    return (column.name, column.kind, str(column.count), str(column.missing), "many" if column.distinct is None else str(column.distinct),
            *("" if value is None else value[:_WIDEST] if isinstance(value, str) else f"{value:.6g}" for value in figures))
