"""`azureml.core.Run` in a step: the step's own run by `get_context()`, and any other run of the workspace by its id."""

from __future__ import annotations

from typing import Any

from stepwell.run import Run as OwnRun


class _RunType(type):
    """`Run` as a class: what it makes is another run, what is one of it may be the step's own."""

    def __call__(cls, experiment: Any, run_id: str, *args: Any, **options: Any) -> Any:
        from stepwell.remote import remote_class

        return remote_class("Run", "azureml.core:Run")(experiment, run_id, *args, **options)

    def __instancecheck__(cls, instance: Any) -> bool:
        if isinstance(instance, OwnRun):
            return True
        from stepwell.remote import is_a

        return is_a(instance, "Run")

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        from stepwell.remote import remote_class

        return getattr(remote_class("Run", "azureml.core:Run"), name)


class Run(metaclass=_RunType):
    """A run. `Run.get_context()` is the one of this process."""

    @staticmethod
    def get_context(allow_offline: bool = True, **_: Any) -> Any:
        """The run of this process, the same object every time. Outside a step an `_OfflineRun`, or RunEnvironmentException."""
        return OwnRun.get_context(allow_offline)
