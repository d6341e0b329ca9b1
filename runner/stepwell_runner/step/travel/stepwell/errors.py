"""Errors that a step script can meet here, under their v1 names."""

from __future__ import annotations

import builtins
from typing import Any


class AzureMLException(Exception):
    """Base of the exceptions that v1 names; `message` is its text."""

    @property
    def message(self) -> str:
        """What happened, in words."""
        return str(self)


class UserErrorException(AzureMLException):
    """The script asked for something that cannot be; the message says what would be right."""


class RunEnvironmentException(AzureMLException):
    """The process is not part of a run, or what it was told about its run cannot be read."""


class DatasetTimestampMissingError(UserErrorException):
    """A table has no column of times, which its method needs."""


_made: dict[tuple[str, ...], Any] = {}
_BASES = {"ProjectSystemException": "WorkspaceException"}


def named(name: str) -> Any:
    """The exception class of this v1 name, the same one every time."""
    if name in globals():
        return globals()[name]
    if (name,) not in _made:
        base = named(_BASES[name]) if name in _BASES else AzureMLException
        _made[name,] = type(name, (base,), {"__module__": "azureml.exceptions", "__doc__": "An exception that v1 names."})
    return _made[name,]


def like(names: list[str], text: str) -> Exception:
    """An exception that is caught wherever one with these class names would be, the nearest first."""
    key = tuple(names)
    if key not in _made:
        _made[key] = _joined(names)
    error: Exception = _made[key](text)
    return error


def _joined(names: list[str]) -> Any:
    found = [_known(name) for name in names]
    classes = [one for one in found if one is not None]
    leaves = [one for one in classes if not any(other is not one and issubclass(other, one) for other in classes)]
    if len(leaves) <= 1:
        return leaves[0] if leaves else AzureMLException
    try:
        return type(names[0], tuple(leaves), {"__module__": "azureml.exceptions", "__str__": Exception.__str__})
    except TypeError:  # built-in exceptions of different make cannot be one
        return leaves[0]


def _known(name: str) -> Any:
    builtin = getattr(builtins, name, None)
    if isinstance(builtin, type) and issubclass(builtin, Exception):
        return builtin
    return named(name) if name in _V1 else None


_V1 = frozenset({
    "AzureMLException", "UserErrorException", "ActivityFailedException", "AuthenticationException", "ComputeTargetException",
    "DatasetTimestampMissingError", "DatasetValidationError", "DatasetExecutionError", "DiscoveryUrlNotFoundException",
    "ExperimentExecutionException", "HttpOperationError", "ModelNotFoundException", "ModelPathNotFoundException",
    "ProjectSystemException", "RunConfigurationException", "RunEnvironmentException", "ServiceException", "SnapshotException",
    "TrainingException", "WebserviceException", "WorkspaceException", "WorkspacePrivateEndpointException",
    "AzureMLAggregatedException", "ParallelRunException",
})  # fmt: skip
