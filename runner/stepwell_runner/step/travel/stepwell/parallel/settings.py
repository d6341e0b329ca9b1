"""What the step's context says about its work, as numbers."""

from __future__ import annotations

import json
import os
import re
from typing import Any, NamedTuple

FILES_PER_BATCH = 10
BYTES_PER_BATCH = 1024 * 1024
ROWS_FILE = "parallel_run_step.txt"

_SIZE = re.compile(r"(\d+)\s*([kmg]?)b?", re.IGNORECASE)
_FACTORS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40}


class SettingsError(Exception):
    """A setting that cannot be; the message is for a person."""


class Append(NamedTuple):
    """Where rows go: a path, what stands between the values of a row, whether column names come first."""

    path: str
    separator: str
    header: bool


class Settings(NamedTuple):
    """How the work is done. Of what may fail None is any number; `timeout_s` None is no limit."""

    entry: str
    split: list[str]
    count: int | None
    batch_size: int | None
    batch_unit: str
    partition_keys: list[str]
    workers: int
    per_node: int
    tries: int
    timeout_s: float | None
    failed_items: int | None
    failed_batches: int | None
    failed_percent: float | None
    append: Append | None
    level: int
    options: list[str]


def settings_of(context: dict[str, Any], cores: int | None = None, gpus: int = 0) -> Settings:
    """The settings in a step's context. SettingsError names the one that is wrong."""
    work = context["work"]
    nodes = _whole(work, "nodes", 1, least=1)
    usual = gpus or max(1, (cores or os.cpu_count() or 1) // nodes)
    per_node = _whole(work, "workers", usual, least=1)
    return Settings(
        entry=work["entry"],
        split=work.get("split", []),
        count=_optional(work, "count", least=1),
        batch_size=_size(work),
        batch_unit=work.get("batch_unit", "auto"),
        partition_keys=_keys(work.get("partition_keys", [])),
        workers=_crew(nodes, per_node, cores or os.cpu_count() or 1),
        per_node=per_node,
        tries=_whole(work, "tries", 3, least=1),
        timeout_s=_seconds(work),
        failed_items=_allowed(work, "failed_items"),
        failed_batches=_allowed(work, "failed_batches"),
        failed_percent=_percent(work),
        append=_append(work.get("append"), context.get("outputs", {})),
        level=_level(work.get("logging")),
        options=work.get("options", []),
    )


def _crew(nodes: int, per_node: int, cores: int) -> int:
    """A laptop is one node: what an author asked of each node is kept, more nodes only fill the processors that are there."""
    return min(nodes * per_node, max(per_node, cores))


def _whole(work: dict[str, Any], name: str, usual: int, least: int) -> int:
    found = _optional(work, name, least)
    return usual if found is None else found


def _optional(work: dict[str, Any], name: str, least: int) -> int | None:
    text = (work.get(name) or "").strip()
    if not text:
        return None
    try:
        number = int(float(text)) if float(text) == int(float(text)) else least - 1
    except (ValueError, OverflowError):
        number = least - 1
    if number < least:
        raise SettingsError(f"{name} is {text!r}; it must be a whole number, {least} or more")
    return number


def _size(work: dict[str, Any]) -> int | None:
    text = (work.get("batch_size") or "").strip()
    if not text:
        return None
    found = _SIZE.fullmatch(text)
    size = int(found.group(1)) * _FACTORS[found.group(2).lower()] if found else 0
    if size < 1:
        raise SettingsError(f"batch_size is {text!r}; it must be a number such as 10, 500KB or 2MB")
    return size


def _allowed(work: dict[str, Any], name: str) -> int | None:
    found = _optional(work, name, least=-1)
    return None if found == -1 else found


def _percent(work: dict[str, Any]) -> float | None:
    text = (work.get("failed_percent") or "").strip()
    if not text:
        return None
    try:
        percent = float(text)
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= 100:
        raise SettingsError(f"failed_percent is {text!r}; it must be a number from 0 to 100")
    return percent if percent < 100 else None


def _seconds(work: dict[str, Any]) -> float | None:
    text = (work.get("timeout_s") or "").strip()
    try:
        seconds = float(text) if text else 0.0
    except ValueError:
        seconds = -1.0
    if seconds < 0:
        raise SettingsError(f"timeout_s is {text!r}; it must be a number of seconds")
    return seconds or None


def _keys(given: Any) -> list[str]:
    if isinstance(given, str):
        try:
            given = json.loads(given) if given.strip() else []
        except ValueError:
            given = None
    if not isinstance(given, list) or not all(isinstance(key, str) for key in given):
        raise SettingsError(f"partition_keys must be a JSON list of names, not {given!r}")
    return given


def _append(work: dict[str, Any] | None, outputs: dict[str, str]) -> Append | None:
    if work is None:
        return None
    place = outputs[work["output"]]
    name = work.get("file")
    path = place if name is None else os.path.join(place, name or ROWS_FILE)
    return Append(path, work.get("separator", " "), bool(work.get("header")))


def _level(text: str | None) -> int:
    if not text:
        return _LEVELS["INFO"]
    if text.upper() not in _LEVELS:
        raise SettingsError(f"logging is {text!r}; it must be one of {', '.join(_LEVELS)}")
    return _LEVELS[text.upper()]
