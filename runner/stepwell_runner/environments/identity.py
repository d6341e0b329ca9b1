"""What an environment is, as a digest and as facts in words: two environments with equal facts may share results.

An interpreter is its version and the names and versions of what is installed; a package that is edited in place counts as
unchanged. An environment to be made is its requirement lines, with the content of the local files and folders that they name.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec
from blake3 import blake3

from stepwell_runner.environments.distributions import Facts, current_facts, installed, version_text
from stepwell_runner.graph.model import CurrentInterpreter, Dockerfile, EnvironmentSpec, Image, Interpreter, Packages

if TYPE_CHECKING:
    from stepwell_runner.environments.lines import Line

_DOMAIN = b"stepwell environment 1\0"
_PACKAGE = "package:"
_OPTION = "option:"


class Identity(msgspec.Struct, frozen=True):
    """`digest` is over all facts. Keys of facts: `kind`, `python`, `platform`, `written for`, `package:<name>`, `option:<number>`."""

    digest: str
    facts: dict[str, str]


def identify(spec: EnvironmentSpec, cache: str, settings: Mapping[str, str] | None = None) -> Identity:
    """The identity of an environment. `cache` is the workspace's folder for what other interpreters have answered; `settings` are
    those of the target, which say where its container engine is.

    MachineError when an interpreter is not there or does not answer, UsageError when a requirement names a missing file.
    """
    if isinstance(spec, CurrentInterpreter):
        return _of(_interpreter_facts(current_facts()))
    if isinstance(spec, Interpreter):
        from stepwell_runner.environments.probe import probe

        return _of(_interpreter_facts(probe(os.path.expanduser(spec.path), os.path.join(cache, "interpreters"))))
    if isinstance(spec, Packages):
        return _of(_packages_facts(spec) if spec.image is None else _on_image(spec, spec.image, cache, settings or {}))
    from stepwell_runner.containers.identity import facts

    return _of(facts(spec, settings or {}, cache))


def _on_image(spec: Packages, image: Image | Dockerfile, cache: str, settings: Mapping[str, str]) -> dict[str, str]:
    from stepwell_runner.containers.identity import facts

    own = _packages_facts(spec)
    if spec.python is None:
        del own["python"]  # that of the image
    return {**own, **facts(image, settings, cache), "kind": "image and packages"}


def _of(facts: dict[str, str]) -> Identity:
    encoded = msgspec.json.encode(facts, order="deterministic")
    return Identity(f"blake3:{blake3(_DOMAIN + encoded).hexdigest()}", facts)


def _interpreter_facts(found: Facts) -> dict[str, str]:
    packages = {_PACKAGE + name: version for name, version in installed(found.folders).items()}
    python, platform = _python(found.implementation, found.version), _platform(found.machine)
    return {"kind": "interpreter", "python": python, "platform": platform, **packages}


def _packages_facts(spec: Packages) -> dict[str, str]:
    from stepwell_runner.environments.lines import parse

    lines = [line for text in spec.requirements if (line := parse(text)) is not None]
    facts = {"kind": "packages", "python": spec.python or _python(sys.implementation.name, version_text()),
             "platform": _platform(os.uname().machine)}  # fmt: skip
    facts |= {"written for": f"Python {spec.meant_for}"} if spec.meant_for is not None else {}
    options = dict.fromkeys(_said(line) for line in lines if line.name is None)
    facts.update((f"{_OPTION}{number}", said) for number, said in enumerate(options, 1))
    for name, said in sorted({(line.name, _said(line)) for line in lines if line.name is not None}):
        key = f"{_PACKAGE}{name}"
        facts[key] = f"{facts[key]}, {said}" if key in facts else said
    return facts


def _said(line: Line) -> str:
    from stepwell_runner.environments.lines import local_content

    content = local_content(line)
    return line.shown if content is None else f"{line.shown} ({content})"


def _python(implementation: str, version: str) -> str:
    return version if implementation == "cpython" else f"{implementation} {version}"


def _platform(machine: str) -> str:
    return f"{sys.platform} {machine}"
