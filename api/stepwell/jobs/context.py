"""What one load has at hand."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

from stepwell.jobs.document import Node, read
from stepwell.jobs.findings import Findings
from stepwell.jobs.project import Project, find_project

DEEPEST_PIPELINES = 20


class Context:
    """Findings, documents that were read, the project file, and the workspace where there is one."""

    def __init__(self, file: str, findings: Findings, workspace_root: Path | None) -> None:
        self.file = file
        self.base = os.path.dirname(file)
        self.findings = findings
        self.workspace_root = workspace_root
        self._documents: dict[str, Node] = {}
        self._checked: set[int] = set()

    def document(self, path: str) -> Node:
        """The document in a file, read once."""
        if path not in self._documents:
            self._documents[path] = read(path, self.findings)
        return self._documents[path]

    def is_new(self, node: Node) -> bool:
        """Whether a document is asked about for the first time; a component that many nodes use is checked once."""
        is_new = id(node) not in self._checked
        self._checked.add(id(node))
        return is_new

    @cached_property
    def project(self) -> Project:
        """What the project says about names of Azure."""
        return find_project(self.base)
