"""Whether an author's code is ready for an error."""

from __future__ import annotations

import ast
import linecache
import sys
from types import FrameType


def is_error_expected() -> bool:
    """Whether a `try` with handlers stands around one of the calls that led here, up to the module that was run.

    Also where the source of a call cannot be read, because nothing is known of it then.
    """
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  the calls themselves are what is asked for
    while frame is not None:
        if not frame.f_globals.get("__name__", "").startswith("stepwell.") and _is_tried(frame):
            return True
        if frame.f_code.co_name == "<module>":
            return False
        frame = frame.f_back
    return False


def _is_tried(frame: FrameType) -> bool:
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    try:
        tree = ast.parse("".join(lines))
    except SyntaxError:
        return True
    return not lines or any(_stands_around(node, frame.f_lineno) for node in ast.walk(tree))


def _stands_around(node: ast.AST, line: int) -> bool:
    if not isinstance(node, ast.Try) or not node.handlers:
        return False
    return node.body[0].lineno <= line <= (node.body[-1].end_lineno or line)
