"""AutoML's words, so that scripts with an AutoMLStep build their graphs; nothing here searches."""

from __future__ import annotations

from typing import Any

from stepwell.sdk.exceptions import NotLocalError

_INSTEAD = "Train with a PythonScriptStep and, for a search over settings, a HyperDriveStep around it."


class AutoMLConfig:
    """What a search was to be; kept as it is given in `user_settings`."""

    def __init__(self, task: str | None = None, path: str | None = None, **settings: Any) -> None:
        self.user_settings: dict[str, Any] = {"task_type": task, "path": path, **settings}

    def as_serializable_dict(self) -> dict[str, Any]:
        """Its plain settings."""
        return {name: value for name, value in self.user_settings.items() if isinstance(value, str | int | float | bool | list | dict)}


class AutoMLRun:
    """Refused: no search was made here."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise NotLocalError("AutoML runs in Azure's service only, so there is no such run here", todo=_INSTEAD)


class AutoMLStepRun(AutoMLRun):
    """Refused: no search was made here."""


class FeaturizationConfig:
    """How columns were to be prepared; kept as it is given."""

    def __init__(self, **settings: Any) -> None:
        self.settings = settings

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **named: self.settings.setdefault(name, []).append((args, named))


class ForecastingParameters:
    """What a forecast was to be; kept as it is given."""

    def __init__(self, **settings: Any) -> None:
        self.__dict__.update(settings)
