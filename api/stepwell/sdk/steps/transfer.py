"""Moving data from one datastore to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from stepwell.sdk.data_reference import DataPath, DataReference
from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.outputs import OUTPUTS
from stepwell.sdk.pipeline_data import PipelineData
from stepwell.sdk.sql_reference import SqlDataReference
from stepwell.sdk.steps.base import PipelineStep, StepOptions
from stepwell_runner.graph.model import InputRef, OutputRef, PythonRef, Text, Token

if TYPE_CHECKING:
    from stepwell.sdk.references import References
    from stepwell_runner.graph.model import Output

OUTPUT = "_data_transfer_output"
_TYPES = (None, "file", "directory")


class TransferredData(PipelineData):
    """A place on a datastore that a transfer fills."""

    __slots__ = ("place",)

    def __init__(self, place: DataReference) -> None:
        super().__init__(OUTPUT, place.datastore)
        self.place = place

    def compiled(self, default_datastore: str | None) -> Output:
        """The output as the graph holds it: at the place that was named."""
        return msgspec.structs.replace(super().compiled(default_datastore), path=self.place.path_on_datastore or "", may_be_empty=False)


class DataTransferStep(PipelineStep):
    """Copies a file or folder, or what a query gives, from one datastore to another.

    The types say whether source and destination are a `file` or a `directory`; by default what is there decides, and a destination is
    a folder that takes the content of a source folder, or a source file under its own name.
    """

    __slots__ = ("_output", "destination_type", "source_type")

    def __init__(
        self,
        name: str,
        source_data_reference: Any = None,
        destination_data_reference: Any = None,
        compute_target: Any = None,
        source_reference_type: str | None = None,
        destination_reference_type: str | None = None,
        allow_reuse: bool = True,
        **options: Any,
    ) -> None:
        if source_data_reference is None or destination_data_reference is None:
            raise PipelineError(f"DataTransferStep '{name}' needs a source_data_reference and a destination_data_reference")
        for kind in (source_reference_type, destination_reference_type):
            if kind not in _TYPES:
                raise PipelineError(f"DataTransferStep '{name}' has a reference type {kind!r}", todo="Types are: file, directory.")
        self.source_type, self.destination_type = source_reference_type, destination_reference_type
        self._output = _as_output(name, destination_data_reference)
        source = source_data_reference
        source = source.create_data_reference() if isinstance(source, DataPath) else source
        super().__init__(name, arguments=None, inputs=[source], outputs=[self._output], compute_target=compute_target,
                         allow_reuse=allow_reuse, options=StepOptions(**options))  # type: ignore[typeddict-item]  # fmt: skip

    def get_output(self) -> Any:
        """The destination, as an input of later steps."""
        return self._output

    @property
    def has_source(self) -> bool:
        """False: it runs no script of its author's."""
        return False

    def command(self, references: References) -> tuple[Token, ...]:  # noqa: ARG002
        """The program that copies."""
        [source], [target] = self.inputs, self.outputs
        kinds = (Text(self.source_type or "any"), Text(self.destination_type or "any"))
        return (PythonRef(), Text("-m"), Text("stepwell.transfer"), InputRef(source), OutputRef(target), *kinds, Text(source))


def _as_output(step: str, destination: Any) -> Any:
    if isinstance(destination, SqlDataReference):
        raise PipelineError(f"DataTransferStep '{step}' would write to a database", todo="Here data can be moved to files only.")
    if isinstance(destination, DataPath):
        destination = destination.create_data_reference()
    if isinstance(destination, DataReference):
        return TransferredData(destination)
    if isinstance(destination, OUTPUTS):
        return destination
    raise PipelineError(
        f"DataTransferStep '{step}' cannot write to a {type(destination).__name__}", todo="Give a DataReference or a PipelineData."
    )
