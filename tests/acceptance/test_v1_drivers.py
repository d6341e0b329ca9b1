"""Whole v1 projects, written as other people write them, run unchanged by `stepwell exec`: what must come out of each."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from commandline import Project

DRIVERS = Path(__file__).parent / "v1_drivers"
LONGEST_S = 300


def run(tmp_path: Path, name: str, driver: str, *words: str, code: int = 0) -> str:
    """Copy a project, run its driver; what that prints."""
    project = Project(tmp_path / name, new=False)
    if not project.folder.exists():
        shutil.copytree(DRIVERS / name, project.folder)
    with project.start("exec", driver, *words, environment={"STEP_PYTHON": sys.executable}) as process:
        out, err = process.communicate(timeout=LONGEST_S)
    assert process.returncode == code, out.decode()[-4000:] + err.decode()[-4000:]
    return out.decode() + err.decode()


def test_release_fits_judges_and_keeps_a_model_and_then_no_worse_one(tmp_path: Path) -> None:
    model = "rent-model"
    said = run(tmp_path, "release", "submit.py")
    assert "judged 0 4.0" in said
    assert f"kept {model}:1 {model}-of-run:1 True {{'rows': 40}} azureml-models/{model}/1/{model}" in said
    assert "END Finished Completed ['BuildId', 'dataset_id'] {'mse': 4.0}" in said
    assert f"MODEL {model} 1 17 ['{model}:1']" in said
    again = run(tmp_path, "release", "submit.py", "--model", model)
    assert "no better than what is kept" in again
    assert "END Canceled Canceled" in again


def test_clinic_cleans_learns_publishes_and_is_called_by_rest(tmp_path: Path) -> None:
    said = run(tmp_path, "clinic", "driver.py")
    for line in (
        "stores {'workspaceblobstore': True, 'workspacefilestore': False}",
        "paths ['/2019.csv', '/2020.csv'] [('clinic files', 1), ('clinic visits', 1)]",
        "step Clean Data {'raw_rows': 100, 'rows': 80}",
        "step Learn {'ill': 0.5, 'ages': [20, 21, 22], 'line': {'x': 1, 'y': 2.0}, 'table': {'a': [1, 2], 'b': [3, 4]}}",
        "model clinic-model 1 {'from': 'pipeline'} {'ill': '0.5'}",
        "cleaned ['/visits.csv'] ['visits.csv', 'limit', 'is', '0.25']",
        "by rest Finished ['Clean Data', 'Learn', 'show']",
        "schedules 0 1",
        "single Completed 0.5 True",
        "noted Completed {'x': 1} ['outputs/2019.csv']",
    ):
        assert line in said, line


def test_tuning_searches_scores_and_passes_paths(tmp_path: Path) -> None:
    said = run(tmp_path, "tuning", "driver.py")
    assert "metrics 3" in said
    assert "best True True 1" in said
    assert "compute target gpu-cluster was not defined" in said
    assert "scores ['0.txt:1:True', '1.txt:2:True', '2.txt:3:True', '3.txt:4:True', '4.txt:5:True', '5.txt:6:True']" in said
    tell = said.split("tell said ")[1]
    assert "'--word', 'default', '--n', '5', '--blank', 'a b']" in tell
    assert "'AML_PARAMETER_PP': '7', 'AML_PARAMETER_Q': 'q', 'AML_PARAMETER_word': 'default'" in tell
    assert "IN ['0.txt']" in tell
    assert "IN told" in said.split("read said ")[1]


def test_harbour_is_built_and_started_by_modules_of_a_package(tmp_path: Path) -> None:
    project = Project(tmp_path / "harbour", new=False)
    shutil.copytree(DRIVERS / "harbour", project.folder)
    (project.folder / "stepwell.yml").write_text("environments:\n  tide-env: current\n")

    def said(*words: str, build: str = "1") -> str:
        done = project.stepwell("exec", *words, environment={"BUILD_ID": build})
        return done.out + done.err

    assert "published tide-training 1 retired 0 0" in said("-m", "ops.pipelines.build")
    first = said("-m", "ops.pipelines.start")
    assert "ended True [('BuildId', '1'), ('ports', '2')] {'rate': 0.4, 'slope': 3.0}" in first
    assert "Learn Tides  ran Finished" in first
    built = said("ops/pipelines/build.py", build="2")
    assert "published tide-training 2 retired 1 1" in built
    assert "there is no" not in built
    second = said("-m", "ops.pipelines.start", build="2")
    assert "ended True [('BuildId', '2'), ('ports', '2')] {'rate': 0.4, 'slope': 3.0}" in second
    assert "Learn Tides  reused Finished" in second
    assert "Check Tides  ran Finished" in second
    steep = said("-m", "ops.pipelines.start", "--steepest", "1", build="2")
    assert "ended False" in steep
    assert "failed True" in steep
