"""HyperDriveStep and what belongs to it: what it compiles to, what it refuses, and a whole search read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stepwell import (
    BanditPolicy,
    BayesianParameterSampling,
    Experiment,
    GridParameterSampling,
    HyperDriveConfig,
    HyperDriveStep,
    HyperDriveStepRun,
    MedianStoppingPolicy,
    Pipeline,
    PipelineData,
    PrimaryMetricGoal,
    PythonScriptStep,
    RandomParameterSampling,
    Run,
    ScriptRunConfig,
    TruncationSelectionPolicy,
    Workspace,
)
from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.graph_parts import TrainingOutput
from stepwell.sdk.hyperdrive import expressions as ex
from stepwell.sdk.hyperdrive.errors import HyperDriveConfigException, HyperDriveException, HyperDriveNotImplementedException
from stepwell.sdk.hyperdrive.policies import NoTerminationPolicy
from stepwell_runner.graph.check import check
from stepwell_runner.graph.model import Sampled, Step, Text
from stepwell_runner.graph.sweep import (
    Bandit,
    BayesianSampling,
    Choice,
    GridSampling,
    MedianStopping,
    Normal,
    RandInt,
    RandomSampling,
    Sweep,
    Truncation,
    Uniform,
)
from stepwell_store import workspace as stored

TRAIN = """
import argparse, os
from azureml.core import Run
parser = argparse.ArgumentParser()
parser.add_argument("--fixed"); parser.add_argument("--rate", type=float); parser.add_argument("--kind"); parser.add_argument("--out")
given = parser.parse_args()
run = Run.get_context()
assert given.fixed == "yes"
if given.kind == "bad":
    raise SystemExit("no such kind")
for step in range(3):
    run.log("score", given.rate * step)
run.log("other", 1)
os.makedirs("outputs/deep")
with open("outputs/deep/model.txt", "w") as file:
    file.write(f"{given.rate} {given.kind}")
os.makedirs(given.out)
with open(given.out + "/all.txt", "w") as file:
    file.write("out of " + str(given.rate))
"""

USE = """
import sys
model, out, metrics = sys.argv[1:]
print(open(model).read(), open(out + "/all.txt").read(), len(open(metrics).read()) > 10, sep="|")
"""


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("search")
    for name, text in (("train.py", TRAIN), ("use.py", USE)):
        (folder / name).write_text(text)
    stored.create(folder)
    return Workspace.from_config(folder)


SPACE = {"--rate": ex.choice(0.5, 2.0, 1.0), "kind": ex.choice("good", "bad")}


def config(folder: Any = ".", **changes: Any) -> HyperDriveConfig:
    usual: dict[str, Any] = {
        "run_config": ScriptRunConfig(str(folder), "train.py", ["--fixed", "yes"]), "hyperparameter_sampling": GridParameterSampling(SPACE),
        "primary_metric_name": "score", "primary_metric_goal": PrimaryMetricGoal.MAXIMIZE, "max_total_runs": 10, "max_concurrent_runs": 2,
    }  # fmt: skip
    return HyperDriveConfig(**{**usual, **changes})


def compiled(ws: Workspace, step: HyperDriveStep) -> tuple[Step, Sweep]:
    graph = Pipeline(ws, [step]).graph
    check(graph)
    assert isinstance(graph.steps[0].work, Sweep)
    return graph.steps[0], graph.steps[0].work


def folder_of(ws: Workspace) -> Path:
    return Path(ws.open().root).parent


def test_what_a_step_becomes(ws: Workspace) -> None:
    metrics = PipelineData("metrics", training_output=TrainingOutput("Metrics"), pipeline_output_name="m")
    step = HyperDriveStep("tune", config(folder_of(ws), policy=BanditPolicy(slack_factor=0.1, evaluation_interval=2)),
                          estimator_entry_script_arguments=["--out", "x"], outputs=[metrics])  # fmt: skip
    one, work = compiled(ws, step)
    assert (one.kind, one.script) == ("HyperDriveStep", "train.py")
    assert one.command[1:] == (Text("train.py"), Text("--fixed"), Text("yes"), Text("--out"), Text("x"), Text("--rate"), Sampled("--rate"),
                               Text("--kind"), Sampled("kind"))  # fmt: skip
    assert work == Sweep(
        space=(("--rate", Choice((0.5, 2.0, 1.0))), ("kind", Choice(("good", "bad")))), sampling=GridSampling(), metric="score",
        goal="maximize", total=10, concurrent=2, policy=Bandit(factor=0.1, interval=2), timeout_s=604800.0, metrics_output="metrics",
    )  # fmt: skip


@pytest.mark.parametrize(("made", "expected"), [
    (ex.choice([1, 2]), Choice((1, 2))), (ex.choice(range(3)), Choice((0, 1, 2))), (ex.choice("a", True), Choice(("a", True))),
    (ex.choice([1, 2], [3]), Choice(("[1, 2]", "[3]"))), (ex.randint(4), RandInt(4)), (ex.uniform(0, 1), Uniform(0, 1)),
    (ex.quniform(0, 1, 0.1), Uniform(0, 1, 0.1)), (ex.loguniform(-6, -1), Uniform(-6, -1, None, True)),
    (ex.qloguniform(0, 3, 2), Uniform(0, 3, 2, True)), (ex.normal(0, 1), Normal(0, 1)), (ex.qnormal(0, 1, 2), Normal(0, 1, 2)),
    (ex.lognormal(0, 1), Normal(0, 1, None, True)), (ex.qlognormal(0, 1, 2), Normal(0, 1, 2, True)),
])  # fmt: skip
def test_expressions(made: Any, expected: Any) -> None:
    assert made == expected


def test_ways_to_search_and_to_end_early() -> None:
    space = {"x": ex.uniform(0, 1), "y": [1, 2]}
    assert RandomParameterSampling(space, {"seed": 3, "rule": "sobol"}).compiled() == RandomSampling(3, "sobol")
    assert RandomParameterSampling(space).space == (("x", Uniform(0, 1)), ("y", Choice((1, 2))))
    assert BayesianParameterSampling(space).compiled() == BayesianSampling()
    assert MedianStoppingPolicy(3, 2).compiled() == MedianStopping(interval=3, delay=2)
    assert TruncationSelectionPolicy(20, delay_evaluation=5).compiled() == Truncation(percentage=20, delay=5)
    assert NoTerminationPolicy().compiled() is None
    assert config(hyperparameter_sampling=BayesianParameterSampling(space), policy=NoTerminationPolicy()).compiled().policy is None


WRONG: dict[str, Any] = {
    "nothing to choose": ex.choice, "an empty range": lambda: ex.uniform(1, 1), "no deviation": lambda: ex.normal(0, 0),
    "no number": lambda: ex.uniform("a", 1), "a negative step": lambda: ex.quniform(0, 1, -1), "no randint": lambda: ex.randint(0),
    "an empty space": lambda: RandomParameterSampling({}), "no expression": lambda: RandomParameterSampling({"x": 5}),
    "a grid of numbers": lambda: GridParameterSampling({"x": ex.uniform(0, 1)}),
    "Bayesian normal": lambda: BayesianParameterSampling({"x": ex.normal(0, 1)}),
    "Bayesian log": lambda: BayesianParameterSampling({"x": ex.loguniform(0, 1)}),
    "no slack": BanditPolicy, "two slacks": lambda: BanditPolicy(slack_factor=0.1, slack_amount=0.1),
    "no interval": lambda: MedianStoppingPolicy(0), "no percentage": lambda: TruncationSelectionPolicy(100),
    "Bayesian with a policy": lambda: config(hyperparameter_sampling=BayesianParameterSampling({"x": ex.choice(1)}),
                                             policy=BanditPolicy(slack_factor=0.1)),
    "nothing to try": lambda: config(run_config=None), "two things to try": lambda: config(estimator=object()),
    "no goal": lambda: config(primary_metric_goal="maximize"), "no metric": lambda: config(primary_metric_name=""),
    "no runs": lambda: config(max_total_runs=0), "too many runs": lambda: config(max_total_runs=1001),
    "none at once": lambda: config(max_concurrent_runs=0), "no time": lambda: config(max_duration_minutes=0),
    "no sampling": lambda: config(hyperparameter_sampling={}), "no policy": lambda: config(policy="bandit"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_described_wrongly_is_said(name: str) -> None:
    with pytest.raises(HyperDriveConfigException) as caught:
        WRONG[name]()
    assert isinstance(caught.value, HyperDriveException | ValueError)
    assert str(caught.value)


def test_a_search_over_pipelines_is_refused() -> None:
    with pytest.raises(HyperDriveNotImplementedException, match="over whole pipelines"):
        config(run_config=None, pipeline=object())


def test_goals_by_name() -> None:
    assert PrimaryMetricGoal.from_str("maximize") is PrimaryMetricGoal.MAXIMIZE


def test_what_a_step_refuses(ws: Workspace) -> None:
    metrics = [PipelineData(name, training_output=TrainingOutput("Metrics")) for name in "ab"]
    cases: list[tuple[dict[str, Any], str]] = [
        ({"name": ""}, "needs a name"), ({"hyperdrive_config": 5}, "hyperdrive_config of step 'tune' is 5"),
        ({"outputs": metrics}, "has 2 outputs for metrics"),
        ({"outputs": [PipelineData("m", training_output=TrainingOutput("Model"))]}, "names no model_file"),
        ({"hyperdrive_config": config(run_config=ScriptRunConfig(".", command="python train.py"))}, "searches over a command"),
    ]  # fmt: skip
    for changes, said in cases:
        with pytest.raises(ValueError, match=said):
            HyperDriveStep(**{"name": "tune", "hyperdrive_config": config(), **changes})


@pytest.fixture(scope="module")
def searched(ws: Workspace) -> Any:
    """A pipeline with a search whose best model the next step reads."""
    folder = folder_of(ws)
    store = ws.get_default_datastore()
    metrics = PipelineData("metrics", store, pipeline_output_name="all_metrics", training_output=TrainingOutput("Metrics"))
    model = PipelineData("model", store, training_output=TrainingOutput("Model", model_file="outputs/deep/model.txt"))
    out = PipelineData("out", store)
    step = HyperDriveStep("tune", config(folder), ["--out", out], outputs=[metrics, model, out])
    use = PythonScriptStep("use.py", arguments=[model, out, metrics], inputs=[model, out, metrics], source_directory=folder)
    run = Experiment(ws, "search").submit(Pipeline(ws, [step, use]))
    assert run.wait_for_completion(show_output=False) == "Finished"
    return run


def test_the_best_model_reaches_the_next_step(searched: Any) -> None:
    assert "2.0 good|out of 2.0|True" in searched.find_step_run("use.py")[0].get_stdout_log()


def test_metrics_of_all_trials_are_an_output(searched: Any, tmp_path: Path) -> None:
    data = searched.get_pipeline_output("all_metrics")
    data.download(str(tmp_path))
    found = json.loads((tmp_path / data.path_on_datastore).read_text())
    good = [metrics for metrics in found.values() if metrics]
    assert (len(found), len(good)) == (6, 3)
    assert sorted(metrics["score"][-1] for metrics in good) == [1.0, 2.0, 4.0]


def test_what_came_out(searched: Any) -> None:
    search = HyperDriveStepRun(searched.find_step_run("tune")[0])
    best = search.get_best_run_by_primary_metric()
    assert best is not None
    assert best.get_metrics() == {"score": [0.0, 2.0, 4.0], "other": 1}
    ordered = search.get_children_sorted_by_primary_metric()
    assert [one["best_primary_metric"] for one in ordered] == [4.0, 2.0, 1.0, None, None, None]
    assert (ordered[0]["run_id"], json.loads(ordered[0]["hyperparameters"]), ordered[0]["status"]) == (
        best.id, {"--rate": 2.0, "kind": "good"}, "Completed")  # fmt: skip
    assert [one["status"] for one in ordered[3:]] == ["Failed"] * 3
    backwards = search.get_children_sorted_by_primary_metric(top=2, reverse=True, discard_no_metric=True)
    assert [one["best_primary_metric"] for one in backwards] == [1.0, 2.0]
    assert len(search.get_metrics()) == 3
    assert len(search.get_hyperparameters()) == 6
    assert search.get_best_run_by_primary_metric(include_failed=False, include_canceled=False) is not None
    assert search.get_status() == "Completed"
    assert len(list(search.get_children())) == 6


def test_a_trial_is_a_run(searched: Any, tmp_path: Path) -> None:
    best = HyperDriveStepRun(searched.find_step_run("tune")[0]).get_best_run_by_primary_metric()
    assert best is not None
    told = best.get_details()
    assert told["runDefinition"]["arguments"][-4:] == ["--rate", "2.0", "--kind", "good"]
    assert best.parent.id == searched.find_step_run("tune")[0].id
    assert "outputs/deep/model.txt" in best.get_file_names()
    best.download_file("outputs/deep/model.txt", str(tmp_path / "model.txt"))
    assert (tmp_path / "model.txt").read_text() == "2.0 good"
    assert Run.get(searched.experiment.workspace, best.id).id == best.id
    assert best.get_portal_url().endswith("tune%402")


def test_a_search_by_itself(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(ws)
    script = ScriptRunConfig(str(folder), "train.py", ["--fixed", "yes", "--out", "out"], max_run_duration_seconds=900)
    search = Experiment(ws, "alone").submit(config(folder, run_config=script, max_total_runs=2))
    assert search.wait_for_completion()["status"] == "Completed"
    assert search.get_children_sorted_by_primary_metric()[0]["best_primary_metric"] == 1.0
    search.cancel()
    assert search.get_status() == "Completed"
    step, _ = compiled(ws, HyperDriveStep("tune", config(folder, run_config=script)))
    assert step.timeout_s == 900.0


def test_other_steps_are_no_searches(searched: Any) -> None:
    with pytest.raises(UserErrorException, match="is no search"):
        HyperDriveStepRun(searched.find_step_run("use.py")[0])
