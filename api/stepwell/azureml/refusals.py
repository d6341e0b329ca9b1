"""Classes that stand for what only a cloud service has: they can be imported, and say why they cannot be used."""

from __future__ import annotations

from functools import cache
from typing import Any, NoReturn

from stepwell.sdk.exceptions import NotLocalError


class _Refusing(type):
    """The class of such classes."""

    _why: str

    def __call__(cls, *_: Any, **__: Any) -> NoReturn:
        raise NotLocalError(f"{cls.__name__}: {cls._why}")

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotLocalError(f"{cls.__name__}.{name}: {cls._why}")


@cache
def stand_in(name: str, why: str) -> type:
    """The class of this name; NotLocalError (a UserErrorException) says why whenever it is used."""
    return _Refusing(name, (), {"_why": why, "__doc__": why, "__module__": __name__})
