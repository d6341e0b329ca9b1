"""Submits single scripts and commands, by a ScriptRunConfig or an estimator, as runs of one step."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from stepwell.sdk.labels import as_words
from stepwell.sdk.pipeline import Pipeline
from stepwell.sdk.runs.single import KIND, ScriptRun
from stepwell.sdk.steps.base import PipelineStep
from stepwell.sdk.steps.command import CommandStep
from stepwell.sdk.steps.python import PythonScriptStep
from stepwell_store.ledger import history

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


def submit_search(experiment: Experiment, config: Any, tags: dict[str, Any]) -> Any:
    """Run a search by itself; the HyperDriveRun, once its step has begun. UserErrorException when it cannot begin."""
    from stepwell.sdk.exceptions import UserErrorException
    from stepwell.sdk.hyperdrive.run import HyperDriveRun
    from stepwell.sdk.runs.ledger import looks
    from stepwell.sdk.steps.hyper_drive import HyperDriveStep
    from stepwell.sdk.submitting import main_file, submit_graph

    pipeline = Pipeline(experiment.workspace, [HyperDriveStep("hyperdrive", config, allow_reuse=False)])
    run = submit_graph(experiment, pipeline.graph, experiment.name, source=main_file(), parameters={}, tags=as_words(tags))
    stored = experiment.workspace.open()
    for _ in looks(stored, run.id, float("inf")):
        begun = [step for step in history.steps_of(stored.database, run.id) if step.step == pipeline.graph.steps[0].key]
        if begun:
            return HyperDriveRun(experiment, begun[0].id, config)
    raise UserErrorException(f"the search did not begin: {run.get_details().get('error')}", todo=f"stepwell show {run.id}")


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
