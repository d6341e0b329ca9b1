"""Where a run's reports go, and what it has reported so far."""

from __future__ import annotations

from typing import Any

from stepwell import wire
from stepwell.channel import Channel


class Recorder:
    """Reports of one scope (`step` or `run`). `prefix` stands before every name, which is how child runs are told apart."""

    def __init__(self, facts: dict[str, Any], scope: str, prefix: str = "") -> None:
        self.facts = facts
        self.scope = scope
        self.prefix = prefix
        self._channel = Channel(facts["reports"])

    def named(self, name: Any) -> str:
        """The name as it is reported."""
        return self.prefix + wire.text(name)

    def send(self, kind: str, **fields: Any) -> None:
        """Append one report; the fields are plain already."""
        self._channel.send({"kind": kind, "scope": self.scope, **fields})

    def sent(self, kind: str, field: str) -> list[dict[str, Any]]:
        """The reports of this kind so far, with the prefix taken off the field that holds the name."""
        return [
            {**report, field: report[field][len(self.prefix) :]}
            for report in self._channel.read()
            if report.get("kind") == kind and report.get("scope") == self.scope and str(report.get(field)).startswith(self.prefix)
        ]
