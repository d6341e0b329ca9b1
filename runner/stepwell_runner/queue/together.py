"""Submissions of many threads, written many at a time: the one that writes takes along all that came while the last one wrote."""

from __future__ import annotations

import threading

import msgspec

from stepwell_store.ledger import waiting
from stepwell_store.ledger.database import Database
from stepwell_store.ledger.events import RunCreated
from stepwell_store.ledger.waiting import Request

MOST = 64
"""How many are written in one transaction, which others have to wait for."""


class _Ticket(msgspec.Struct, eq=False):
    request: Request
    result: RunCreated | Exception | None = None


class Together:
    """Stands for `waiting.add`, for the threads of one process."""

    def __init__(self) -> None:
        self._waiting: list[_Ticket] = []
        self._changed = threading.Lock()
        self._turn = threading.Lock()

    def add(self, database: Database, request: Request) -> RunCreated:
        """Create a run that waits; the event that did, once it is durable. TakenKey or Full when it is not created."""
        ticket = _Ticket(request)
        with self._changed:
            self._waiting.append(ticket)
        with self._turn:
            while ticket.result is None:
                self._write(database)
        if isinstance(ticket.result, Exception):
            raise ticket.result
        return ticket.result

    def _write(self, database: Database) -> None:
        with self._changed:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        results: list[RunCreated | Exception]
        try:
            results = [*waiting.add_all(database, [ticket.request for ticket in batch])]
        except Exception as error:  # it is that of each of them
            results = [error] * len(batch)
        for ticket, result in zip(batch, results, strict=True):
            ticket.result = result
