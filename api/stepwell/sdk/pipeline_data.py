"""Data that one step leaves and others read."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal, cast

from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.inputs import CanBeInput
from stepwell.sdk.ports import PORT_NAME, InputPortBinding, Outlet
from stepwell_runner.graph.model import Output

if TYPE_CHECKING:
    from stepwell.sdk.datastore import Datastore
    from stepwell.sdk.graph_parts import TrainingOutput
    from stepwell.sdk.pipeline_output_dataset import PipelineOutputFileDataset


class PipelineData(CanBeInput):
    """An intermediate result, at a place that is new for every run of the step that leaves it.

    The path does not exist when that step starts, whatever `is_directory` says: the script makes a folder or a file there
    (v1 scripts call `os.makedirs`, some write a file). `str()` of it stands for its path in arguments.
    """

    __slots__ = (
        "data_type",
        "datastore",
        "is_directory",
        "name",
        "outlet",
        "output_mode",
        "output_overwrite",
        "pipeline_output_name",
        "port_name",
        "training_output",
    )

    def __init__(
        self,
        name: str,
        datastore: Datastore | None = None,
        output_name: str | None = None,
        output_mode: str = "mount",
        output_path_on_compute: str | None = None,  # noqa: ARG002  a step always writes below its own folder here
        output_overwrite: bool | None = None,
        data_type: str | None = None,
        is_directory: bool | None = None,
        pipeline_output_name: str | None = None,
        training_output: TrainingOutput | None = None,
    ) -> None:
        for given in (name, output_name or name):
            if not PORT_NAME.fullmatch(given):
                raise PipelineError(f"{given!r} cannot name a PipelineData", todo="Use letters, digits and underscores only.")
        if output_mode not in ("mount", "upload"):
            raise PipelineError(f"PipelineData '{name}' cannot have output_mode {output_mode!r}", todo="It is 'mount' or 'upload'.")
        self.name = name
        self.port_name = output_name or name
        self.datastore = datastore
        self.output_mode = cast("Literal['mount', 'upload']", output_mode)
        self.output_overwrite = output_overwrite
        self.data_type = data_type
        self.is_directory = is_directory
        self.pipeline_output_name = pipeline_output_name
        self.training_output = training_output
        self.outlet = Outlet()

    def as_dataset(self) -> PipelineOutputFileDataset:
        """The same data as a dataset, which can be registered and read as a table; either form may be listed in `outputs`."""
        from stepwell.sdk.pipeline_output_dataset import PipelineOutputFileDataset

        return PipelineOutputFileDataset(self)

    def get_env_variable_name(self) -> str:
        """The environment variable that holds its path in the step that leaves it."""
        return f"AZUREML_DATAREFERENCE_{self.port_name}"

    @property
    def is_dataset(self) -> bool:
        """False: steps see it as a data reference."""
        return False

    def input_port(self) -> InputPortBinding:
        """What listing it in `inputs` means."""
        return InputPortBinding(self.name, self)

    def input_source(self) -> Outlet:
        """The output that an input bound to it reads."""
        return self.outlet

    def compiled(self, default_datastore: str | None) -> Output:
        """The output as the graph holds it."""
        return Output(
            name=self.port_name,
            kind="file" if self.is_directory is False else "any",
            source=getattr(self.training_output, "model_file", None),
            mode=self.output_mode,
            datastore=self.datastore.name if self.datastore is not None else default_datastore,
            overwrite=True if self.output_overwrite is None else bool(self.output_overwrite),
            # Who writes in v1's own names gets v1's rule: what was never written is an empty folder to whoever reads it.
            may_be_empty="azureml" in sys.modules and self.is_directory is not False,
        )

    def __str__(self) -> str:
        return f"$AZUREML_DATAREFERENCE_{self.name}"

    def __repr__(self) -> str:
        return f"PipelineData({self.name!r})"
