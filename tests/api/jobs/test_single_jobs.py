"""Job files of one step: command, sweep and spark jobs."""

from __future__ import annotations

from pathlib import Path

import pytest
from jobwords import Load, command_of

from stepwell.jobs.loading import load_job
from stepwell_runner.graph.model import FromParameter, Input, PipelineOutput, Sampled
from stepwell_runner.graph.sweep import Choice, Sweep
from stepwell_store.errors import UsageError

COMMAND = """\
$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
command: train ${{inputs.data}} --rate ${{inputs.rate}} --out ${{outputs.model}}
environment: {image: python}
compute: azureml:cpu
inputs:
  data: {type: uri_folder, path: ., mode: download}
  rate: 0.5
outputs:
  model: {type: mlflow_model, path: "azureml://datastores/other/paths/models/${{name}}"}
limits: {timeout: 60}
display_name: Train it
experiment_name: trials
tags: {team: blue}
"""

SWEEP = """\
type: sweep
trial:
  command: train --a ${{inputs.a}} --b ${{search_space.b}} > ${{outputs.o}}/x
  environment: {image: python}
inputs: {a: 0.5}
outputs: {o: }
search_space:
  b: {type: choice, values: [1, 2]}
sampling_algorithm: grid
objective: {goal: minimize, primary_metric: loss}
limits: {max_total_trials: 2}
"""


def test_a_command_job_is_a_pipeline_of_one_step(load: Load) -> None:
    graph = load(COMMAND).graph
    (one,) = graph.steps
    assert (graph.name, graph.experiment, graph.tags) == ("Train it", "trials", {"team": "blue"})
    assert command_of(one) == "train {input:data} --rate {parameter:rate} --out {output:model}"
    assert one.inputs == (Input(name="data", binding=FromParameter("data"), mode="download"),)
    assert [(two.name, two.type) for two in graph.parameters] == [("data", "data"), ("rate", "number")]
    assert (one.outputs[0].datastore, one.outputs[0].path, one.timeout_s) == ("other", "models/{run-id}", 60.0)
    assert graph.outputs == (PipelineOutput(name="model", step=one.key, output="model"),)


def test_its_step_is_called_like_the_file(tmp_path: Path) -> None:
    other = tmp_path / "2-Train it.yml"
    other.write_text("command: echo\nenvironment: {image: python}\n")
    assert [one.key for one in load_job(str(other)).graph.steps] == ["_2_train_it"]


def test_a_sweep_job_searches(load: Load) -> None:
    (one,) = load(SWEEP).graph.steps
    assert one.kind == "sweep"
    assert command_of(one) == "train --a {parameter:a} --b {sampled:b} > {output:o}/x"
    assert isinstance(one.work, Sweep)
    assert one.work.space == (("b", Choice((1, 2))),)
    assert ("AZUREML_SWEEP_b", Sampled("b")) in one.variables


def test_values_are_set_as_in_a_pipeline(load: Load) -> None:
    graph = load(COMMAND, edits=("inputs.rate=0.1", "limits.timeout=5")).graph
    assert (graph.parameters[1].default, graph.steps[0].timeout_s) == (0.1, 5.0)


@pytest.mark.parametrize(("text", "told"), [
    (COMMAND.replace("limits", "limit"), r"`limit` is no part of a command job; did you mean 'limits'\?"),
    ("type: automl\ntask: regression\n", "AutoML is a service"),
    ("type: command\nenvironment: {image: python}\n", "has no `command`"),
    (SWEEP.replace("trial:", "trials:"), "`trials` is no part of a sweep job"),
    ("$schema: https://x/sweepJob.schema.json\nsearch_space: {}\n", "needs a `trial`"),
])
def test_mistakes_are_told(load: Load, text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        load(text)
