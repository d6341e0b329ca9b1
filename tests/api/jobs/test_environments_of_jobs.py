"""What stands for the environments of Azure on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from jobwords import HEAD, Load, step

from stepwell_runner.graph.model import CurrentInterpreter, Packages
from stepwell_store.errors import UsageError


def node(command: str, environment: str) -> str:
    """A pipeline with one node."""
    return f"{HEAD}\n  a:\n    command: {command}\n    environment: {environment}\n"


@pytest.mark.parametrize(("name", "first"), [
    ("azureml://registries/azureml/environments/sklearn-1.5/labels/latest", "scikit-learn==1.5.*"),
    ("azureml:AzureML-sklearn-1.0-ubuntu20.04-py38-cpu@latest", "scikit-learn==1.0.*; python_version < '3.11'"),
    ("azureml:AzureML-sklearn-0.24-ubuntu18.04-py37-cpu:9", "scikit-learn==0.24.*; python_version < '3.10'"),
    ("azureml:AzureML-lightgbm-3.2-ubuntu18.04-py37-cpu@latest", "lightgbm==3.2.*"),
])
def test_curated_environments_are_made_of_what_is_known_of_them(load: Load, name: str, first: str) -> None:
    loaded = load(node('python -c "import nowhere"', name))
    made = step(loaded.graph, "a").environment
    assert isinstance(made, Packages)
    assert made.requirements[0] == first
    assert "made here by uv" in loaded.notices[0]


def test_an_old_python_is_served_by_another_which_the_environment_knows(load: Load) -> None:
    conda = "{image: x, conda_file: {dependencies: [python=3.5.2, pandas==0.23.4]}}"
    made = step(load(node("echo", conda)).graph, "a").environment
    assert isinstance(made, Packages)
    assert (made.meant_for, made.requirements) == ("3.5.2", ("pandas==0.23.4",))
    assert made.python != "3.5.2"


@pytest.mark.parametrize(("given", "kept"), [
    ("[azureml-mlflow==1.38.0, joblib]", ("joblib", "mlflow-skinny<2.19")), ("[azureml-mlflow, mlflow==1.2]", ("mlflow==1.2",)),
    ("[azureml-core, joblib]", ("joblib",))])
def test_packages_of_azure_are_left_out_but_not_what_they_bring(load: Load, given: str, kept: tuple[str, ...]) -> None:
    made = step(load(node("echo", f"{{image: x, conda_file: {{dependencies: [{{pip: {given}}}]}}}}")).graph, "a").environment
    assert isinstance(made, Packages)
    assert made.requirements == kept


def test_a_module_that_is_run_is_read(load: Load, tmp_path: Path) -> None:
    (tmp_path / "src" / "steps").mkdir(parents=True)
    (tmp_path / "src" / "steps" / "train.py").write_text("from steps import common\n")
    (tmp_path / "src" / "steps" / "common.py").write_text("import nowhere\n")
    with pytest.raises(UsageError, match="has no nowhere"):
        load(f"{node('python -m steps.train', 'azureml:mine:1')}    code: src\n")


def test_others_are_served_by_the_interpreter_that_has_what_is_imported(load: Load) -> None:
    command = "python -c 'import json; import msgspec'"
    loaded = load(node(f'"{command}"', "azureml:mine:1"))
    assert step(loaded.graph, "a").environment == CurrentInterpreter()
    assert "the interpreter of Stepwell serves" in loaded.notices[0]


def test_what_is_imported_and_not_there_is_a_mistake(load: Load) -> None:
    with pytest.raises(UsageError, match="has no nowhere, which the step imports") as raised:
        load(node("\"python -c 'import json; import nowhere'\"", "azureml:mine:1"))
    assert "pipeline.yml:7:18" in str(raised.value)
