"""What serves for the environment of an unchanged driver: another Python, and the project file."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepwell.sdk import constraints
from stepwell.sdk.compute.implied import VARIABLE
from stepwell.sdk.conda import CondaDependencies
from stepwell.sdk.environment import Environment
from stepwell.sdk.serving_environments import serving
from stepwell.sdk.workspace import Workspace
from stepwell_runner.environments.nearest import serving_python
from stepwell_runner.graph.model import CurrentInterpreter, Interpreter, Packages
from stepwell_store import workspace as stored
from stepwell_store.errors import UsageError


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STEPWELL_WORKSPACE", raising=False)
    monkeypatch.setenv(VARIABLE, "1")
    stored.create(tmp_path)
    return Workspace.from_config()


def of(python: str | None, *packages: str, name: str = "old") -> Environment:
    """An environment of packages."""
    return Environment.from_dependencies(name, CondaDependencies.create(pip_packages=packages, python_version=python))


def test_an_old_python_is_served_by_a_later_one(ws: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = ("scikit-learn==0.20.3", "pandas~=1.0.1", "scipy==1.4.*", "joblib", "spacy[lookups]==2.2; sys_platform == 'linux'", "a>=1,<2",
              "--extra-index-url https://example.org/simple")  # fmt: skip
    served = serving(of("3.6.2", *wanted), ws, "local")
    assert isinstance(served, Packages)
    assert served.python == serving_python("3.6.2", None) != "3.6.2"
    assert served.meant_for == "3.6.2"
    assert served.requirements == (*wanted, *constraints.lines(set()))
    assert f"environment old: Python 3.6.2 does not serve here, {served.python} does" in capsys.readouterr().err


def test_what_a_driver_asks_for_beyond_the_sdks_time_is_not_held_back(ws: Workspace) -> None:
    wanted = ("numpy==2.1.0", "pandas==1.5", "scikit-learn>=1.5")
    served = serving(of("3.6", *wanted), ws, "local")
    assert isinstance(served, Packages)
    assert served.requirements == (*wanted, *constraints.lines({"numpy", "scikit-learn"}))


def test_an_image_counts_only_where_steps_run_in_containers(ws: Workspace) -> None:
    old = of("3.6")
    old.docker.base_image = "debian:12"
    served = serving(old, ws, "local")
    assert isinstance(served, Packages)
    assert served.meant_for == "3.6"
    assert serving(old, ws, "docker") == old.compiled()


def test_outside_of_a_driver_and_with_a_python_that_is_here_all_stays(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    here = of(None, "joblib==1.0")
    assert serving(here, ws, "local") == here.compiled()
    monkeypatch.delenv(VARIABLE)
    old = of("3.6", "joblib==1.0")
    assert serving(old, ws, "local") == old.compiled()


def test_the_project_file_says_what_serves(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "conda.yml").write_text("dependencies: [python=3.11, scipy]")
    python = tmp_path / "env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("")
    (tmp_path / "stepwell.yml").write_text("environments:\n  here: current\n  team-*: conda.yml\n  made: env\n  gone: no/where\n")
    assert serving(of("3.6", "a", name="here"), ws, "local") == CurrentInterpreter()
    assert serving(of("3.6", "a", name="team-7"), ws, "local") == Packages(requirements=("scipy",), python="3.11")
    assert serving(of("3.6", "a", name="made"), ws, "local") == Interpreter(str(python))
    with pytest.raises(UsageError, match=r"there is no file .*no/where"):
        serving(of("3.6", "a", name="gone"), ws, "local")
