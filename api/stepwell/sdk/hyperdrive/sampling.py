"""How a space is searched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stepwell.sdk.hyperdrive.errors import HyperDriveConfigException
from stepwell.sdk.hyperdrive.expressions import as_distribution
from stepwell_runner.graph.sweep import (
    BayesianSampling,
    Choice,
    Distribution,
    GridSampling,
    RandomSampling,
    Sampling,
    Uniform,
)


class HyperParameterSampling:
    """A search space and how it is searched. `parameter_space` maps argument names to what they can be.

    Of `properties` the `seed` counts, and for random sampling the `rule` (`random` or `sobol`): Stepwell extensions.
    """

    _allowed: tuple[type, ...] = ()

    def __init__(self, parameter_space: Mapping[str, Any], properties: Mapping[str, Any] | None = None) -> None:
        if not isinstance(parameter_space, Mapping) or not parameter_space:
            raise HyperDriveConfigException("a search space maps names of arguments to what they can be, and is not empty")
        self._parameter_space = dict(parameter_space)
        self.properties = dict(properties or {})
        self.space: tuple[tuple[str, Distribution], ...] = tuple(
            (str(name), as_distribution(name, given)) for name, given in parameter_space.items())
        for name, one in self.space:
            if self._allowed and (not isinstance(one, self._allowed) or getattr(one, "log", False)):
                allowed = ", ".join(kind.__name__.lower() for kind in self._allowed)
                raise HyperDriveConfigException(f"{type(self).__name__} cannot search '{name}' as it is given",
                                                todo=f"It takes: {allowed} (and their quantised forms).")  # fmt: skip

    @property
    def parameter_space(self) -> dict[str, Any]:
        """What is searched, as it was given."""
        return self._parameter_space

    def compiled(self) -> Sampling:
        """How it is searched, as the graph holds it."""
        raise NotImplementedError

    def _seed(self) -> int | None:
        seed = self.properties.get("seed")
        return None if seed is None else int(seed)


class RandomParameterSampling(HyperParameterSampling):
    """Independent draws."""

    def compiled(self) -> Sampling:
        """Random sampling."""
        return RandomSampling(self._seed(), "sobol" if self.properties.get("rule") == "sobol" else "random")


class GridParameterSampling(HyperParameterSampling):
    """Every combination of choices."""

    _allowed = (Choice,)

    def compiled(self) -> Sampling:
        """A grid."""
        return GridSampling()


class BayesianParameterSampling(HyperParameterSampling):
    """Draws where earlier trials were good. It takes no early termination policy."""

    _allowed = (Choice, Uniform)

    def compiled(self) -> Sampling:
        """Bayesian sampling."""
        return BayesianSampling(self._seed())
