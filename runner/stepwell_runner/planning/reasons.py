"""Why a step runs: small values that are stored with the step run and put into words for people."""

from __future__ import annotations

from typing import Any

import msgspec


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """Base of the reasons."""


class NeverRan(Reason, frozen=True, tag="never_ran"):
    """No result of this step is known."""


class Forced(Reason, frozen=True, tag="forced"):
    """Somebody asked for it."""


class ReuseDisabled(Reason, frozen=True, tag="reuse_disabled"):
    """The author wrote allow_reuse=False."""


class SourceChanged(Reason, frozen=True, tag="source_changed"):
    """Files of the source folder differ; paths relative to it, shortened to a few by whoever stores the reason."""

    old: str | None
    new: str
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class ParameterChanged(Reason, frozen=True, tag="parameter_changed"):
    """A parameter that the step uses has another value; None means that it was not used before, or is no longer."""

    name: str
    old: str | None
    new: str | None


class InputChanged(Reason, frozen=True, tag="input_changed"):
    """The content of an input differs. `producer` is the step that made it, when one did."""

    name: str
    producer: str | None = None


class FileChanged(Reason, frozen=True, tag="file_changed"):
    """A file named in hash_paths differs."""

    path: str


class EnvironmentChanged(Reason, frozen=True, tag="environment_changed"):
    """The interpreter or its packages differ; `change` says how, when it is known."""

    old: str | None = None
    new: str | None = None
    change: str | None = None


class DefinitionChanged(Reason, frozen=True, tag="definition_changed"):
    """The step itself was written differently: `part` is command, outputs, inputs, variables, spark or version."""

    part: str
    old: str | None = None
    new: str | None = None


class SettingChanged(Reason, frozen=True, tag="setting_changed"):
    """How the step's work is cut or searched was written differently; None means that it was not said, or is no longer."""

    name: str
    old: str | None
    new: str | None


class Tried(Reason, frozen=True, tag="tried"):
    """It is a trial of a sweep that has not been made with these values."""

    values: str


class OutputMissing(Reason, frozen=True, tag="output_missing"):
    """An earlier result would do, but what it left is no longer there."""

    name: str
    path: str


class OutputChanged(Reason, frozen=True, tag="output_changed"):
    """An earlier result would do, but somebody changed what it left."""

    name: str
    path: str


class ResultGone(Reason, frozen=True, tag="result_gone"):
    """The earlier result was removed from the workspace."""


AnyReason = (NeverRan | Forced | ReuseDisabled | SourceChanged | ParameterChanged | InputChanged | FileChanged | EnvironmentChanged
             | DefinitionChanged | SettingChanged | Tried | OutputMissing | OutputChanged | ResultGone)

SHOWN = 3


def encode(reasons: tuple[AnyReason, ...]) -> list[dict[str, Any]]:
    """The reasons as JSON-like data, for the ledger."""
    data: list[dict[str, Any]] = msgspec.to_builtins(list(reasons))
    return data


def decode(data: list[dict[str, Any]]) -> tuple[AnyReason, ...]:
    """The reasons from stored data."""
    return msgspec.convert(data, tuple[AnyReason, ...])


def words(reason: AnyReason) -> str:  # noqa: C901 - one case a reason
    """One line for a person, such as `train.py changed` or `parameter c: 1.0 → 2.0`."""
    match reason:
        case NeverRan():
            return "it has not run before"
        case Forced():
            return "you asked for it"
        case ReuseDisabled():
            return "its author turned reuse off (allow_reuse=False)"
        case SourceChanged():
            return _source_words(reason)
        case ParameterChanged(name, old, new):
            return f"parameter {name}: {_value(old)} → {_value(new)}"
        case InputChanged(name, producer):
            return f"input {name} changed" + (f" (made by {producer})" if producer else "")
        case FileChanged(path):
            return f"{path} changed"
        case EnvironmentChanged(_, _, change):
            return "its environment changed" + (f": {change}" if change else "")
        case DefinitionChanged():
            return _definition_words(reason)
        case SettingChanged(name, old, new):
            return f"its {name.replace('_', ' ')}: {_value(old)} → {_value(new)}"
        case Tried(values):
            return f"it tries {values}"
        case OutputMissing(name, path):
            return f"its output {name} is missing ({path})"
        case OutputChanged(name, path):
            return f"its output {name} was changed by somebody ({path})"
        case ResultGone():
            return "its earlier result was removed"


def _source_words(reason: SourceChanged) -> str:
    parts = [f"{_some(paths)} {verb}" for paths, verb in
             ((reason.changed, "changed"), (reason.added, "added"), (reason.removed, "removed")) if paths]
    return ", ".join(parts) or "its source changed"


def _some(paths: tuple[str, ...]) -> str:
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return ", ".join(paths[:SHOWN]) + more


def _value(value: str | None) -> str:
    return "(none)" if value is None else value if len(value) <= 60 else value[:57] + "…"


def _definition_words(reason: DefinitionChanged) -> str:
    part = "Spark settings" if reason.part == "spark" else reason.part
    told = reason.part in ("command", "version", "spark")
    if told and reason.old is not None and reason.new is not None and len(reason.old + reason.new) < 160:
        return f"its {part} changed: {reason.old} → {reason.new}"
    return f"its {part} changed"
