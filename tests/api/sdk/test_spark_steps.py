"""DatabricksStep, SynapseSparkStep and the keyword `spark`: what they compile to and what they refuse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stepwell import (
    DatabricksStep,
    DataReference,
    HDFSOutputDatasetConfig,
    Pipeline,
    PipelineData,
    PipelineParameter,
    PythonScriptStep,
    SynapseSparkStep,
    Workspace,
)
from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.libraries import EggLibrary, JarLibrary, MavenLibrary, PyPiLibrary
from stepwell.sdk.runconfig import RunConfiguration
from stepwell_runner.graph.check import check
from stepwell_runner.graph.model import InputRef, Joined, OutputRef, Packages, ParameterRef, PythonRef, Spark, Step, Text


@pytest.fixture
def files(made: Workspace, tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    for name in ("src/train.py", "book.py", "shared.ipynb", "tool.jar", "data.txt"):
        (tmp_path / name).write_text("")
    made.get_default_datastore().upload_files([str(tmp_path / "data.txt")], target_path="in")
    return tmp_path


def compiled(made: Workspace, step: Any) -> Step:
    graph = Pipeline(made, steps=[step]).graph
    check(graph)
    return graph.steps[0]


def words(step: Step) -> list[str]:
    def text(token: Any) -> str:
        match token:
            case Text(said):
                return said
            case Joined(parts):
                return "".join(map(text, parts))
            case PythonRef():
                return "python"
            case _:
                return f"{{{token.name}}}"

    return [text(token) for token in step.command]


def test_a_python_script_is_told_its_ports_the_run_and_its_parameters(made: Workspace, files: Path) -> None:
    given = DataReference(made.get_default_datastore(), "input", path_on_datastore="in")
    left = PipelineData("output")
    rate = PipelineParameter("rate", 0.1)
    step = compiled(made, DatabricksStep("train", inputs=[given], outputs=[left], num_workers=2, python_script_name="train.py",
                                         source_directory="src", python_script_params=["--fast", rate], run_name="title",
                                         spark_conf={"spark.sql.shuffle.partitions": 8, "spark.databricks.delta.preview": True},
                                         spark_env_variables={"PYSPARK_PYTHON": "/databricks/python3/bin/python3", "MODE": "x"}))
    assert words(step)[:9] == ["python", "-m", "stepwell.databricks", "script", "train.py", "--input", "{input}", "--output", "{output}"]
    assert step.command[6] == InputRef("input")
    assert step.command[8] == OutputRef("output")
    assert words(step)[-3:] == ["--fast", "rate", "{rate}"]
    assert step.command[-1] == ParameterRef("rate")
    assert "--AZUREML_RUN_ID" in words(step)
    assert step.spark == Spark(master="local[2]", app_name="title", conf=(("spark.sql.shuffle.partitions", "8"),))
    assert (step.target, step.script) == ("spark", "train.py")
    variables = dict(step.variables)
    assert variables["MODE"] == Text("x")
    assert "PYSPARK_PYTHON" not in variables


def test_parameters_in_a_set_have_an_order(made: Workspace, files: Path) -> None:
    rate = PipelineParameter("rate", "r")
    steps = [DatabricksStep("s", num_workers=1, python_script_path="dbfs:/src/train.py", python_script_params=set(order))
             for order in (["arg1", rate, "arg2"], ["arg2", "arg1", rate])]
    first, second = (compiled(made, step) for step in steps)
    assert first.command == second.command
    assert set(words(first)[-4:]) == {"arg1", "arg2", "rate", "{rate}"}


def test_a_notebook_of_databricks_is_found_here_and_gets_widgets(made: Workspace, files: Path) -> None:
    step = compiled(made, DatabricksStep("n", inputs=[], outputs=[PipelineData("out")], min_workers=1, max_workers=3,
                                         notebook_path="/Users/me@example.org/book",
                                         notebook_params={"myparam": "a b", "p": PipelineParameter("p", 1)}))
    assert words(step)[:6] == ["python", "-m", "stepwell.databricks", "notebook", "book.py", "out={out}"]
    assert words(step)[-2:] == ["myparam=a b", "p={p}"]
    assert step.source is not None
    assert (step.source.narrow, step.source.path) == (True, str(files))
    assert step.spark is not None
    assert step.spark.master == "local[3]"
    other = compiled(made, DatabricksStep("n", num_workers=1, notebook_path="/Shared/shared"))
    assert words(other)[4] == "shared.ipynb"


def test_a_class_of_a_jar_is_submitted(made: Workspace, files: Path) -> None:
    step = compiled(made, DatabricksStep("j", num_workers=1, main_class_name="com.example.Main", jar_params=["a"],
                                         jar_libraries=[JarLibrary("dbfs:/jars/tool.jar")]))
    assert words(step)[:4] == ["spark-submit", "--class", "com.example.Main", str(files / "tool.jar")]
    assert words(step)[-1] == "a"
    assert step.hash_paths == (str(files / "tool.jar"),)


def test_libraries_go_to_the_step(made: Workspace, files: Path) -> None:
    step = compiled(made, DatabricksStep(
        "l", num_workers=1, python_script_name="train.py", source_directory="src",
        pypi_libraries=[PyPiLibrary("simplejson==3.19.2", repo="https://index.example/simple")],
        maven_libraries=[MavenLibrary("org.example:a:1", "https://maven.example", ["org.bad:b"])],
        egg_libraries=[EggLibrary("lib/tool.egg")], jar_libraries=[JarLibrary("tool.jar")]))  # fmt: skip
    assert isinstance(step.environment, Packages)
    assert step.environment.requirements == ("--extra-index-url https://index.example/simple", "simplejson==3.19.2")
    assert step.spark == Spark(master="local[1]", packages=("org.example:a:1",), repositories=("https://maven.example",),
                               jars=(str(files / "tool.jar"),), py_files=("lib/tool.egg",), conf=(("spark.jars.excludes", "org.bad:b"),))


def test_what_describes_the_cluster_is_reported(made: Workspace, files: Path) -> None:
    with pytest.warns(UserWarning, match="has no use for: existing_cluster_id, permit_cluster_restart"):
        step = DatabricksStep("c", existing_cluster_id="your existing cluster id", python_script_name="train.py", source_directory="src",
                              allow_reuse=False, permit_cluster_restart=True)
    assert step.cluster["existing_cluster_id"] == "your existing cluster id"
    assert compiled(made, step).spark == Spark()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"num_workers": 1}, "nothing to run"),
        ({"num_workers": 1, "notebook_path": "book", "python_script_path": "src/train.py"}, "both notebook_path and python_script_path"),
        ({"python_script_name": "train.py"}, "neither num_workers nor min_workers"),
        ({"python_script_name": "train.py", "min_workers": 1}, "neither num_workers"),
        ({"python_script_name": "train.py", "num_workers": 1, "max_workers": 2}, "num_workers and min_workers"),
        ({"python_script_name": "train.py", "num_workers": -1}, "cannot have -1 workers"),
        ({"num_workers": 1, "notebook_path": "/Users/me/other"}, "which is in Databricks and not on this machine"),
        ({"num_workers": 1, "main_class_name": "X", "jar_libraries": [JarLibrary("dbfs:/no.jar")]}, "needs the jar dbfs:/no.jar"),
    ],
)
def test_what_cannot_work_is_refused(made: Workspace, files: Path, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises((PipelineError, ValueError), match=said):
        DatabricksStep("wrong", source_directory="src", **wrong)


def test_a_synapse_step_asks_for_its_sizes(made: Workspace, files: Path) -> None:
    out = HDFSOutputDatasetConfig(destination=(made.get_default_datastore(), "test"))
    step = compiled(made, SynapseSparkStep(
        "train.py", "src", None, "7g", 4, "6g", 2, 3, name="prep", app_name="app", arguments=["--out", out], outputs=[out],
        conf={"spark.x": True}, py_files=["m.zip"], jars=["j.jar"], files=["f.csv"]))  # fmt: skip
    assert words(step)[:3] == ["python", "train.py", "--out"]
    assert step.spark == Spark(app_name="app", driver_memory="7g", executor_memory="6g", executor_cores=2, executors=3,
                               conf=(("spark.x", "true"),), py_files=("m.zip",), jars=("j.jar",), files=("f.csv",))
    assert (step.target, step.name, step.outputs[0].kind) == ("spark", "prep", "any")


@pytest.mark.parametrize("wrong", [{"driver_memory": "lots"}, {"driver_memory": None}, {"executor_cores": 0}, {"num_executors": "2"}])
def test_sizes_that_are_none_are_refused(files: Path, wrong: dict[str, Any]) -> None:
    sizes: dict[str, Any] = {"driver_memory": "1g", "driver_cores": 1, "executor_memory": "1g", "executor_cores": 1, "num_executors": 1}
    with pytest.raises(PipelineError, match=next(iter(wrong))):
        SynapseSparkStep("train.py", "src", "pool", **{**sizes, **wrong})


def test_any_python_step_may_ask_for_spark(made: Workspace, files: Path) -> None:
    asked = {"driver_memory": "2g", "packages": "g:a:1", "conf": {"spark.a": 1}, "master": "local[2]"}
    step = compiled(made, PythonScriptStep("train.py", source_directory="src", spark=asked))
    assert step.target == "spark"
    assert step.spark == Spark(master="local[2]", driver_memory="2g", packages=("g:a:1",), conf=(("spark.a", "1"),))
    with pytest.raises(PipelineError, match="for memory"):
        compiled(made, PythonScriptStep("train.py", source_directory="src", spark={"memory": "2g"}))
    with pytest.raises(PipelineError, match="executors"):
        compiled(made, PythonScriptStep("train.py", source_directory="src", spark={"executors": "many"}))


def test_a_run_configuration_for_pyspark_is_understood(made: Workspace, files: Path) -> None:
    configuration = RunConfiguration(framework="PySpark")
    configuration.spark.configuration["spark.driver.memory"] = "2g"
    step = compiled(made, PythonScriptStep("train.py", source_directory="src", runconfig=configuration))
    assert step.target == "spark"
    assert step.spark is not None
    assert dict(step.spark.conf)["spark.driver.memory"] == "2g"
    assert compiled(made, PythonScriptStep("train.py", source_directory="src", runconfig=RunConfiguration())).spark is None
