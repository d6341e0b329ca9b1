"""What a script gets when it runs outside a step: it prints what it would have logged."""
# ruff: noqa: ARG002  (the parameters are those of a recorded run)

from __future__ import annotations

import os
from typing import Any

from stepwell.metrics import Metrics


class _OfflineRun(Metrics):
    """Prints metrics to stdout, forgets tags and files. It has no parent, no experiment and no datasets."""

    def __init__(self, run_id: str | None = None) -> None:
        self._id = run_id or f"OfflineRun_{_uuid4()}"

    def __repr__(self) -> str:
        return f"_OfflineRun(Id: {self._id})"

    @property
    def id(self) -> str:
        """OfflineRun_ and a random UUID."""
        return self._id

    def _metric(self, kind: str, name: str, value: Any, step: int | None = None, description: str = "") -> None:
        del step, description
        print(f"Attempted to log {kind} metric {name}:\n{value}")

    def _picture(self, name: str, path: str | None, plot: Any) -> str:
        return str(name if path is None else path)

    def tag(self, key: str, value: Any = None) -> None:
        """Print the tag."""
        print(f"Attempted to tag {key}: {value}")

    def set_tags(self, tags: dict[str, Any]) -> None:
        """Print the tags."""
        for key, value in tags.items():
            self.tag(key, value)

    def add_properties(self, properties: dict[str, Any]) -> None:
        """Print the properties."""
        print(f"Attempted to add properties: {properties}")

    def upload_file(self, name: str, path_or_stream: Any, datastore_name: str | None = None) -> None:
        """Print the name; nothing is copied."""
        print(f"Attempted to upload file {name}")

    def upload_files(self, names: list[str], paths: list[str], datastore_name: str | None = None) -> None:
        """Print the names; nothing is copied."""
        for name in names:
            self.upload_file(name, None)

    def upload_folder(self, name: str, path: str, datastore_name: str | None = None) -> None:
        """Print the name; nothing is copied."""
        print(f"Attempted to upload folder {name}")

    def child_run(self, name: str | None = None, run_id: str | None = None, outputs: str | None = None) -> _OfflineRun:
        """Another run of this kind."""
        return _OfflineRun(run_id)

    def start(self) -> None:
        """Nothing."""

    def complete(self, _set_status: bool = True) -> None:
        """Nothing."""

    def fail(self, error_details: Any = None, error_code: Any = None, _set_status: bool = True) -> None:
        """Nothing."""

    def cancel(self) -> None:
        """Nothing."""

    def flush(self, timeout_seconds: int = 300) -> None:
        """Nothing."""

    def __enter__(self) -> _OfflineRun:  # noqa: PYI034  (Python 3.8 has no Self)
        return self

    def __exit__(self, *_: object) -> None:
        self.complete()


def _uuid4() -> str:
    raw = bytearray(os.urandom(16))
    raw[6], raw[8] = raw[6] & 0x0F | 0x40, raw[8] & 0x3F | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
