"""What a name of v1 stands for in a step: the step's own run, an exception, or a class that lives with the workspace."""

from __future__ import annotations

from typing import Any

from azureml.surface import MODULES


def resolve(module: str, name: str) -> Any:
    """The value of a name of the table. Nothing is asked of the workspace yet."""
    if module in ("azureml.exceptions", "azureml._common.exceptions", "msrest.exceptions") or name in MODULES["azureml.exceptions"]:
        from stepwell import errors

        return errors.named(name)
    if name == "Run":
        from azureml.runs import Run

        return Run
    if name == "_OfflineRun":
        from stepwell.offline import _OfflineRun

        return _OfflineRun
    if name == "EntryScript":
        from stepwell.parallel import EntryScript  # type: ignore[import-not-found]

        return EntryScript
    from stepwell.remote import remote_class

    return remote_class(name, f"{module}:{name}")


class _Refusing(type):
    """The class of classes that stand for what only a cloud service has."""

    why = ""

    def __call__(cls, *_: Any, **__: Any) -> Any:
        """Says why it cannot be used."""
        raise _error(f"{cls.__name__}: {cls.why}")

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise _error(f"{cls.__name__}.{name}: {cls.why}")


def _error(text: str) -> Exception:
    from stepwell import errors

    return errors.like(["NotLocalError", "UserErrorException", "AzureMLException"], text)


def refused(name: str, why: str) -> Any:
    """A class that can be imported, and says why it cannot be used."""
    return _Refusing(name, (), {"why": why})
