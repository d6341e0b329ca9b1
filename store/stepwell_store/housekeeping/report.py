"""What a check found, as values."""

from __future__ import annotations

from typing import Literal

import msgspec

from stepwell_store.housekeeping.references import User

What = Literal["database", "rows", "object", "output", "artifact"]
State = Literal["corrupt", "missing", "changed", "unreadable", "gone"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as it was stored. `gone` is no damage: people and `gc` may remove whole outputs and run folders.

    `name` is a digest, `datastore/path` or a path below the workspace; `users` are the runs and steps that it belongs to.
    """

    what: What
    state: State
    name: str
    todo: str
    detail: str = ""
    users: tuple[User, ...] = ()

    @property
    def is_damage(self) -> bool:
        """Whether this means that stored data does not verify."""
        return self.state != "gone"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All that a check found, and how much it looked at. Sizes in bytes; `orphans` are objects that nothing names."""

    level: str
    objects: int = 0
    outputs: int = 0
    artifacts: int = 0
    bytes_read: int = 0
    findings: tuple[Finding, ...] = ()
    orphans: tuple[str, ...] = ()
    orphan_bytes: int = 0
    set_aside: int = 0
    repaired: bool = False

    @property
    def damage(self) -> tuple[Finding, ...]:
        """The findings that mean damage."""
        return tuple(finding for finding in self.findings if finding.is_damage)


def no_progress(done: int, total: int, name: str) -> None:
    """For callers who do not show any: bytes done, bytes in total, what is being looked at."""
    del done, total, name
