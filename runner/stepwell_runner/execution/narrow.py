"""Which files of a source folder a Python script needs: itself and the local modules that it imports, and theirs.

Found by reading, not by running; imports that are made up while the program runs are not seen, `include` names those.
"""

from __future__ import annotations

import ast
import os


def narrowed(root: str, script: str, include: tuple[str, ...]) -> tuple[str, ...]:
    """Paths and patterns, relative to the folder, that belong to the script, sorted."""
    found: set[str] = set()
    waiting = [os.path.normpath(script)]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            if path.endswith(".py"):
                waiting.extend(_imports(root, path))
    return tuple(sorted(found | set(include)))


def _imports(root: str, path: str) -> list[str]:
    try:
        with open(os.path.join(root, path), "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return []
    folder = os.path.dirname(path)
    names = [name for node in ast.walk(tree) for name in _names(node, folder)]
    return [file for base, name in names for file in _files(root, base, name)]


def _names(node: ast.AST, folder: str) -> list[tuple[str, str]]:
    """(folder to start from, dotted name); a script finds modules beside itself and below the current directory."""
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


def _files(root: str, base: str, name: str) -> list[str]:
    """The files that importing a dotted name would read, as far as they are in the folder."""
    found: list[str] = []
    parts = name.split(".") if name else []
    for length in range(1, len(parts) + 1):
        place = "/".join(filter(None, [base, *parts[:length]]))
        candidates = (f"{place}.py", f"{place}/__init__.py")
        found += [candidate for candidate in candidates if os.path.isfile(os.path.join(root, candidate))]
    return found
