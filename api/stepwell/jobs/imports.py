"""What the code of a step imports from elsewhere, found by reading it, and which of it this interpreter does not have."""

from __future__ import annotations

import os
import re
import sys
from functools import lru_cache

_IMPORT = re.compile(r"^[ \t]*(?:import[ \t]+([\w., \t]+)|from[ \t]+(\w+)[\w.]*[ \t]+import\b)", re.MULTILINE)
_SCRIPT = re.compile(r"[\w./-]+\.py\b")
_TYPED = re.compile(r"\bpython3?\s+-c\s+(\"[^\"]*\"|'[^']*')")
_MODULE = re.compile(r"\bpython3?\s+-m\s+([\w.]+)")
_SERVED = frozenset(("azureml", "stepwell", "azure", "mltable"))
_LARGEST = 1 << 20
_MOST_FOLDERS = 500


def unmet_imports(roots: tuple[str, ...], command: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(Packages that the code imports and that are not Python's own, those of them that are not installed here), sorted.

    `roots` are the folder of code and what lies beside it.
    """
    code = roots[0] if roots else ""
    if not os.path.isdir(code):
        wanted = _imported_by_text(command)
    else:
        modules = [name.replace(".", "/") for name in _MODULE.findall(command)]
        named = {*_SCRIPT.findall(command), *(f"{name}{end}" for name in modules for end in (".py", "/__main__.py"))}
        scripts = tuple(sorted(path for path in named if os.path.isfile(os.path.join(code, path))))
        wanted = _imported_by_text(command) | _imported(code, scripts)
    outside = tuple(sorted(wanted - _anywhere(roots))) if wanted else ()
    return outside, tuple(name for name in outside if name not in _SERVED and not _installed(name))


@lru_cache(maxsize=64)
def _anywhere(roots: tuple[str, ...]) -> frozenset[str]:
    """Names of all modules, packages and archives in these folders: scripts put their own places on the module path."""
    found: set[str] = set()
    for root in roots:
        found.add(os.path.splitext(os.path.basename(root))[0])
        for count, (_, folders, names) in enumerate(os.walk(root)):
            if count > _MOST_FOLDERS:
                break
            found.update(folders, (os.path.splitext(name)[0] for name in names if name.endswith((".py", ".zip", ".so"))))
    return frozenset(found)


def _imported_by_text(command: str) -> frozenset[str]:
    typed = "\n".join(text[1:-1].replace(";", "\n") for text in _TYPED.findall(command))
    found = {name for name in _names(f"{command}\n{typed}") if name not in sys.stdlib_module_names}
    return frozenset(found | {match.partition(".")[0] for match in _MODULE.findall(command)} - set(sys.stdlib_module_names))


@lru_cache(maxsize=256)
def _imported(root: str, scripts: tuple[str, ...]) -> frozenset[str]:
    found: set[str] = set()
    waiting, seen = list(scripts), set(scripts)
    while waiting:
        path = waiting.pop()
        folder = os.path.dirname(path)
        for name in _names(_text(os.path.join(root, path))):
            local = _local(root, folder, name)
            if local:
                waiting += [one for one in local if one not in seen]
                seen.update(local)
            elif name not in sys.stdlib_module_names:
                found.add(name)
    return frozenset(found)


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(_LARGEST)
    except OSError:
        return ""


def _names(text: str) -> set[str]:
    found: set[str] = set()
    for plain, origin in _IMPORT.findall(text):
        found.update([origin] if origin else [part.split()[0].partition(".")[0] for part in plain.split(",") if part.strip()])
    return found - {""}


def _local(root: str, folder: str, name: str) -> list[str]:
    """The files of the folder that importing a name reads: the module, or all modules of the package."""
    for base in dict.fromkeys((folder, "")):
        place = os.path.join(base, name)
        if os.path.isfile(os.path.join(root, f"{place}.py")):
            return [f"{place}.py"]
        if os.path.isdir(os.path.join(root, place)):
            return [os.path.join(place, one) for one in sorted(os.listdir(os.path.join(root, place))) if one.endswith(".py")]
    return []


@lru_cache(maxsize=512)
def _installed(name: str) -> bool:
    from importlib.util import find_spec

    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False
