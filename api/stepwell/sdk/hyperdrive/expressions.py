"""What values a name of the search space can have. `q` rounds to its multiples; logarithms are of base e."""

from __future__ import annotations

from typing import Any

from stepwell.sdk.hyperdrive.errors import HyperDriveConfigException
from stepwell_runner.graph.sweep import Choice, Distribution, Normal, RandInt, Uniform


def choice(*options: Any) -> Choice:
    """One of the options, which may also be given as one list or range."""
    given = options[0] if len(options) == 1 and isinstance(options[0], list | tuple | range) else options
    if not given:
        raise HyperDriveConfigException("choice() offers nothing", todo="Give it at least one option.")
    return Choice(tuple(option if isinstance(option, str | int | float | bool) else str(option) for option in map(_plain, given)))


def _plain(option: Any) -> Any:
    """Numbers of numpy as Python's own."""
    item = getattr(option, "item", None)
    return item() if callable(item) and not isinstance(option, str | int | float | bool) and getattr(option, "ndim", 0) == 0 else option


def randint(upper: int) -> RandInt:
    """A whole number from 0, below `upper`."""
    if not isinstance(upper, int) or isinstance(upper, bool) or upper < 1:
        raise HyperDriveConfigException(f"randint() takes a whole number, 1 or more, not {upper!r}")
    return RandInt(upper)


def uniform(min_value: float, max_value: float) -> Uniform:
    """A number between the two."""
    return _uniform("uniform", min_value, max_value)


def quniform(min_value: float, max_value: float, q: float) -> Uniform:
    """A number between the two, rounded."""
    return _uniform("quniform", min_value, max_value, q)


def loguniform(min_value: float, max_value: float) -> Uniform:
    """e to the power of a number between the two."""
    return _uniform("loguniform", min_value, max_value, log=True)


def qloguniform(min_value: float, max_value: float, q: float) -> Uniform:
    """e to the power of a number between the two, rounded."""
    return _uniform("qloguniform", min_value, max_value, q, log=True)


def normal(mu: float, sigma: float) -> Normal:
    """A number from the normal distribution."""
    return _normal("normal", mu, sigma)


def qnormal(mu: float, sigma: float, q: float) -> Normal:
    """A number from the normal distribution, rounded."""
    return _normal("qnormal", mu, sigma, q)


def lognormal(mu: float, sigma: float) -> Normal:
    """e to the power of a number from the normal distribution."""
    return _normal("lognormal", mu, sigma, log=True)


def qlognormal(mu: float, sigma: float, q: float) -> Normal:
    """e to the power of a number from the normal distribution, rounded."""
    return _normal("qlognormal", mu, sigma, q, log=True)


def _uniform(name: str, low: float, high: float, step: float | None = None, log: bool = False) -> Uniform:
    _check_numbers(name, low, high, step)
    if low >= high:
        raise HyperDriveConfigException(f"{name}() has no numbers between {low!r} and {high!r}", todo="The first must be the smaller one.")
    return Uniform(low, high, step, log)


def _normal(name: str, mean: float, deviation: float, step: float | None = None, log: bool = False) -> Normal:
    _check_numbers(name, mean, deviation, step)
    if deviation <= 0:
        raise HyperDriveConfigException(f"{name}() cannot have a deviation of {deviation!r}", todo="It is more than 0.")
    return Normal(mean, deviation, step, log)


def _check_numbers(name: str, *given: Any) -> None:
    for value in given:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise HyperDriveConfigException(f"{name}() takes numbers, not {value!r}")
    if given[-1] is not None and len(given) == 3 and given[-1] <= 0:
        raise HyperDriveConfigException(f"{name}() cannot round to multiples of {given[-1]!r}")


def as_distribution(name: str, given: Any) -> Distribution:
    """What a space says of one name; a bare list is a choice."""
    if isinstance(given, Choice | RandInt | Uniform | Normal):
        return given
    if isinstance(given, list | tuple | range):
        return choice(list(given))
    raise HyperDriveConfigException(f"'{name}' of the search space is {given!r}", todo="Use choice(), uniform(), loguniform(), ...")
