"""Submits single scripts and commands, by a ScriptRunConfig or an estimator, as runs of one step."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from stepwell.sdk.pipeline import Pipeline
from stepwell.sdk.runs.run import as_words
from stepwell.sdk.runs.single import KIND, ScriptRun
from stepwell.sdk.steps.base import PipelineStep
from stepwell.sdk.steps.command import CommandStep
from stepwell.sdk.steps.python import PythonScriptStep

if TYPE_CHECKING:
    from stepwell.sdk.experiment import Experiment


def submit_script(experiment: Experiment, config: Any, tags: dict[str, Any]) -> ScriptRun:
    """Run what the configuration describes, whatever earlier runs left; UsageError when it cannot begin."""
    from stepwell.sdk.submitting import main_file, submit_graph

    step = _step(config)
    pipeline = Pipeline(experiment.workspace, [step])
    run_id = f"{experiment.name}_{int(time.time())}_{os.urandom(4).hex()}"
    submit_graph(experiment, pipeline.graph, step.name, source=main_file(), parameters={}, tags=as_words(tags),
                 properties={KIND: "script"}, run_id=run_id)  # fmt: skip
    found: ScriptRun = ScriptRun.listed(experiment, run_id)
    return found


def _step(config: Any) -> PipelineStep:
    shared: dict[str, Any] = {"runconfig": config.run_config, "source_directory": config.source_directory, "allow_reuse": False}
    seconds = getattr(config, "max_run_duration_seconds", None) or config.run_config.max_run_duration_seconds
    if seconds:
        shared["timeout_seconds"] = seconds
    if getattr(config, "command", None):
        return CommandStep(command=config.command, **shared)
    script = getattr(config, "script", None) or config.entry_script
    arguments = config.arguments() if callable(config.arguments) else config.arguments
    return PythonScriptStep(script, arguments=arguments, inputs=getattr(config, "inputs", None), **shared)
