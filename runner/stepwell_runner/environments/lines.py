"""One requirement line, as pip takes it: what it asks for, in words that may be shown, and the local files that it names."""

from __future__ import annotations

import os
import re
from urllib.parse import unquote, urlsplit

import msgspec

from stepwell_runner.environments.distributions import normalised
from stepwell_store.errors import UsageError

_NAMED = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?P<extras>\[[^\]]*\])?\s*(?P<rest>(?:[<>=!~@;(].*)?)\Z",
    re.DOTALL,
)
COMMENT = re.compile(r"(?:^|\s)#.*")
_HASH = re.compile(r"\s*--hash[= ](\S+)")
_SPACE = re.compile(r"\s+")
_AROUND = re.compile(r"\s*([<>=!~,]+)\s*")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
_EDITABLE = re.compile(r"(?:-e|--editable)(?:\s+|=)(.*)", re.DOTALL)
_CONSTRAINT = re.compile(r"(?:-c|--constraint)(?:\s+|=)(.*)", re.DOTALL)
ARCHIVES = (".whl", ".tar.gz", ".zip", ".tar.bz2")
_NO_SOURCE = frozenset({".git", ".hg", ".venv", "__pycache__", "build", "dist", ".tox", ".mypy_cache", ".ruff_cache",
                        ".pytest_cache"})  # fmt: skip


class Line(msgspec.Struct, frozen=True):
    """`name` is the normalised name of what is required, None for an option. `shown` never holds credentials.

    `path` is the local file or folder that the line names.
    """

    name: str | None
    shown: str
    path: str | None = None


def parse(text: str) -> Line | None:
    """A line, without its comment; None when nothing is left."""
    body = _SPACE.sub(" ", COMMENT.sub("", text)).strip()
    if not body:
        return None
    if editable := _EDITABLE.match(body):
        address = _without_credentials(editable[1])
        return _local(editable[1], "editable ") or Line(address, f"editable {address}")
    if constraint := _CONSTRAINT.match(body):
        return Line(None, f"constraints {os.path.basename(constraint[1])}", constraint[1])
    if body.startswith("-"):
        return Line(None, _without_credentials(body))
    return _local(body) or _required(body)


def _required(body: str) -> Line:
    match = _NAMED.match(_HASH.sub("", body))
    if match is None:
        return Line(_without_credentials(body), _without_credentials(body))
    rest, extras = match["rest"], match["extras"] or ""
    name = normalised(match["name"])
    if rest.startswith("@"):
        address = rest[1:].strip()
        return Line(name, f"{extras}@ {_without_credentials(address)}", _file(address))
    return Line(name, _spec(extras, rest) + _hashes(body))


def _spec(extras: str, rest: str) -> str:
    version, mark, condition = rest.partition(";")
    wanted = extras.replace(" ", "") + _AROUND.sub(r"\1", version).strip()
    return (f"{wanted}; {condition.strip()}" if mark else wanted) or "any version"


def _hashes(body: str) -> str:
    found = sorted(_HASH.findall(body))
    if not found:
        return ""
    from blake3 import blake3

    return f" (hashes {blake3(' '.join(found).encode()).hexdigest(4)})"


def _local(body: str, prefix: str = "") -> Line | None:
    """The line as a path, when it is one."""
    path = _file(body)
    if path is None and not re.match(r"[./~]", body) and not (body.endswith(ARCHIVES) and "://" not in body and "@" not in body):
        return None
    path = os.path.expanduser(body if path is None else path)
    bare = re.sub(r"\[[^\]]*\]\Z", "", path)
    return Line(os.path.basename(bare.rstrip("/")), f"{prefix}{_without_credentials(body)}", bare)


def _file(address: str) -> str | None:
    return unquote(urlsplit(address.split(" ", maxsplit=1)[0]).path) if address.startswith("file:") else None


def _without_credentials(text: str) -> str:
    return _CREDENTIALS.sub("", text)


def local_content(line: Line) -> str | None:
    """A short digest of the local file or folder that the line names. UsageError when it is not there."""
    if line.path is None:
        return None
    from blake3 import blake3

    if not os.path.exists(line.path):
        raise UsageError(f"The requirement {line.shown!r} names a file or folder that is not there.", where=line.path)
    digest = blake3()
    for name, path in source_files(line.path):
        with open(path, "rb") as file:
            content = file.read()
        digest.update(msgspec.json.encode([name, len(content)]) + content)
    return str(digest.hexdigest(8))


def source_files(top: str) -> list[tuple[str, str]]:
    """(name, path) of a file itself, or of all source files of a folder, in order."""
    if not os.path.isdir(top):
        return [("", top)]
    found = []
    for place, folders, names in os.walk(top):
        folders[:] = sorted(folder for folder in folders if folder not in _NO_SOURCE and not folder.endswith(".egg-info"))
        paths = [os.path.join(place, name) for name in sorted(names) if not name.endswith(".pyc")]
        found += [(os.path.relpath(path, top), path) for path in paths if os.path.isfile(path)]
    return found
