"""What the server does not do, as errors with an HTTP status and a word for programs."""

from __future__ import annotations

import msgspec

from stepwell.server.shapes import Error, ErrorText

CODES = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed", 408: "TooSlow", 409: "Conflict",
    413: "TooLarge", 415: "UnsupportedMediaType", 422: "Invalid", 429: "TooManyRequests", 500: "InternalError", 503: "Unavailable",
}


class Refusal(Exception):
    """The answer to a request that is not carried out. `retry_s` says when to try again."""

    def __init__(self, status: int, message: str, *, retry_s: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_s = retry_s

    @property
    def headers(self) -> dict[str, str]:
        """Those that go with it."""
        found = {"Retry-After": str(self.retry_s)} if self.retry_s is not None else {}
        return found | ({"WWW-Authenticate": 'Bearer realm="Stepwell"'} if self.status == 401 else {})


def body_of(status: int, message: str) -> bytes:
    """The JSON that tells of it."""
    return msgspec.json.encode(Error(ErrorText(CODES.get(status, "Error"), message)))
