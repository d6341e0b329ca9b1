"""Registering models from the files of a run."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import Any

from stepwell.sdk.exceptions import ModelPathNotFoundException
from stepwell.sdk.model import Model
from stepwell.sdk.model_assets import facts_of, keep
from stepwell.sdk.workspace import Workspace


def register_model(
    workspace: Workspace, run: str, experiment: str, files: Mapping[str, str], model_name: str, model_path: str | None,
    tags: Mapping[str, Any] | None, properties: Mapping[str, Any] | None, description: str | None, facts: Sequence[Any],
) -> Model:  # fmt: skip
    """Keep the file, or the files below the folder, of this name as a model; ModelPathNotFoundException when the run has none."""
    wanted = posixpath.normpath(model_path or model_name)
    top = posixpath.dirname(wanted)
    chosen = {name: path for name, path in files.items() if name == wanted or name.startswith(wanted + "/")}
    if not chosen:
        known = ", ".join(list(files)[:10]) or "none"
        raise ModelPathNotFoundException(
            f"Could not locate the provided model_path {model_path or model_name} in the set of files uploaded to the run",
            todo=f"Its files are: {known}. Upload the model first: run.upload_file(name, path).",
        )
    named = [(posixpath.relpath(name, top) if top else name, path) for name, path in chosen.items()]
    found = {**facts_of(*facts), "run": run, "experiment": experiment}
    return Model.of(workspace, keep(workspace, model_name, named, found, tags, properties, description))
