"""Environments of steps, made by the real uv from a package that a test writes; no network is needed."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import msgspec
import pytest

from stepwell_runner.environments.build import shown
from stepwell_runner.environments.provide import Provided, provide
from stepwell_runner.graph.model import CurrentInterpreter, Interpreter, Packages
from stepwell_store.errors import MachineError, UsageError


def _wheel(folder: Path, name: str, version: str, more: dict[str, str]) -> None:
    about = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": "def main():\n    print('tiny speaks')\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        **{f"{about}/{file}": text for file, text in more.items()},
    }
    record = "".join(f"{file},,\n" for file in [*files, f"{about}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for file, text in {**files, f"{about}/RECORD": record}.items():
            archive.writestr(file, text)


@pytest.fixture
def wheels(tmp_path):
    """A folder with one wheel: package `tiny` with a console script of the same name."""
    folder = tmp_path / "my wheels"
    folder.mkdir()
    _wheel(folder, "tiny", "1.5", {"entry_points.txt": "[console_scripts]\ntiny = tiny:main\n"})
    return folder


def _spec(wheels: Path, *requirements: str) -> Packages:
    return Packages(requirements=("--no-index", f"--find-links {wheels}", *requirements))


def _said(provided: Provided, code: str) -> str:
    return subprocess.run([provided.python, "-c", code], capture_output=True, text=True, check=True).stdout


def test_an_environment_is_made_once_and_its_scripts_run(tmp_path, wheels):
    told: list[str] = []
    envs = tmp_path / "a folder" / "envs"
    first = provide(_spec(wheels, "tiny"), str(envs), told.append)
    assert _said(first, "import tiny; tiny.main()") == "tiny speaks\n"
    assert first.bin is not None
    assert subprocess.run([os.path.join(first.bin, "tiny")], capture_output=True, text=True, check=True).stdout == "tiny speaks\n"
    assert first.variables == {"VIRTUAL_ENV": os.path.dirname(first.bin)}
    assert told[0].startswith("making an environment with 3 requirements")
    told.clear()
    assert provide(_spec(wheels, "tiny"), str(envs), told.append) == first
    assert told == []
    assert stat.S_IMODE(envs.stat().st_mode) == stat.S_IMODE(Path(first.variables["VIRTUAL_ENV"]).stat().st_mode) == 0o700


def test_it_has_the_interpreter_of_stepwell_unless_told_otherwise(tmp_path):
    provided = provide(Packages(requirements=()), str(tmp_path / "envs"), lambda _: None)
    assert _said(provided, "import sys; print(sys.version)").strip() == sys.version


def test_builds_that_were_cut_short_are_cleared_away(tmp_path, wheels):
    envs = tmp_path / "envs"
    provided = provide(_spec(wheels, "tiny"), str(envs), lambda _: None)
    home = Path(provided.variables["VIRTUAL_ENV"])
    home.rename(envs / f"{home.name}.tmp-99999999")
    assert provide(_spec(wheels, "tiny"), str(envs), lambda _: None) == provided
    assert sorted(path.name for path in envs.iterdir()) == sorted([home.name, f"{home.name}.lock", f"{home.name}.log"])


def test_an_environment_whose_interpreter_has_gone_is_made_again(tmp_path, wheels):
    provided = provide(_spec(wheels, "tiny"), str(tmp_path / "envs"), lambda _: None)
    os.unlink(provided.python)
    os.symlink(tmp_path / "gone", provided.python)
    assert provide(_spec(wheels, "tiny"), str(tmp_path / "envs"), lambda _: None) == provided
    assert _said(provided, "import tiny; tiny.main()") == "tiny speaks\n"


def test_two_processes_make_it_once(tmp_path, wheels):
    script = (
        "import sys\nfrom stepwell_runner.environments.provide import provide\nfrom stepwell_runner.graph.model import Packages\n"
        "spec = Packages(requirements=tuple(sys.argv[2:]))\nprint(provide(spec, sys.argv[1], print).python)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "envs"), *_spec(wheels, "tiny").requirements]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert sum("environment made" in text for text in said) == 1
    assert len({text.splitlines()[-1] for text in said}) == 1


@pytest.mark.parametrize("requirement", ["tiny==9", "not a requirement"])
def test_requirements_that_cannot_be_met_are_the_authors_mistake(tmp_path, wheels, requirement):
    with pytest.raises(UsageError, match="uv said") as raised:
        provide(_spec(wheels, requirement), str(tmp_path / "envs"), lambda _: None)
    assert raised.value.where is not None
    assert Path(raised.value.where).read_text()
    assert [path for path in (tmp_path / "envs").iterdir() if path.is_dir()] == []


def test_versions_for_another_python_are_served_by_the_nearest_later_ones(tmp_path, wheels):
    for version in ("1.7", "2.0"):
        _wheel(wheels, "tiny", version, {})
    _wheel(wheels, "setuptools", "80.0", {})
    told: list[str] = []
    wanted = msgspec.structs.replace(_spec(wheels, "tiny==1.6"), meant_for="3.7")
    provided = provide(wanted, str(tmp_path / "envs"), told.append)
    assert _said(provided, "from importlib.metadata import version; print(version('tiny'))") == "1.7\n"
    assert any("those of Python 3.7" in line for line in told)


def test_versions_that_nothing_is_near_to_are_a_mistake(tmp_path, wheels):
    wanted = msgspec.structs.replace(_spec(wheels, "tiny==3.0"), meant_for="3.7")
    with pytest.raises(UsageError, match=r"tiny==3\.0"):
        provide(wanted, str(tmp_path / "envs"), lambda _: None)


def test_an_interpreter_that_is_not_there_is_told_with_those_that_are(tmp_path):
    with pytest.raises(MachineError, match=r"There is no Python 3\.99 (?s:.*)In PATH there"):
        provide(Packages(requirements=(), python="3.99"), str(tmp_path / "envs"), lambda _: None)
    with pytest.raises(MachineError, match=r"There is no interpreter at .*nothing"):
        provide(Interpreter(str(tmp_path / "nothing")), str(tmp_path / "envs"), lambda _: None)


def test_an_unreachable_index_is_the_machines_trouble(tmp_path, monkeypatch):
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    spec = Packages(requirements=("--index-url http://someone:secret@127.0.0.1:9/simple", "tiny"))
    with pytest.raises(MachineError, match="network") as raised:
        provide(spec, str(tmp_path / "envs"), lambda _: None)
    assert "secret" not in str(raised.value)


def test_existing_interpreters_are_taken_as_they_are(tmp_path):
    provided = provide(CurrentInterpreter(), str(tmp_path / "envs"), lambda _: None)
    assert (provided.python, provided.bin) == (sys.executable, os.path.dirname(sys.executable))
    assert provide(Interpreter(sys.executable), str(tmp_path / "envs"), lambda _: None) == provided
    assert not (tmp_path / "envs").exists()


def test_a_place_that_takes_no_folder_is_the_machines_trouble(tmp_path, wheels):
    (tmp_path / "envs").write_text("in the way")
    with pytest.raises(MachineError):
        provide(_spec(wheels, "tiny"), str(tmp_path / "envs"), lambda _: None)


def test_what_uv_says_is_safe_to_show():
    assert shown(b"\x1b[31merror\x1b[0m at https://me:pw@host/x\x07\xff\r\n") == "error at https://host/x\ufffd"


def test_uv_comes_with_the_installation():
    from uv import find_uv_bin

    assert shutil.which(find_uv_bin()) is not None
