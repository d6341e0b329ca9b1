"""Environments of steps: what v1's ways of saying it become in the graph."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepwell import CondaDependencies, Environment, Pipeline, PythonScriptStep, RunConfiguration, Workspace
from stepwell.sdk import constraints
from stepwell_runner.graph.model import CurrentInterpreter, EnvironmentSpec, Interpreter, Packages, Text
from stepwell_store.errors import UsageError

CONDA = """
name: project
channels: [conda-forge]
dependencies:
  - python=3.11
  - numpy=1.26
  - pip
  - pip:
    - scikit-learn==1.4.2
    - azureml-defaults
"""


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STEPWELL_WORKSPACE", "")
    (tmp_path / "s.py").write_text("")
    return Workspace()


def test_nothing_said_is_the_current_interpreter() -> None:
    assert Environment("e").compiled() == CurrentInterpreter()
    assert Environment.from_packages("e", []).compiled() == CurrentInterpreter()


def held(name: str) -> str:
    """The line that holds a package where scripts of the SDK's time expect it."""
    (line,) = constraints.lines({"numpy", "pandas", "scikit-learn"} - {name})
    return line


def test_packages_are_held_back_only_with_the_sdk_and_only_where_the_author_has_not_decided() -> None:
    def compiled(*lines: str) -> tuple[str, ...]:
        return CondaDependencies.create(pip_packages=list(lines)).compiled(None).requirements

    assert compiled("scipy") == ("scipy",)
    assert compiled("sklearn==0.0", "tensorflow-gpu>=2", "tensorflow-gpu==2.4") == ("scikit-learn", "tensorflow>=2", "tensorflow-gpu==2.4")
    assert compiled("scipy", "azureml-core") == ("scipy", "requests", held("numpy"), held("pandas"), held("scikit-learn"))
    assert compiled("pandas==2.2.3", "numpy>=2", "azureml-core") == ("pandas==2.2.3", "numpy>=2", "requests", held("scikit-learn"))
    assert compiled("azureml-defaults") == ()


def test_a_conda_file(tmp_path: Path) -> None:
    path = tmp_path / "conda.yml"
    path.write_text(CONDA)
    brought = ("pyarrow", "requests", held("pandas"))
    expected = Packages(requirements=("numpy==1.26.*", "scikit-learn==1.4.2", "pandas", *brought), python="3.11", name="e")
    assert Environment.from_conda_specification("e", path).compiled() == expected
    dependencies = CondaDependencies(path)
    assert list(dependencies.conda_packages) == ["numpy=1.26", "pip"]
    assert list(dependencies.pip_packages) == ["scikit-learn==1.4.2", "azureml-defaults"]
    dependencies.add_pip_package("pandas")
    dependencies.set_python_version("3.12")
    assert dependencies.get_python_version() == "3.12"
    assert Environment.from_dependencies("e", dependencies).compiled() == Packages(
        requirements=("numpy==1.26.*", "scikit-learn==1.4.2", "pandas", *brought), python="3.12", name="e"
    )


def test_packages_in_code() -> None:
    made = CondaDependencies.create(pip_packages=["azureml-defaults", "pandas<3"], conda_packages=["scipy"], python_version="3.11")
    made.add_conda_package("numpy==1.26.4")
    made.add_channel("conda-forge")
    assert list(made.conda_channels) == ["conda-forge"]
    expected = ("scipy", "numpy==1.26.4", "pandas<3", "pyarrow", "requests", held("scikit-learn"))
    assert made.compiled("n") == Packages(requirements=expected, python="3.11", name="n")
    assert "pandas<3" in made.serialize_to_string()


def test_a_requirements_file_with_another_in_it(tmp_path: Path) -> None:
    (tmp_path / "base.txt").write_text("numpy\n")
    (tmp_path / "all.txt").write_text("# ours\n-r base.txt\npandas  # tables\n")
    assert Environment.from_pip_requirements("e", tmp_path / "all.txt").compiled() == Packages(requirements=("numpy", "pandas"), name="e")


def test_files_that_are_not_there(tmp_path: Path) -> None:
    for make in (Environment.from_conda_specification, Environment.from_pip_requirements):
        with pytest.raises(UsageError):
            make("e", tmp_path / "gone")


def test_an_interpreter_that_exists() -> None:
    assert Environment.from_interpreter("e", "/opt/py/bin/python").compiled() == Interpreter("/opt/py/bin/python")
    managed = Environment("e")
    managed.python.user_managed_dependencies = True
    assert managed.compiled() == CurrentInterpreter()


def spec(ws: Workspace, step: PythonScriptStep) -> EnvironmentSpec:
    return Pipeline(ws, [step]).graph.steps[0].environment


def test_where_a_step_takes_it_from(ws: Workspace) -> None:
    config = RunConfiguration(conda_dependencies=CondaDependencies.create(pip_packages=["numpy"]))
    own = Environment.from_packages("own", ["pandas"])
    assert spec(ws, PythonScriptStep("s.py")) == CurrentInterpreter()
    assert spec(ws, PythonScriptStep("s.py", runconfig=config)) == Packages(requirements=("numpy",), name="default-environment")
    assert spec(ws, PythonScriptStep("s.py", runconfig=config, environment=own)) == own.compiled()


def test_variables_of_environment_configuration_and_step(ws: Workspace) -> None:
    config = RunConfiguration()
    config.environment.environment_variables = {"A": "environment", "B": "environment", "C": "environment"}
    config.environment_variables = {"B": "configuration", "C": "configuration"}
    step = PythonScriptStep("s.py", runconfig=config, environment_variables={"C": "step"})
    variables = dict(Pipeline(ws, [step]).graph.steps[0].variables)
    assert [variables[name] for name in "ABC"] == [Text("environment"), Text("configuration"), Text("step")]


class Cluster:
    name = "cluster"


@pytest.mark.parametrize("target", ["cluster", Cluster(), ("cluster", "AmlCompute")])
def test_the_target_of_a_step(ws: Workspace, target: object) -> None:
    assert Pipeline(ws, [PythonScriptStep("s.py", compute_target=target)]).graph.steps[0].target == "cluster"
    config = RunConfiguration()
    config.target = target
    assert Pipeline(ws, [PythonScriptStep("s.py", runconfig=config)]).graph.steps[0].target == "cluster"
    assert Pipeline(ws, [PythonScriptStep("s.py")]).graph.steps[0].target == "local"


def test_packages_can_be_added_to_an_environment_that_has_none_yet(ws: Workspace) -> None:
    environment = Environment("e")
    assert environment.compiled() == Environment("f").compiled()
    assert list(environment.python.conda_dependencies.pip_packages) == []
    assert environment.compiled() == Environment("f").compiled()
    environment.python.conda_dependencies.add_pip_package("simplejson==3.19.2")
    compiled = environment.compiled()
    assert isinstance(compiled, Packages)
    assert compiled.requirements == ("simplejson==3.19.2",)
