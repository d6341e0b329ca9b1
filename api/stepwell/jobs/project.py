"""The project file: what names that mean something on Azure stand for on this machine.

`stepwell.yml`, in the folder of the pipeline or above it:

    environments:
      sklearn-1.5: envs/sklearn.yml            # a conda file, a requirements file, an environment file, or an interpreter
      AzureML-tensorflow-*: current            # the interpreter that Stepwell runs under
    data:
      wasbs://container@account.blob.core.windows.net/iris/: data/iris
"""

from __future__ import annotations

import os
from fnmatch import fnmatchcase

import msgspec

from stepwell.jobs.document import Node, read
from stepwell.jobs.findings import Findings, nearest
from stepwell_store.errors import UsageError

NAME = "stepwell.yml"
_SECTIONS = ("environments", "data")


class Project(msgspec.Struct, frozen=True):
    """The file, and its sections; empty when there is no file."""

    file: str | None = None
    environments: dict[str, Node] = {}
    data: dict[str, Node] = {}

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
    while True:
        path = os.path.join(folder, NAME)
        if os.path.isfile(path):
            return _read(path)
        above = os.path.dirname(folder)
        if above == folder:
            return Project()
        folder = above


def _read(path: str) -> Project:
    findings = Findings()
    document = read(path, findings)
    if document.has("jobs") or document.has("$schema"):
        return Project()  # a pipeline that happens to have this name
    for key in document.value if isinstance(document.value, dict) else ():
        if key not in _SECTIONS:
            raise UsageError(f"the project file knows no section '{key}'{nearest(key, _SECTIONS)}", where=document.key(key).where)
    findings.settle()
    return Project(path, *(_section(document, name) for name in _SECTIONS))


def _section(document: Node, name: str) -> dict[str, Node]:
    found = document.get(name)
    if found is None:
        return {}
    for _, node in found.items():  # noqa: PERF102  a Node, not a dict
        if not isinstance(node.value, str):
            raise UsageError(f"an entry of `{name}` must be a path", where=node.where)
    return dict(found.items())
