"""What went wrong in a pipeline file, told with the author's own lines."""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterator
from types import TracebackType

import stepwell
import stepwell_runner
import stepwell_store
from stepwell.loading.wire import Mistake
from stepwell_store.errors import StepwellError

_SHOWN = 8
"""Calls shown of a long chain, at its beginning and at its end each."""

_NOT_THE_AUTHORS = tuple(
    os.path.join(os.path.dirname(os.path.abspath(package)), "")
    for package in (os.__file__, stepwell.__file__, stepwell_runner.__file__, stepwell_store.__file__)
)


def of_exception(error: BaseException, path: str, out_of_time: bool) -> Mistake:
    """The mistake that an exception out of the pipeline file `path` tells; `out_of_time` when we stopped it."""
    name = os.path.basename(path)
    if isinstance(error, SyntaxError):
        return _of_syntax(error, name)
    calls = list(_authors_calls(error.__traceback__))
    where = _place(*calls[-1][:2], os.path.dirname(path)) if calls else name
    if isinstance(error, StepwellError):
        return _of_stepwell(error, where, calls)
    if out_of_time:
        return Mistake(f"{name} takes too long", where, _listing(calls, path))
    if isinstance(error, SystemExit):
        todo = 'Put what is to run as a program below `if __name__ == "__main__":`.'
        return Mistake(f"{name} ended itself (exit code {_exit_code(error)}) before its pipeline was complete", where, todo)
    return Mistake(f"{name} failed with {_described(error)}", where, _listing(calls, path))


def _of_stepwell(error: StepwellError, where: str, calls: list[tuple[str, int, str]]) -> Mistake:
    kind = next((base.__name__ for base in type(error).__mro__ if base.__module__ == StepwellError.__module__), "UsageError")
    line = linecache.getline(*calls[-1][:2]).strip() if calls else ""
    places = [place for place in (error.where, f"{where}: {line}" if line else where) if place]
    return Mistake(error.what, "; ".join(places), error.todo, kind)


def _of_syntax(error: SyntaxError, name: str) -> Mistake:
    where = f"{os.path.basename(error.filename or name)}, line {error.lineno or 1}"
    line = (error.text or "").rstrip("\n")
    indent = len(line) - len(line.lstrip())
    caret = " " * max(0, (error.offset or 1) - 1 - indent) + "^"
    return Mistake(f"{name} is not valid Python: {error.msg}", where, f"  {line.strip()}\n  {caret}" if line.strip() else None)


def _described(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        text = "(its text cannot be made)"
    kind = type(error).__name__
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return (f"{kind}: {text}" if text else kind) + (f" (after {type(cause).__name__}: {cause})" if cause is not None else "")


def _exit_code(error: SystemExit) -> object:
    return 0 if error.code is None else error.code


def _authors_calls(trace: TracebackType | None) -> Iterator[tuple[str, int, str]]:
    """File, line and function of each call in code that is neither Stepwell's, nor Python's, nor an installed library's."""
    while trace is not None:
        code = trace.tb_frame.f_code
        path = os.path.abspath(code.co_filename)
        installed = path.startswith(_NOT_THE_AUTHORS) or f"{os.sep}site-packages{os.sep}" in path or code.co_filename.startswith("<")
        if not installed:
            yield path, trace.tb_lineno, code.co_name
        trace = trace.tb_next


def _place(path: str, line: int, folder: str) -> str:
    shown = os.path.relpath(path, folder)
    return f"{path if shown.startswith('..') else shown}, line {line}"


def _listing(calls: list[tuple[str, int, str]], path: str) -> str | None:
    folder = os.path.dirname(path)
    lines = [_call(call, folder) for call in calls]
    if len(lines) > 2 * _SHOWN:
        lines[_SHOWN:-_SHOWN] = [f"  ... {len(lines) - 2 * _SHOWN} more calls ..."]
    return "\n".join(lines) or None


def _call(call: tuple[str, int, str], folder: str) -> str:
    path, line, function = call
    inside = "" if function == "<module>" else f", in {function}"
    return f"  {_place(path, line, folder)}{inside}\n    {linecache.getline(path, line).strip()}"
