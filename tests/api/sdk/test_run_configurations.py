"""Environments and run configurations: registered, saved and loaded; packages put in and taken out."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepwell import CondaDependencies, DockerConfiguration, Environment, RunConfiguration, ScriptRunConfig, Workspace
from stepwell.sdk.environment_sections import RSection, SparkPackage
from stepwell.sdk.exceptions import RunConfigurationException, UserErrorException
from stepwell.sdk.runconfig import MpiConfiguration
from stepwell_runner.graph.model import CurrentInterpreter, Packages


def test_environments_are_registered_as_new_versions_when_they_say_something_new(made: Workspace) -> None:
    environment = Environment("e")
    environment.python.conda_dependencies = CondaDependencies.create(pip_packages=["numpy"], python_version="3.11")
    environment.docker.base_image = "python:3.11"
    environment.environment_variables = {"A": "1"}
    assert (environment.register(made).version, environment.register(made).version) == ("1", "1")
    environment.python.conda_dependencies.add_pip_package("pandas")
    assert environment.register(made).version == "2"
    first, newest = Environment.get(made, "e", version="1"), Environment.get(made, "e")
    assert (first.version, newest.version, list(Environment.list(made))) == ("1", "2", ["e"])
    assert isinstance(first.compiled(), Packages)
    assert (first.compiled().requirements, newest.docker.base_image) == (("numpy",), "python:3.11")  # type: ignore[union-attr]
    copy = newest.clone("f")
    assert (copy.name, copy.version, copy.environment_variables) == ("f", None, {"A": "1"})
    with pytest.raises(UserErrorException, match=r"(?s)no environment 'g'.*Registered are: e"):
        Environment.get(made, "g")


def test_an_image_of_the_cloud_is_stood_in_for_with_a_warning(made: Workspace) -> None:
    with pytest.warns(UserWarning, match="AzureML-sklearn"):
        found = Environment.get(made, "AzureML-sklearn-1.0-ubuntu20.04-py38-cpu")
    assert found.compiled() == CurrentInterpreter()


def test_environments_in_folders(tmp_path: Path) -> None:
    environment = Environment.from_docker_image("d", "image:1")
    environment.python.user_managed_dependencies = False
    environment.python.conda_dependencies = CondaDependencies.create(conda_packages=["scipy=1.11"])
    environment.spark.packages = [SparkPackage("g", "a", "1")]
    environment.r = RSection()
    environment.r.cran_packages = ["optparse"]
    environment.save_to_directory(tmp_path / "e")
    assert sorted(path.name for path in (tmp_path / "e").iterdir()) == ["azureml_environment.json", "conda_dependencies.yml"]
    assert Environment.load_from_directory(tmp_path / "e") == environment
    with pytest.raises(UserErrorException, match="overwrite=True"):
        environment.save_to_directory(tmp_path / "e")
    with pytest.raises(UserErrorException, match="no environment"):
        Environment.load_from_directory(tmp_path / "f")


def test_packages() -> None:
    packages = CondaDependencies()
    packages.add_pip_package("pandas==1.5")
    packages.add_pip_package("pandas<2")
    packages.add_conda_package("numpy=1.26")
    packages.add_channel("conda-forge")
    packages.set_pip_option("--extra-index-url https://a")
    packages.set_python_version("3.10")
    assert (list(packages.pip_packages), list(packages.conda_packages), list(packages.conda_channels)) == (
        ["pandas<2"], ["numpy=1.26"], ["conda-forge"])
    assert (list(packages.pip_options), packages.get_python_version()) == (["--extra-index-url https://a"], "3.10")
    packages.remove_pip_package("pandas")
    packages.remove_conda_package("numpy")
    packages.remove_channel("conda-forge")
    assert (list(packages.pip_packages), list(packages.conda_packages), list(packages.conda_channels)) == ([], [], [])
    assert CondaDependencies.merge_requirements(["a>1", "a<3", "b"]) == ["a>1,<3", "b"]


def test_the_sdk_that_brings_pandas_brings_it_here_too() -> None:
    both = CondaDependencies.create(pip_packages=["azureml-dataset-runtime[pandas,fuse]", "scikit-learn"]).compiled(None)
    assert [line for line in both.requirements if not line.startswith("-c ")] == ["scikit-learn", "pandas", "pyarrow", "requests"]
    own = CondaDependencies.create(pip_packages=["azureml-dataset-runtime[pandas]", "pandas<2", "pyarrow==14"]).compiled(None)
    assert [line for line in own.requirements if not line.startswith("-c ")] == ["pandas<2", "pyarrow==14", "requests"]
    whole = CondaDependencies.create(pip_packages=["azureml-defaults", "scikit-learn"]).compiled(None)
    assert [line for line in whole.requirements if not line.startswith("-c ")] == ["scikit-learn", "pandas", "pyarrow", "requests"]
    assert CondaDependencies.create(pip_packages=["azureml-defaults"]).compiled(None).requirements == ()


def test_run_configurations_are_saved_and_loaded(tmp_path: Path) -> None:
    config = RunConfiguration("train.py", ["--a", "1 2"])
    config.target = "cpu-cluster"
    config.environment = Environment.from_packages("e", ["numpy"])
    config.environment_variables = {"B": "2"}
    config.docker = DockerConfiguration(use_docker=True)
    config.node_count = 2
    config.mpi = MpiConfiguration(4)
    config.max_run_duration_seconds = 60
    config.save(tmp_path, "mine")
    text = (tmp_path / ".azureml" / "mine.runconfig").read_text()
    assert "userManagedDependencies: false" in text
    assert "nodeCount: 2" in text
    for found in (RunConfiguration.load(tmp_path, "mine"), RunConfiguration.load(tmp_path / ".azureml" / "mine.runconfig")):
        assert (found.script, found.arguments, found.target, found.node_count) == ("train.py", ["--a", "1 2"], "cpu-cluster", 2)
        assert (found.environment_variables, found.docker.use_docker, found.mpi.process_count_per_node) == ({"B": "2"}, True, 4)
        assert (found.environment, found.max_run_duration_seconds) == (config.environment, 60)
    with pytest.raises(RunConfigurationException, match="no run configuration"):
        RunConfiguration.load(tmp_path, "other")


def test_a_run_configuration_as_people_write_it(tmp_path: Path) -> None:
    (tmp_path / "conda.yml").write_text("dependencies: [python=3.11, pip: [numpy]]")
    (tmp_path / "c.runconfig").write_text(
        "script: train.py\narguments: --a 'b c'\nenvironment:\n  python:\n    condaDependenciesFile: conda.yml\n"
        "  environmentVariables: {X: 1}\ndataReferences:\n  d: {dataStoreName: s, pathOnDataStore: p}\n")
    found = RunConfiguration.load(tmp_path / "c.runconfig")
    assert (found.arguments, found.environment.environment_variables) == (["--a", "b c"], {"X": "1"})
    assert found.environment.compiled() == Packages(requirements=("numpy",), python="3.11", name="default-environment")
    assert (found.data_references["d"].data_store_name, found.data_references["d"].mode) == ("s", "mount")


def test_script_run_configurations() -> None:
    environment = Environment("e")
    found = ScriptRunConfig(".", "a.py", ["x"], compute_target="c", environment=environment, distributed_job_config=MpiConfiguration(2, 3))
    assert (found.run_config.target, found.run_config.environment, found.run_config.node_count) == ("c", environment, 3)
    assert found.run_config.mpi.process_count_per_node == 2
    with pytest.raises(ValueError, match="a script or a command"):
        ScriptRunConfig(".", "a.py", command="python a.py")
    with pytest.raises(UserErrorException, match="MpiConfiguration"):
        ScriptRunConfig(".", "a.py", distributed_job_config=object())
