"""Runs scripts of U-SQL for the tests, in this process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stepwell.sdk.step_modules import step_module

SCRIPT = step_module("usql.script")
ERRORS = step_module("usql.errors")
COMPILING = step_module("usql.compiling")
EXPRESSIONS = step_module("usql.expressions")
LEXER = step_module("usql.lexer")
TYPES = step_module("usql.types")


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def lines(folder: Path, script: str, name: str = "out", **values: Any) -> list[str]:
    """Run a script; the lines of the file that it writes to `@@out@@`."""
    told: list[str] = []
    with inside(folder):
        SCRIPT.run(script, {name: str(folder / "out.csv"), **values}, "s.usql", told.append)
    data = (folder / "out.csv").read_bytes()
    assert data == b"" or data.endswith(b"\r\n")
    found = data.decode().split("\r\n")[:-1]
    assert told == [f"wrote {len(found)} rows to {folder / 'out.csv'}"] or told
    return found


def query(folder: Path, select: str, before: str = "", **values: Any) -> list[str]:
    """The lines that a SELECT gives, without quotes."""
    return lines(folder, f'{before}\nOUTPUT ({select}) TO "@@out@@" USING Outputters.Csv(quoting:false);', **values)


def evaluate(text: str, **variables: tuple[Any, str]) -> Any:
    """The value of an expression; variables are (value, type)."""
    node = EXPRESSIONS.ExpressionParser(LEXER.tokens(text, {})).expression()
    known = {name: (value, TYPES.Type(kind.rstrip("?"), kind.endswith("?"))) for name, (value, kind) in variables.items()}
    return COMPILING.compiled(node, COMPILING.Scope((), known)).run(())


def refused(script: str, **values: Any) -> str:
    """What is said of a script that cannot run."""
    try:
        SCRIPT.run(script, values, "s.usql", lambda _: None, only_check=True)
    except ERRORS.UsqlError as error:
        return str(error)
    raise AssertionError("it was not refused")
