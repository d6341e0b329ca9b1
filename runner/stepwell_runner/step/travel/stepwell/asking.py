"""What a step asks its workspace about runs: everything that is not in the step's own hands."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from stepwell import errors
from stepwell.errors import UserErrorException
from stepwell.recorder import Recorder


class Asking:
    """The part of a run that the workspace knows. The door is opened when one of these is used, and not before."""

    _recorder: Recorder
    _id: str

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return asked(self._known, name)

    def _known(self) -> Any:
        """This run, as the workspace has it."""
        from stepwell.remote import own_run

        return own_run(self._id)

    def get_secret(self, name: str) -> Any:
        """A secret of the workspace's key vault, or None."""
        return self._recorder_workspace().get_default_keyvault().get_secret(name)

    def get_secrets(self, secrets: list[str]) -> Any:
        """Secrets of the workspace's key vault by name."""
        return self._recorder_workspace().get_default_keyvault().get_secrets(secrets)

    def register_model(self, model_name: str, model_path: str | None = None, **options: Any) -> Any:
        """Give a model a name in the workspace. `model_path` is an uploaded file or folder of this run, or one in its outputs/."""
        from stepwell.remote import remote_class

        path = self._own_file(model_path or model_name)
        if path is None:
            return self._known().register_model(model_name, model_path, **options)
        model = remote_class("Model", "azureml.core:Model")
        kept = {key: value for key, value in options.items() if key not in _OF_OTHER_RUNS}
        return model.register(self._recorder_workspace(), path, model_name, **kept)

    def _recorder_workspace(self) -> Any:
        return Workspace(self._recorder.facts["workspace"])

    def _own_file(self, name: str) -> str | None:
        """Where a file or folder is that this step has uploaded or left in its outputs/."""
        facts = self._recorder.facts
        uploaded = {report["name"]: report["path"] for report in self._recorder.sent("artifact", "name")}
        if name in uploaded:
            return os.path.join(facts["artifacts"], uploaded[name])
        if any(one.startswith(name.rstrip("/") + "/") for one in uploaded):
            folder = os.path.join(facts["artifacts"], "" if self._recorder.scope == "step" else ".run", name)
            return folder if os.path.isdir(folder) else None
        left = os.path.join(facts["folder"], "work", name)
        inside = os.path.normpath(left).startswith(os.path.join(facts["folder"], "work", "outputs"))
        return left if self._recorder.scope == "step" and inside and os.path.exists(left) else None


_OF_OTHER_RUNS = ("sample_input_dataset", "sample_output_dataset", "resource_configuration")


class Experiment:
    """The experiment of a run: its name at hand, the rest asked for."""

    v1_kind = "Experiment"

    def __init__(self, facts: dict[str, Any]) -> None:
        self.name: str = facts["experiment"]
        self.workspace = Workspace(facts["workspace"])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return asked(self.known, name)

    def __repr__(self) -> str:
        return f"Experiment({self.name!r})"

    def known(self) -> Any:
        """This experiment, as the workspace has it."""
        from stepwell.remote import remote_class

        return remote_class("Experiment", "azureml.core:Experiment")(self.workspace, self.name)


class Workspace:
    """The workspace of a run: its name at hand, the rest asked for."""

    v1_kind = "Workspace"

    def __init__(self, facts: dict[str, Any]) -> None:
        self.name: str = facts["name"]
        self.root: str = facts["root"]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return asked(self.known, name)

    def __repr__(self) -> str:
        return f"Workspace({self.root!r})"

    def known(self) -> Any:
        """This workspace behind the door."""
        from stepwell.remote import remote_class

        return remote_class("Workspace", "azureml.core:Workspace").from_config()


def asked(known: Callable[[], Any], name: str) -> Any:
    """An attribute from behind the door; where there is no door, `hasattr` says no."""
    try:
        return getattr(known(), name)
    except errors.RunEnvironmentException as problem:
        raise errors.like(["RunEnvironmentException", "AttributeError"], f"{name}: {problem}") from None


def missing(name: str) -> UserErrorException:
    """The error for a part of a run that is told apart by its name only, and not known to the workspace."""
    return UserErrorException(f"{name}: a child run made in a step is part of the step's own run, and has no entry of its own")
