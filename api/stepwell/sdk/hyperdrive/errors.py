"""What goes wrong with searches."""

from __future__ import annotations

from stepwell.sdk.exceptions import AzureMLException
from stepwell_store.errors import UsageError


class HyperDriveException(AzureMLException, UsageError):
    """Base of what searches raise."""


class HyperDriveConfigException(HyperDriveException, ValueError):
    """A search is described wrongly."""


class HyperDriveNotImplementedException(HyperDriveException, NotImplementedError):
    """A search that cannot be run here."""


class HyperDriveScenarioNotSupportedException(HyperDriveException):
    """Settings of a search that do not go together."""


class HyperDriveRehydrateException(HyperDriveException):
    """An earlier search cannot be read."""
