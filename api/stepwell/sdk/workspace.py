"""The workspace, as an author of a pipeline sees it. Making one opens nothing; what is stored is opened when it is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import UserErrorException, WorkspaceException

if TYPE_CHECKING:
    import stepwell_store.workspace as stored
    from stepwell.sdk.datasets import AbstractDataset
    from stepwell.sdk.datastore import Datastore
    from stepwell.sdk.experiment import Experiment
    from stepwell.sdk.runs.run import Run

ROOT_VARIABLE = "STEPWELL_WORKSPACE"
"""Environment variable with the `.stepwell` folder for a pipeline file that is being loaded; empty when there is none yet."""

_EMBEDDED = ("workspaceblobstore", "workspacefilestore")
_CONFIG_PLACES = tuple((folder, name) for folder in (".azureml", "aml_config", "") for name in ("config.json", "project.json"))
_CONFIG_KEYS = ("subscription_id", "resource_group", "workspace_name", "location")


class Workspace:
    """A workspace by its folder `.stepwell`. The subscription and the like come from v1's config.json, if there is one."""

    def __init__(
        self,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        workspace_name: str | None = None,
        *,
        location: str | None = None,
        root: Path | None = None,
    ) -> None:
        self._root = root if root is not None else _root_at(Path.cwd())
        self._name = workspace_name
        self._opened: stored.Workspace | None = None
        self.subscription_id = subscription_id or "00000000-0000-0000-0000-000000000000"
        self.resource_group = resource_group or "local"
        self.location = location or "local"

    @classmethod
    def from_config(cls, path: str | os.PathLike[str] | None = None, auth: object = None) -> Workspace:  # noqa: ARG003
        """The workspace at or above a folder, by default the current one. `path` may name v1's config.json itself.

        UserErrorException when there is neither a workspace nor a config.json.
        """
        start = Path(path or ".").absolute()
        config = _find_config(start)
        facts = _read_config(config) if config else {}
        return cls(**{key: facts.get(key) for key in _CONFIG_KEYS}, root=_root_at(start if start.is_dir() else start.parent))

    @classmethod
    def get(
        cls,
        name: str | None = None,
        auth: object = None,  # noqa: ARG003  nobody signs in here
        subscription_id: str | None = None,
        resource_group: str | None = None,
        location: str | None = None,
    ) -> Workspace:
        """The workspace at or above the current folder, under the given name; WorkspaceException when there is none."""
        try:
            return cls(subscription_id, resource_group, name, location=location)
        except UserErrorException as error:
            raise WorkspaceException(error.what, todo=error.todo) from None

    @classmethod
    def create(
        cls,
        name: str,
        auth: object = None,  # noqa: ARG003  nobody signs in here
        subscription_id: str | None = None,
        resource_group: str | None = None,
        location: str | None = None,
        create_resource_group: bool = True,  # noqa: ARG003
        sku: str = "basic",  # noqa: ARG003
        tags: dict[str, str] | None = None,  # noqa: ARG003
        friendly_name: str | None = None,  # noqa: ARG003
        *,
        exist_ok: bool = False,
        show_output: bool = True,  # noqa: ARG003
    ) -> Workspace:
        """Make a workspace in the current folder, unless one is there or above it: that one with `exist_ok`, else WorkspaceException."""
        from stepwell.sdk.workspace_files import create

        return cls(subscription_id, resource_group, name, location=location, root=create(name, exist_ok))

    def write_config(self, path: str | os.PathLike[str] | None = None, file_name: str | None = None) -> None:
        """Write v1's config.json to `.azureml` in a folder, by default the current one, and print where it is."""
        from stepwell.sdk.workspace_files import write_config

        facts = {"subscription_id": self.subscription_id, "resource_group": self.resource_group, "workspace_name": self.name}
        print(f"Wrote the config file {write_config(facts, path, file_name)}")

    @property
    def name(self) -> str:
        """What people call it."""
        if self._name is None:
            self._name = self.open().name if self._root is not None else Path.cwd().name
        return self._name

    def open(self) -> stored.Workspace:
        """What is stored; UserErrorException when the workspace is not made yet."""
        if self._opened is None:
            if self._root is None:
                raise UserErrorException("there is no workspace yet to look in", todo="Make one with `stepwell init`.")
            import stepwell_store.workspace

            self._opened = stepwell_store.workspace.open_workspace(self._root)
        return self._opened

    def checked_datastore_name(self, name: str | None) -> str:
        """The name, or that of the default datastore for None; UserErrorException when there is none of that name."""
        if name is None:
            return self.open().default_datastore_name() if self._root is not None else _EMBEDDED[0]
        return name if name in _EMBEDDED else self.open().datastore(name).name

    def get_default_datastore(self) -> Datastore:
        """Where outputs go when a step does not say."""
        from stepwell.sdk.datastore import Datastore

        return Datastore(self)

    @property
    def datastores(self) -> dict[str, Datastore]:
        """All datastores by name."""
        from stepwell.sdk.datastore import Datastore

        names = [store.name for store in self.open().datastores()] if self._root is not None else list(_EMBEDDED)
        return {name: Datastore(self, name) for name in names}

    @property
    def datasets(self) -> Mapping[str, AbstractDataset]:
        """The newest version of every registered dataset, by name; read when asked for."""
        return _Datasets(self)

    @property
    def experiments(self) -> Mapping[str, Experiment]:
        """Every experiment that has runs, by name; read when asked for."""
        from stepwell.sdk.experiment import Experiments

        return Experiments(self)

    def get_run(self, run_id: str) -> Run:
        """The pipeline or step run of this id; UserErrorException when there is none."""
        from stepwell.sdk.runs.find import find

        return find(self, run_id)

    def __repr__(self) -> str:
        return f"Workspace({str(self._root)!r})"


class _Datasets(Mapping[str, "AbstractDataset"]):
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def __getitem__(self, name: str) -> AbstractDataset:
        if name not in set(self):
            raise KeyError(name)
        from stepwell.sdk.dataset_factory import Dataset

        return Dataset.get_by_name(self._workspace, name)

    def __iter__(self) -> Iterator[str]:
        return iter([dataset.name for dataset in self._workspace.open().datasets()])

    def __len__(self) -> int:
        return len(self._workspace.open().datasets())


def _root_at(folder: Path) -> Path | None:
    told = os.environ.get(ROOT_VARIABLE)
    if told is not None:
        return Path(told) if told else None
    from stepwell_store.workspace import find

    root = find(folder.resolve())
    if root is None and _find_config(folder) is None:
        raise UserErrorException(
            f"there is no workspace and no config.json in {folder} or above it", todo="Make a workspace with `stepwell init`."
        )
    return root


def _find_config(start: Path) -> Path | None:
    if start.is_file():
        return start
    for folder, name in _CONFIG_PLACES:
        for parent in (start, *start.parents):
            path = parent / folder / name
            if path.is_file():
                return path
    return None


def _read_config(path: Path) -> dict[str, Any]:
    import msgspec

    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise UserErrorException(f"this is no workspace config: {error}", where=str(path)) from None
