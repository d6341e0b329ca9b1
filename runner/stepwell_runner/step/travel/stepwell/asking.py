"""What a step asks its workspace about runs: everything that is not in the step's own hands."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from stepwell import artifacts, errors
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
        wanted = (model_path or model_name).rstrip("/")
        chosen = {name: path for name, path in self._own_files() if name == wanted or name.startswith(wanted + "/")}
        if not chosen:
            return self._known().register_model(model_name, model_path, **options)
        from stepwell.remote import register_model

        return register_model(self._id, self._recorder.facts["experiment"], chosen, model_name, wanted, options)

    def _recorder_workspace(self) -> Any:
        return Workspace(self._recorder.facts["workspace"])

    def _own_files(self) -> Iterator[tuple[str, str]]:
        """(name, path) of the files that this step has uploaded for this run, and of those that it left in its own outputs/."""
        facts = self._recorder.facts
        for report in self._recorder.sent("artifact", "name"):
            yield report["name"], os.path.join(facts["artifacts"], report["path"])
        if self._recorder.scope == "step" and not self._recorder.prefix:
            folder = os.path.join(facts["folder"], "work", "outputs")
            for name, path in artifacts.files_below(folder):
                yield f"outputs/{name}", path


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
