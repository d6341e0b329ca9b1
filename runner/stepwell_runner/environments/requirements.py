"""A requirements.txt as the lines of an environment: includes read in, comments gone, local paths absolute."""

from __future__ import annotations

import os
import re

from stepwell_runner.environments.lines import ARCHIVES, COMMENT
from stepwell_store.errors import UsageError

_LARGEST = 1 << 20
_DEEPEST = 20
_INCLUDE = re.compile(r"(?:-r|--requirement)(?:\s+|=)?(.+)", re.DOTALL)
_WITH_PATH = re.compile(r"(-e|--editable|-c|--constraint|-f|--find-links)(?:\s+|=)(.+)", re.DOTALL)


def read_requirements(path: str) -> tuple[str, ...]:
    """The lines of a requirements file and of those that it includes. Options, such as index addresses, stay as they are.

    UsageError names the file that is missing, no text, too large or included by itself.
    """
    return tuple(_from_file(os.path.abspath(path), ()))


def requirement_lines(text: str, base: str) -> tuple[str, ...]:
    """The lines of a text in the same format; relative paths are relative to the folder `base`."""
    return tuple(_from_text(text, os.path.abspath(base), ()))


def _from_file(path: str, including: tuple[str, ...]) -> list[str]:
    if path in including or len(including) >= _DEEPEST:
        raise UsageError("A requirements file includes itself.", where=" -> ".join([*including, path]),
                         todo="Take out the `-r` line that leads back.")  # fmt: skip
    return _from_text(read_text(path), os.path.dirname(path), (*including, path))


def read_text(path: str) -> str:
    """A text file of at most 1 MiB. UsageError says what is wrong with it."""
    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST + 1)
        if len(content) <= _LARGEST:
            return content.decode("utf-8-sig")
        reason = f"is larger than {_LARGEST:,} bytes"
    except OSError as problem:
        reason = f"cannot be read: {problem.strerror}"
    except UnicodeDecodeError:
        reason = "is not UTF-8 text"
    raise UsageError(f"The file {os.path.basename(path)} {reason}.", where=path)


def _from_text(text: str, base: str, including: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        body = COMMENT.sub("", line).strip()
        if include := _INCLUDE.fullmatch(body):
            found += _from_file(os.path.join(base, include[1].strip()), including)
        elif body:
            found.append(_absolute(body, base))
    return found


def _absolute(body: str, base: str) -> str:
    if option := _WITH_PATH.fullmatch(body):
        return f"{option[1]} {_resolved(option[2].strip(), base, option[1] not in ('-e', '--editable'))}"
    return _resolved(body, base, False)


def _resolved(text: str, base: str, is_path: bool) -> str:
    """The text with a relative path made absolute, when it is one."""
    if "://" in text or os.path.isabs(text) or text.startswith(("-", "~")):
        return text
    if is_path or text.startswith(("./", "../")) or text in (".", "..") or text.endswith(ARCHIVES):
        return os.path.normpath(os.path.join(base, text))
    return text
