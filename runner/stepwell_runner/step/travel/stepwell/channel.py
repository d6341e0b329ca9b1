r"""How a step speaks to its runner: lines appended to one file. This text is the protocol, format 1.

The file is named by `reports` in the step's context. Each line is one JSON object in ASCII, ended by `\n`, appended by a
single `write()` to a descriptor opened with O_APPEND, so that threads and processes, forked or started, never mix their lines.
A reader takes a line only when its newline is there, and skips empty lines. A line is at most 4 MiB long.

    {"kind": "metric", "scope": S, "name": text, "type": T, "value": V, "step": int or null,
     "description": text or null, "at": seconds}
    {"kind": "tag", "scope": S, "key": text, "value": text}
    {"kind": "property", "scope": S, "key": text, "value": text}
    {"kind": "artifact", "scope": S, "name": text, "path": text}

* S is `step` for the step itself and `run` for the run that it is part of. `at` is in seconds since 1970, UTC.
* T and the shape of V:
  `scalar`  null, bool, number or text
  `list`    array of scalars
  `row`     object, column → scalar
  `table`   object, column → array of scalars (or one scalar, for a table of one row)
  `image`   text, the name of an artifact of the same scope, reported before
  `confusion_matrix`, `accuracy_table`, `residuals`, `predictions`   object, as the script gave it
* NaN and the infinities are strings; see `stepwell.wire` for the rule that keeps them apart from text.
* `path` of an artifact is relative to the folder `artifacts` of the context; the file is complete when its line appears. It
  equals `name` for scope `step`, and lies below `.run/` for scope `run`.
* The last tag of a key counts; a property is written once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from stepwell.errors import UserErrorException

MAX_LINE = 4 * 1024 * 1024


class Channel:
    """Appends reports to one file. It keeps nothing open, so it may be used from any thread and after any fork."""

    def __init__(self, path: str) -> None:
        self.path = path

    def send(self, report: dict[str, Any]) -> None:
        """Append one report whose values are plain. OSError when the file cannot take it."""
        line = json.dumps(report, allow_nan=False).encode("ascii") + b"\n"
        if len(line) > MAX_LINE:
            name = report.get("name", report.get("key"))
            raise UserErrorException(f"{name!r} takes {len(line):,} bytes, {MAX_LINE:,} are allowed; use a file in outputs/")
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._write(descriptor, line)
        finally:
            os.close(descriptor)

    @staticmethod
    def _write(descriptor: int, line: bytes) -> None:
        written = os.write(descriptor, line)
        if written < len(line):
            os.write(descriptor, b"\n")  # a full disk tore the line; the next one must start on its own
            raise OSError(f"only {written} of {len(line)} bytes of a report could be written")

    def read(self) -> Iterator[dict[str, Any]]:
        """The reports so far, by every process of the step, in order; as sent. Lines that are no report are skipped."""
        try:
            with open(self.path, "rb") as file:
                lines = file.read().split(b"\n")[:-1]
        except FileNotFoundError:
            return
        for line in lines:
            report = _parse(line)
            if isinstance(report, dict):
                yield report


def _parse(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
