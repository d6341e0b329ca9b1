"""Which files of a source folder a step needs: those that its command names, what they name, and the local modules that they import.

Found by reading, not by running. Names that are made up while the program runs are not seen, `include` names those: a file that was
left out is not there when the step runs, so that a step can never depend on what does not count for it.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator

from stepwell_runner.graph.model import Joined, Quoted, Step, Text, Token

_WORD = re.compile(r"[^\s'\"`=;&|<>(),]+")
_LONGEST = 1 << 20
"""A larger file names nothing: it is data."""


def named_by(step: Step) -> tuple[str, ...]:
    """What a step names of its own: its script, else the words of its command as they stand there, those of shell lines one by one."""
    if step.script is not None:
        return (step.script,)
    return tuple(word for token in step.command for text in _texts(token) for word in _WORD.findall(text))


def _texts(token: Token) -> Iterator[str]:
    match token:
        case Text(text):
            yield text
        case Joined(parts):
            for part in parts:
                yield from _texts(part)
        case Quoted(part, _):
            yield from _texts(part)


def narrowed(root: str, named: Iterable[str], include: tuple[str, ...]) -> tuple[str, ...]:
    """Paths and patterns, relative to the folder, that belong to what is named, sorted. Names of nothing in the folder are passed over."""
    found: set[str] = set()
    waiting = [path for name in named for path in _named(root, "", name)]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _needed(root, path)
    return tuple(sorted(found | set(include)))


def _needed(root: str, path: str) -> list[str]:
    """What a file or folder needs beside itself."""
    place, folder = os.path.join(root, path), os.path.dirname(path)
    try:
        if os.path.isdir(place) or os.path.getsize(place) > _LONGEST:
            return []
        with open(place, "rb") as file:
            data = file.read()
    except OSError:
        return []
    names, imports = _read_python(data, folder) if path.endswith(".py") else (_WORD.findall(data.decode(errors="replace")), [])
    return [file for name in names for file in _named(root, folder, name)] + [
        file for base, name in imports for file in _modules(root, base, name)]


def _named(root: str, folder: str, name: str) -> list[str]:
    """The file or folder of this name, beside the one that names it or in the source folder, where steps run."""
    found = (os.path.normpath(os.path.join(base, name)) for base in {"", folder}) if name and "\0" not in name else ()
    return [path for path in found if not path.startswith(("..", "/")) and path != "." and os.path.exists(os.path.join(root, path))]


def _read_python(data: bytes, folder: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The strings in a Python file, and what it imports: (folder to start from, dotted name)."""
    try:
        nodes = list(ast.walk(ast.parse(data)))
    except (SyntaxError, ValueError):
        return [], []
    strings = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value]
    return strings, [name for node in nodes for name in _imports(node, folder)]


def _imports(node: ast.AST, folder: str) -> list[tuple[str, str]]:
    """A script finds modules beside itself and below the current directory."""
    if isinstance(node, ast.Import):
        return [(base, alias.name) for alias in node.names for base in ("", folder)]
    if not isinstance(node, ast.ImportFrom):
        return []
    if node.level:
        parts = folder.split("/") if folder else []
        bases = ["/".join(parts[:len(parts) - node.level + 1])]
    else:
        bases = ["", folder]
    module = node.module or ""
    return [(base, f"{module}.{alias.name}".strip(".")) for alias in node.names for base in bases] + [(base, module) for base in bases]


def _modules(root: str, base: str, name: str) -> list[str]:
    """The files that importing a dotted name would read, as far as they are in the folder."""
    found: list[str] = []
    parts = name.split(".") if name else []
    for length in range(1, len(parts) + 1):
        place = "/".join(filter(None, [base, *parts[:length]]))
        candidates = (f"{place}.py", f"{place}/__init__.py")
        found += [candidate for candidate in candidates if os.path.isfile(os.path.join(root, candidate))]
    return found
