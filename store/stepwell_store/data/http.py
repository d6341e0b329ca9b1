"""One GET over http or https, with errors that say who must act. Nothing but these two schemes is ever opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stepwell_store.errors import MachineError, UsageError

if TYPE_CHECKING:
    import http.client
    import urllib.error
    import urllib.request


class UnreachableError(MachineError):
    """The server could not be asked, or could not answer, this time."""


class Unchanged(Exception):
    """The server says that the copy we have is current."""


class Answer:
    """The body of a response, read in blocks. `size` is what the server announced, in bytes, None when it did not."""

    def __init__(self, url: str, response: http.client.HTTPResponse) -> None:
        self._url, self._response = url, response
        length = response.headers.get("Content-Length", "")
        self.size = int(length) if length.isdigit() else None

    def header(self, name: str) -> str | None:
        """A header of the response, if it has it."""
        return self._response.headers.get(name)

    def read(self, count: int) -> bytes:
        """At most so many bytes, none at the end; UnreachableError when the connection breaks."""
        with _reaching(self._url):
            return self._response.read(count)

    def check_whole(self, count: int) -> None:
        """UnreachableError unless so many bytes are all that was announced."""
        if self.size is not None and count != self.size:
            what = f"the connection broke after {count} of {self.size} bytes"
            raise UnreachableError(what, where=shown(self._url), todo="Try again.")

    def close(self) -> None:
        """Give the connection back."""
        self._response.close()


def opened(url: str, headers: dict[str, str], timeout_s: float) -> Answer:
    """The answer to a GET; `timeout_s` bounds every wait for the network.

    Unchanged for 304, UsageError when the server refuses this address, UnreachableError when there is no telling.
    """
    import urllib.error
    import urllib.request

    request = urllib.request.Request(url, headers={"User-Agent": "stepwell", **headers})  # noqa: S310 - the opener knows two schemes
    with _reaching(url):
        try:
            return Answer(url, _opener().open(request, timeout=timeout_s))
        except urllib.error.HTTPError as error:
            error.close()
            raise _refusal(url, error.code, str(error.reason)) from None


def shown(url: str) -> str:
    """An address without the parts that may be secret: user, password, query and fragment."""
    address = urlsplit(url)
    host = address.netloc.rpartition("@")[2]
    return f"{address.scheme}://{host}{address.path}"


def _opener() -> urllib.request.OpenerDirector:
    import urllib.request as parts

    opener = parts.OpenerDirector()
    for handler in (
        parts.ProxyHandler(), parts.UnknownHandler(), parts.HTTPHandler(), parts.HTTPSHandler(),
        parts.HTTPDefaultErrorHandler(), parts.HTTPRedirectHandler(), parts.HTTPErrorProcessor(),
    ):  # fmt: skip
        opener.add_handler(handler)
    return opener


def _refusal(url: str, code: int, reason: str) -> Exception:
    if code == 304:
        return Unchanged()
    answer = f"{code} {reason}".strip()
    if code in (404, 410):
        return UsageError(f"there is nothing at this address ({answer})", where=shown(url), todo="Check it in a browser.")
    if code in (401, 403, 407):
        todo = "It may need a signed address, or the file may be private."
        return UsageError(f"the server does not let us read this address ({answer})", where=shown(url), todo=todo)
    if code in (408, 425, 429) or code >= 500:
        return UnreachableError(f"the server cannot answer now ({answer})", where=shown(url), todo="Try again later.")
    return UsageError(f"the server does not serve this address ({answer})", where=shown(url))


@contextmanager
def _reaching(url: str) -> Iterator[None]:
    """Turn what the network does into UnreachableError with a sentence for a person."""
    import http.client

    try:
        yield
    except http.client.HTTPException as error:
        raise UnreachableError(f"the server's answer makes no sense: {error!r}", where=shown(url)) from error
    except OSError as error:
        why = _why(getattr(error, "reason", error))
        raise UnreachableError(why, where=shown(url), todo="Check the address and the network, then try again.") from error


def _why(reason: object) -> str:
    import socket

    if isinstance(reason, TimeoutError):
        return "the server did not answer in time"
    if isinstance(reason, socket.gaierror):
        return f"the host is not known, or there is no network: {reason.strerror}"
    if isinstance(reason, ConnectionRefusedError):
        return "the host refused the connection"
    return f"the network failed: {getattr(reason, 'strerror', None) or reason}"
