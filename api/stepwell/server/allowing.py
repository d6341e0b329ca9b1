"""What a token allows: verbs, and for one that is for a single endpoint or published pipeline only what belongs to that."""

from __future__ import annotations

from typing import Any

from stepwell.server.refusals import Refusal
from stepwell_runner.verbs.publish import ENDPOINT, PUBLISHED, Called
from stepwell_store.ledger.records import Run
from stepwell_store.ledger.tokens import Token, Verb


def token_of(request: Any) -> Token:
    """The token that a request came in with."""
    found: Token = request.scope["state"]["token"]
    return found


def allow(token: Token, verb: Verb, *subjects: str | None) -> None:
    """Refusal 403 unless the token has the verb and, when it is for one thing only, that is among the subjects."""
    if verb not in token.verbs:
        raise Refusal(403, f"this token does not allow to {verb}; it is for: {', '.join(token.verbs)}")
    if token.only_for is not None and token.only_for not in subjects:
        raise Refusal(403, "this token is for one endpoint or published pipeline, and this is not part of it")


def allow_run(token: Token, verb: Verb, run: Run) -> None:
    """The same for a run: it belongs to the published pipeline that it ran and to the endpoint by which it was asked for."""
    allow(token, verb, run.properties.get(PUBLISHED), run.properties.get(ENDPOINT))


def allow_called(token: Token, called: Called) -> None:
    """The same for a submission. A token for a published pipeline does for it also through an endpoint."""
    allow(token, "submit", called.published.id, called.endpoint.id if called.endpoint else None)
