"""Packages listed in code or in a conda file, as v1 has them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from stepwell_runner.graph.model import Packages

_NAMED = r"([\w.-]+(?:\[[^\]]*\])?)\s*(.*)"
_SERVED_BY_STEPWELL = r"(?i)azureml-[\w.-]+"
_WITH_TABLES = frozenset({"azureml-automl-runtime", "azureml-dataprep", "azureml-dataset-runtime", "azureml-defaults", "azureml-interpret",
                          "azureml-opendatasets", "azureml-sdk", "azureml-train-automl", "azureml-train-automl-runtime"})  # fmt: skip


class CondaDependencies:
    """Packages by pip and by conda, and a Python version. Environments are made by pip's rules, conda packages included.

    Without a Python version any will do. UsageError names what a conda file has that pip cannot serve.
    """

    def __init__(
        self, conda_dependencies_file_path: str | os.PathLike[str] | None = None, _underlying_structure: dict[str, Any] | None = None
    ) -> None:
        self._document: dict[str, Any] = {"channels": [], "dependencies": []}
        self._pip: list[str] = []
        self._where = os.getcwd()
        if conda_dependencies_file_path is not None:
            self._read(os.path.abspath(os.fspath(conda_dependencies_file_path)))
        elif _underlying_structure is not None:
            self._take(_underlying_structure)

    def _read(self, path: str) -> None:
        import yaml

        from stepwell_runner.environments.conda import parse_conda
        from stepwell_runner.environments.requirements import read_text

        text = read_text(path)
        parse_conda(text, path)
        self._where = path
        self._take(yaml.safe_load(text))

    def _take(self, document: dict[str, Any]) -> None:
        self._document = {"channels": [], "dependencies": [], **document}
        dependencies = self._document["dependencies"] or []
        self._pip = [line for item in dependencies if isinstance(item, dict) for line in item["pip"]]
        self._document["dependencies"] = [item for item in dependencies if not isinstance(item, dict)]

    @classmethod
    def create(
        cls,
        pip_indexurl: str | None = None,
        pip_packages: Sequence[str] | None = None,
        conda_packages: Sequence[str] | None = None,
        python_version: str | None = None,
        pin_sdk_version: bool = True,  # noqa: ARG003  no SDK is installed in environments of steps
    ) -> CondaDependencies:
        """Packages listed in code."""
        made = cls()
        made._pip = list(pip_packages or ())
        if pip_indexurl is not None:
            made.set_pip_index_url(pip_indexurl)
        made._document["dependencies"] = list(conda_packages or ())
        if python_version is not None:
            made.set_python_version(python_version)
        return made

    @staticmethod
    def merge_requirements(requirements: Sequence[str]) -> list[str]:
        """One line for each package, with the conditions of all its lines joined."""
        merged: dict[str, list[str]] = {}
        for line in requirements:
            name, conditions = _parted(line)
            found = merged.setdefault(name, [])
            found += [condition for condition in conditions if condition not in found]
        return [name + ",".join(conditions) for name, conditions in merged.items()]

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing: no package, no Python version."""
        return not self._pip and not self._document["dependencies"]

    @property
    def pip_packages(self) -> Iterator[str]:
        """Requirement lines as pip takes them, without options."""
        return (line for line in self._pip if not line.startswith("-"))

    @property
    def pip_options(self) -> Iterator[str]:
        """Options of pip, such as an index."""
        return (line for line in self._pip if line.startswith("-"))

    @property
    def conda_packages(self) -> Iterator[str]:
        """Packages as conda takes them, without Python itself."""
        return (item for item in self._document["dependencies"] if not _is_python(item))

    @property
    def conda_channels(self) -> Iterator[str]:
        """Channels, kept but not used."""
        return iter(self._document["channels"])

    def add_pip_package(self, pip_package: str) -> None:
        """Add a requirement line, in place of one for the same package."""
        self.remove_pip_package(pip_package)
        self._pip.append(pip_package)

    def remove_pip_package(self, pip_package: str) -> None:
        """Take out the line for a package, whatever version it asks for."""
        name = _parted(pip_package)[0].partition("[")[0]
        self._pip = [line for line in self._pip if line.startswith("-") or _parted(line)[0].partition("[")[0] != name]

    def set_pip_option(self, pip_option: str) -> None:
        """Add an option of pip, such as `--extra-index-url ADDRESS`."""
        if pip_option not in self._pip:
            self._pip.insert(0, pip_option)

    def remove_pip_option(self, pip_option: str) -> None:
        """Take out an option of pip, by the whole of it or by its first word."""
        self._pip = [line for line in self._pip if line != pip_option and line.split()[0] != pip_option]

    def set_pip_index_url(self, index_url: str) -> None:
        """Take packages from another index; the address alone or with its option in front."""
        self.remove_pip_option("--index-url")
        self.set_pip_option(index_url if index_url.startswith("-") else f"--index-url {index_url}")

    def set_pip_requirements(self, pip_requirements: Sequence[str] | str) -> None:
        """Requirement lines, or the path of a file with them, in place of all that there are."""
        if isinstance(pip_requirements, str):
            from stepwell_runner.environments.requirements import read_requirements

            pip_requirements = list(read_requirements(os.path.abspath(pip_requirements)))
        self._pip = [*self.pip_options, *pip_requirements]

    def add_conda_package(self, conda_package: str) -> None:
        """Add a conda package, such as `numpy=1.26`, in place of one of the same name."""
        self.remove_conda_package(conda_package)
        self._document["dependencies"].append(conda_package)

    def remove_conda_package(self, conda_package: str) -> None:
        """Take out a conda package, whatever version it asks for."""
        name = _parted(conda_package)[0]
        self._document["dependencies"] = [item for item in self._document["dependencies"] if _parted(item)[0] != name]

    def add_channel(self, channel: str) -> None:
        """Keep a channel."""
        if channel not in self._document["channels"]:
            self._document["channels"].append(channel)

    def remove_channel(self, channel: str) -> None:
        """Forget a channel."""
        self._document["channels"] = [known for known in self._document["channels"] if known != channel]

    def add_tensorflow_pip_package(self, core_type: str = "cpu", version: str | None = None) -> None:
        """Add TensorFlow, for `cpu` or `gpu`."""
        name = "tensorflow-gpu" if core_type == "gpu" else "tensorflow"
        self.add_pip_package(name if version is None else f"{name}=={version}")

    def add_tensorflow_conda_package(self, core_type: str = "cpu", version: str | None = None) -> None:
        """Add TensorFlow by conda, for `cpu` or `gpu`."""
        name = "tensorflow-gpu" if core_type == "gpu" else "tensorflow"
        self.add_conda_package(name if version is None else f"{name}={version}")

    def add_cntk_package(self, core_type: str = "cpu") -> None:
        """Add CNTK, for `cpu` or `gpu`."""
        self.add_pip_package("cntk-gpu" if core_type == "gpu" else "cntk")

    def set_python_version(self, version: str) -> None:
        """Ask for a Python version such as `3.11`."""
        self._document["dependencies"] = [*self.conda_packages, f"python={version}"]

    @property
    def python_version(self) -> str | None:
        """The Python version asked for."""
        return self.get_python_version()

    def get_python_version(self) -> str | None:
        """The Python version asked for."""
        return self.compiled(None).python

    def save(self, path: str | os.PathLike[str] | None = None) -> str:
        """Write a conda file to a path, or as `conda_dependencies.yml` into a folder, by default the current one; its path."""
        target = os.path.abspath(os.fspath(path or "."))
        if os.path.isdir(target):
            target = os.path.join(target, "conda_dependencies.yml")
        with open(target, "w", encoding="utf-8") as file:
            file.write(self.serialize_to_string())
        return target

    def save_to_file(self, base_directory: str | os.PathLike[str], conda_file_path: str | None = None) -> str:
        """Write a conda file below a folder; its path relative to that folder."""
        relative = conda_file_path or os.path.join(".azureml", "conda_dependencies.yml")
        target = os.path.join(os.fspath(base_directory), relative)
        os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
        self.save(target)
        return relative

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
        from stepwell.sdk import constraints
        from stepwell_runner.environments.conda import parse_conda

        packages = parse_conda(self.serialize_to_string(), self._where)
        kept = [constraints.succeeded(line) for line in packages.requirements if not re.match(_SERVED_BY_STEPWELL, line)]
        served = [line for line in packages.requirements if re.match(_SERVED_BY_STEPWELL, line)]
        brought = _brought(served) if kept or packages.python else _asked_for(served)
        named = {_parted(line)[0].partition("[")[0] for line in kept}
        wanted = [*kept, *[one for one in brought if one not in named]]
        if served and wanted:
            decided = {name.partition("[")[0] for name, conditions in map(_parted, kept) if conditions}
            wanted += constraints.lines(decided)
        return msgspec.structs.replace(packages, requirements=tuple(wanted), name=name)


def _brought(served: list[str]) -> list[str]:
    """What scripts import that packages of the SDK would have brought along."""
    names = {_parted(line)[0].partition("[")[0] for line in served}
    with_tables = _asks_for_pandas(served) or not names.isdisjoint(_WITH_TABLES)
    return [*(["pandas", "pyarrow"] if with_tables else []), *(["requests"] if served else [])]


def _asked_for(served: list[str]) -> list[str]:
    """pandas, where it is asked for as an extra of the SDK, and Stepwell's own interpreter does not have it."""
    wanted = ["pandas", "pyarrow"] if _asks_for_pandas(served) else []
    return [] if _are_here(wanted) else wanted


def _asks_for_pandas(served: list[str]) -> bool:
    return any("pandas" in line.partition("[")[2] for line in served)


def _are_here(packages: list[str]) -> bool:
    """Whether the interpreter that Stepwell runs under has all of these."""
    from importlib.util import find_spec

    return all(find_spec(package) is not None for package in packages)


def _parted(line: str) -> tuple[str, list[str]]:
    """The name of a requirement with its extras, in small letters, and its conditions."""
    named = re.fullmatch(_NAMED, line.strip(), re.ASCII)
    name, conditions = named.groups() if named else (line.strip(), "")
    return name.lower().replace("_", "-"), [condition.strip() for condition in conditions.split(",") if condition.strip()]


def _is_python(item: str) -> bool:
    return re.match(r"python\s*([=<>!~]|$)", item) is not None
