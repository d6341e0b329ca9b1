"""From the environments of Azure to what a step can run in on this machine."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import msgspec

from stepwell.jobs.catalogue import find_environment
from stepwell.jobs.context import Context
from stepwell.jobs.document import Node, local_path
from stepwell.jobs.imports import unmet_imports
from stepwell.jobs.references import AssetName, asset_name
from stepwell_runner.environments.named import CURRENT, environment_at
from stepwell_runner.graph.model import CurrentInterpreter, Dockerfile, EnvironmentSpec, Image, Packages
from stepwell_store.errors import UsageError

_CURRENT = CurrentInterpreter()
_CURATED_IMAGES = "mcr.microsoft.com/azureml/curated"


def environment(node: Node | None, roots: tuple[str, ...], command: str, place: Node, context: Context, target: str) -> EnvironmentSpec:
    """What a step runs in. `roots` are its folder of code and what lies beside it, `command` what it types there.

    Where steps run in containers, images count. Elsewhere the interpreter that Stepwell runs under serves for them, with a
    notice, as long as it has all that the code imports; else it is a finding.
    """
    if node is None:
        context.findings.strict("there is no `environment`", place.where)
        return _CURRENT
    try:
        return _Finder(roots, command, context, context.has_containers(target)).of_node(node)
    except UsageError as error:
        context.findings.error(f"{error.what.rstrip('.')}{f': {error.todo}' if error.todo else ''}", error.where or node.where)
        return _CURRENT


class _Finder:
    """Finds the environment of one step."""

    def __init__(self, roots: tuple[str, ...], command: str, context: Context, in_container: bool) -> None:
        self._roots = roots
        self._command = command
        self._context = context
        self._in_container = in_container

    def of_node(self, node: Node) -> EnvironmentSpec:
        """Of what stands for an environment in a document: a name, a file, or a mapping."""
        if isinstance(node.value, dict):
            return self._of_mapping(node)
        text = str(node.value)
        name = asset_name(text)
        return self._of_file(text, node) if name is None else self._of_name(text, name, node)

    def _of_name(self, text: str, name: AssetName, node: Node) -> EnvironmentSpec:
        mapped = self._context.project.environment(text, name.name, name.shown)
        if mapped is not None:
            return self.of_path(str(mapped.value), mapped)
        registered = find_environment(name, self._context)
        if isinstance(registered, Node):
            return self._of_mapping(registered)
        if registered is not None:
            return registered
        if self._in_container and (name.registry == "azureml" or name.name.lower().startswith("azureml-")):
            return Image(reference=f"{_CURATED_IMAGES}/{name.name.lower().removeprefix('azureml-')}:{name.version or 'latest'}")
        return self._stand_in(f"the environment '{name.shown}'", name.name, node)

    def _of_file(self, text: str, node: Node) -> EnvironmentSpec:
        path = local_path(text, node)
        if not os.path.isfile(path):
            raise UsageError(f"there is no environment file {path}", where=node.where)
        return self._of_mapping(self._context.document(path))

    def of_path(self, text: str, node: Node) -> EnvironmentSpec:
        """What the project file says: `current`, an interpreter, a conda file, a requirements file or an environment file."""
        path = text if text == CURRENT else local_path(text, node)
        if path.endswith((".yml", ".yaml")) and os.path.isfile(path):
            document = self._context.document(path)
            is_environment = any(document.has(key) for key in ("image", "conda_file", "build"))
            return self._of_mapping(document) if is_environment else self._conda(document, path)
        return environment_at(path, node.where)

    def _of_mapping(self, node: Node) -> EnvironmentSpec:
        image, conda = node.text("image"), node.get("conda_file")
        mapped = self._context.project.environment(*filter(None, (node.text("name"), image)))
        if mapped is not None and mapped.file != node.file:
            return self.of_path(str(mapped.value), mapped)
        if conda is not None:
            return self._on(image, self._of_conda(conda))
        if image is not None:
            return Image(reference=image) if self._in_container else self._stand_in(f"the image '{image}'", image, node)
        build = node.get("build")
        if build is not None:
            return self._of_build(build, node)
        self._context.findings.strict("an environment needs `image`, `conda_file` or `build`", node.where)
        return _CURRENT

    def _on(self, image: str | None, spec: EnvironmentSpec) -> EnvironmentSpec:
        if not self._in_container or image is None or not isinstance(spec, Packages):
            return spec
        return msgspec.structs.replace(spec, image=Image(reference=image))

    def _of_build(self, build: Node, node: Node) -> EnvironmentSpec:
        path, file = build.get("path"), build.text("dockerfile_path") or "Dockerfile"
        folder = local_path(str(path.value), path) if path is not None else node.folder
        if not self._in_container:
            what = "the image that a Dockerfile describes"
            return self._stand_in(what, node.text("name") or "NAME", node, lambda: self._installed_by(folder, file, node))
        if not os.path.isdir(folder):
            raise UsageError(f"there is no folder {folder} to build from", where=(path or build).where)
        return Dockerfile(context=folder, path=file)

    def _installed_by(self, folder: str, file: str, node: Node) -> Packages | None:
        from stepwell.jobs.dockerfiles import installed_by

        found = installed_by(folder, file)
        return None if found is None else self._served(found, node)

    def _served(self, found: Packages, node: Node) -> Packages:
        """The packages for a Python that can be had, where that is not the one they were written for."""
        python = self._context.python(found.python, node.where)
        return msgspec.structs.replace(found, python=python, meant_for=found.python if python != found.python else None)

    def _of_conda(self, node: Node) -> EnvironmentSpec:
        if isinstance(node.value, dict):
            return self._conda(node, node.file)
        path = local_path(str(node.value), node)
        if not os.path.isfile(path):
            raise UsageError(f"there is no conda file {path}", where=node.where)
        return self._conda(self._context.document(path), path)

    def _conda(self, document: Node, path: str) -> EnvironmentSpec:
        from stepwell.jobs.curated import without_azure
        from stepwell_runner.environments.conda import parse_conda

        mapped = self._context.project.environment(*filter(None, (document.text("name"),)))
        if mapped is not None and mapped.file != document.file and local_path(str(mapped.value), mapped) != path:
            return self.of_path(str(mapped.value), mapped)
        found = parse_conda(json.dumps(document.plain()), path)
        found = msgspec.structs.replace(found, requirements=without_azure(found.requirements))
        return found if self._in_container else self._served(found, document)

    def _stand_in(
        self, what: str, name: str, node: Node, described: Callable[[], Packages | None] = lambda: None
    ) -> EnvironmentSpec:
        """What serves for something that is not on this machine, with the packages that are `described` or else known by its name."""
        from stepwell.jobs.curated import known

        findings = self._context.findings
        wanted, unmet = unmet_imports(self._roots, self._command)
        if not wanted:
            return _CURRENT
        packages = described() or known(name)
        if packages is not None:
            findings.notice(f"{what} is made here by uv from what Stepwell knows of it", node.where)
            return packages
        file = self._context.project.file or os.path.join(self._context.base, "stepwell.yml")
        todo = f"to choose another, write below `environments:` in {file}:  {name}: CONDA-FILE or INTERPRETER"
        if not unmet:
            findings.notice(f"{what} is not on this machine; the interpreter of Stepwell serves for it; {todo}", node.where)
            return _CURRENT
        missing = ", ".join(unmet)
        findings.error(f"{what} is not on this machine, and the interpreter of Stepwell has no {missing}, which the step imports",
                       f"{node.where}; {todo}")  # fmt: skip
        return _CURRENT
