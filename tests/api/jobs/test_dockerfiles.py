"""The Python packages that Dockerfiles install."""

from __future__ import annotations

from pathlib import Path

import pytest
from jobwords import HEAD, Load, step

from stepwell.jobs.dockerfiles import installed_by
from stepwell_runner.graph.model import Packages
from stepwell_store.errors import UsageError


def of(folder: Path, text: str) -> Packages | None:
    (folder / "Dockerfile").write_text(text)
    return installed_by(str(folder), "Dockerfile")


def test_packages_of_pip_and_of_requirement_files(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("scipy==1.9\n# more\njoblib\n")
    found = of(tmp_path, """\
# syntax=docker/dockerfile:1
FROM python:3.9-slim AS base
COPY requirements.txt /tmp/requirements.txt
RUN apt-get update && apt-get install -y git \\
    && rm -rf /var/lib/apt/lists/*
RUN python -m pip install --no-cache-dir -U pandas 'numpy<2' \\
    # the rest
    && pip3 install -r /tmp/requirements.txt --extra-index-url https://example.org/simple azureml-mlflow
RUN pip install -e . && pip install $MORE {{latest-pypi-version}} 2>/dev/null
""")
    assert found == Packages(
        requirements=("pandas", "numpy<2", "--extra-index-url https://example.org/simple", "scipy==1.9", "joblib", "mlflow-skinny<2.19"),
        python="3.9",
    )


def test_conda_files_and_conda_packages(tmp_path: Path) -> None:
    (tmp_path / "conda.yml").write_text("dependencies: [python=3.8, pandas=1.3, {pip: [joblib]}]")
    found = of(tmp_path, """\
FROM mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest
COPY conda.yml .
RUN conda env create -p /azureml-envs/x -f conda.yml -q && rm conda.yml
RUN conda install -y -c conda-forge scikit-learn=1.1
""")
    assert found == Packages(requirements=("pandas==1.3.*", "joblib", "scikit-learn==1.1.*"), python="3.8")


@pytest.mark.parametrize("text", [
    "FROM python:3.9\nRUN apt-get install -y git\n", "FROM nvcr.io/nvidia/pytorch:23.01-py3\nRUN pip install pandas\n",
    "RUN pip install pandas\n", "FROM python:3.9\nRUN pip install 'pandas\n", ""])
def test_others_say_nothing(tmp_path: Path, text: str) -> None:
    assert of(tmp_path, text) is None
    assert installed_by(str(tmp_path), "Other") is None


def test_a_step_runs_in_what_its_dockerfile_installs(load: Load, tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "Dockerfile").write_text("FROM python:3.11\nRUN pip install nowhere==1.2\n")
    text = f"{HEAD}\n  a: {{command: \"python -c 'import nowhere'\", environment: {{build: {{path: docker}}}}}}\n"
    loaded = load(text)
    made = step(loaded.graph, "a").environment
    assert isinstance(made, Packages)
    assert made.requirements == ("nowhere==1.2",)
    assert "the image that a Dockerfile describes is made here by uv" in loaded.notices[-1]
    (tmp_path / "docker" / "Dockerfile").write_text("FROM nvcr.io/nvidia/pytorch:23.01-py3\nRUN pip install nowhere==1.2\n")
    with pytest.raises(UsageError, match="has no nowhere, which the step imports"):
        load(text)
