"""YAML as values that know where they stand: line and column of every key and value. Safe: no tags, no surprises of size."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import msgspec

from stepwell.jobs.findings import Findings
from stepwell_store.errors import UsageError

LARGEST_FILE = 4 << 20
DEEPEST = 60
MOST_VALUES = 200_000


class Node(msgspec.Struct, frozen=True, eq=False):
    """A value of a document: text, number, truth, None, a list of nodes, or a dict from key to node.

    `keys` holds the nodes of a dict's keys, for their places. `line` and `column` count from 1; `file` is absolute.
    """

    value: Any
    file: str
    line: int = 0
    column: int = 0
    keys: dict[str, Node] = {}

    @property
    def where(self) -> str:
        """`file:line:column`, for people; the file alone where a value stands in no file."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    @property
    def folder(self) -> str:
        """The folder that relative paths in the document start from."""
        return os.path.dirname(self.file)

    def get(self, key: str) -> Node | None:
        """The value of a key; None when it is absent or null, and for what is no dict."""
        found = self.value.get(key) if isinstance(self.value, dict) else None
        return found if isinstance(found, Node) and found.value is not None else None

    def below(self, key: str) -> Node:
        """The mapping below a key; an empty one in this place where there is none."""
        found = self.get(key)
        return found if found is not None and isinstance(found.value, dict) else Node({}, self.file, self.line, self.column)

    def has(self, key: str) -> bool:
        """Whether a key is there, with whatever value."""
        return isinstance(self.value, dict) and key in self.value

    def text(self, key: str) -> str | None:
        """The value of a key as text, as Azure's client makes text of scalars; None when there is none."""
        found = self.get(key)
        return None if found is None or isinstance(found.value, dict | list) else str(found.value)

    def items(self) -> Iterator[tuple[str, Node]]:
        """The entries of a dict; nothing for anything else."""
        return iter(self.value.items()) if isinstance(self.value, dict) else iter(())

    def elements(self) -> list[Node]:
        """The elements of a list; nothing for anything else."""
        return self.value if isinstance(self.value, list) else []

    def key(self, name: str) -> Node:
        """Where a key stands; the dict itself when that is not known."""
        return self.keys.get(name, self)

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        return [node.plain() for node in self.value] if isinstance(self.value, list) else self.value

    def replaced(self, key: str, node: Node) -> Node:
        """The dict with one entry set."""
        return msgspec.structs.replace(self, value={**(self.value or {}), key: node})


def local_path(text: str, node: Node) -> str:
    """The absolute path that a text in a document means."""
    path = text.removeprefix("file://") if text.startswith("file://") else text.removeprefix("file:")
    return os.path.normpath(os.path.join(node.folder, os.path.expanduser(path)))


def read(path: str, findings: Findings) -> Node:
    """The document in a file. UsageError when it cannot be read or is no YAML; duplicate keys are findings."""
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as problem:
        raise UsageError(f"the file cannot be read: {problem.strerror}", where=path) from None
    if len(content) > LARGEST_FILE:
        raise UsageError(f"the file is larger than {LARGEST_FILE >> 20} MiB, which no pipeline is", where=path)
    return parse(content, path, findings)


def parse(content: bytes, path: str, findings: Findings) -> Node:
    """The document in a text; `path` is the file that it is said to stand in."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(content)
    try:
        root = loader.get_single_node()
        if root is None:
            raise UsageError("the file is empty", where=path)
        return _Reader(path, loader, findings).node(root, 0)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else path
        raise UsageError(f"this is no YAML: {problem.problem or problem.context}", where=where) from None
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise UsageError(f"this is no YAML: {str(problem)[:300]}", where=path) from None
    finally:
        loader.dispose()


class _Reader:
    """From PyYAML's nodes to ours."""

    def __init__(self, path: str, loader: Any, findings: Findings) -> None:
        self._path = path
        self._loader = loader
        self._findings = findings
        self._count = 0

    def node(self, raw: Any, depth: int) -> Node:
        self._count += 1
        mark = raw.start_mark
        line, column = mark.line + 1, mark.column + 1
        # Aliases make one node stand in many places, so that a small file can be an enormous document.
        if self._count > MOST_VALUES or depth > DEEPEST:
            what = f"more than {MOST_VALUES:,} values" if depth <= DEEPEST else f"more than {DEEPEST} levels"
            raise UsageError(f"the document has {what}, aliases counted as often as they are used", where=f"{self._path}:{line}")
        if raw.id == "mapping":
            return self._mapping(raw, line, column, depth)
        if raw.id == "sequence":
            self._check_tag(raw, "tag:yaml.org,2002:seq", line, column)
            return Node([self.node(item, depth + 1) for item in raw.value], self._path, line, column)
        return Node(self._scalar(raw, line, column), self._path, line, column)

    def _check_tag(self, raw: Any, expected: str, line: int, column: int) -> None:
        if raw.tag != expected:
            raise UsageError(
                f"the tag {raw.tag.replace('tag:yaml.org,2002:', '!!')} is not allowed",
                where=f"{self._path}:{line}:{column}",
                todo="Pipelines hold text, numbers, true, false, null, lists and mappings.",
            )

    def _scalar(self, raw: Any, line: int, column: int) -> Any:
        kind = raw.tag.rpartition(":")[2]
        if raw.tag == "tag:yaml.org,2002:str":
            return raw.value
        if raw.tag == "tag:yaml.org,2002:timestamp":
            raise UsageError(
                f"{raw.value} is read as a date", where=f"{self._path}:{line}:{column}", todo=f'Put it into quotes: "{raw.value}".'
            )
        if kind not in ("int", "float", "bool", "null", "value", "merge"):
            self._check_tag(raw, "", line, column)
        return str(raw.value) if kind in ("value", "merge") else self._loader.construct_object(raw)

    def _mapping(self, raw: Any, line: int, column: int, depth: int) -> Node:
        self._check_tag(raw, "tag:yaml.org,2002:map", line, column)
        values: dict[str, Node] = {}
        keys: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        for raw_key, raw_value in raw.value:
            value = self.node(raw_value, depth + 1)
            if raw_key.tag == "tag:yaml.org,2002:merge":
                for source in [value] if isinstance(value.value, dict) else value.elements():
                    merged = {**source.value, **merged}
                continue
            key = self.node(raw_key, depth + 1)
            if isinstance(key.value, dict | list):
                raise UsageError("a key must be text", where=key.where)
            name = str(key.value)
            if name in values:
                self._findings.notice(f"the key '{name}' is here twice; this one counts, not that in line {keys[name].line}", key.where)
            values[name], keys[name] = value, key
        return Node({**merged, **values}, self._path, line, column, keys)
