"""Packages listed in code or in a conda file, as v1 has them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from stepwell_runner.graph.model import Packages

_SERVED_BY_STEPWELL = re.compile(r"azureml-[\w.-]+", re.IGNORECASE)


class CondaDependencies:
    """Packages by pip and by conda, and a Python version. Environments are made by pip's rules, conda packages included.

    Without a Python version any will do. UsageError names what a conda file has that pip cannot serve.
    """

    def __init__(self, conda_dependencies_file_path: str | os.PathLike[str] | None = None) -> None:
        self._document: dict[str, Any] = {"channels": [], "dependencies": []}
        self._pip: list[str] = []
        self._where = os.getcwd()
        if conda_dependencies_file_path is not None:
            self._read(os.path.abspath(os.fspath(conda_dependencies_file_path)))

    def _read(self, path: str) -> None:
        import yaml

        from stepwell_runner.environments.conda import parse_conda
        from stepwell_runner.environments.requirements import read_text

        text = read_text(path)
        parse_conda(text, path)
        self._where = path
        self._document = {"channels": [], "dependencies": [], **yaml.safe_load(text)}
        dependencies = self._document["dependencies"] or []
        self._pip = [line for item in dependencies if isinstance(item, dict) for line in item["pip"]]
        self._document["dependencies"] = [item for item in dependencies if not isinstance(item, dict)]

    @classmethod
    def create(
        cls,
        pip_packages: Sequence[str] | None = None,
        conda_packages: Sequence[str] | None = None,
        python_version: str | None = None,
        pin_sdk_version: bool = True,  # noqa: ARG003  no SDK is installed in environments of steps
    ) -> CondaDependencies:
        """Packages listed in code."""
        made = cls()
        made._pip = list(pip_packages or ())
        made._document["dependencies"] = list(conda_packages or ())
        if python_version is not None:
            made.set_python_version(python_version)
        return made

    @property
    def pip_packages(self) -> Iterator[str]:
        """Requirement lines as pip takes them."""
        return iter(self._pip)

    @property
    def conda_packages(self) -> Iterator[str]:
        """Packages as conda takes them, without Python itself."""
        return (item for item in self._document["dependencies"] if not _is_python(item))

    @property
    def conda_channels(self) -> Iterator[str]:
        """Channels, kept but not used."""
        return iter(self._document["channels"])

    def add_pip_package(self, pip_package: str) -> None:
        """Add a requirement line."""
        self._pip.append(pip_package)

    def add_conda_package(self, conda_package: str) -> None:
        """Add a conda package, such as `numpy=1.26`."""
        self._document["dependencies"].append(conda_package)

    def add_channel(self, channel: str) -> None:
        """Keep a channel."""
        self._document["channels"].append(channel)

    def set_python_version(self, version: str) -> None:
        """Ask for a Python version such as `3.11`."""
        self._document["dependencies"] = [*self.conda_packages, f"python={version}"]

    def get_python_version(self) -> str | None:
        """The Python version asked for."""
        return self.compiled(None).python

    def as_dict(self) -> dict[str, Any]:
        """The content of a conda file that says the same."""
        pip = [{"pip": list(self._pip)}] if self._pip else []
        return {**self._document, "dependencies": [*self._document["dependencies"], *pip]}

    def serialize_to_string(self) -> str:
        """A conda file that says the same."""
        import yaml

        text: str = yaml.safe_dump(self.as_dict(), sort_keys=False)
        return text

    def compiled(self, name: str | None) -> Packages:
        """The packages as the graph holds them, without those of the Azure ML SDK, which Stepwell serves itself."""
        from stepwell_runner.environments.conda import parse_conda

        packages = parse_conda(self.serialize_to_string(), self._where)
        kept = tuple(line for line in packages.requirements if not _SERVED_BY_STEPWELL.match(line))
        return msgspec.structs.replace(packages, requirements=kept, name=name)


def _is_python(item: str) -> bool:
    return re.match(r"python\s*([=<>!~]|$)", item) is not None
