"""What one load has at hand."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from stepwell.jobs.document import Node, read
from stepwell.jobs.findings import Findings
from stepwell.jobs.project import Project, find_project
from stepwell_store.data.datastores import DEFAULT_DATASTORE

if TYPE_CHECKING:
    from stepwell_store.workspace import Workspace

DEEPEST_PIPELINES = 20


class Context:
    """Findings, documents that were read, the project file, and the workspace where there is one."""

    def __init__(self, file: str, findings: Findings, workspace_root: Path | None, target: str | None = None) -> None:
        self.file = file
        self.base = os.path.dirname(file)
        self.findings = findings
        self.workspace_root = workspace_root
        self._target = target
        self._documents: dict[str, Node] = {}
        self._checked: set[int] = set()
        self._pythons: dict[str, str] = {}

    def document(self, path: str) -> Node:
        """The document in a file, read once."""
        if path not in self._documents:
            self._documents[path] = read(path, self.findings)
        return self._documents[path]

    def files(self) -> tuple[str, ...]:
        """The files of other documents that were read, such as components and the project file; not those that a workspace keeps."""
        kept = f"{self.workspace_root}/" if self.workspace_root is not None else None
        read = [path for path in self._documents if path != self.file and not (kept and path.startswith(kept))]
        return (*read, *([self.project.file] if self.project.file is not None else []))

    def is_new(self, node: Node) -> bool:
        """Whether a document is asked about for the first time; a component that many nodes use is checked once."""
        is_new = id(node) not in self._checked
        self._checked.add(id(node))
        return is_new

    @cached_property
    def workspace(self) -> Workspace | None:
        """The workspace, opened when something is looked for in it; None where there is none yet."""
        if self.workspace_root is None:
            return None
        from stepwell_store.workspace import open_workspace

        return open_workspace(self.workspace_root)

    def close(self) -> None:
        """Let the workspace go."""
        if self.__dict__.get("workspace") is not None:
            self.__dict__["workspace"].close()

    def target(self, compute: str | None, usual: str = "local") -> str:
        """The target that serves for a compute of Azure's: what was asked for, what people defined under its name, else the usual."""
        if self._target is not None:
            return self._target
        name = (compute or "").removeprefix("azureml:").strip()
        return name if name in self._kinds else usual

    def has_containers(self, target: str) -> bool:
        """Whether steps run in containers there, and images count."""
        return self._kinds.get(target, target) == "docker"

    @cached_property
    def default_datastore(self) -> str:
        """Where outputs go that have no place of their own."""
        return DEFAULT_DATASTORE if self.workspace is None else self.workspace.default_datastore_name()

    def python(self, wanted: str | None, where: str) -> str | None:
        """The Python version that serves for the one that a file asks for."""
        if wanted is None:
            return None
        from stepwell_runner.environments.nearest import serving_python

        if wanted not in self._pythons:
            cache = self.workspace_root / "cache" if self.workspace_root is not None else None
            self._pythons[wanted] = serving_python(wanted, cache)
        found = self._pythons[wanted]
        if found != wanted:
            self.findings.notice(f"Python {wanted} is not on this machine and cannot be fetched; {found} serves for it", where)
        return found

    @cached_property
    def _kinds(self) -> dict[str, str]:
        if self.workspace is None:
            return {}
        from stepwell_store.ledger.compute import list_targets

        return {target.name: target.kind for target in list_targets(self.workspace.database)}

    @cached_property
    def project(self) -> Project:
        """What the project says about names of Azure."""
        return find_project(self.base)
