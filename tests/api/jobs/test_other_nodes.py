"""Parallel, sweep and spark nodes, and tables that describe themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from jobwords import HEAD, Load, command_of, step

from stepwell_runner.graph.model import FromData, FromStep, OutputRef, PythonRef, Sampled, Text
from stepwell_runner.graph.parallel import AppendRows, Parallel
from stepwell_runner.graph.sweep import Bandit, BayesianSampling, Choice, Normal, RandInt, Sweep, Uniform
from stepwell_store.errors import UsageError

PARALLEL = (
    HEAD
    + """
  predict:
    type: parallel
    inputs:
      table: {type: mltable, path: ./table, mode: direct}
      model: {type: uri_folder, path: .}
    outputs:
      rows: {type: uri_file}
    input_data: ${{inputs.table}}
    mini_batch_size: "10kb"
    resources: {instance_count: 2}
    max_concurrency_per_instance: 2
    logging_level: DEBUG
    error_threshold: 5
    mini_batch_error_threshold: 4
    retry_settings: {max_retries: 3, timeout: 60}
    task:
      type: run_function
      code: ./code
      entry_script: score.py
      environment: {image: python}
      program_arguments: >-
        --model ${{inputs.model}} --name "two words" --allowed_failed_percent 30 --resource_monitor_interval=20
      append_row_to: ${{outputs.rows}}
"""
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A folder with a table that describes itself, and a folder of code."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "score.py").write_text("def run(batch): return batch\n")
    folder = tmp_path / "table"
    folder.mkdir()
    (folder / "rows.csv").write_text("a;b\n1;2\n")
    (folder / "MLTable").write_text(
        "paths:\n  - file: ./rows.csv\n"
        "transformations:\n  - read_delimited: {delimiter: ';', header: all_files_same_headers}\n  - take: 5\n"
    )
    return folder


def test_a_parallel_node_says_how_its_input_is_cut(load: Load, table: Path) -> None:
    one = step(load(PARALLEL).graph, "predict")
    assert one.work == Parallel(
        entry="score.py",
        split=("table",),
        batch_size=Text("10240"),
        nodes=Text("2"),
        workers=Text("2"),
        tries=Text("4"),
        timeout_s=Text("60"),
        failed_items=Text("5"),
        failed_batches=Text("4"),
        failed_percent=Text("30"),
        append=AppendRows(output="rows"),
        logging=Text("DEBUG"),
    )
    assert one.command[0] == PythonRef()
    assert one.command[-2:] == (Text("--name"), Text("two words"))
    cut = next(port for port in one.inputs if port.name == "table")
    assert isinstance(cut.binding, FromData)
    assert cut.mode == "direct"
    assert (cut.binding.data.kind, cut.binding.data.options["separator"]) == ("tabular", ";")
    assert [transform.name for transform in cut.binding.data.transforms] == ["take"]


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ("jobs.predict.mini_batch_size=many", "mini_batch_size"),
        ("jobs.predict.input_data=x", "needs `input_data"),
        ("jobs.predict.task.entry_script=", "entry_script"),
        ("jobs.predict.task.append_row_to='${{outputs.none}}'", "no output 'none'"),
    ],
)
def test_mistakes_of_parallel_nodes(load: Load, table: Path, edit: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        load(PARALLEL, edits=(edit,))


def test_a_table_that_a_step_makes_is_read_when_it_is_there(load: Load, table: Path) -> None:
    graph = load(
        PARALLEL
        + """
  make:
    command: make ${{outputs.o}}
    environment: {image: python}
    outputs: {o: {type: mltable}}
""",
        edits=("jobs.predict.inputs.table.path='${{parent.jobs.make.outputs.o}}'",),
    ).graph
    cut = next(port for port in step(graph, "predict").inputs if port.name == "table")
    assert (cut.binding, cut.described) == (FromStep("make", "o"), "table")


def test_eval_modes_give_the_files_of_a_table(load: Load, table: Path) -> None:
    graph = load(
        HEAD
        + """
  a:
    command: ls ${{inputs.t}}
    environment: {image: python}
    inputs: {t: {type: mltable, path: ./table, mode: eval_mount}}
"""
    ).graph
    (one,) = step(graph, "a").inputs
    assert isinstance(one.binding, FromData)
    assert (one.binding.data.kind, one.mode) == ("file", "mount")


TRIAL = """\
type: command
inputs: {data: {type: uri_folder}, c: {type: number}, kernel: {type: string, default: rbf}, fixed: {type: integer}}
outputs: {model: {type: uri_folder}}
environment: {image: python}
command: train ${{inputs.data}} --c ${{inputs.c}} --kernel ${{inputs.kernel}} --fixed ${{inputs.fixed}} ${{outputs.model}}
"""
SWEEP = (
    HEAD
    + """
  tune:
    type: sweep
    trial: ./trial.yml
    inputs: {data: {path: .}, fixed: 3}
    outputs: {model: }
    sampling_algorithm: {type: bayesian, seed: 7}
    search_space:
      c: {type: uniform, min_value: 0.5, max_value: 0.9}
      kernel: {type: choice, values: ["rbf", "poly"]}
    objective: {goal: minimize, primary_metric: loss}
    limits: {max_total_trials: 5, max_concurrent_trials: 3, timeout: 7200, trial_timeout: 60}
    early_termination: {type: bandit, slack_factor: 0.1, evaluation_interval: 2, delay_evaluation: 3}
"""
)


def test_a_sweep_searches_over_inputs_of_its_trial(load: Load) -> None:
    one = step(load(SWEEP, trial=TRIAL).graph, "tune")
    assert one.work == Sweep(
        space=(("c", Uniform(0.5, 0.9)), ("kernel", Choice(("rbf", "poly")))),
        metric="loss",
        goal="minimize",
        total=5,
        concurrent=3,
        sampling=BayesianSampling(7),
        policy=Bandit(factor=0.1, interval=2, delay=3),
        timeout_s=7200.0,
    )
    assert one.timeout_s == 60
    assert command_of(one) == "train {input:data} --c {sampled:c} --kernel {sampled:kernel} --fixed 3 {output:model}"
    assert dict(one.variables)["AZUREML_SWEEP_c"] == Sampled("c")


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        ("{type: randint, upper: 5}", RandInt(5)),
        ("{type: quniform, min_value: 1, max_value: 9, q: 2}", Uniform(1, 9, step=2.0)),
        ("{type: loguniform, min_value: -3, max_value: 0}", Uniform(-3, 0, log=True)),
        ("{type: normal, mu: 0, sigma: 1}", Normal(0, 1)),
        ("{type: qlognormal, mu: 0, sigma: 1, q: 0.5}", Normal(0, 1, step=0.5, log=True)),
        ("{type: choice, values: [{a: 1}]}", Choice(('{"a": 1}',))),
    ],
)
def test_every_kind_of_distribution(load: Load, node: str, expected: object) -> None:
    one = step(load(SWEEP, trial=TRIAL, edits=(f"jobs.tune.search_space.c={node}",)).graph, "tune")
    assert isinstance(one.work, Sweep)
    assert dict(one.work.space)["c"] == expected


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ("jobs.tune.search_space.x={type: randint, upper: 3}", "has no input 'x'"),
        ("jobs.tune.search_space.c.type=unifrm", "did you mean 'uniform'"),
        ("jobs.tune.objective=null", "objective"),
        ("jobs.tune.limits.max_total_trials=null", "max_total_trials"),
        ("jobs.tune.sampling_algorithm=gird", "did you mean 'grid'"),
    ],
)
def test_mistakes_of_sweeps(load: Load, edit: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        load(SWEEP, trial=TRIAL, edits=(edit,))


def test_an_inline_trial_names_the_search_space(load: Load) -> None:
    one = step(
        load(
            HEAD
            + """
  tune:
    type: sweep
    trial: {type: command, command: "train ${{search_space.c}}", environment: {image: python}}
    search_space: {c: {type: randint, upper: 3}}
    objective: {goal: maximize, primary_metric: m}
    limits: {max_total_trials: 2}
"""
        ).graph,
        "tune",
    )
    assert command_of(one) == "train {sampled:c}"


def test_a_spark_node_says_what_it_wants_of_spark(load: Load, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "go.py").write_text("")
    one = step(
        load(
            HEAD
            + """
  count:
    type: spark
    code: ./code
    entry: {file: go.py}
    py_files: [utils.zip]
    jars: [a.jar]
    args: --out ${{outputs.o}} --name "a b"
    outputs: {o: {mode: direct}}
    conf: {spark.driver.cores: 2, spark.driver.memory: 1g, spark.executor.instances: 1, spark.sql.shuffle.partitions: 3, spark.x: true}
"""
        ).graph,
        "count",
    )
    assert one.target == "spark"
    assert one.command == (Text("spark-submit"), Text("go.py"), Text("--out"), OutputRef("o"), Text("--name"), Text("a b"))
    assert one.spark is not None
    assert (one.spark.driver_cores, one.spark.driver_memory, one.spark.executors, one.spark.jars) == (2, "1g", 1, ("a.jar",))
    assert dict(one.spark.conf) == {"spark.sql.shuffle.partitions": "3", "spark.x": "true"}


def test_a_spark_node_needs_an_entry(load: Load) -> None:
    with pytest.raises(UsageError, match=r"needs `entry\.file`"):
        load(HEAD + "\n  count: {type: spark, conf: {spark.driver.cores: 1}}\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("paths: []", "names no `paths`"),
        ("- a", "no mapping"),
        ("paths:\n  - file: wasbs://x@y/z", "in the cloud"),
        ("a: [", "no YAML"),
        ("paths:\n  - file: ./rows.csv\ntransformations:\n  - fly: 1", "`fly`"),
    ],
)
def test_descriptions_that_cannot_be_followed(load: Load, table: Path, text: str, told: str) -> None:
    (table / "MLTable").write_text(text)
    with pytest.raises(UsageError, match=told):
        load(PARALLEL)


def test_nodes_that_need_the_cloud_are_named_all_together(load: Load) -> None:
    with pytest.raises(UsageError) as raised:
        load(
            HEAD
            + """
  a: {type: automl, task: regression}
  b: {type: import, source: {}}
"""
        )
    assert all(f"node '{name}' cannot run on this machine" in str(raised.value) for name in "ab")
