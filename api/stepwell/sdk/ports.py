"""What connects steps: the identity of an output, and the binding of an input port to what it reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Protocol, cast

from stepwell.sdk.exceptions import PipelineError
from stepwell_runner.graph.model import Mode, Output, Registration
from stepwell_store.data.definition import DatasetDefinition

if TYPE_CHECKING:
    from stepwell.sdk.parameter import PipelineParameter
    from stepwell.sdk.steps.base import PipelineStep

PORT_NAME = re.compile(r"\w+", re.ASCII)
VARIABLE_NAME = re.compile(r"[a-zA-Z_]\w*", re.ASCII)

INPUT_MODES = ("mount", "download", "direct", "hdfs")


class Outlet:
    """One output, shared by all copies of the object that declares it. `producer` is the step that last listed it."""

    __slots__ = ("producer",)

    def __init__(self) -> None:
        self.producer: PipelineStep | None = None


Source = "Outlet | DatasetDefinition | PipelineParameter"


class InputSource(Protocol):
    """Something that an input can be bound to."""

    def input_source(self) -> Outlet | DatasetDefinition | PipelineParameter:
        """The output, the data, or the parameter that the input reads."""
        ...


class OutputSource(Protocol):
    """Something that a step can list in `outputs`."""

    outlet: Outlet
    pipeline_output_name: str | None

    @property
    def port_name(self) -> str:
        """What the output is called in the step that leaves it."""
        ...

    @property
    def is_dataset(self) -> bool:
        """Whether the step sees it the way of datasets (`AZURE_ML_OUTPUT_<name>`) rather than of data references."""
        ...

    def compiled(self, default_datastore: str | None) -> Output:
        """The output as the graph holds it."""
        ...


class InputPortBinding:
    """An input of a step under the name `name`: what it reads and in which mode (`mount`, `download` or `direct`)."""

    __slots__ = ("bind_mode", "bind_object", "name", "overwrite", "path_on_compute")

    def __init__(
        self,
        name: str,
        bind_object: Any = None,
        bind_mode: str = "mount",
        path_on_compute: str | None = None,
        overwrite: bool | None = None,
        is_resource: bool = False,  # noqa: ARG002  v1's word for what is found beside the script
        additional_transformations: object = None,  # noqa: ARG002
    ) -> None:
        if not PORT_NAME.fullmatch(name):
            raise PipelineError(f"{name!r} cannot name an input", todo="Use letters, digits and underscores only.")
        if not hasattr(bind_object, "input_source"):
            raise PipelineError(f"input '{name}' cannot be bound to a {type(bind_object).__name__}", todo="Bind it to data.")
        if bind_mode not in INPUT_MODES:
            raise PipelineError(f"input '{name}' cannot have mode {bind_mode!r}", todo=f"Modes are: {', '.join(INPUT_MODES)}.")
        self.name = name
        self.bind_object = bind_object
        # Spark of this machine reads the paths of this machine.
        self.bind_mode = cast("Mode", "mount" if bind_mode == "hdfs" else bind_mode)
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite

    def input_port(self) -> InputPortBinding:
        """Itself."""
        return self

    @property
    def is_dataset(self) -> bool:
        """Whether the step sees it the way of datasets (`AZURE_ML_INPUT_<name>`) rather than of data references."""
        return False


class DatasetBinding(InputPortBinding):
    """An input that is a dataset."""

    __slots__ = ()

    @property
    def is_dataset(self) -> bool:
        """True."""
        return True


def registration(
    name: str, description: str | None, tags: dict[str, str] | None, definition: DatasetDefinition | None = None
) -> Registration:
    """A registration that happens when the step that leaves the output has succeeded."""
    return Registration(name=name, description=description, tags=dict(tags or {}), definition=definition)
