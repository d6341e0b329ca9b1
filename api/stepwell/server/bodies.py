"""Request bodies: read within limits of size and time, and refused when they are not plain, unambiguous JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from stepwell.server.refusals import Refusal

_HEARD_OUT = 8

Receive = Callable[[], Awaitable[dict[str, Any]]]


async def read_body(receive: Receive, limit: int, patience_s: float) -> bytes:
    """The whole body. Refusal 413 when it is longer than `limit` bytes, 408 when it does not come in time."""
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(patience_s):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refusal(400, "the caller has gone")
                part = message.get("body", b"")
                size += len(part)
                if size <= limit:
                    parts.append(part)
                # A little more is read and thrown away: a caller that is still sending would not see the answer.
                if size > _HEARD_OUT * limit or (size > limit and not message.get("more_body")):
                    raise Refusal(413, f"the body is longer than {limit} bytes")
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError:
        raise Refusal(408, f"the body did not come within {patience_s:g} seconds") from None


def refuse_odd(body: bytes) -> None:
    """Refusal 422 for JSON that is not what it seems: repeated names, NaN, text that is no Unicode, NUL, nesting without end."""
    try:
        text = body.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        _check_text(value)
    except RecursionError:
        raise Refusal(422, "the JSON is nested too deeply") from None
    except ValueError as error:  # no UTF-8, no JSON, an integer of thousands of digits
        raise Refusal(422, f"the body is not JSON as it should be: {error}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _check_text(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("a text has a NUL in it")
        value.encode("utf-8")  # a lone surrogate cannot be
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name)
            _check_text(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_text(inner)
