"""The log methods of a run, recorded or not; and metrics as `get_metrics` gives them."""

from __future__ import annotations

import json
import types
from collections.abc import Iterable
from typing import Any

from stepwell import wire
from stepwell.errors import UserErrorException


class Metrics:
    """The log methods. A subclass says in `_metric` where metrics go and in `_picture` how a picture is kept."""

    def _metric(self, kind: str, name: str, value: Any, step: int | None = None, description: str = "") -> None:
        raise NotImplementedError

    def _picture(self, name: str, path: str | None, plot: Any) -> str:
        raise NotImplementedError

    def log(self, name: str, value: Any, description: str = "", step: int | None = None) -> None:
        """One number, text or bool; again under the same name for a series. What is none of these is kept as its repr."""
        if isinstance(value, (list, tuple, range, types.GeneratorType)):
            raise UserErrorException(f"log({name!r}) takes one value, no {type(value).__name__}; log_list takes several")
        self._metric("scalar", name, wire.scalar(value), _whole(name, step), description)

    def log_list(self, name: str, value: Iterable[Any], description: str = "") -> None:
        """A list of values under one name."""
        self._metric("list", name, _values(name, value), None, description)

    def log_row(self, name: str, description: str | None = None, **kwargs: Any) -> None:
        """One row of a table, a value per column; again for the next row."""
        self._metric("row", name, {key: wire.scalar(value) for key, value in kwargs.items()}, None, description or "")

    def log_table(self, name: str, value: dict[str, Any], description: str = "") -> None:
        """A whole table: a dictionary of column to list of values."""
        if not isinstance(value, dict):
            raise UserErrorException(f"log_table({name!r}) takes a dictionary of column to list, not a {type(value).__name__}")
        table = {str(key): _values(name, cell) if _is_column(cell) else wire.scalar(cell) for key, cell in value.items()}
        self._metric("table", name, table, None, description)

    def log_image(self, name: str, path: str | None = None, plot: Any = None, description: str = "") -> None:
        """A picture: either the path of a file, or a plot of matplotlib."""
        if (path is None) == (plot is None):
            raise UserErrorException(f"log_image({name!r}) takes either a path or a plot")
        self._metric("image", name, self._picture(name, path, plot), None, description)

    def log_confusion_matrix(self, name: str, value: Any, description: str = "") -> None:
        """A confusion matrix in its documented JSON form, as a dictionary or as text."""
        self._metric("confusion_matrix", name, _document(name, value), None, description)

    def log_accuracy_table(self, name: str, value: Any, description: str = "") -> None:
        """An accuracy table in its documented JSON form, as a dictionary or as text."""
        self._metric("accuracy_table", name, _document(name, value), None, description)

    def log_residuals(self, name: str, value: Any, description: str = "") -> None:
        """A histogram of residuals in its documented JSON form, as a dictionary or as text."""
        self._metric("residuals", name, _document(name, value), None, description)

    def log_predictions(self, name: str, value: Any, description: str = "") -> None:
        """Predictions in their documented JSON form, as a dictionary or as text."""
        self._metric("predictions", name, _document(name, value), None, description)


def _whole(name: str, step: Any) -> int | None:
    plain = wire.scalar(step)
    if plain is None or (isinstance(plain, int) and not isinstance(plain, bool)):
        return plain
    raise UserErrorException(f"log({name!r}): step is a whole number, not {step!r}")


def _is_column(cell: Any) -> bool:
    return isinstance(cell, (list, tuple, range)) or (hasattr(cell, "tolist") and getattr(cell, "shape", None) != ())


def _values(name: str, value: Any) -> list[Any]:
    """The values as a list of scalars; arrays and series of other libraries through their `tolist()`."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (str, bytes, dict)) or not hasattr(value, "__iter__"):
        raise UserErrorException(f"{name!r}: a list of values is wanted, not {type(value).__name__}")
    return [wire.scalar(item) for item in value]


def _document(name: str, value: Any) -> dict[str, Any]:
    try:
        document = json.loads(value) if isinstance(value, (str, bytes)) else value
    except ValueError as problem:
        raise UserErrorException(f"{name!r}: the text is not JSON: {problem}") from None
    if not isinstance(document, dict):
        raise UserErrorException(f"{name!r}: a dictionary is wanted, not {type(document).__name__}")
    return document


def collect(reports: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Metric reports in order as `get_metrics` gives them.

    A scalar logged once is a scalar, logged again a list; rows become a dictionary of columns; a later list or table
    extends the earlier one; of everything else the last counts.
    """
    found: dict[str, Any] = {}
    for report in reports:
        name, kind, value = report["name"], report["type"], report["value"]
        fold = _FOLDS.get(kind)
        found[name] = fold(found[name], value) if fold is not None and name in found else value
    return found


def _append(before: Any, value: Any) -> list[Any]:
    return [*before, value] if isinstance(before, list) else [before, value]


def _extend(before: Any, value: Any) -> list[Any]:
    first = before if isinstance(before, list) else [before]
    return first + (value if isinstance(value, list) else [value])


def _columns(before: Any, value: Any) -> Any:
    if not isinstance(before, dict):
        return value
    joined = {key: _extend(before[key], cell) if key in before else cell for key, cell in value.items()}
    return {**before, **joined}


_FOLDS = {"scalar": _append, "list": _extend, "row": _columns, "table": _columns}
