"""What every request passes before it reaches a route: which host it was sent to, from where, by whom, how often, with what body.

It stands before routing, so that a route can neither be found out nor be forgotten.
"""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from stepwell.server.bodies import read_body, refuse_odd
from stepwell.server.refusals import Refusal, body_of
from stepwell.server.world import World
from stepwell_store.ledger import tokens
from stepwell_store.ledger.tokens import Token

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

HEALTH = "/healthz"
API, DOCUMENT = "/pipelines/", "/schema"
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?\Z")
_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")
_ALWAYS = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"), (b"referrer-policy", b"no-referrer"),
           (b"x-frame-options", b"DENY"))
_WINDOW_S = 60.0


class Gate:
    """An ASGI application around another one."""

    def __init__(self, inner: Callable[..., Awaitable[None]], world: World) -> None:
        self._inner = inner
        self._world = world
        self._wrong: dict[str, deque[float]] = {}
        self._spent: Counter[tuple[str, int]] = Counter()
        self._second = 0
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] == "lifespan":
            await self._inner(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        polite = _with_headers(send)
        try:
            headers = _headers(scope)
            check_host(headers, self._world.hosts)
            check_origin(headers)
            if scope["path"] == HEALTH and scope["method"] in ("GET", "HEAD"):
                await _answer(polite, 200, b"ok", "text/plain")
                return
            scope["state"] = {**scope.get("state", {}), "token": await self._token(scope, headers)}
            if self._open >= self._world.limits.requests:
                raise Refusal(429, "too many requests at once", retry_s=1)
            await self._pass_on(scope, headers, receive, polite)
        except Refusal as refusal:
            answer = refusal.headers
            if refusal.status == 401 and is_page(scope):
                answer["WWW-Authenticate"] = 'Basic realm="Stepwell: any name, and a token as the password", charset="UTF-8"'
            await _answer(polite, refusal.status, body_of(refusal.status, refusal.message), "application/json", answer)

    async def _pass_on(self, scope: Scope, headers: dict[str, str], receive: Receive, send: Send) -> None:
        self._open += 1
        try:
            body = await self._body(scope, headers, receive)
            await self._inner(scope, _replayed(body, receive), send)
        finally:
            self._open -= 1

    async def _token(self, scope: Scope, headers: dict[str, str]) -> Token:
        secret = secret_of(headers, basic=is_page(scope))
        address = (scope.get("client") or ("", 0))[0]
        now = time.time()
        found = None
        if secret:
            # In this loop's own thread: one look-up by an index takes less time than handing it to another.
            found = tokens.check(self._world.workspace.database, secret, now)
        if found is None:
            raise self._unauthorised(address, guessed=bool(secret))
        self._count(found)
        return found

    def _unauthorised(self, address: str, *, guessed: bool) -> Refusal:
        """The same for a token that is unknown, expired or revoked. Who tries many has to wait; who has a good one never does."""
        now = time.monotonic()
        tries = self._wrong.setdefault(address, deque())
        while tries and tries[0] < now - _WINDOW_S:
            tries.popleft()
        if guessed:
            if len(tries) >= self._world.limits.wrong_tokens_a_minute:
                return Refusal(429, "too many wrong tokens", retry_s=max(1, int(tries[0] + _WINDOW_S - now)))
            tries.append(now)
        if len(self._wrong) > 1000:
            self._wrong = {name: those for name, those in self._wrong.items() if those}
        return Refusal(401, "a token is needed: `Authorization: Bearer TOKEN`; `stepwell token new` makes one")

    def _count(self, token: Token) -> None:
        second = int(time.monotonic())
        if second != self._second:
            self._second = second
            self._spent.clear()
        self._spent[token.id, second] += 1
        if self._spent[token.id, second] > self._world.limits.rate:
            raise Refusal(429, "too many requests a second", retry_s=1)

    async def _body(self, scope: Scope, headers: dict[str, str], receive: Receive) -> bytes:
        limits = self._world.limits
        body = await read_body(receive, limits.body, limits.body_s)
        if body and scope["method"] not in _WITHOUT_BODY:
            if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
                raise Refusal(415, "the body must be JSON: `Content-Type: application/json`")
            refuse_odd(body)
        return body


def is_page(scope: Scope) -> bool:
    """Whether a request is for a page that people look at. Only there, and only for looking, a browser's own way to sign in counts:
    what a browser sends by itself must not be able to change anything."""
    path = scope["path"]
    return scope["method"] in ("GET", "HEAD") and not path.startswith((API, DOCUMENT))


def check_host(headers: dict[str, str], hosts: frozenset[str]) -> None:
    """Refusal 400 for a host that is none of ours: a page elsewhere whose name leads here would send its own."""
    found = _HOST.match(headers.get("host", "").lower())
    if found is None or found[1] not in hosts:
        raise Refusal(400, "this server does not go by that name; `stepwell serve --allow-host NAME` adds one")


def check_origin(headers: dict[str, str]) -> None:
    """Refusal 403 for a request that a page from elsewhere sends."""
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2].lower() != headers.get("host", "").lower():
        raise Refusal(403, "pages from elsewhere may not call this server")


def secret_of(headers: dict[str, str], *, basic: bool) -> str:
    """The token that a request brings; empty when it brings none."""
    kind, _, value = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    if basic and kind.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return "?"
    return ""


def _headers(scope: Scope) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        if key in found and key in ("host", "authorization", "content-length", "content-type", "origin"):
            raise Refusal(400, f"the header {key} is there twice")
        found[key] = value.decode("latin-1")
    return found


def _replayed(body: bytes, receive: Receive) -> Receive:
    """What gives the body once more, and then whatever comes."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> dict[str, Any]:
        return waiting.pop() if waiting else await receive()

    return again


def _with_headers(send: Send) -> Send:
    async def sent(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *_ALWAYS]
        await send(message)

    return sent


async def _answer(send: Send, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
    lines = {"content-type": kind, "content-length": str(len(body)), **(headers or {})}
    await send({"type": "http.response.start", "status": status,
                "headers": [(name.lower().encode(), value.encode()) for name, value in lines.items()]})
    await send({"type": "http.response.body", "body": body})
