"""The project file: what names that mean something on Azure stand for on this machine.

`stepwell.yml`, in the folder of the pipeline or above it:

    environments:
      sklearn-1.5: envs/sklearn.yml            # a conda file, a requirements file, an environment file, or an interpreter
      AzureML-tensorflow-*: current            # the interpreter that Stepwell runs under
    data:
      wasbs://container@account.blob.core.windows.net/iris/: data/iris
    reuse:
      narrow: true                             # or names of steps
      untracked: [build_id]                    # parameters
"""

from __future__ import annotations

import os
from fnmatch import fnmatchcase

import msgspec

from stepwell.jobs.document import Node, read
from stepwell.jobs.findings import Findings, nearest
from stepwell.projectfile import nearest as nearest_file
from stepwell_runner.graph.counting import Counting
from stepwell_store.errors import UsageError

_SECTIONS = ("environments", "data", "reuse")
_COUNTING = ("narrow", "untracked")


class Project(msgspec.Struct, frozen=True):
    """The file, and its sections; empty when there is no file."""

    file: str | None = None
    environments: dict[str, Node] = {}
    data: dict[str, Node] = {}
    counting: Counting = Counting()

    def environment(self, *names: str) -> Node | None:
        """What the project says of an environment, by the first of its names that it knows."""
        for name in names:
            for pattern, node in self.environments.items():
                if name == pattern or fnmatchcase(name, pattern):
                    return node
        return None

    def place(self, address: str) -> str | None:
        """The local path that stands for an address, by the longest beginning that the project knows."""
        for prefix in sorted(self.data, key=len, reverse=True):
            if address == prefix or address.startswith(prefix if prefix.endswith("/") else f"{prefix}/"):
                node = self.data[prefix]
                rest = address[len(prefix) :].lstrip("/")
                return os.path.normpath(os.path.join(node.folder, os.path.expanduser(str(node.value)), rest))
        return None


def find_project(folder: str) -> Project:
    """The nearest project file at or above a folder. UsageError for one that cannot be read."""
    path = nearest_file(folder)
    return Project() if path is None else read_project(path)


def read_project(path: str) -> Project:
    """What a project file says. UsageError for one that cannot be read."""
    findings = Findings()
    document = read(path, findings)
    if document.has("jobs") or document.has("$schema"):
        return Project()  # a pipeline that happens to have this name
    _check_keys(document, _SECTIONS, "section")
    findings.settle()
    return Project(path, _section(document, "environments"), _section(document, "data"), _counting(document))


def _check_keys(document: Node, known: tuple[str, ...], what: str) -> None:
    for key in document.value if isinstance(document.value, dict) else ():
        if key not in known:
            raise UsageError(f"the project file knows no {what} '{key}'{nearest(key, known)}", where=document.key(key).where)


def _counting(document: Node) -> Counting:
    reuse = document.below("reuse")
    _check_keys(reuse, _COUNTING, "entry of `reuse`")
    narrow = reuse.get("narrow")
    if narrow is not None and isinstance(narrow.value, bool):
        return Counting(narrow.value, _names(reuse, "untracked", "names of parameters"))
    return Counting(_names(reuse, "narrow", "true, or names of steps"), _names(reuse, "untracked", "names of parameters"))


def _names(document: Node, key: str, what: str) -> tuple[str, ...]:
    found = document.get(key)
    if found is None:
        return ()
    names = tuple(node.value for node in found.elements())
    if not isinstance(found.value, list) or not all(isinstance(name, str) for name in names):
        raise UsageError(f"`{key}` must be a list: {what}", where=found.where)
    return names


def _section(document: Node, name: str) -> dict[str, Node]:
    found = document.get(name)
    if found is None:
        return {}
    for _, node in found.items():  # noqa: PERF102  a Node, not a dict
        if not isinstance(node.value, str):
            raise UsageError(f"an entry of `{name}` must be a path", where=node.where)
    return dict(found.items())
