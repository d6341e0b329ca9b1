"""Reading datasets in a driver: by the modules that steps read them with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from stepwell.sdk.exceptions import DatasetValidationError, UserErrorException
from stepwell.sdk.step_modules import step_module
from stepwell_store.data.missing import NothingThere
from stepwell_store.data.resolve import Resolved

if TYPE_CHECKING:
    from stepwell.sdk.datasets import AbstractDataset
    from stepwell.sdk.workspace import Workspace


def workspace_at_hand() -> Workspace | None:
    """The workspace at or above the current folder, if there is one."""
    from stepwell.sdk.workspace import Workspace

    try:
        return Workspace.from_config()
    except UserErrorException:
        return None


def files_of(dataset: AbstractDataset) -> Resolved:
    """The files of a dataset now, before its operations; DatasetValidationError when there are none."""
    from stepwell.sdk.workspace import Workspace

    stored = (dataset.workspace or Workspace.from_config()).open()
    try:
        return stored.files_of(dataset.definition.places)
    except NothingThere as error:
        raise DatasetValidationError(error.what, where=error.where, todo=error.todo) from None


def read_by(dataset: AbstractDataset, method: str, *arguments: Any) -> Any:
    """What a method of the reading side gives for the files that a dataset has now; UserErrorException says what is missing."""
    found = files_of(dataset)
    given = {"definition": msgspec.to_builtins(dataset.definition), "files": list(found.files), "names": list(found.names)}
    try:
        return getattr(step_module("data").dataset("dataset", given), method)(*arguments)
    except step_module("errors").UserErrorException as error:
        raise UserErrorException(str(error)) from None
