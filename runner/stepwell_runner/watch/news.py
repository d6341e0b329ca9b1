"""What a watcher says, as values."""

from __future__ import annotations

import msgspec

from stepwell_runner.verbs.submit import Submission
from stepwell_runner.watch.states import States


class Trouble(msgspec.Struct, frozen=True):
    """Why a pipeline cannot be planned: the three parts of a StepwellError."""

    what: str
    where: str | None = None
    todo: str | None = None


class Looked(msgspec.Struct, frozen=True, kw_only=True, tag="looked"):
    """A plan said something new of a pipeline (its file's path). `at` is in seconds of the epoch, `look` counts the plans.

    `changed` are the states that were not so when a plan could last be made, `gone` keys of steps that are no longer there.
    While there is `trouble` all `states` are unknown; `mended` says that there was and is no longer.
    """

    pipeline: str
    look: int
    at: float
    states: States = ()
    changed: States = ()
    gone: tuple[str, ...] = ()
    trouble: Trouble | None = None
    mended: bool = False


class Notice(msgspec.Struct, frozen=True, tag="notice"):
    """Something about the watching itself, such as that it has to look all the time."""

    text: str


class Settled(msgspec.Struct, frozen=True, kw_only=True, tag="settled"):
    """Edits changed the plan, steps would run, and nothing was edited for a moment: a good time to run `submission`.

    `meanwhile` when the edits were made while whoever listens was busy with the last one.
    """

    pipeline: str
    submission: Submission
    meanwhile: bool = False


News = Looked | Notice | Settled
