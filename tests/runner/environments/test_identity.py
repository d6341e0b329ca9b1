"""An environment's identity changes when, and only when, what it is made of changes."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from stepwell_runner.environments.changes import describe_change
from stepwell_runner.environments.distributions import installed, normalised, package_folders
from stepwell_runner.environments.identity import identify
from stepwell_runner.environments.probe import probe
from stepwell_runner.graph.model import CurrentInterpreter, Interpreter, Packages
from stepwell_store.errors import MachineError, UsageError


@pytest.fixture
def interpreter(tmp_path):
    """A virtual environment of the test's own, without anything in it; its python and its site-packages."""
    import venv

    venv.create(tmp_path / "venv", with_pip=False)
    return tmp_path / "venv/bin/python", next((tmp_path / "venv/lib").iterdir()) / "site-packages"


def _packages(*requirements: str, python: str | None = None) -> str:
    return identify(Packages(requirements=requirements, python=python), "").digest


def test_the_current_interpreter_and_its_path_are_the_same(tmp_path):
    current = identify(CurrentInterpreter(), str(tmp_path))
    assert identify(Interpreter(sys.executable), str(tmp_path)) == current
    assert current.facts["python"] == ".".join(map(str, sys.version_info[:3]))
    assert "package:msgspec" in current.facts
    assert "package:stepwell" not in current.facts
    assert current.digest.startswith("blake3:")
    assert len(current.digest) == 71


def test_installing_something_changes_it(tmp_path, interpreter):
    python, packages = interpreter
    spec, cache = Interpreter(str(python)), str(tmp_path / "cache")
    before = identify(spec, cache)
    assert identify(spec, cache) == before
    (packages / "Light_GBM-4.6.dist-info").mkdir()
    after = identify(spec, cache)
    assert after.digest != before.digest
    assert describe_change(before.facts, after.facts) == "+ light-gbm 4.6"
    (packages / "stepwell-0.1.0.dist-info").mkdir()
    assert identify(spec, cache) == after


def test_an_interpreter_is_asked_once_until_it_changes(tmp_path):
    python, count, cache = tmp_path / "python", tmp_path / "count", str(tmp_path / "cache")
    answer = f"#!/bin/sh\necho x >> '{count}'\nexec '{sys.executable}' \"$@\"\n"
    python.write_text(answer)
    python.chmod(0o700)
    first = probe(str(python), cache)
    assert (probe(str(python), cache), count.read_text()) == (first, "x\n")
    python.write_text(answer + "# newer\n")
    assert (probe(str(python), cache), count.read_text()) == (first, "x\nx\n")
    for kept in Path(cache).iterdir():
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        kept.write_text("{garbage")
    assert (probe(str(python), cache), count.read_text()) == (first, "x\nx\nx\n")


def test_something_that_is_no_interpreter_is_told(tmp_path):
    with pytest.raises(MachineError, match="There is no interpreter at"):
        identify(Interpreter(str(tmp_path / "python")), str(tmp_path / "cache"))
    with pytest.raises(MachineError, match="does not answer"):
        identify(Interpreter("/bin/echo"), str(tmp_path / "cache"))


def test_names_of_metadata_folders(tmp_path):
    for name in ("A.b_C-1.0.dist-info", "plain.egg-info", "old-2.0-py3.8.egg-info", "other", "-info", "x.dist-info.txt"):
        (tmp_path / name).mkdir()
    assert installed([str(tmp_path), str(tmp_path / "missing")]) == {"a-b-c": "1.0", "old": "2.0", "plain": ""}


def test_the_first_folder_with_a_distribution_wins(tmp_path):
    for folder, version in (("one", "1"), ("two", "2")):
        (tmp_path / folder / f"p-{version}.dist-info").mkdir(parents=True)
    assert installed([str(tmp_path / "one"), str(tmp_path / "two")]) == {"p": "1"}


def test_only_folders_of_installers_count():
    path = ["", "/a/site-packages", "/lib/python3.11", "/b/dist-packages/", "/a/site-packages"]
    assert package_folders(path) == ("/a/site-packages", "/b/dist-packages/")
    assert normalised("A__b.-C") == "a-b-c"


def test_how_requirements_are_written_does_not_matter():
    assert _packages("Pandas == 2.1.0", "num_py[fast]>=1, <2 ; python_version < '4'") == _packages(
        "num-py[fast]>=1,<2;python_version < '4'", "", "# only a comment", "pandas==2.1.0  # why"
    )


OTHERS = [("pandas==2.2",), ("pandas",), ("pandas==2.1", "numpy"), ("pandas==2.1", "--pre"), ("pandas[x]==2.1",)]


@pytest.mark.parametrize("other", OTHERS)
def test_what_requirements_say_matters(other):
    assert _packages("pandas==2.1") != _packages(*other)


def test_the_python_version_matters():
    assert _packages("a", python="3.11") != _packages("a", python="3.12")


def test_the_python_that_requirements_were_written_for_matters():
    written = [Packages(requirements=("a==1",), python="3.11", meant_for=version) for version in (None, "3.7", "3.8")]
    assert len({identify(one, "").digest for one in written}) == 3


def test_credentials_are_neither_kept_nor_counted():
    lines = ("--index-url https://me:secret@host/simple", "a @ https://me:secret@host/a.whl")
    with_secret = identify(Packages(requirements=lines), "")
    assert with_secret.digest == _packages("--index-url https://host/simple", "a @ https://host/a.whl")
    assert "secret" not in str(with_secret.facts)


def test_local_packages_count_by_their_content(tmp_path):
    (tmp_path / "pkg").mkdir()
    source = tmp_path / "pkg" / "module.py"
    source.write_text("a = 1")
    lines = (f"-e {tmp_path / 'pkg'}", f"{tmp_path / 'pkg'}[extra]", f"x @ file://{tmp_path / 'pkg'}", f"-c {source}")
    before = [_packages(line) for line in lines]
    stamp = source.stat()
    (tmp_path / "pkg" / "__pycache__").mkdir()
    (tmp_path / "pkg" / "__pycache__" / "module.cpython-311.pyc").write_bytes(b"x")
    assert [_packages(line) for line in lines] == before
    source.write_text("a = 2")
    os.utime(source, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert all(now != then for now, then in zip([_packages(line) for line in lines], before, strict=True))


def test_a_local_package_that_is_missing_is_told(tmp_path):
    with pytest.raises(UsageError, match="is not there"):
        _packages(str(tmp_path / "nothing.whl"))


def test_changes_in_words():
    before = {"kind": "interpreter", "python": "3.11.7", "package:pandas": "2.1.0", "package:old": "1"}
    after = {"kind": "interpreter", "python": "3.12.1", "package:pandas": "2.2.3", "package:lightgbm": "4.6"}
    assert describe_change(before, after) == "python 3.11.7 → 3.12.1, pandas 2.1.0 → 2.2.3, - old 1, + lightgbm 4.6"
    assert describe_change(before, before) == "nothing"
    many = {"kind": "interpreter", **{f"package:p{number}": "1" for number in range(9)}}
    assert describe_change({"kind": "interpreter"}, many).endswith("+ p5 1, and 3 more")
    assert describe_change(before, {"kind": "packages", "python": "3.12"}) == (
        "an existing interpreter (Python 3.11.7) → an environment of its own (Python 3.12)"
    )
