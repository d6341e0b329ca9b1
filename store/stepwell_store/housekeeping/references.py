"""What names what: the digests that the database holds, and the objects that are needed because of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from stepwell_store.content.digest import is_digest
from stepwell_store.content.objects import ObjectMissing, ObjectStore
from stepwell_store.content.trees import Tree, decode
from stepwell_store.errors import IntegrityError, StepwellError

if TYPE_CHECKING:
    import sqlite3

TREE_HEAD = b"stepwell tree "
_LARGEST_TEXT = 64 << 20
_IN_TEXT = re.compile(r"blake3:[0-9a-f]{64}")
_IN_BYTES = re.compile(rb"blake3:[0-9a-f]{64}")


class User(msgspec.Struct, frozen=True):
    """A run, a published pipeline, or a step of either, that something belongs to. `run` is its id, `step` a step key."""

    run: str
    step: str | None = None


class Reference(msgspec.Struct, frozen=True):
    """An object that must be there because a row of history or of what is published says so."""

    digest: str
    kind: Literal["graph", "snapshot", "diff"]
    user: User


class Needed(msgspec.Struct, frozen=True):
    """The objects that something names, and those of them whose own names could not be read."""

    digests: frozenset[str]
    unreadable: tuple[str, ...]


def required(connection: sqlite3.Connection) -> list[Reference]:
    """Graphs and Git diffs of runs, snapshots of step runs, both of published pipelines. The files of a snapshot are named by its tree."""
    found = [Reference(digest, "graph", User(run)) for run, digest in connection.execute("SELECT id, graph FROM runs")]
    git = "SELECT id, json_extract(git, '$.diff') FROM runs WHERE json_extract(git, '$.diff') IS NOT NULL"
    found += [Reference(digest, "diff", User(run)) for run, digest in connection.execute(git)]
    steps = "SELECT run, step, snapshot FROM step_runs WHERE snapshot IS NOT NULL"
    found += [Reference(digest, "snapshot", User(run, step)) for run, step, digest in connection.execute(steps)]
    found += _published(connection)
    return [one for one in found if is_digest(one.digest)]


def _published(connection: sqlite3.Connection) -> Iterator[Reference]:
    for identity, graph, snapshots in connection.execute("SELECT id, graph, snapshots FROM published"):
        yield Reference(graph, "graph", User(identity))
        for step, digest in msgspec.json.decode(snapshots, type=dict[str, str]).items():
            yield Reference(digest, "snapshot", User(identity, step))


def named(connection: sqlite3.Connection) -> set[str]:
    """Every digest in any text of any table, whatever it means there: also tables that this version knows nothing of."""
    found: set[str] = set()
    for table, column in _text_columns(connection):
        query = f'SELECT "{column}" FROM "{table}" WHERE instr("{column}", \'blake3:\')'  # noqa: S608 - names from the schema itself
        for (text,) in connection.execute(query):
            found.update(_IN_TEXT.findall(text))
    return found


def _text_columns(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall()
    for (table,) in tables:
        for _, column, kind, *_ in connection.execute(f'PRAGMA table_info("{table}")').fetchall():
            if kind.upper() not in ("INTEGER", "REAL"):
                yield table, column


def needed(objects: ObjectStore, roots: Iterable[str], must_be_there: Iterable[str]) -> Needed:
    """The closure over objects that name others: trees name files; graphs and other texts may name anything.

    `must_be_there` are digests whose absence leaves it unknown what they named.
    """
    certain = frozenset(must_be_there)
    waiting = {*roots, *certain}
    read: set[str] = set()
    leaves: set[str] = set()
    unreadable: list[str] = []
    while waiting:
        digest = waiting.pop()
        read.add(digest)
        try:
            data = _text_of(objects, digest)
        except ObjectMissing:
            unreadable += [digest] * (digest in certain)
            continue
        except StepwellError:
            unreadable.append(digest)
            continue
        names = {name.decode() for name in _IN_BYTES.findall(data)}
        # The files of a tree are people's: what looks like a digest in them names nothing.
        if data.startswith(TREE_HEAD):
            leaves |= names
        else:
            waiting |= names - read
    return Needed(frozenset(read | leaves), tuple(sorted(unreadable)))


def _text_of(objects: ObjectStore, digest: str) -> bytes:
    """The object's bytes, or nothing when it is too large for what names others and is no tree."""
    if (objects.size(digest) or 0) > _LARGEST_TEXT:
        with open(objects.path(digest), "rb") as file:
            if file.read(len(TREE_HEAD)) != TREE_HEAD:
                return b""
    return objects.read(digest)


def tree_of(objects: ObjectStore, digest: str) -> Tree | None:
    """The tree of a snapshot; None when it is missing, corrupt or no tree."""
    try:
        return decode(objects.read(digest))
    except IntegrityError:
        return None


def users_of(objects: ObjectStore, references: Sequence[Reference], bad: set[str]) -> dict[str, list[User]]:
    """Who needs the objects in `bad`, directly or as a file of a snapshot."""
    users: dict[str, set[User]] = {digest: set() for digest in bad}
    by_tree: dict[str, set[User]] = {}
    for reference in references:
        if reference.digest in bad:
            users[reference.digest].add(reference.user)
        elif reference.kind == "snapshot":
            by_tree.setdefault(reference.digest, set()).add(reference.user)
    for digest, those in by_tree.items() if bad else ():
        tree = tree_of(objects, digest)
        for entry in tree.entries if tree else ():
            if entry.digest in bad:
                users[entry.digest] |= those
    return {digest: sorted(those, key=lambda user: (user.run, user.step or "")) for digest, those in users.items()}
