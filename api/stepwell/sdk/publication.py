"""What published pipelines, endpoints and schedules have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from stepwell_store.ledger.publishing import Endpoint, Published
from stepwell_store.ledger.schedules import Schedule

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace

Record = TypeVar("Record", Published, Endpoint, Schedule)


class Publication(Generic[Record]):
    """Base: something under an id in a workspace that is on or off, with its record as it was last read."""

    def __init__(self, workspace: Workspace, record: Record) -> None:
        self.workspace = workspace
        self._record: Record = record

    @property
    def id(self) -> str:
        """Its id."""
        return self._record.id

    @property
    def name(self) -> str:
        """Its name."""
        return self._record.name

    @property
    def description(self) -> str | None:
        """What it is for."""
        return self._record.description

    @property
    def status(self) -> str:
        """`Active` or `Disabled`."""
        return self._record.status
