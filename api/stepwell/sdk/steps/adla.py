"""Steps written for Azure Data Lake Analytics, which no longer exists: their U-SQL scripts run here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.parameter import PipelineParameter
from stepwell.sdk.step_modules import step_module
from stepwell.sdk.steps.base import PipelineStep, StepOptions, check_names
from stepwell_runner.graph.model import InputRef, Joined, OutputRef, PythonRef, Text, Token

if TYPE_CHECKING:
    from stepwell.sdk.references import References


class AdlaStep(PipelineStep):
    """Runs a U-SQL script of `source_directory` with the names of inputs, outputs and `params` as its `@@name@@`.

    The core of the language runs (`docs/spark.md` says what that is), in one process and without Spark; what is outside of it is
    refused with line and column when the pipeline is put together. `degree_of_parallelism` and what follows it have no meaning here.
    """

    __slots__ = ()

    def __init__(
        self,
        script_name: str,
        name: str | None = None,
        inputs: Iterable[Any] | None = None,
        outputs: Iterable[Any] | None = None,
        params: Mapping[str, Any] | None = None,
        degree_of_parallelism: int | None = None,  # noqa: ARG002
        priority: int | None = None,  # noqa: ARG002
        runtime_version: str | None = None,  # noqa: ARG002
        compute_target: Any = None,
        source_directory: Any = None,
        allow_reuse: bool = True,
        version: str | None = None,
        hash_paths: Sequence[str] | None = None,
    ) -> None:
        if not script_name or not isinstance(script_name, str):
            raise PipelineError(f"an AdlaStep needs the name of a script, not {script_name!r}")
        check_names(name or script_name, params or ())
        super().__init__(
            name or script_name,
            script_name=script_name,
            arguments=None,
            inputs=inputs,
            outputs=outputs,
            params=params,
            compute_target=compute_target,
            source_directory=source_directory,
            allow_reuse=allow_reuse,
            version=version,
            options=StepOptions(hash_paths=hash_paths) if hash_paths else StepOptions(),
        )

    def command(self, references: References) -> tuple[Token, ...]:
        """The program that runs the script, with a value for each of its names."""
        assert self.script_name is not None
        self._check(self.script_name)
        named: list[tuple[str, Token]] = [(port, InputRef(port)) for port in self.inputs]
        named += [(port, OutputRef(port)) for port in self.outputs]
        named += [(name, references.token(value)) for name, value in self.params.items()]
        return (PythonRef(), Text("-m"), Text("stepwell.usql"), Text(self.script_name), *[_pair(name, token) for name, token in named])

    def _check(self, script: str) -> None:
        """PipelineError, with line and column, for what cannot run."""
        values = dict.fromkeys((*self.inputs, *self.outputs), "/data")
        values |= {name: str(value.default_value if isinstance(value, PipelineParameter) else value) for name, value in self.params.items()}
        path = os.path.join(os.fspath(self.source_directory or "."), script)
        if not os.path.isfile(path):
            return  # whoever looks at the source says so
        with open(path, encoding="utf-8-sig") as file:
            text = file.read()
        try:
            step_module("usql.script").run(text, values, script, only_check=True)
        except step_module("usql.errors").UsqlError as error:
            raise PipelineError(f"step '{self.name}': {error}") from None


def _pair(name: str, token: Token) -> Token:
    return Joined((Text(f"{name}="), *(token.parts if isinstance(token, Joined) else (token,))))
