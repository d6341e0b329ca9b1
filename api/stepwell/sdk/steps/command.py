"""Steps that run a command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.shell import command_tokens
from stepwell.sdk.steps.base import PipelineStep, StepOptions, check_names
from stepwell.sdk.steps.python import check_layout
from stepwell_runner.graph.model import Token

if TYPE_CHECKING:
    from stepwell.sdk.references import References
    from stepwell.sdk.runconfig import RunConfiguration, ScriptRunConfig


class CommandStep(PipelineStep):
    """Runs a command in a private copy of `source_directory`. Further keywords: `StepOptions`.

    `command` is a string, or a list of strings, values and references (PipelineData, datasets, parameters). A list is
    joined with blanks, as in v1, so an item that holds blanks is several words unless it is quoted. Words are split by
    the shell's rules; a command with more shell syntax in it (`|`, `&&`, `>`, `$VARIABLE`, `*`, ...) runs under `bash -c`.
    References are always one word, whatever blanks their values hold. A first word `python` is the interpreter of the
    step's environment.
    """

    __slots__ = ()

    def __init__(
        self,
        command: str | Sequence[Any] | None = None,
        name: str | None = None,
        compute_target: Any = None,
        runconfig: RunConfiguration | ScriptRunConfig | None = None,
        runconfig_pipeline_params: Mapping[str, Any] | None = None,
        inputs: Iterable[Any] | None = None,
        outputs: Iterable[Any] | None = None,
        params: Mapping[str, Any] | None = None,
        source_directory: Any = None,
        allow_reuse: bool = True,
        version: str | None = None,
        **options: Unpack[StepOptions],
    ) -> None:
        configured: Any = getattr(runconfig, "run_config", runconfig)
        command = command or getattr(configured, "command", None)
        items = [command] if isinstance(command, str) else list(command or ())
        if not items or not isinstance(items[0], str) or not items[0].strip():
            raise PipelineError("a CommandStep needs a command, beginning with the name of a program")
        name = name or f"CommandStep_{items[0].split()[0]}"
        check_names(name, params or ())
        check_layout(name, runconfig_pipeline_params or {})
        super().__init__(
            name,
            arguments=items,
            inputs=inputs,
            outputs=outputs,
            params=params,
            compute_target=compute_target,
            runconfig=configured,
            source_directory=source_directory or getattr(runconfig, "source_directory", None),
            allow_reuse=allow_reuse,
            version=version,
            options=options,
        )

    def command(self, references: References) -> tuple[Token, ...]:
        """The command line: words where that is enough, else `bash -c` with every reference as one word."""
        return command_tokens(references.parts(item) if isinstance(item, str) else [references.token(item)] for item in self.arguments)
