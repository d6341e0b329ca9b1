"""From words to a verb: finds it, parses its arguments, and turns errors into messages and exit codes."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

from stepwell.cli import exits, streams
from stepwell.cli.table import GROUPS, VERBS
from stepwell_store.errors import StepwellError, UsageError

INTRODUCTION = """Stepwell runs Azure-ML-style pipelines on a laptop, and tells why each step ran or was reused.

usage: stepwell VERB [...]        stepwell VERB --help tells more, with examples
"""


class Parser(argparse.ArgumentParser):
    """A parser that raises UsageError in place of leaving the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, todo=f"`{self.prog} --help` shows how it is used")


def dispatch(words: list[str]) -> int:
    """Run one command; its exit code."""
    streams.settle()
    try:
        return _told(words)
    finally:
        streams.finish()


def _told(words: list[str]) -> int:
    """The exit code of a command, every error of which has been told."""
    try:
        return _run(words)
    except StepwellError as error:
        _complain(str(error))
        return exits.code_of(error)
    except KeyboardInterrupt:
        _complain("cancelled")
        return exits.CANCELLED
    except BrokenPipeError:
        return exits.DONE  # whoever read our output has gone
    except OSError as error:
        from stepwell_store.faults import translate

        _complain(str(translate(error, "doing that", error.filename or _here())))
        return exits.MACHINE_NOT_READY
    except Exception:  # anything else that escapes is a bug, and is printed as one
        import traceback

        _complain("this is a bug in Stepwell, please report it:\n" + traceback.format_exc())
        return exits.BUG


def _here() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return "the current folder, which has been removed"


def _complain(message: str) -> None:
    streams.tell(f"stepwell: {message}")


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """argparse's own, which would import much to find out how wide the terminal is, for every verb."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_help_width())


def _help_width() -> int:
    try:
        return max(40, min(120, os.get_terminal_size(1).columns) - 2)
    except OSError:
        return 100


def _run(words: list[str]) -> int:
    if not words and sys.stdin.isatty() and sys.stdout.isatty():
        words = ["ui"]
    if not words or words[0] in ("-h", "--help", "help"):
        print(overview())
        return exits.DONE
    if words[0] not in VERBS:
        raise _unknown(words[0])
    verb = import_module(f"stepwell.cli.verbs.{VERBS[words[0]].module}")
    parser = Parser(prog=f"stepwell {words[0]}", description=VERBS[words[0]].summary[0].upper() + VERBS[words[0]].summary[1:] + ".",
                    formatter_class=_Formatter, allow_abbrev=False)
    verb.configure(parser)
    code: int = verb.run(parser.parse_args(words[1:]))
    from stepwell.cli.common import close_all

    close_all()
    with suppress(BrokenPipeError):
        sys.stdout.flush()
    return code


def overview() -> str:
    """What `stepwell --help` prints."""
    width = max(map(len, VERBS))
    lines = [INTRODUCTION]
    for group, verbs in GROUPS.items():
        lines.append(f"{group}:")
        lines += [f"  {name:{width}}  {verb.summary}" for name, verb in verbs.items()]
        lines.append("")
    lines.append("Begin with `stepwell demo`, or in a project of your own with `stepwell run pipeline.py`.")
    return "\n".join(lines)


def _unknown(word: str) -> UsageError:
    import difflib

    if word.startswith("-"):
        return UsageError(f"there is no option {word} before the verb", todo="write the verb first: stepwell VERB [options]")
    near = difflib.get_close_matches(word, VERBS, n=1)
    return UsageError(f"there is no verb {word}" + (f"; did you mean {near[0]}?" if near else ""),
                      todo="`stepwell --help` lists them")
