"""Registered models: files under a name and a version."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import (
    ModelNotFoundException,
    ModelPathNotFoundException,
    NotLocalError,
    UserErrorException,
    WebserviceException,
)
from stepwell.sdk.labels import Labels, as_words
from stepwell.sdk.model_assets import facts_of, keep, matching
from stepwell.sdk.model_facts import Framework, ModelFacts
from stepwell.sdk.resource_configuration import ResourceConfiguration
from stepwell_store import models
from stepwell_store.content import snapshots
from stepwell_store.errors import UsageError
from stepwell_store.ledger import assets
from stepwell_store.ledger.records import Asset

if TYPE_CHECKING:
    from stepwell.sdk.workspace import Workspace

MODELS_FOLDER = "azureml-models"


class Model(ModelFacts):
    """A version of a registered model, by default the newest.

    WebserviceException, whose text begins with ModelNotFound, when there is none.
    """

    Framework = Framework

    def __init__(
        self,
        workspace: Workspace,
        name: str | None = None,
        id: str | None = None,  # noqa: A002
        tags: Labels = None,
        properties: Labels = None,
        version: int | None = None,
        run_id: str | None = None,
        model_framework: str | None = None,
        expand: bool = True,  # noqa: ARG002
        **_: Any,
    ) -> None:
        if name is None and id is None:
            raise WebserviceException("a Model needs a name or an id")
        if id is not None:
            name, _colon, number = id.rpartition(":")
            version = int(number) if number.isdecimal() else version
        found = matching(workspace, name, tags, properties, run_id, version, model_framework)
        if not found:
            wanted = f"{name}:{version}" if version is not None else str(name)
            known = ", ".join(assets.newest(workspace.open().database, models.KIND)) or "none yet"
            raise WebserviceException(f"ModelNotFound: Model with name {wanted} not found in provided workspace",
                                      todo=f"Registered are: {known}.")  # fmt: skip
        self._workspace = workspace
        self._asset = found[0]

    @classmethod
    def of(cls, workspace: Workspace, asset: Asset) -> Model:
        """The model that was found already. A Stepwell extension."""
        made = object.__new__(cls)
        made._workspace, made._asset = workspace, asset
        return made

    # --- registering and finding

    @staticmethod
    def register(
        workspace: Workspace,
        model_path: str | os.PathLike[str],
        model_name: str,
        tags: Mapping[str, Any] | None = None,
        properties: Mapping[str, Any] | None = None,
        description: str | None = None,
        datasets: Sequence[tuple[str, Any]] | None = None,
        model_framework: str | None = None,
        model_framework_version: str | None = None,
        child_paths: Sequence[str] | None = None,
        sample_input_dataset: Any = None,
        sample_output_dataset: Any = None,
        resource_configuration: ResourceConfiguration | None = None,
    ) -> Model:
        """Keep a local file or folder as the next version of a model; ModelPathNotFoundException when it is not there."""
        try:
            files = models.files_of(os.fspath(model_path))
        except UsageError as error:
            raise ModelPathNotFoundException(error.what, todo="model_path is a file or folder of this machine.") from None
        if child_paths is not None:
            top = os.path.basename(os.path.abspath(os.fspath(model_path)))
            wanted = tuple(os.path.normpath(os.path.join(top, child)) for child in child_paths)
            files = [(name, path) for name, path in files if any(name == one or name.startswith(one + "/") for one in wanted)]
        facts = facts_of(datasets, model_framework, model_framework_version, sample_input_dataset, sample_output_dataset,
                         resource_configuration)  # fmt: skip
        return Model.of(workspace, keep(workspace, model_name, files, facts, tags, properties, description))

    @staticmethod
    def list(
        workspace: Workspace,
        name: str | None = None,
        tags: Labels = None,
        properties: Labels = None,
        run_id: str | None = None,
        latest: bool = False,
        dataset_id: str | None = None,
        expand: bool = True,  # noqa: ARG004
        page_count: int = 255,  # noqa: ARG004
        model_framework: str | None = None,
    ) -> Models:
        """The registered models, newest first; of each name only the newest with `latest`. Tags are keys, or pairs of key and value."""
        found = matching(workspace, name, tags, properties, run_id, None, model_framework)
        if dataset_id is not None:
            found = [one for one in found if dataset_id in [dataset["id"] for dataset in one.body.get("datasets", [])]]
        if latest:
            seen: dict[str, Asset] = {}
            for one in found:
                seen.setdefault(one.name, one)
            found = [*seen.values()]
        return [Model.of(workspace, one) for one in found]

    @staticmethod
    def get_model_path(model_name: str, version: int | None = None, _workspace: Workspace | None = None) -> str:
        """Where the files of a model are: they are put below `azureml-models` of the current folder.

        A file when the model is one, else its folder. A folder or file of that name that is there is taken where nothing is registered.
        ModelNotFoundException when there is none.
        """
        if version is not None and not isinstance(version, int):
            raise ModelNotFoundException(f"the version of a model is a whole number, not {version!r}")
        try:
            model = Model(_workspace or _current_workspace(), model_name, version=version)
        except UsageError as error:
            found = _lying_here(model_name, version)
            if found is None:
                raise ModelNotFoundException(f"Model not found: {model_name}, version {version or 'latest'}", todo=error.todo) from None
            return found
        folder = os.path.join(MODELS_FOLDER, model.name, str(model.version))
        if not os.path.isdir(folder) or not os.listdir(folder):
            models.restore(model._workspace.open(), model._asset, os.path.abspath(folder))
        return models.single(folder)

    # --- what can be done with it

    def download(self, target_dir: str | os.PathLike[str] = ".", exist_ok: bool = False, exists_ok: bool | None = None) -> str:
        """Copy its files into a folder; where they are. WebserviceException when one is there, unless `exist_ok`."""
        folder = os.path.abspath(os.fspath(target_dir))
        tree = snapshots.load_tree(str(self._asset.body["tree"]), self._workspace.open().objects)
        targets = [os.path.join(folder, entry.path) for entry in tree.entries]
        there = [path for path in targets if os.path.exists(path)]
        if there and not (exist_ok or exists_ok):
            raise WebserviceException(f"{there[0]} is there already", todo="Pass exist_ok=True to replace it.")
        for path in there:
            os.unlink(path)
        snapshots.restore_tree(tree, self._workspace.open().objects, folder)
        tops = {entry.path.partition("/")[0] for entry in tree.entries}
        return os.path.join(folder, tops.pop()) if len(tops) == 1 else folder

    @staticmethod
    def deserialize(workspace: Workspace, model_payload: Mapping[str, Any]) -> Model:
        """The model that `serialize` told of."""
        return Model(workspace, id=str(model_payload["id"]))

    def get_sas_urls(self) -> dict[str, str]:
        """The addresses of its files, by name."""
        stored = self._workspace.open()
        tree = snapshots.load_tree(str(self._asset.body["tree"]), stored.objects)
        return {entry.path: f"file://{stored.objects.path(entry.digest)}" for entry in tree.entries}

    def update(
        self, tags: Mapping[str, Any] | None = None, description: str | None = None, sample_input_dataset: Any = None,
        sample_output_dataset: Any = None, resource_configuration: ResourceConfiguration | None = None,
    ) -> None:  # fmt: skip
        """Take other tags, another description and so on; what is None stays."""
        body = {**self._asset.body, **facts_of(None, None, None, sample_input_dataset, sample_output_dataset, resource_configuration)}
        changes: dict[str, Any] = {"body": body}
        if tags is not None:
            changes["tags"] = as_words(tags)
        if description is not None:
            changes["description"] = description
        self._change(**changes)

    def add_tags(self, tags: Mapping[str, Any]) -> None:
        """Set some tags; others stay."""
        self._change(tags={**self.tags, **as_words(tags)})

    def remove_tags(self, tags: Sequence[str]) -> None:
        """Take some tags away."""
        self._change(tags={key: value for key, value in self.tags.items() if key not in tags})

    def add_properties(self, properties: Mapping[str, Any]) -> None:
        """Add properties, which never change: UserErrorException when one has another value already."""
        new = as_words(properties)
        for key, value in new.items():
            if self.properties.get(key, value) != value:
                raise UserErrorException(f"property {key!r} of model {self.name} is {self.properties[key]!r} and cannot be changed")
        self._change(properties={**self.properties, **new})

    def add_dataset_references(self, datasets: Sequence[tuple[str, Any]]) -> None:
        """Say from which datasets it was made."""
        known = [*self._asset.body.get("datasets", []), *facts_of(datasets, None, None, None, None, None).get("datasets", [])]
        self._change(body={**self._asset.body, "datasets": known})

    def delete(self) -> None:
        """Forget this version."""
        assets.remove(self._workspace.open().database, self._asset)

    @staticmethod
    def deploy(*_: Any, **__: Any) -> Any:
        """Refused: nothing is deployed from here."""
        todo = "Model.download(...) gives the files to whatever serves them."
        raise NotLocalError("models are not deployed as web services from here", todo=todo)

    package = profile = deploy

    def _change(self, **changes: Any) -> None:
        self._asset = assets.change(self._workspace.open().database, self._asset, **changes)

    def __repr__(self) -> str:
        return f"Model(workspace={self._workspace!r}, name={self.name}, id={self.id}, version={self.version}, tags={self.tags})"


Models = list[Model]


def _current_workspace() -> Workspace:
    from stepwell.sdk.workspace import Workspace

    return Workspace.from_config()


def _lying_here(name: str, version: int | None) -> str | None:
    folder = os.path.join(MODELS_FOLDER, name)
    if os.path.isdir(folder):
        numbers = sorted(int(one) for one in os.listdir(folder) if one.isdecimal())
        chosen = version if version is not None else numbers[-1] if numbers else None
        if chosen in numbers:
            return models.single(os.path.join(folder, str(chosen)))
    return name if os.path.exists(name) else None
