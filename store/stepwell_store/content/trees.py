"""Trees: the files of a folder as a value, named by the digest of their canonical bytes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import msgspec

from stepwell_store.content.digest import digest_bytes, is_digest
from stepwell_store.errors import IntegrityError

_HEAD = b"stepwell tree 1\n"


class TreeEntry(msgspec.Struct, frozen=True):
    """One file. `path` is relative with `/` between its parts; bytes that are no UTF-8 are kept as lone surrogates."""

    path: str
    digest: str
    size: int
    executable: bool = False


class Tree(msgspec.Struct, frozen=True):
    """Files sorted by the bytes of their paths. Make one by `make_tree` or `decode`."""

    entries: tuple[TreeEntry, ...]

    @property
    def size(self) -> int:
        """The bytes of all files together."""
        return sum(entry.size for entry in self.entries)

    @property
    def digest(self) -> str:
        """The digest of the canonical bytes, which is also the name of the tree's object."""
        return digest_bytes(encode(self))


class TreeDiff(msgspec.Struct, frozen=True):
    """The paths by which two trees differ, each tuple sorted."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


def path_bytes(path: str) -> bytes:
    """The bytes of a path on disk."""
    return path.encode("utf-8", "surrogateescape")


def path_text(path: bytes) -> str:
    """The path as text from which `path_bytes` gives the same bytes back."""
    return path.decode("utf-8", "surrogateescape")


def make_tree(entries: Iterable[TreeEntry]) -> Tree:
    """The tree of these files, in whatever order they come."""
    return Tree(tuple(sorted(entries, key=lambda entry: path_bytes(entry.path))))


def encode(tree: Tree) -> bytes:
    """The canonical bytes: per file its digest, `x` or `-`, size and path, ended by a zero byte."""
    lines = [
        f"{entry.digest} {'x' if entry.executable else '-'} {entry.size} {entry.path}\0".encode("utf-8", "surrogateescape")
        for entry in tree.entries
    ]
    return _HEAD + b"".join(lines)


def decode(data: bytes) -> Tree:
    """The tree of these canonical bytes; IntegrityError for anything that `encode` would not have written."""
    if not data.startswith(_HEAD) or data[-1:] not in (b"\n", b"\0"):
        raise IntegrityError("These bytes are not a tree.", todo="A newer Stepwell may have written them.")
    tree = Tree(tuple(_decode_entry(line) for line in data[len(_HEAD) :].split(b"\0")[:-1]))
    if encode(tree) != data or not _is_sorted(tree):
        raise IntegrityError("These bytes are not a canonical tree.")
    return tree


def diff(old: Tree, new: Tree) -> TreeDiff:
    """What changed from one tree to another; a file whose content or executable bit differs is changed."""
    before = {entry.path: (entry.digest, entry.executable) for entry in old.entries}
    after = {entry.path: (entry.digest, entry.executable) for entry in new.entries}
    return TreeDiff(
        added=tuple(path for path in after if path not in before),
        removed=tuple(path for path in before if path not in after),
        changed=tuple(path for path, what in after.items() if before.get(path, what) != what),
    )


def _decode_entry(line: bytes) -> TreeEntry:
    try:
        digest, flag, size, path = line.split(b" ", 3)
        entry = TreeEntry(path_text(path), digest.decode("ascii"), int(size), flag == b"x")
    except ValueError as error:
        raise IntegrityError(f"A tree has a broken entry {line[:200]!r}.") from error
    if not is_digest(entry.digest) or not _is_plain(path):
        raise IntegrityError(f"A tree has a file that is not plainly below its folder: {path!r}.")
    return entry


def _is_plain(path: bytes) -> bool:
    return not any(part in (b"", b".", b"..") for part in path.split(b"/"))


def _is_sorted(tree: Tree) -> bool:
    paths = [path_bytes(entry.path) for entry in tree.entries]
    return all(before < after for before, after in itertools.pairwise(paths))
