"""Registered models, as MLflow clients register, find and fetch them. A version is a model of the workspace, kept as objects."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from stepwell_runner.tracking.book import Book, pairs
from stepwell_runner.tracking.errors import Refusal, missing
from stepwell_store import models
from stepwell_store.content.snapshots import unpacked
from stepwell_store.errors import StepwellError
from stepwell_store.ledger import assets
from stepwell_store.ledger.records import Asset
from stepwell_store.workspace import Workspace, open_workspace

Body = dict[str, Any]

PLACE = "registered-"
"""What stands before the id of a version where its files are asked for."""

_ALIASES, _STAGE, _RUN, _SOURCE = "mlflow.aliases", "mlflow.stage", "mlflow.run_id", "mlflow.source"


class Registry:
    """The models of a workspace. Names that have no version yet are known to this run only."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._named: dict[str, Body] = {}

    @cached_property
    def workspace(self) -> Workspace:
        """The workspace, opened when the first script asks."""
        return open_workspace(Path(self._root))

    def close(self) -> None:
        """Close the workspace, if anybody asked."""
        if "workspace" in self.__dict__:
            self.workspace.close()

    def call(self, book: Book, method: str, path: str, body: Body) -> Body:
        """Answer a call below `registered-models` or `model-versions`."""
        found = _CALLS.get((method, path)) or _CALLS.get(("*", path))
        if found is None:
            raise Refusal("ENDPOINT_NOT_FOUND", f"{path} is not served here", 404)
        try:
            return found(self, book, body)
        except StepwellError as error:
            raise Refusal("INVALID_PARAMETER_VALUE", str(error)) from None

    # --- names

    def versions(self, name: str) -> list[Asset]:
        """The versions of a name, the newest first; RESOURCE_DOES_NOT_EXIST when nobody registered the name."""
        found = assets.listed(self.workspace.database, models.KIND, name)
        if not found and name not in self._named:
            raise missing("registered model", name)
        return found

    def create(self, _: Book, body: Body) -> Body:
        """A new name."""
        name = str(body["name"])
        if name in self._named or assets.find(self.workspace.database, models.KIND, name):
            raise Refusal("RESOURCE_ALREADY_EXISTS", f"there is a registered model '{name}' already")
        self._named[name] = {"tags": body.get("tags") or [], "description": body.get("description") or ""}
        return {"registered_model": self._model(name, [])}

    def get(self, _: Book, body: Body) -> Body:
        """One name with its newest version."""
        name = str(body["name"])
        return {"registered_model": self._model(name, self.versions(name))}

    def search(self, _: Book, __: Body) -> Body:
        """All names."""
        newest = assets.newest(self.workspace.database, models.KIND)
        names = sorted({*self._named, *newest})
        return {"registered_models": [self._model(name, [newest[name]] if name in newest else []) for name in names]}

    def latest(self, _: Book, body: Body) -> Body:
        """The newest version of each stage that is asked for."""
        stages = [str(one).lower() for one in body.get("stages") or []]
        found: dict[str, Asset] = {}
        for version in self.versions(str(body["name"])):
            stage = version.properties.get(_STAGE, "None")
            if not stages or stage.lower() in stages:
                found.setdefault(stage, version)
        return {"model_versions": [_version(one) for one in found.values()]}

    def remove(self, _: Book, body: Body) -> Body:
        """Forget a name and all its versions."""
        for version in self.versions(str(body["name"])):
            assets.remove(self.workspace.database, version)
        self._named.pop(str(body["name"]), None)
        return {}

    def same(self, book: Book, body: Body) -> Body:
        """What changes nothing that is kept here: labels of a name."""
        return self.get(book, body)

    def _model(self, name: str, versions: list[Asset]) -> Body:
        known = self._named.get(name, {})
        aliases = [{"alias": alias, "version": one.version} for one in versions for alias in _aliases(one)]
        return {"name": name, "creation_timestamp": _at(versions[-1:]), "last_updated_timestamp": _at(versions[:1]),
                "description": known.get("description", ""), "tags": known.get("tags", []), "aliases": aliases,
                "latest_versions": [_version(one) for one in versions[:1]]}

    # --- versions

    def create_version(self, book: Book, body: Body) -> Body:
        """Keep the files behind a source as the next version of a name."""
        name, source = str(body["name"]), str(body["source"])
        place = self.place(book, source)
        top = f"{os.path.basename(os.path.abspath(place))}/"
        files = [(inner.removeprefix(top), path) for inner, path in models.files_of(place)]
        run = str(body.get("run_id") or book.scope.step_run)
        made = models.register(
            self.workspace, name, files, {"run": run, "framework": "MLflow", "is_folder": True},
            description=body.get("description"), tags={str(one["key"]): str(one["value"]) for one in body.get("tags") or []},
            properties={_RUN: run, _SOURCE: source})
        return {"model_version": _version(made)}

    def place(self, book: Book, source: str) -> str:
        """The files behind an address of a model, on this machine."""
        for scheme in ("mlflow-artifacts:", "runs:"):
            if source.startswith(scheme):
                path = source.removeprefix(scheme).lstrip("/")
                return book.place(path) if scheme != "runs:" else book.place(path.replace("/", "/artifacts/", 1))
        if source.startswith("models:/m-"):
            return book.place(source.removeprefix("models:/") + "/artifacts")
        address = urlsplit(source)
        if address.scheme not in ("", "file"):
            raise Refusal("INVALID_PARAMETER_VALUE", f"a model cannot be kept from '{source}'")
        return os.path.abspath(unquote(address.path))

    def version(self, body: Body) -> Asset:
        """The version that a request is about."""
        found = assets.find(self.workspace.database, models.KIND, str(body["name"]), str(body["version"]))
        if found is None:
            raise missing("model version", f"{body['name']}/{body['version']}")
        return found

    def get_version(self, _: Book, body: Body) -> Body:
        """One version."""
        return {"model_version": _version(self.version(body))}

    def search_versions(self, _: Book, body: Body) -> Body:
        """The versions of the name in a filter such as `name='x'`, or all."""
        text = str(body.get("filter") or "")
        key, _equals, value = (part.strip() for part in text.partition("="))
        if text and (key not in ("name", "run_id") or " and " in text.lower()):
            raise Refusal("INVALID_PARAMETER_VALUE", f"the filter {text!r} cannot be read: name='NAME' and run_id='ID' can")
        wanted = value.strip("'\"")
        found = assets.listed(self.workspace.database, models.KIND, wanted if key == "name" and text else None)
        return {"model_versions": [_version(one) for one in found if key != "run_id" or one.properties.get(_RUN) == wanted]}

    def update_version(self, _: Book, body: Body) -> Body:
        """Another description."""
        changed = assets.change(self.workspace.database, self.version(body), description=body.get("description"))
        return {"model_version": _version(changed)}

    def transition(self, _: Book, body: Body) -> Body:
        """Another stage."""
        found = self.version(body)
        changed = assets.change(self.workspace.database, found, properties={**found.properties, _STAGE: str(body["stage"])})
        return {"model_version": _version(changed)}

    def remove_version(self, _: Book, body: Body) -> Body:
        """Forget one version."""
        assets.remove(self.workspace.database, self.version(body))
        return {}

    def tag_version(self, _: Book, body: Body) -> Body:
        """Set a tag of a version."""
        found = self.version(body)
        assets.change(self.workspace.database, found, tags={**found.tags, str(body["key"]): str(body["value"])})
        return {}

    def download_uri(self, _: Book, body: Body) -> Body:
        """Where the files of a version are served."""
        return {"artifact_uri": f"mlflow-artifacts:/{PLACE}{self.version(body).id}/artifacts"}

    def folder(self, number: str) -> str:
        """The files of a version, by its id, put where they can be read."""
        found = assets.by_id(self.workspace.database, models.KIND, number)
        if found is None:
            raise missing("model version", number)
        return unpacked(str(found.body["tree"]), self.workspace.objects, self.workspace.cache)

    # --- aliases

    def alias(self, _: Book, body: Body) -> Body:
        """Give a version another name, which it takes from every other version."""
        name, alias, wanted = str(body["name"]), str(body["alias"]), self.version(body)
        for one in self.versions(name):
            names = {*_aliases(one)} - {alias} | ({alias} if one.id == wanted.id else set())
            if names != {*_aliases(one)}:
                assets.change(self.workspace.database, one, properties={**one.properties, _ALIASES: ",".join(sorted(names))})
        return {}

    def unalias(self, _: Book, body: Body) -> Body:
        """Take a name away from whatever has it."""
        alias = str(body["alias"])
        for one in self.versions(str(body["name"])):
            if alias in _aliases(one):
                names = sorted({*_aliases(one)} - {alias})
                assets.change(self.workspace.database, one, properties={**one.properties, _ALIASES: ",".join(names)})
        return {}

    def aliased(self, _: Book, body: Body) -> Body:
        """The version of an alias."""
        for one in self.versions(str(body["name"])):
            if str(body["alias"]) in _aliases(one):
                return {"model_version": _version(one)}
        raise missing("alias", f"{body['name']}@{body['alias']}")


def _aliases(asset: Asset) -> list[str]:
    return [one for one in asset.properties.get(_ALIASES, "").split(",") if one]


def _at(versions: list[Asset]) -> int:
    return int(versions[0].created_at * 1000) if versions else 0


def _version(asset: Asset) -> Body:
    return {
        "name": asset.name, "version": asset.version, "creation_timestamp": int(asset.created_at * 1000),
        "last_updated_timestamp": int(asset.modified_at * 1000), "current_stage": asset.properties.get(_STAGE, "None"),
        "description": asset.description or "", "source": f"mlflow-artifacts:/{PLACE}{asset.id}/artifacts",
        "run_id": asset.properties.get(_RUN, ""), "status": "READY", "tags": pairs(asset.tags), "aliases": _aliases(asset)}


Call = Callable[[Registry, Book, Body], Body]
_CALLS: dict[tuple[str, str], Call] = {
    ("*", "registered-models/create"): Registry.create,
    ("*", "registered-models/get"): Registry.get,
    ("*", "registered-models/search"): Registry.search,
    ("*", "registered-models/list"): Registry.search,
    ("*", "registered-models/update"): Registry.same,
    ("*", "registered-models/set-tag"): Registry.same,
    ("*", "registered-models/delete"): Registry.remove,
    ("*", "registered-models/get-latest-versions"): Registry.latest,
    ("POST", "registered-models/alias"): Registry.alias,
    ("DELETE", "registered-models/alias"): Registry.unalias,
    ("GET", "registered-models/alias"): Registry.aliased,
    ("*", "model-versions/create"): Registry.create_version,
    ("*", "model-versions/get"): Registry.get_version,
    ("*", "model-versions/search"): Registry.search_versions,
    ("*", "model-versions/update"): Registry.update_version,
    ("*", "model-versions/transition-stage"): Registry.transition,
    ("*", "model-versions/delete"): Registry.remove_version,
    ("*", "model-versions/set-tag"): Registry.tag_version,
    ("*", "model-versions/get-download-uri"): Registry.download_uri,
}
