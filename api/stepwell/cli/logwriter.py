"""Writes logs to stdout: bytes as they are when piped, made safe on a terminal."""

from __future__ import annotations

import codecs
import io
from typing import TextIO

from stepwell_runner.verbs.logfiles import BLOCK
from stepwell_tui.render.text import safe_line, safe_text

_utf8 = codecs.getincrementaldecoder("utf-8")


class LogWriter:
    """Takes the bytes of one or more steps as they come. With `prefixed`, every line stands behind the name of its step."""

    def __init__(self, out: TextIO, *, prefixed: bool) -> None:
        self._out = out.buffer
        self._encoding = out.encoding
        self._safe = out.isatty()
        self._prefixed = prefixed
        self._decoders: dict[str, io.IncrementalNewlineDecoder] = {}
        self._rest: dict[str, bytes] = {}

    def write(self, step: str, data: bytes) -> None:
        """Some more of a step's log."""
        self._emit(step, self._cleaned(step, data))

    def end(self, step: str) -> None:
        """There is no more of this step; a last line without its end gets one where something would follow it."""
        self._emit(step, self._cleaned(step, b"", final=True))
        rest = self._rest.pop(step, b"")
        if self._prefixed and rest:
            self._out.write(self._prefix(step) + rest + b"\n")
        elif self._safe and rest:
            self._out.write(b"\n")
        self._out.flush()

    def flush(self) -> None:
        """Show what was written."""
        self._out.flush()

    def _cleaned(self, step: str, data: bytes, final: bool = False) -> bytes:
        if not self._safe:
            return data
        decoder = self._decoders.get(step)
        if decoder is None:
            # A progress bar's carriage returns become line ends: nothing is hidden, and nothing is overwritten.
            decoder = self._decoders[step] = io.IncrementalNewlineDecoder(_utf8("surrogateescape"), translate=True)
        text: str = decoder.decode(data, final=final)
        return safe_text(text).encode(self._encoding, "backslashreplace")

    def _emit(self, step: str, data: bytes) -> None:
        if not self._prefixed:
            self._out.write(data)
            if data:
                self._rest[step] = b"" if data.endswith(b"\n") else data[-1:]
            return
        lines = (self._rest.pop(step, b"") + data).split(b"\n")
        rest = lines.pop()
        if len(rest) > BLOCK:
            lines.append(rest)
            rest = b""
        self._rest[step] = rest
        prefix = self._prefix(step)
        self._out.writelines(prefix + line + b"\n" for line in lines)

    def _prefix(self, step: str) -> bytes:
        shown = safe_line(step) if self._safe else step
        return shown.encode(self._encoding, "backslashreplace") + b" | "
