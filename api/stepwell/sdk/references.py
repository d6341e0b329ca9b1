"""Arguments as tokens: what an object, or a name inside a text, stands for in one step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from stepwell.sdk.consumption import DatasetConsumptionConfig
from stepwell.sdk.data_reference import DataReference
from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.outputs import OUTPUTS
from stepwell.sdk.parameter import PipelineParameter
from stepwell.sdk.pipeline_data import PipelineData
from stepwell.sdk.pipeline_output_dataset import PipelineOutputAbstractDataset
from stepwell.sdk.ports import InputPortBinding, Outlet
from stepwell.sdk.steps.base import PipelineStep
from stepwell_runner.graph.model import InputRef, Joined, OutputRef, ParameterRef, Text, Token

_ANNOTATED = r"(input|output|parameter):(\w+)"
_EMBEDDED = (
    r"\$(?:AZUREML_DATAREFERENCE_(?P<port>\w+)|AML_PARAMETER_(?P<parameter>\w+))|(?P<formatted>PipelineParameter_Name:)"
)
_HINTS = ("$A", "PipelineParameter_Name:", "input:", "output:", "parameter:")


class References:
    """What the arguments of one step may stand for. Where an object is input and output of the step, the input wins."""

    __slots__ = ("_inputs", "_outlets", "_parameters", "_step", "_texts")

    def __init__(self, step: PipelineStep, parameters: Mapping[str, PipelineParameter]) -> None:
        self._step = step
        self._parameters = parameters
        self._outlets: dict[Outlet, Token] = {output.outlet: OutputRef(name) for name, output in step.outputs.items()}
        self._inputs: dict[str, Token] = {}
        for port, binding in step.inputs.items():
            reference = InputRef(port)
            self._inputs[binding.name] = reference
            bound = binding.bind_object
            if hasattr(bound, "outlet"):
                self._outlets[bound.outlet] = reference
            elif isinstance(getattr(bound, "name", None), str):
                self._inputs.setdefault(bound.name, reference)
        self._texts: dict[str, Token] | None = None

    def token(self, argument: Any) -> Token:
        """What one argument, or the value of one variable, stands for; PipelineError for data that the step does not declare."""
        try:
            return self._token(argument)
        except KeyError:
            raise PipelineError(f"{argument!r} is used by step '{self._step.name}' but neither in its inputs nor in its outputs") from None

    def _token(self, argument: Any) -> Token:
        kind = type(argument)
        if kind is str:
            return self._of_text(argument)
        if isinstance(argument, OUTPUTS):
            return self._outlets[argument.outlet]
        if kind is PipelineParameter:
            return self._inputs[argument.name] if argument.is_data else ParameterRef(argument.name)
        if isinstance(argument, (DatasetConsumptionConfig, DataReference, InputPortBinding)):
            return self._inputs[argument.name]
        if kind is tuple:
            return self._inputs[argument[0].name]
        return self._of_text(str(argument))

    def _of_text(self, text: str) -> Token:
        if "\0" in text:
            raise PipelineError(f"an argument of step '{self._step.name}' holds a NUL character", where=repr(text))
        # One cheap look spares the great majority of arguments the patterns.
        if ":" not in text and "$" not in text:
            return Text(text)
        parts = self.parts(text)
        return parts[0] if len(parts) == 1 else Joined(tuple(parts))

    def parts(self, text: str) -> list[Token]:
        """A text with the references inside it taken apart; names that the step does not know stay text."""
        if not any(hint in text for hint in _HINTS):
            return [Text(text)]
        whole = re.fullmatch(_ANNOTATED, text, re.ASCII)
        if whole:
            return [self._annotated(whole[1], whole[2]) or Text(text)]
        parts: list[Token] = []
        start = position = 0
        embedded = re.compile(_EMBEDDED, re.ASCII)
        while found := embedded.search(text, position):
            token, end = self._embedded(found, text)
            if token is not None:
                parts += [Text(text[start : found.start()])] if found.start() > start else []
                parts.append(token)
                start = end
            position = end
        if start < len(text) or not parts:
            parts.append(Text(text[start:]))
        return parts

    def _annotated(self, kind: str, name: str) -> Token | None:
        if kind == "parameter":
            if name in self._step.params:
                return self.token(self._step.params[name])
            return ParameterRef(name) if name in self._parameters else None
        if kind == "input":
            return self._inputs.get(name)
        return OutputRef(name) if name in self._step.outputs else None

    def _embedded(self, found: re.Match[str], text: str) -> tuple[Token | None, int]:
        """The token for a match and where it ends in the text; no token when nothing of that name is known."""
        if found["formatted"]:
            return self._formatted(text, found.start())
        if found["parameter"]:
            names, begin = {name: ParameterRef(name) for name in self._parameters}, found.start("parameter")
        else:
            names, begin = self._named_in_text(), found.start("port")
        # f"{data}_v1" reads as one long name; the longest known beginning of it is meant.
        written = text[begin : found.end()]
        name = max((known for known in names if written.startswith(known)), key=len, default=None)
        return (None, found.end()) if name is None else (names[name], begin + len(name))

    def _formatted(self, text: str, begin: int) -> tuple[Token | None, int]:
        matching = [parameter for parameter in self._parameters.values() if text.startswith(str(parameter), begin)]
        if not matching:
            return None, begin + 1
        longest = max(matching, key=lambda parameter: len(str(parameter)))
        return ParameterRef(longest.name), begin + len(str(longest))

    def _named_in_text(self) -> dict[str, Any]:
        """By name of the variable that would hold the path: ports first, then what `str()` of a PipelineData says."""
        if self._texts is None:
            step = self._step
            objects = list(step.outputs.values()) + [binding.bind_object for binding in step.inputs.values()]
            written = [item for item in objects if isinstance(item, (PipelineData, PipelineOutputAbstractDataset))]
            self._texts = {item.name: self._outlets[item.outlet] for item in written}
            self._texts |= self._inputs
            self._texts |= {name: OutputRef(name) for name in step.outputs} | {port: InputRef(port) for port in step.inputs}
        return self._texts
