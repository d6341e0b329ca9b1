"""Steps that run a notebook."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Unpack

from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.pipeline_data import PipelineData
from stepwell.sdk.runconfig import RunConfiguration
from stepwell.sdk.steps.base import PipelineStep, StepOptions, check_names
from stepwell.sdk.steps.python import check_layout
from stepwell_runner.graph.model import InputRef, Joined, OutputRef, PythonRef, Text, Token

if TYPE_CHECKING:
    from stepwell.sdk.references import References


class PapermillExecutionHandler:
    """How a notebook is run: `timeout` in seconds a cell. Other settings of papermill are kept and have no effect."""

    def __init__(self, timeout: int | None = None, **papermill_args: Any) -> None:
        self.timeout = timeout
        self.papermill_args = papermill_args


class AzureMLNotebookHandler(PapermillExecutionHandler):
    """The same; `history` is kept and has no effect."""

    def __init__(self, history: bool = True, timeout: int | None = None, **papermill_args: Any) -> None:
        super().__init__(timeout, **papermill_args)
        self.history = history


class NotebookRunConfig:
    """A notebook of a folder with its parameters; `output_notebook` is what its executed copy is called."""

    def __init__(
        self, source_directory: str | os.PathLike[str], notebook: str, output_notebook: str | None = None,
        parameters: Mapping[str, Any] | None = None, handler: PapermillExecutionHandler | None = None,
        run_config: RunConfiguration | None = None, **_: Any,
    ) -> None:  # fmt: skip
        if not notebook or not notebook.endswith(".ipynb"):
            raise PipelineError(f"{notebook!r} is no notebook", todo="Name an .ipynb file of source_directory.")
        self.source_directory = os.fspath(source_directory)
        self.notebook = notebook
        self.output_notebook = output_notebook or f"{os.path.basename(notebook).removesuffix('.ipynb')}.output.ipynb"
        self.parameters = dict(parameters or {})
        self.handler = handler or AzureMLNotebookHandler()
        self.run_config = run_config or RunConfiguration()


class NotebookRunnerStep(PipelineStep):
    """Runs a notebook; its executed copy is kept in `outputs/` and, with `output_notebook_pipeline_data_name`, as an output of that name.

    `params`, and the path of each input and output by its name, become variables of the notebook.
    """

    __slots__ = ("config", "result")

    def __init__(
        self,
        name: str | None = None,
        notebook_run_config: NotebookRunConfig | None = None,
        runconfig_pipeline_params: Mapping[str, Any] | None = None,
        compute_target: Any = None,
        params: Mapping[str, Any] | None = None,
        inputs: Iterable[Any] | None = None,
        outputs: Iterable[Any] | None = None,
        allow_reuse: bool = True,
        version: str | None = None,
        output_notebook_pipeline_data_name: str | None = None,
        **options: Unpack[StepOptions],
    ) -> None:
        if notebook_run_config is None:
            raise PipelineError("a NotebookRunnerStep needs a notebook_run_config")
        self.config = notebook_run_config
        check_names(name or self.config.notebook, params or ())
        check_layout(name or self.config.notebook, runconfig_pipeline_params or {})
        wanted = output_notebook_pipeline_data_name
        self.result = PipelineData(wanted, is_directory=False) if wanted else None
        super().__init__(
            name or self.config.notebook, script_name=self.config.notebook, arguments=None, inputs=inputs,
            outputs=[*(outputs or ()), *([self.result] if self.result is not None else [])], params=params, compute_target=compute_target,
            runconfig=self.config.run_config, source_directory=self.config.source_directory, allow_reuse=allow_reuse, version=version,
            options=options,
        )  # fmt: skip

    def command(self, references: References) -> tuple[Token, ...]:
        """The program that runs notebooks, with what the notebook is given."""
        facts = {"notebook": self.script_name, "output": self.config.output_notebook, "parameters": self.config.parameters,
                 "timeout": self.config.handler.timeout}  # fmt: skip
        start = json.dumps(facts)[:-1]
        ending: tuple[Token, ...] = (Text(f'{start}, "result": null}}'),)
        if self.result is not None:
            ending = (Joined((Text(f'{start}, "result": "'), OutputRef(self.result.port_name), Text('"}'))),)
        named: list[tuple[str, Token]] = [(key, references.token(value)) for key, value in self.params.items()]
        named += [(port, InputRef(port)) for port in self.inputs]
        named += [(port, OutputRef(port)) for port in self.outputs if self.result is None or port != self.result.port_name]
        pairs = [part for key, token in named for part in (Text(key), token)]
        return (PythonRef(), Text("-m"), Text("stepwell.notebook"), *ending, *pairs)
