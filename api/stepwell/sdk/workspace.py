"""The workspace, as an author of a pipeline sees it. Making one opens nothing; what is stored is opened when it is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import DatastoreNotFound, UserErrorException, WorkspaceException
from stepwell.sdk.workspace_facts import WorkspaceFacts

if TYPE_CHECKING:
    import stepwell_store.workspace as stored
    from stepwell.sdk.datasets import AbstractDataset
    from stepwell.sdk.datastore import Datastore
    from stepwell.sdk.experiment import Experiment
    from stepwell.sdk.runs.run import Run

ROOT_VARIABLE = "STEPWELL_WORKSPACE"
"""Environment variable with the `.stepwell` folder for a pipeline file that is being loaded; empty when there is none yet."""

_EMBEDDED = ("workspaceblobstore", "workspacefilestore")
_CONFIG_FOLDERS = (".azureml", "aml_config", "")
_CONFIG_PLACES = tuple((folder, name) for folder in _CONFIG_FOLDERS for name in ("config.json", "project.json"))
_CONFIG_KEYS = ("subscription_id", "resource_group", "workspace_name", "location")


class Workspace(WorkspaceFacts):
    """A workspace by its folder `.stepwell`. The subscription and the like come from v1's config.json, if there is one."""

    def __init__(
        self,
        subscription_id: str | None = None,
        resource_group: str | None = None,
        workspace_name: str | None = None,
        auth: object = None,  # noqa: ARG002  nobody signs in here
        *,
        location: str | None = None,
        sku: str = "basic",
        tags: dict[str, str] | None = None,
        root: Path | None = None,
        **_: object,
    ) -> None:
        self._root = root if root is not None else _root_at(Path.cwd())
        self._name = workspace_name
        self._opened: stored.Workspace | None = None
        self.subscription_id = subscription_id or "00000000-0000-0000-0000-000000000000"
        self.resource_group = resource_group or "local"
        self.location = location or "local"
        self.sku = sku
        self.tags = dict(tags or {})

    @classmethod
    def from_config(
        cls, path: str | os.PathLike[str] | None = None, auth: object = None, _logger: object = None,  # noqa: ARG003
        _file_name: str | None = None,
    ) -> Workspace:  # fmt: skip
        """The workspace at or above a folder, by default the current one. `path` may name v1's config.json itself.

        UserErrorException when there is neither a workspace nor a config.json.
        """
        start = Path(path or ".").absolute()
        config = _find_config(start, _file_name)
        facts = _read_config(config) if config else {}
        known: dict[str, Any] = {key: facts.get(key) for key in _CONFIG_KEYS}
        return cls(**known, root=_root_at(start if start.is_dir() else start.parent))

    @classmethod
    def get(
        cls,
        name: str | None = None,
        auth: object = None,  # noqa: ARG003  nobody signs in here
        subscription_id: str | None = None,
        resource_group: str | None = None,
        location: str | None = None,
        cloud: str = "AzureCloud",  # noqa: ARG003
        id: str | None = None,  # noqa: A002, ARG003
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
        tags: dict[str, str] | None = None,
        friendly_name: str | None = None,  # noqa: ARG003
        *,
        exist_ok: bool = False,
        show_output: bool = True,  # noqa: ARG003
        **_: object,
    ) -> Workspace:
        """Make a workspace in the current folder, unless one is there or above it: that one with `exist_ok`, else WorkspaceException.

        Keywords that name parts of the cloud are accepted and have no meaning here.
        """
        from stepwell.sdk.workspace_files import create

        return cls(subscription_id, resource_group, name, location=location, tags=tags, root=create(name, exist_ok))

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

    @property
    def is_made(self) -> bool:
        """Whether there is anything stored yet. A Stepwell extension."""
        return self._root is not None

    def open(self) -> stored.Workspace:
        """What is stored; UserErrorException when the workspace is not made yet."""
        if self._opened is None:
            if self._root is None:
                raise UserErrorException("there is no workspace yet to look in", todo="Make one with `stepwell init`.")
            import stepwell_store.workspace

            self._opened = stepwell_store.workspace.open_workspace(self._root)
        return self._opened

    def checked_datastore_name(self, name: str | None) -> str:
        """The name, or that of the default datastore for None; DatastoreNotFound when there is none of that name."""
        from stepwell_store.errors import UsageError

        if name is None:
            return self.open().default_datastore_name() if self._root is not None else _EMBEDDED[0]
        try:
            return name if name in _EMBEDDED else self.open().datastore(name).name
        except UsageError as error:
            raise DatastoreNotFound(error.what, todo=error.todo) from None

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


def _find_config(start: Path, file_name: str | None = None) -> Path | None:
    if start.is_file():
        return start
    places = _CONFIG_PLACES if file_name is None else [(folder, file_name) for folder in _CONFIG_FOLDERS]
    for folder, name in places:
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
