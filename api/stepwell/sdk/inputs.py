"""What can be handed to a step as an input by a name: data between steps, and what a step of an earlier run left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stepwell.sdk.ports import InputPortBinding, Outlet
from stepwell_store.data.definition import DatasetDefinition

if TYPE_CHECKING:
    from stepwell.sdk.parameter import PipelineParameter


class CanBeInput:
    """The ways in which v1 lets an author say so. `name` is the name of the data; `input_source` what an input reads."""

    name: str

    def input_source(self) -> Outlet | DatasetDefinition | PipelineParameter:
        """The output, the data, or the parameter that an input bound to it reads."""
        raise NotImplementedError

    def as_input(self, input_name: str | None = None) -> InputPortBinding:
        """This data as an input of a step, under a name of its own."""
        return InputPortBinding(input_name or self.name, self)

    def as_mount(self, input_name: str | None = None) -> InputPortBinding:
        """The same as `as_input`."""
        return self.as_input(input_name)

    def as_download(
        self, input_name: str | None = None, path_on_compute: str | None = None, overwrite: bool | None = None
    ) -> InputPortBinding:
        """This data as an input of which the step gets a private copy."""
        return InputPortBinding(input_name or self.name, self, "download", path_on_compute, overwrite)

    def create_input_binding(
        self,
        input_name: str | None = None,
        mode: str | None = None,
        path_on_compute: str | None = None,
        overwrite: bool | None = None,
    ) -> InputPortBinding:
        """This data as an input, with everything said."""
        return InputPortBinding(input_name or self.name, self, mode or "mount", path_on_compute, overwrite)
