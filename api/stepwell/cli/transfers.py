"""How far a copy is, on a terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from stepwell_store.data.datastores import Progress
from stepwell_tui.render.text import pad, safe_line, size_text, truncate

_EVERY_S = 0.1


@contextmanager
def progress() -> Iterator[Progress | None]:
    """A function that shows how far a copy is on one line of stderr, which is gone afterwards; None when that is no terminal."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    last = 0.0
    width = os.get_terminal_size(sys.stderr.fileno()).columns or 80

    def tell(done: int, total: int, name: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _EVERY_S:
            last = now
            line = f"{size_text(done)} of {size_text(total)}  {safe_line(name)}"
            sys.stderr.write("\r" + pad(truncate(line, width - 1), width - 1))
            sys.stderr.flush()

    try:
        yield tell
    finally:
        if last:
            sys.stderr.write("\r" + " " * (width - 1) + "\r")
            sys.stderr.flush()
