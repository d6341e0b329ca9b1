"""The filters of `search_runs`, as far as scripts use them: comparisons joined by `and`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from stepwell_runner.tracking.errors import Refusal

if TYPE_CHECKING:
    from stepwell_runner.tracking.book import TrackedRun

_ONE = re.compile(
    r"""\s*(?:(?P<kind>\w+)\.)?(?P<key>[\w./-]+|`[^`]+`|"[^"]+")\s*(?P<op>!=|>=|<=|=|>|<|\bi?like\b)\s*"""
    r"""(?P<value>'[^']*'|"[^"]*"|-?[\d.eE+-]+)\s*(?P<more>and\b|\Z)""",
    re.IGNORECASE,
)
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le,
    "like": lambda text, pattern: fnmatchcase(str(text), str(pattern).replace("%", "*").replace("_", "?")),
    "ilike": lambda text, pattern: fnmatchcase(str(text).lower(), str(pattern).lower().replace("%", "*").replace("_", "?"))}


def matching(run: TrackedRun, text: str) -> bool:
    """Whether a run fits a filter; Refusal for one that cannot be read."""
    position = 0
    while position < len(text.rstrip()):
        match = _ONE.match(text, position)
        if match is None:
            raise Refusal("INVALID_PARAMETER_VALUE", f"the filter {text!r} cannot be read: comparisons joined by `and` can")
        if not _fits(run, match):
            return False
        position = match.end()
    return True


def _fits(run: TrackedRun, match: re.Match[str]) -> bool:
    found = _value(run, (match["kind"] or "attributes").lower(), match["key"].strip('`"'))
    if found is None:
        return False
    wanted: Any = match["value"]
    quoted = wanted[0] in "'\""
    wanted = wanted[1:-1] if quoted else float(wanted)
    return _OPERATORS[match["op"].lower()](str(found) if quoted else float(found), wanted)


def _value(run: TrackedRun, kind: str, key: str) -> Any:
    if kind in ("metric", "metrics"):
        values = run.metrics.get(key)
        return float(values[-1]["value"]) if values else None
    if kind in ("param", "params", "parameter", "parameters"):
        return run.params.get(key)
    if kind in ("tag", "tags"):
        return run.tags.get(key)
    return {"status": run.status, "run_name": run.name, "run_id": run.run_id, "start_time": run.start, "end_time": run.end}.get(key)
