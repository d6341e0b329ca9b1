"""The dashboard in a page: textual-serve on loopback, behind a token, with nothing loaded from elsewhere.

Every page has a dashboard of its own, in a process that is started for it and ends with it. Whoever has the token can do what its
owner can do at the terminal; so only the owner is told it, pages of other sites cannot use it, and it ends with the server.
"""

from __future__ import annotations

import hmac
import secrets
import shlex
import socket
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from aiohttp import web
from textual_serve.server import Server

from stepwell_store.errors import BusyError

LOOPBACK = "127.0.0.1"
_PAGES = Path(__file__).parent / "pages"
_TOKEN_BYTES = 32

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def listen(port: int) -> socket.socket:
    """A socket on loopback; port 0 takes a free one. BusyError when somebody else has the port."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((LOOPBACK, port))
        found.listen()  # who comes before we are ready waits
    except OSError as error:
        found.close()
        raise BusyError(f"port {port} cannot be listened on: {error.strerror}", todo="name another one with --port, or none for a free one"
                        ) from error
    return found


class Door(Server):
    """Serves what a command shows. `tell` gets the address to open, token and all, once it works."""

    def __init__(self, command: Sequence[str], listening: socket.socket, tell: Callable[[str], object], *, title: str) -> None:
        port = listening.getsockname()[1]
        # textual-serve gives the command to a shell, which is to become it: so the process's parent is this one.
        super().__init__(f"exec {shlex.join(command)}", LOOPBACK, port, title=title, templates_path=_PAGES)
        self._socket = listening
        self._tell = tell
        self._token = secrets.token_urlsafe(_TOKEN_BYTES)
        self._cookie = f"stepwell_{port}"
        self._hosts = {f"{LOOPBACK}:{port}", f"localhost:{port}"}

    @property
    def address(self) -> str:
        """What to open in a browser."""
        return f"{self.public_url}/?token={self._token}"

    def run(self) -> None:
        """Serve until interrupted."""
        web.run_app(self.application(), sock=self._socket, print=None, access_log=None)

    async def application(self) -> web.Application:
        """The routes of textual-serve behind our checks."""
        made = await self._make_app()
        made.middlewares.append(self._guard)
        return made

    async def on_startup(self, app: web.Application) -> None:  # noqa: ARG002 - as in textual-serve
        """Tell where it is, in place of textual-serve's banner."""
        self._tell(self.address)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        # A name that leads here but is not ours would let a page of another site talk to us as if it were our own.
        if request.host not in self._hosts:
            return _refused("this is not the address of the dashboard")
        if "Origin" in request.headers and request.headers["Origin"].removeprefix("http://") not in self._hosts:
            return _refused("another site asked for this")
        if request.path == "/" and self._is_token(request.query.get("token")):
            return self._let_in(request)
        if not self._is_token(request.cookies.get(self._cookie)):
            return _refused("open the address that `stepwell ui --browser` printed, with its token")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(self._rules(request.host))
        return response

    def _is_token(self, said: str | None) -> bool:
        return said is not None and hmac.compare_digest(said.encode(), self._token.encode())

    def _let_in(self, request: web.Request) -> web.StreamResponse:
        """The token becomes a cookie and leaves the address."""
        size = request.query.get("fontsize", "")
        found = web.Response(status=303, headers={"Location": f"/?fontsize={size}" if size.isdecimal() else "/"})
        found.set_cookie(self._cookie, self._token, httponly=True, samesite="Strict", path="/")
        found.headers.update(self._rules(request.host))
        return found

    @staticmethod
    def _rules(host: str) -> dict[str, str]:
        policy = ("default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
                  f"img-src 'self' data:; connect-src 'self' ws://{host}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
        return {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin"}


def _refused(why: str) -> web.Response:
    return web.Response(status=403, text=f"{why}\n", headers={"Cache-Control": "no-store"})
