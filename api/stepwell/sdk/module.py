"""Modules: scripts published with their interface under a name, in versions that keep their files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from stepwell.sdk.exceptions import NotLocalError, PipelineError, UserErrorException
from stepwell.sdk.graph_parts import InputPortDef, OutputPortDef, ParamDef
from stepwell.sdk.parameter import PipelineParameter
from stepwell_store.ledger import assets
from stepwell_store.ledger.records import Asset

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace

KIND = "module"
VERSION_KIND = "module_version"


class Module:
    """A module of a workspace. Names are unique; versions are text, by default numbers from 1."""

    def __init__(self, workspace: Workspace, asset: Asset) -> None:
        self.workspace = workspace
        self._asset = asset

    @staticmethod
    def create(workspace: Workspace, name: str, description: str, **_: Any) -> Module:
        """A new module without versions; UserErrorException when there is one of that name."""
        if assets.find(workspace.open().database, KIND, name) is not None:
            raise UserErrorException(f"there is a module {name} already", todo="Module.get(workspace, name=...) finds it.")
        made = assets.register(workspace.open().database, KIND, name, {"default": None}, version="1", description=description)
        return Module(workspace, made)

    @staticmethod
    def get(workspace: Workspace, module_id: str | None = None, name: str | None = None, **_: Any) -> Module:
        """A module by its id or name; UserErrorException when there is none."""
        database = workspace.open().database
        found = assets.by_id(database, KIND, module_id) if module_id else assets.find(database, KIND, name or "")
        if found is None:
            known = ", ".join(assets.newest(database, KIND)) or "none yet"
            raise UserErrorException(f"there is no module {module_id or name}", todo=f"There are: {known}.")
        return Module(workspace, found)

    @staticmethod
    def get_versions(workspace: Workspace, name: str, **_: Any) -> Sequence[ModuleVersionDescriptor]:
        """The versions of a module."""
        return Module.get(workspace, name=name).module_version_list()

    # --- what it is

    @property
    def id(self) -> str:
        """Its id."""
        return self._asset.id

    @property
    def name(self) -> str:
        """Its name."""
        return self._asset.name

    @property
    def description(self) -> str | None:
        """What it is for."""
        return self._asset.description

    @property
    def status(self) -> str:
        """`Active`, `Deprecated` or `Disabled`."""
        return self._asset.status

    def set_name(self, name: str) -> None:
        """Call it otherwise; UserErrorException when the name is taken."""
        if assets.find(self.workspace.open().database, KIND, name) is not None:
            raise UserErrorException(f"there is a module {name} already")
        self._change(name=name)

    def set_description(self, description: str) -> None:
        """Say otherwise what it is for."""
        self._change(description=description)

    def enable(self) -> None:
        """Let it be used."""
        self._change(status="Active")

    def disable(self) -> None:
        """Let it be used no longer."""
        self._change(status="Disabled")

    def deprecate(self) -> None:
        """Advise against its use."""
        self._change(status="Deprecated")

    # --- versions

    def module_version_list(self) -> Sequence[ModuleVersionDescriptor]:
        """Its versions, in the order in which they were made."""
        return [ModuleVersionDescriptor(one.version, one.id) for one in reversed(self._versions())]

    def get_default_version(self) -> str | None:
        """The version that is taken when none is named, if one was chosen."""
        found: str | None = self._asset.body["default"]
        return found

    def set_default_version(self, version_id: str) -> None:
        """Choose the version that is taken when none is named; UserErrorException when it is not there."""
        if version_id not in [one.version for one in self._versions()]:
            raise UserErrorException(f"module {self.name} has no version {version_id!r}")
        self._change(body={**self._asset.body, "default": version_id})

    def get_default(self) -> ModuleVersion:
        """The version that is taken when none is named."""
        return self.resolve()

    def resolve(self, version: str | None = None) -> ModuleVersion:
        """This version; without one the default, else the highest number, else the last; UserErrorException when there is none."""
        found = self._versions()
        wanted = version if version is not None else self.get_default_version()
        exact = [one for one in found if one.version == wanted]
        if exact:
            return ModuleVersion(self.workspace, exact[0])
        if version is not None or not found:
            known = ", ".join(one.version for one in found) or "none yet"
            raise UserErrorException(f"module {self.name} has no version {version!r}", todo=f"Its versions are: {known}.")
        numbered = [one for one in found if all(part.isdecimal() for part in one.version.split("."))]
        chosen = max(numbered, key=lambda one: [int(part) for part in one.version.split(".")]) if numbered else found[0]
        return ModuleVersion(self.workspace, chosen)

    def publish_python_script(
        self,
        script_name: str,
        description: str,
        inputs: Sequence[InputPortDef] | None,
        outputs: Sequence[OutputPortDef] | None,
        params: Mapping[str, Any] | None = None,
        create_sequencing_ports: bool = True,  # noqa: ARG002  run_after needs no ports here
        version: str | None = None,
        is_default: bool = False,
        source_directory: str | os.PathLike[str] | None = None,
        hash_paths: Sequence[str] | None = None,  # noqa: ARG002
        category: str | None = None,
        arguments: Sequence[Any] | None = None,
        runconfig: Any = None,
    ) -> ModuleVersion:
        """A new version that runs a script of a folder, whose files are kept. UserErrorException when the version is there already."""
        from stepwell_store.content import snapshots

        folder = os.path.abspath(os.fspath(source_directory or "."))
        if not os.path.isfile(os.path.join(folder, script_name)):
            raise PipelineError(f"script {script_name} of module '{self.name}' is not found in {folder}")
        stored = self.workspace.open()
        kept = snapshots.store(snapshots.scan(folder, str(stored.cache)), stored.objects)
        body = {
            "module": self.id, "script": script_name, "tree": kept.digest, "category": category,
            "inputs": [_told(one) for one in inputs or ()], "outputs": [_told(one) for one in outputs or ()],
            "params": {name: getattr(value, "default_value", value) for name, value in (params or {}).items()},
            "arguments": [_annotated(one) for one in arguments or ()],
            "runconfig": None if runconfig is None else _document(runconfig),
        }  # fmt: skip
        made = self._new_version(body, version, description)
        if is_default or (self.get_default_version() is None and version is None and len(self._versions()) == 1):
            self.set_default_version(made.version)
        return made

    def publish(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: graphs as modules."""
        raise NotLocalError("a graph cannot be published as a module here", todo="publish_python_script publishes a script.")

    def publish_adla_script(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: a script of Data Lake Analytics."""
        raise NotLocalError("a U-SQL script cannot be published as a module here", todo="An AdlaStep runs one.")

    def publish_azure_batch(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: a program of Azure Batch."""
        raise NotLocalError("a program of Azure Batch cannot be published as a module here", todo="A CommandStep runs a program.")

    def _new_version(self, body: dict[str, Any], version: str | None, description: str) -> ModuleVersion:
        from stepwell_store.errors import UsageError

        try:
            asset = assets.register(self.workspace.open().database, VERSION_KIND, self.id, body, version=version, description=description)
        except UsageError:
            raise UserErrorException(f"module {self.name} has a version {version} already", todo="Leave it out for the next one.") from None
        return ModuleVersion(self.workspace, asset)

    def _versions(self) -> Sequence[Asset]:
        """The newest first."""
        return assets.listed(self.workspace.open().database, VERSION_KIND, self.id)

    def _change(self, **changes: Any) -> None:
        self._asset = assets.change(self.workspace.open().database, self._asset, **changes)

    def __repr__(self) -> str:
        return f"Module({self.name!r})"


class ModuleVersionDescriptor:
    """A version and the id of what it is."""

    def __init__(self, version: str, module_version_id: str) -> None:
        self.version, self.module_version_id = version, module_version_id

    def __repr__(self) -> str:
        return f"ModuleVersionDescriptor({self.version!r}, {self.module_version_id!r})"


class ModuleVersion:
    """One version of a module: a script with its files, its inputs, outputs and parameters."""

    def __init__(self, workspace: Workspace, asset: Asset) -> None:
        self.workspace = workspace
        self._asset = asset

    @staticmethod
    def get(workspace: Workspace, module_version_id: str, **_: Any) -> ModuleVersion:
        """A version by its id; UserErrorException when there is none."""
        found = assets.by_id(workspace.open().database, VERSION_KIND, module_version_id)
        if found is None:
            raise UserErrorException(f"there is no version of a module with the id {module_version_id}")
        return ModuleVersion(workspace, found)

    @property
    def module_version_id(self) -> str:
        """Its id."""
        return self._asset.id

    @property
    def version(self) -> str:
        """What it is called."""
        return self._asset.version

    @property
    def description(self) -> str | None:
        """What it is for."""
        return self._asset.description

    @property
    def status(self) -> str:
        """`Active`, `Deprecated` or `Disabled`."""
        return self._asset.status

    @property
    def category(self) -> str | None:
        """What its publisher sorts it under."""
        return self._asset.body.get("category")

    @property
    def facts(self) -> dict[str, Any]:
        """What was published. A Stepwell extension."""
        return self._asset.body

    @property
    def inputs(self) -> Sequence[InputPortDef]:
        """The inputs that it declares."""
        return [InputPortDef(**one) for one in self.facts["inputs"]]

    @property
    def outputs(self) -> Sequence[OutputPortDef]:
        """The outputs that it declares."""
        return [OutputPortDef(**one) for one in self.facts["outputs"]]

    @property
    def params(self) -> Mapping[str, ParamDef]:
        """The parameters that it declares."""
        return {name: ParamDef(name, value) for name, value in self.facts["params"].items()}

    @property
    def interface(self) -> ModuleVersion:
        """Itself: `inputs`, `outputs` and `params`."""
        return self

    @property
    def runconfig(self) -> Any:
        """How it is run, where its publisher said."""
        from stepwell.sdk.runconfig_files import from_document

        found = self.facts.get("runconfig")
        return None if found is None else from_document(found, os.getcwd())

    def module(self) -> Module:
        """The module that it is a version of."""
        return Module.get(self.workspace, module_id=self.facts["module"])

    def folder(self) -> str:
        """A folder with its files, made when it is not there. A Stepwell extension."""
        from stepwell_store.content.snapshots import unpacked

        stored = self.workspace.open()
        return unpacked(self.facts["tree"], stored.objects, stored.cache)

    def enable(self) -> None:
        """Let it be used."""
        self._asset = assets.change(self.workspace.open().database, self._asset, status="Active")

    def disable(self) -> None:
        """Let it be used no longer."""
        self._asset = assets.change(self.workspace.open().database, self._asset, status="Disabled")

    def deprecate(self) -> None:
        """Advise against its use."""
        self._asset = assets.change(self.workspace.open().database, self._asset, status="Deprecated")

    def __repr__(self) -> str:
        return f"ModuleVersion({self.version!r}, {self.module_version_id!r})"


def _told(definition: InputPortDef | OutputPortDef) -> dict[str, Any]:
    return {name: value for name, value in vars(definition).items() if value is not None and isinstance(value, str | bool | list)}


def _annotated(argument: Any) -> str:
    if isinstance(argument, InputPortDef):
        return f"input:{argument.name}"
    if isinstance(argument, OutputPortDef):
        return f"output:{argument.name}"
    return f"parameter:{argument.name}" if isinstance(argument, PipelineParameter | ParamDef) else str(argument)


def _document(runconfig: Any) -> dict[str, Any]:
    from stepwell.sdk.runconfig_files import to_document

    return to_document(runconfig)
