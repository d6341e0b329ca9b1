"""How routes are declared: each says which answers it may give, so that the OpenAPI document holds all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from litestar import get as litestar_get
from litestar import post as litestar_post
from litestar.openapi.datastructures import ResponseSpec

from stepwell.server.shapes import Error

_ANYWHERE = {
    400: "The host, a header or the address is not as it should be.", 401: "No token, or not a good one.",
    403: "The token does not allow it.",
    404: "There is no such thing.", 408: "The body did not come in time.", 413: "The body is too long.", 415: "The body is not JSON.",
    422: "A value does not fit.", 429: "Too much at once; `Retry-After` says when to try again.",
}
_SUBMITTING = {409: "It is disabled, or the Idempotency-Key was used for another submission.", 503: "What was published cannot be read."}


def _responses(more: dict[int, str]) -> dict[int, ResponseSpec]:
    return {status: ResponseSpec(Error, description=text, generate_examples=False) for status, text in {**_ANYWHERE, **more}.items()}


def get(path: str, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """A route that tells something; it works in a thread, for it reads from the disk."""
    return litestar_get(path, sync_to_thread=True, responses=_responses({}), **options)


def post(path: str, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """A route that submits."""
    return litestar_post(path, sync_to_thread=True, status_code=200, responses=_responses(_SUBMITTING), **options)
