"""Serve a workspace until told to stop: the socket, the threads beside the server, and what is said on the terminal."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from stepwell.server.address import remember
from stepwell.server.world import Limits, World
from stepwell_runner.queue.keeper import Keeper
from stepwell_store.errors import BusyError, MachineError, UsageError
from stepwell_store.ledger import tokens
from stepwell_store.locks import FileLock, holder
from stepwell_store.workspace import Workspace

IDLE_S = 15
BACKLOG = 128

Say = Callable[[str], None]


def serve(workspace: Workspace, host: str, port: int, *, names: tuple[str, ...] = (), exposed: bool = False, limits: Limits | None = None,
          say: Say) -> None:
    """Answer until SIGINT or SIGTERM. BusyError when the workspace has a server already, MachineError when the port is taken.

    `names` are further host names under which callers may reach it; `exposed` says that others than this machine may.
    """
    refuse_exposure(workspace, host, exposed)
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        # uvicorn takes them while it serves, and sends them on when it has ended well.
        signal.signal(number, lambda number, _: asked.append(number))
    with _alone(workspace), _listening(host, port) as listener:
        bound = listener.getsockname()[1]
        url = f"http://{_shown(host)}:{bound}"
        remember(workspace, url)
        hosts = frozenset({"127.0.0.1", "localhost", "[::1]", _shown(host).lower(), *(name.lower() for name in names)})
        _tell(say, url, host, exposed)
        _run(workspace, listener, url, hosts, limits or Limits(), say, asked)


def refuse_exposure(workspace: Workspace, host: str, exposed: bool) -> None:
    """UsageError for an address that others can reach, unless that is wanted and there is a token to ask for."""
    if is_loopback(host):
        return
    if not exposed:
        raise UsageError(f"{host} can be reached from other machines", todo="say --expose if that is wanted; an SSH tunnel to 127.0.0.1 is"
                                                                        " safer, for nothing is encrypted here")
    named = [token for token in tokens.list_tokens(workspace.database) if token.name != tokens.LOCAL and token.revoked_at is None]
    if not named:
        raise UsageError("there is no token that callers from other machines could use", todo="make one: stepwell token new NAME")


def is_loopback(host: str) -> bool:
    """Whether an address or name means this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    lock = FileLock(os.path.join(workspace.locks, "serve.lock"))
    if not lock.try_acquire():
        from stepwell.server.address import url_of

        who = holder(lock.path)
        raise BusyError(f"this workspace is served already at {url_of(workspace)}, by process {who.pid if who else 'unknown'}",
                        todo="use that one, or end it first")
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named so that asyncio knows it for TCP and sends every part of an answer at once: without, each waits 40 ms for the
    # caller to acknowledge the part before.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise MachineError(f"cannot listen at {host}:{port}: {error.strerror or error}",
                           todo=f"{_who_has(port)}name another port: stepwell serve --port N") from None
    try:
        yield listener
    finally:
        listener.close()


def _who_has(port: int) -> str:
    import psutil

    try:
        listening = [one for one in psutil.net_connections("tcp") if one.status == psutil.CONN_LISTEN]
        found = [one.pid for one in listening if one.laddr[1:] == (port,)]
    except psutil.Error:
        found = []
    return f"process {found[0]} listens there; " if found and found[0] else ""


def _shown(host: str) -> str:
    return f"[{host.strip('[]')}]" if ":" in host else host


def _tell(say: Say, url: str, host: str, exposed: bool) -> None:
    say(f"serving at {url} (Ctrl-C ends it; runs go on)")
    say(f"  status page   {url}/ (any name, and a token as the password: stepwell token new browser --verbs read)")
    say(f"  routes        {url}/schema/openapi.json")
    say("  schedules fire while this runs; scripts of this machine need no token of their own")
    if exposed and not is_loopback(host):
        say(f"  every machine that can reach {host} may try; tokens travel in the clear, so put TLS or a tunnel in front")


def _run(workspace: Workspace, listener: socket.socket, url: str, hosts: frozenset[str], limits: Limits, say: Say,
         asked: list[int]) -> None:
    import uvicorn

    from stepwell.server.app import make_app
    from stepwell.server.impatient import Impatient
    from stepwell_runner.scheduling.firing import tick

    keeper = Keeper(workspace, tick, say)
    app = make_app(World(workspace=workspace, url=url, limits=limits, hosts=hosts, wake=keeper.ring))
    config = uvicorn.Config(app, log_config=None, access_log=False, http=Impatient, ws="none", lifespan="on", server_header=False,
                            timeout_keep_alive=IDLE_S, limit_concurrency=4 * limits.requests, timeout_graceful_shutdown=5)
    server = uvicorn.Server(config)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.handle_exit)
    server.should_exit = bool(asked)
    keeper.start()
    try:
        server.run(sockets=[listener])
    finally:
        keeper.stop()
