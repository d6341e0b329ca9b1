"""From the environments of Azure to what a step can run in on this machine."""

from __future__ import annotations

import os

from stepwell.jobs.context import Context
from stepwell.jobs.document import Node
from stepwell.jobs.imports import unmet_imports
from stepwell.jobs.places import local_path
from stepwell.jobs.references import AssetName, asset_name
from stepwell_runner.graph.model import CurrentInterpreter, EnvironmentSpec, Interpreter
from stepwell_store.errors import UsageError

_CURRENT = CurrentInterpreter()


def environment(node: Node | None, code: str | None, command: str, place: Node, context: Context) -> EnvironmentSpec:
    """What a step runs in. `code` is its folder of code, `command` what it types there; `place` is where the step stands.

    What this machine has no counterpart for is served by the interpreter that Stepwell runs under, with a notice, as long as
    that has all that the code imports; else it is a finding.
    """
    if node is None:
        context.findings.strict("there is no `environment`", place.where)
        return _CURRENT
    try:
        return _of_mapping(node, code, command, context) if isinstance(node.value, dict) else _of_text(node, code, command, context)
    except UsageError as error:
        context.findings.error(f"{error.what.rstrip('.')}{f': {error.todo}' if error.todo else ''}", error.where or node.where)
        return _CURRENT


def _of_text(node: Node, code: str | None, command: str, context: Context) -> EnvironmentSpec:
    text = str(node.value)
    name = asset_name(text)
    if name is None:
        return _of_file(text, node, code, command, context)
    mapped = context.project.environment(text, name.name, name.shown)
    if mapped is not None:
        return of_path(str(mapped.value), mapped, context)
    return _stand_in(f"the environment '{name.shown}'", name.name, code, command, node, context)


def _of_file(text: str, node: Node, code: str | None, command: str, context: Context) -> EnvironmentSpec:
    path = local_path(text, node)
    if not os.path.isfile(path):
        raise UsageError(f"there is no environment file {path}", where=node.where)
    return _of_mapping(context.document(path), code, command, context)


def of_path(text: str, node: Node, context: Context) -> EnvironmentSpec:
    """What a path or word in the project file stands for: `current`, an interpreter, a conda file, a requirements file or an
    environment file."""
    if text == "current":
        return _CURRENT
    path = local_path(text, node)
    if os.path.isdir(path) and os.path.exists(os.path.join(path, "bin", "python")):
        path = os.path.join(path, "bin", "python")
    if not os.path.isfile(path):
        raise UsageError(f"there is no file {path}", where=node.where)
    if path.endswith(".txt"):
        from stepwell_runner.environments.requirements import read_requirements
        from stepwell_runner.graph.model import Packages

        return Packages(requirements=read_requirements(path))
    if path.endswith((".yml", ".yaml")):
        document = context.document(path)
        return _of_mapping(document, None, "", context) if document.has("image") or document.has("conda_file") else _conda(path)
    return Interpreter(path)


def _of_mapping(node: Node, code: str | None, command: str, context: Context) -> EnvironmentSpec:
    mapped = context.project.environment(*filter(None, (node.text("name"), node.text("image"))))
    if mapped is not None:
        return of_path(str(mapped.value), mapped, context)
    conda = node.get("conda_file")
    if conda is not None:
        return _inline_conda(conda) if isinstance(conda.value, dict) else _conda(_existing(local_path(str(conda.value), conda), conda))
    image = node.text("image")
    if image is not None:
        return _stand_in(f"the image '{image}'", image, code, command, node, context)
    build = node.get("build")
    if build is not None:
        return _stand_in("the image that a Dockerfile describes", node.text("name") or "NAME", code, command, node, context)
    context.findings.strict("an environment needs `image`, `conda_file` or `build`", node.where)
    return _CURRENT


def _existing(path: str, node: Node) -> str:
    if not os.path.isfile(path):
        raise UsageError(f"there is no conda file {path}", where=node.where)
    return path


def _conda(path: str) -> EnvironmentSpec:
    from stepwell_runner.environments.conda import read_conda

    return _without_sdk(read_conda(path))


def _inline_conda(node: Node) -> EnvironmentSpec:
    import json

    from stepwell_runner.environments.conda import parse_conda

    return _without_sdk(parse_conda(json.dumps(node.plain()), node.file))


def _without_sdk(spec: EnvironmentSpec) -> EnvironmentSpec:
    """The packages without those of the Azure ML SDK that only serve a step's talk with Azure."""
    import msgspec

    from stepwell.jobs.curated import serves_azure_only
    from stepwell_runner.graph.model import Packages

    if not isinstance(spec, Packages):
        return spec
    kept = tuple(line for line in spec.requirements if not serves_azure_only(line))
    return msgspec.structs.replace(spec, requirements=kept)


def _stand_in(what: str, name: str, code: str | None, command: str, node: Node, context: Context) -> EnvironmentSpec:
    """What serves for something that is not on this machine."""
    from stepwell.jobs.curated import known

    wanted, unmet = unmet_imports(code, command)
    file = context.project.file or os.path.join(context.base, "stepwell.yml")
    if not wanted:
        return _CURRENT
    packages = known(name)
    if packages is not None:
        context.findings.notice(f"{what} is made here by uv from what Stepwell knows of it", node.where)
        return packages
    todo = f"to choose another, write below `environments:` in {file}:  {name}: CONDA-FILE or INTERPRETER"
    if unmet:
        context.findings.error(
            f"{what} is not on this machine, and the interpreter of Stepwell has no {', '.join(unmet)}, which the step imports",
            f"{node.where}; {todo}",
        )
    else:
        context.findings.notice(f"{what} is not on this machine; the interpreter of Stepwell serves for it; {todo}", node.where)
    return _CURRENT


def name_of(node: Node | None) -> AssetName | None:
    """The name of an environment that is given by name."""
    return asset_name(str(node.value)) if node is not None and isinstance(node.value, str) else None
