"""Parameters of a pipeline: values that a submission may set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import PipelineError
from stepwell_runner.graph.model import Parameter, ParameterType, Scalar
from stepwell_store.data.definition import DatasetDefinition

if TYPE_CHECKING:
    from stepwell.sdk.data_reference import DataPath
    from stepwell.sdk.datasets import AbstractDataset

SCALAR_TYPES: dict[type, ParameterType] = {str: "string", bool: "boolean", int: "integer", float: "number"}


class PipelineParameter:
    """A named value with a default: str, int, float, bool, a DataPath or a dataset.

    With `tracked=False` (a Stepwell extension) a new value, such as a build id, is no reason to run a step again.
    """

    __slots__ = ("default_value", "name", "tracked")

    def __init__(self, name: str, default_value: Scalar | DataPath | AbstractDataset, *, tracked: bool = True) -> None:
        if not isinstance(name, str) or not name:
            raise PipelineError(f"a pipeline parameter needs a name, not {name!r}")
        if type(default_value) not in SCALAR_TYPES and not hasattr(default_value, "definition"):
            kind = type(default_value).__name__
            raise PipelineError(
                f"parameter '{name}' cannot have a default of type {kind}",
                todo="Defaults may be: str, int, float, bool, DataPath, FileDataset, TabularDataset.",
            )
        self.name = name
        self.default_value: Any = default_value
        self.tracked = tracked

    @property
    def is_data(self) -> bool:
        """Whether its values are data rather than text."""
        return type(self.default_value) not in SCALAR_TYPES

    def input_source(self) -> PipelineParameter:
        """Itself: an input bound to it reads the data that the submission names."""
        return self

    def compiled(self) -> Parameter:
        """The parameter as the graph holds it."""
        kind = SCALAR_TYPES.get(type(self.default_value), "data")
        default: Scalar | DatasetDefinition = self.default_value.definition if kind == "data" else self.default_value
        return Parameter(name=self.name, type=kind, default=default, tracked=self.tracked)

    def __str__(self) -> str:
        return f"PipelineParameter_Name:{self.name}_Default:{self.default_value}"

    def __repr__(self) -> str:
        return f"PipelineParameter({self.name!r}, {self.default_value!r})"
