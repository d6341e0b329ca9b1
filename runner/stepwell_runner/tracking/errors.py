"""What is not done, in MLflow's words."""

from __future__ import annotations

_STATUS = {"RESOURCE_DOES_NOT_EXIST": 404, "RESOURCE_ALREADY_EXISTS": 400, "ENDPOINT_NOT_FOUND": 404}


class Refusal(Exception):
    """An answer that is an error: MLflow's code for it, a sentence, and the status of HTTP."""

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or _STATUS.get(code, 400)


def missing(what: str, name: object) -> Refusal:
    """There is none of this name."""
    return Refusal("RESOURCE_DOES_NOT_EXIST", f"there is no {what} '{name}'")
