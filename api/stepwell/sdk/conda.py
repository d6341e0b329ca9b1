"""Packages of a step's environment, as conda files and requirement files list them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from stepwell.sdk.exceptions import UserErrorException

_CONDA_PACKAGE = re.compile(r"(?:[\w-]+::)?(?P<name>[\w.-]+)\s*(?P<version>[=<>!~].*)?")
_SERVED_BY_STEPWELL = re.compile(r"azureml-[\w.-]+", re.IGNORECASE)


class CondaDependencies:
    """Packages by pip and by conda, and a Python version.

    Environments are made by pip's rules: a conda package `name=1.2` is taken for the requirement `name==1.2.*`.
    """

    def __init__(self, conda_dependencies_file_path: str | os.PathLike[str] | None = None) -> None:
        self._pip: list[str] = []
        self._conda: list[str] = []
        self._channels: list[str] = []
        self._python: str | None = None
        if conda_dependencies_file_path is not None:
            self._read(Path(conda_dependencies_file_path))

    @classmethod
    def create(
        cls,
        pip_packages: Sequence[str] | None = None,
        conda_packages: Sequence[str] | None = None,
        python_version: str | None = None,
        pin_sdk_version: bool = True,  # noqa: ARG003
    ) -> CondaDependencies:
        """Packages listed in code. Without `python_version` any will do."""
        made = cls()
        for package in pip_packages or ():
            made.add_pip_package(package)
        for package in conda_packages or ():
            made.add_conda_package(package)
        made._python = python_version
        return made

    @property
    def pip_packages(self) -> Iterable[str]:
        """Requirement lines as pip takes them."""
        return iter(self._pip)

    @property
    def conda_packages(self) -> Iterable[str]:
        """Packages as conda takes them."""
        return iter(self._conda)

    @property
    def conda_channels(self) -> Iterable[str]:
        """Channels, kept but not used."""
        return iter(self._channels)

    def add_pip_package(self, pip_package: str) -> None:
        """Add a requirement line."""
        self._pip.append(pip_package)

    def add_conda_package(self, conda_package: str) -> None:
        """Add a conda package, such as `numpy=1.26` or `python=3.11`."""
        found = _CONDA_PACKAGE.fullmatch(conda_package.strip())
        if found is None:
            raise UserErrorException(f"{conda_package!r} is no conda package")
        if found["name"] == "python":
            self._python = (found["version"] or "").split("=", 1)[-1].strip("=<>!~ ").split("=")[0] or None
        elif found["name"] != "pip":
            self._conda.append(conda_package.strip())

    def add_channel(self, channel: str) -> None:
        """Keep a channel; environments are made by pip's rules, so it is not used."""
        self._channels.append(channel)

    def set_python_version(self, version: str) -> None:
        """Ask for a Python version such as `3.11`."""
        self._python = version

    def get_python_version(self) -> str | None:
        """The Python version asked for."""
        return self._python

    def requirements(self) -> tuple[str, ...]:
        """All packages as pip takes them, without those of the Azure ML SDK, which Stepwell serves itself."""
        lines = [_requirement(package) for package in self._conda] + self._pip
        return tuple(line for line in lines if not _SERVED_BY_STEPWELL.match(line))

    def _read(self, path: Path) -> None:
        import yaml

        try:
            content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise UserErrorException(f"the conda file cannot be read: {error}", where=str(path)) from None
        if not isinstance(content, dict) or not isinstance(content.get("dependencies", []), list):
            raise UserErrorException("a conda file needs a list `dependencies`", where=str(path))
        self._channels = [str(channel) for channel in content.get("channels") or ()]
        for item in content.get("dependencies", []):
            if isinstance(item, dict):
                self._pip += [str(line) for line in item.get("pip") or ()]
            else:
                self.add_conda_package(str(item))


def _requirement(package: str) -> str:
    found = _CONDA_PACKAGE.fullmatch(package)
    version = found["version"] if found else None
    if found is None or not version:
        return found["name"] if found else package
    if not re.match(r"=[^=]", version):
        return found["name"] + version.replace(" ", "")
    number = version[1:].split("=")[0].strip()
    return f"{found['name']}=={number if number.endswith('*') else number + '.*'}"


def requirement_lines(path: Path) -> list[str]:
    """The lines of a requirements file without comments, those of files that it includes by `-r` in their place."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserErrorException(f"the requirements file cannot be read: {error}", where=str(path)) from None
    lines: list[str] = []
    for raw in text.replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s)#.*$", "", raw).strip()
        included = re.fullmatch(r"(?:-r|--requirement)[\s=]*(.+)", line)
        if included:
            lines += requirement_lines(path.parent / included[1])
        elif line:
            lines.append(line)
    return lines
