"""The distribution: what is in the wheel, that it runs where only its dependencies are, and that every requirement is pinned."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
VERSION = PROJECT["project"]["version"]
WHEEL = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
PACKAGES = [Path(package) for package in WHEEL["only-include"] if package != "sample_projects"]
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
OFFLINE = ("--no-deps", "--no-index")
REQUIREMENT_FILES = sorted((CHECKOUT / "requirements").glob("*.txt"))


def run(*command: str | Path, cwd: Path = CHECKOUT) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    run(*PIP, "wheel", *OFFLINE, "--no-build-isolation", "--wheel-dir", folder, CHECKOUT)
    [built] = folder.iterdir()
    return built


def members(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def files_below(folder: Path) -> set[str]:
    found = (file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    return {name for name in found if "__pycache__" not in name}


def test_wheel_holds_four_packages_and_nothing_else_at_its_top(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in members(wheel)}
    assert tops == {"stepwell", "stepwell_runner", "stepwell_store", "stepwell_tui", f"stepwell-{VERSION}.dist-info"}


def test_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    expected = {f"{package.name}/{name}" for package in PACKAGES for name in files_below(CHECKOUT / package)}
    assert expected - members(wheel) == set()


def test_wheel_holds_the_samples_as_they_are_kept_in_git(wheel: Path) -> None:
    kept = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "sample_projects").rstrip("\0").split("\0")
    expected = {"stepwell/samples" + name.removeprefix("sample_projects") for name in kept}
    assert {name for name in members(wheel) if name.startswith("stepwell/samples/")} == expected
    assert "stepwell/samples/iris/data/iris.csv" in expected


def test_installed_wheel_runs_and_knows_its_version(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "environment"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    run(*PIP, "--python", python, "install", *OFFLINE, wheel)
    own = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    # A .pth file adds the dependencies, but not the editable install of this checkout beside them: that is a .pth file too.
    Path(own, "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    assert run(home / "bin" / "stepwell", "--version", cwd=tmp_path).split() == ["stepwell", VERSION]
    assert run(python, "-c", "import stepwell; print(stepwell.__file__)", cwd=tmp_path).startswith(os.fspath(own))


# --- requirement files ----------------------------------------------------------------------------------------------


def requirement_lines(file: Path) -> list[str]:
    """Each requirement with its hashes on one line, without comments."""
    text = re.sub(r"^\s*#.*\n", "", file.read_text(), flags=re.MULTILINE)
    return text.replace("\\\n", " ").splitlines()


def pins(name: str) -> dict[str, str]:
    """The version of every package in a requirement file."""
    found: dict[str, str] = {}
    for line in requirement_lines(CHECKOUT / "requirements" / name):
        requirement = Requirement(line.split("--hash")[0])
        found[canonicalize_name(requirement.name)] = str(requirement.specifier).removeprefix("==")
    return found


def assert_satisfied(wanted: list[str], pinned: dict[str, str]) -> None:
    for text in wanted:
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        assert name in pinned, f"{name} is not pinned: run make lock"
        assert pinned[name] in requirement.specifier, f"{name} {pinned[name]} does not fit {text}: run make lock"


@pytest.mark.parametrize("file", REQUIREMENT_FILES, ids=lambda file: file.name)
def test_every_requirement_is_pinned_and_hashed(file: Path) -> None:
    lines = requirement_lines(file)
    assert lines
    for line in lines:
        assert re.fullmatch(r"[\w.-]+==[\w.]+(?: ; [^-]+?)? +(?:--hash=sha256:[0-9a-f]{64}\s*)+", line), line


@pytest.mark.parametrize("file", REQUIREMENT_FILES, ids=lambda file: file.name)
def test_no_requirement_file_names_an_index(file: Path) -> None:
    text = file.read_text()
    assert "://" not in text
    assert not re.search(r"--(?!hash=)\w", text)
    assert not re.search(r"\b[\w-]+\.(?:org|com|net|io|dev)\b", text)


def test_core_file_pins_what_stepwell_needs() -> None:
    assert_satisfied(PROJECT["project"]["dependencies"], pins("core.txt"))


def test_dev_file_pins_what_development_needs() -> None:
    assert_satisfied(PROJECT["project"]["dependencies"] + PROJECT["dependency-groups"]["dev"], pins("dev.txt"))


def test_build_file_pins_the_build_backend() -> None:
    assert_satisfied(PROJECT["build-system"]["requires"], pins("build.txt"))


def test_all_files_agree_on_versions() -> None:
    dev = pins("dev.txt")
    for name in ("core.txt", "build.txt"):
        assert {package: version for package, version in pins(name).items() if dev.get(package, version) != version} == {}


def test_sample_requirements_are_pinned() -> None:
    for file in CHECKOUT.glob("sample_projects/*/requirements.txt"):
        for line in file.read_text().splitlines():
            assert re.fullmatch(r"[\w.-]+==[\w.]+", line), f"{file}: {line}"
