"""The connection to a container engine, and its errors in words.

Nothing here follows a project's files: the address comes from the target's settings, or else from what Docker's own command
would use (DOCKER_HOST, DOCKER_CONTEXT, the current context).
"""

from __future__ import annotations

import functools
import os
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from stepwell_store.errors import MachineError, UsageError

if TYPE_CHECKING:
    from docker import DockerClient

PATIENCE_S = 30.0
"""How long an engine may take to answer anything that is not a wait."""

NO_ENGINE = "start Docker (or podman's service), or name the engine: stepwell compute add docker --set host=unix:///path/docker.sock"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What an engine says of itself. `cdi` are the names of devices that it knows by the container device interface."""

    name: str
    version: str
    api: str
    rootless: bool
    runtimes: tuple[str, ...]
    networks: tuple[str, ...]
    cdi: tuple[str, ...]
    storage: str
    memory: int
    cpus: int


class Engine:
    """A connected engine. `where` is its address, for messages; `client` speaks to it."""

    def __init__(self, client: DockerClient, where: str) -> None:
        self.client = client
        self.where = where

    @functools.cached_property
    def facts(self) -> Facts:
        """What it says of itself, asked once."""
        with explained(self.where):
            info = self.client.info()
            version = self.client.version()
            networks = tuple(sorted(str(network.name) for network in self.client.networks.list()))
        return _facts(info, version, networks)

    def is_local(self) -> bool:
        """Whether folders of this machine can be given to its containers."""
        return self.where.startswith(("unix://", "npipe://"))


def _facts(info: Mapping[str, Any], version: Mapping[str, Any], networks: tuple[str, ...]) -> Facts:
    parts = [str(part.get("Name", "")) for part in version.get("Components") or ()]
    devices = [str(device.get("ID", "")) for device in info.get("DiscoveredDevices") or () if device.get("Source") == "cdi"]
    return Facts(
        name="podman" if any("podman" in part.lower() for part in parts) else "docker", version=str(version.get("Version", "?")),
        api=str(version.get("ApiVersion", "?")), rootless=any("rootless" in str(option) for option in info.get("SecurityOptions") or ()),
        runtimes=tuple(sorted(info.get("Runtimes") or ())), networks=networks, cdi=tuple(sorted(devices)),
        storage=str(info.get("Driver", "?")), memory=int(info.get("MemTotal") or 0), cpus=int(info.get("NCPU") or 0))


def engine(settings: Mapping[str, str]) -> Engine:
    """The engine that settings name (`host` or `context`), else the one that Docker's own command would use; connected once.

    MachineError when none answers, UsageError for an address without protection.
    """
    return _connected(settings.get("host"), settings.get("context"), os.environ.get("DOCKER_HOST"), os.environ.get("DOCKER_CONTEXT"))


@functools.lru_cache(maxsize=16)
def _connected(host: str | None, context: str | None, *_environment: str | None) -> Engine:
    import docker
    from docker import errors

    try:
        _knock(host or _address(context))
        client = _client(docker, host, context)
    except (errors.DockerException, ValueError, OSError) as error:
        raise MachineError(f"there is no container engine{f' at {host}' if host else ''}: {_first_line(error)}", todo=NO_ENGINE) from error
    _ask_again(client)
    where = host or _address(context)
    found = Engine(client, where)
    with explained(where):
        client.ping()
    return found


def _client(docker: Any, host: str | None, context: str | None) -> DockerClient:
    if host is not None:
        _refuse_open(host, protected=host.startswith("tcp://") and _has_tls())
        if host.startswith("tcp://"):
            return docker.DockerClient.from_env(timeout=PATIENCE_S, environment={**os.environ, "DOCKER_HOST": host})  # type: ignore[no-any-return]
        return docker.DockerClient(base_url=host, timeout=PATIENCE_S)  # type: ignore[no-any-return]
    if context is not None:
        return docker.DockerClient.from_context(context, timeout=PATIENCE_S)  # type: ignore[no-any-return]
    _refuse_open(os.environ.get("DOCKER_HOST", ""), protected=_has_tls())
    return docker.from_env(timeout=PATIENCE_S)  # type: ignore[no-any-return]


def _knock(where: str) -> None:
    """OSError when nobody listens at a socket of this machine; the client's own attempt would leave its end of it open."""
    if where.startswith("unix://"):
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(PATIENCE_S)
            door.connect(where.removeprefix("unix://"))


def _ask_again(client: DockerClient) -> None:
    """A connection that is kept open may have been closed by an engine that was started anew: what can be asked twice is asked again."""
    from urllib3 import Retry
    from urllib3.exceptions import ReadTimeoutError

    class AskAgain(Retry):
        def increment(self, *arguments: Any, **named: Any) -> Any:
            if isinstance(error := named.get("error"), ReadTimeoutError):
                raise error  # one that is stuck is no quicker the second time
            return super().increment(*arguments, **named)

    adapters: Iterable[Any] = client.api.adapters.values()
    for adapter in adapters:
        adapter.max_retries = AskAgain(total=3, connect=3, read=3, redirect=0, status=0, backoff_factor=0.05)


def _address(context: str | None) -> str:
    """Where the engine is, as Docker's own command finds it: by a variable, unless a context was named, else by the context."""
    from docker.context import ContextAPI

    if context is None and os.environ.get("DOCKER_HOST"):
        return os.environ["DOCKER_HOST"]
    found = ContextAPI.get_context(context) if context else ContextAPI.get_current_context()
    return str(getattr(found, "Host", None) or "unix:///var/run/docker.sock").replace("http+unix://", "unix://")


def _has_tls() -> bool:
    return bool(os.environ.get("DOCKER_TLS_VERIFY"))


def _refuse_open(host: str, *, protected: bool) -> None:
    if host.startswith(("tcp://", "http://")) and not protected:
        raise UsageError(f"{host} is a container engine without protection: whoever reaches it is root on that machine",
                         todo="set DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, or go by ssh:// or a context")


@contextmanager
def explained(where: str) -> Iterator[None]:
    """Turns what the engine or the way to it raise into MachineError; what it answered to a request stays an APIError."""
    import requests
    from docker import errors

    try:
        yield
    except errors.APIError:
        raise
    except (errors.DockerException, requests.RequestException, OSError) as error:
        raise MachineError(f"the container engine at {where} does not answer: {_first_line(error)}", todo=NO_ENGINE) from error


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:300]


def said(error: Any) -> str:
    """What an engine answered, on one line."""
    return str(getattr(error, "explanation", None) or error).strip().replace("\n", " ")[:500]
