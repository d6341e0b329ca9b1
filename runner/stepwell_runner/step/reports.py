"""What a step reports while it runs: lines of a file, read as they come (the protocol: `travel/stepwell/channel.py`)."""

from __future__ import annotations

import errno
import math
import os
import re
import stat
from functools import cache
from typing import Any, Literal

import msgspec

MAX_LINE = 4 * 1024 * 1024
"""Bytes of a line; a longer one is dropped and counted."""

_KEPT_PROBLEMS = 20
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

Scope = Literal["step", "run"]
MetricType = Literal["scalar", "list", "row", "table", "image", "confusion_matrix", "accuracy_table", "residuals", "predictions"]


class MetricReport(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="metric"):
    """A metric. The shape of `value` goes with `type`; floats may be NaN or infinite. `at` in seconds since 1970, UTC."""

    scope: Scope
    name: str
    type: MetricType
    value: Any
    step: int | None = None
    description: str | None = None
    at: float = 0.0


class TagReport(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="tag"):
    """A tag; the last one of a key counts."""

    scope: Scope
    key: str
    value: str


class PropertyReport(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="property"):
    """A property; the first one of a key counts."""

    scope: Scope
    key: str
    value: str


class ArtifactReport(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="artifact"):
    """A file that the step uploaded. `path` is relative to the folder of artifacts in the step's context."""

    scope: Scope
    name: str
    path: str


class NoteReport(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="note"):
    """How far the step has got, in a line, for people who watch; nothing else comes of it."""

    message: str


Report = MetricReport | TagReport | PropertyReport | ArtifactReport | NoteReport


@cache
def _decoder() -> msgspec.json.Decoder[Report]:
    return msgspec.json.Decoder(Report)


class ReportReader:
    """Reads the reports of one step as they come. A file that is not there yet has none.

    Nothing that a step writes can raise here: lines that are no report are counted in `rejected`, and the first of them
    are described, for a person, in `problems`.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.rejected = 0
        self.problems: list[str] = []
        self._offset = 0
        self._line = 0
        self._in_long_line = False

    def poll(self) -> list[Report]:
        """The complete reports since the last call, at most those of 4 MiB; call again while there are some."""
        chunk = self._read()
        end = chunk.rfind(b"\n") + 1
        if end == 0 and len(chunk) >= MAX_LINE:
            return self._drop_long(chunk)
        self._offset += end
        lines = chunk[:end].split(b"\n")[:-1]
        if self._in_long_line and lines:
            self._in_long_line = False
            del lines[0]
        return [report for line in lines if (report := self._parse(line)) is not None]

    def finish(self) -> list[Report]:
        """All that is left, when the step has ended; a last line without its end is counted as rejected."""
        found: list[Report] = []
        before = -1
        while self._offset != before:
            before = self._offset
            found += self.poll()
        rest = self._read()
        self._offset += len(rest)
        if rest and not self._in_long_line:
            self._line += 1
            self._reject("its end is missing")
        return found

    def _read(self) -> bytes:
        """At most one longest line from where the last one ended."""
        try:
            descriptor = os.open(self.path, _OPEN)
        except FileNotFoundError:
            return b""
        except OSError as problem:
            return self._unreadable(os.strerror(problem.errno or errno.EIO))
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                return self._unreadable("it is not a file")
            if found.st_size < self._offset:
                self._offset = found.st_size
                return self._unreadable("it has become shorter")
            return os.pread(descriptor, MAX_LINE, self._offset)
        finally:
            os.close(descriptor)

    def _unreadable(self, reason: str) -> bytes:
        self._note(f"the file of reports cannot be read on: {reason}")
        return b""

    def _drop_long(self, chunk: bytes) -> list[Report]:
        self._offset += len(chunk)
        if not self._in_long_line:
            self._in_long_line = True
            self._line += 1
            self._reject(f"it is longer than {MAX_LINE:,} bytes")
        return []

    def _parse(self, line: bytes) -> Report | None:
        self._line += 1
        if not line.strip():
            return None
        try:
            return _decode(line)
        except (msgspec.MsgspecError, ValueError, RecursionError) as problem:
            self._reject(str(problem))
            return None

    def _reject(self, reason: str) -> None:
        self.rejected += 1
        self._note(f"report {self._line} is dropped: {_printable(reason)}")

    def _note(self, problem: str) -> None:
        if len(self.problems) < _KEPT_PROBLEMS and problem not in self.problems:
            self.problems.append(problem)


def _decode(line: bytes) -> Report:
    report: Report = _decoder().decode(line)
    if not isinstance(report, MetricReport):
        return report
    value = plain(report.value)
    if not isinstance(value, _SHAPES.get(report.type, dict)):
        raise ValueError(f"a metric of type {report.type} cannot be a {type(value).__name__}")
    return msgspec.structs.replace(report, value=value)


_SHAPES: dict[str, tuple[type, ...]] = {"scalar": (type(None), bool, int, float, str), "list": (list,), "image": (str,)}

_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_LOOKS_SPECIAL = re.compile(r"\\*(NaN|-?Infinity)\Z")


def plain(value: Any) -> Any:
    """A value from the wire as the script gave it: `NaN` and the infinities are floats, a leading backslash kept texts apart."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str) and _LOOKS_SPECIAL.match(value):
        return _SPECIAL[value] if value in _SPECIAL else value[1:]
    return value


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:200]
