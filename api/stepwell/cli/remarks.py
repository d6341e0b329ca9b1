"""What was looked at, a line each: ok, warn or bad, the topic, what was seen, and below it what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from stepwell.cli.common import terminal, words
from stepwell_tui.render.status import paint

_COLOURS = {"ok": "green", "warn": "yellow", "bad": "red"}


class Said(Protocol):
    """One thing that was looked at."""

    @property
    def topic(self) -> str:
        """What it is about."""

    @property
    def state(self) -> Literal["ok", "warn", "bad"]:
        """How it is."""

    @property
    def text(self) -> str:
        """What was seen."""

    @property
    def todo(self) -> str:
        """What to do, or nothing."""


def print_remarks(remarks: Sequence[Said]) -> None:
    """All of them, the topics in a column."""
    width = max((len(remark.topic) for remark in remarks), default=0)
    colour = terminal().colour
    for remark in remarks:
        print(f"{paint(f'{remark.state:4}', _COLOURS[remark.state], colour)}  {remark.topic:{width}}  {words(remark.text)}")
        for line in remark.todo.splitlines():
            print(f"{'':{width + 8}}{words(line)}")
