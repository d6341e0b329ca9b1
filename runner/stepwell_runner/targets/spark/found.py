"""Which Spark a step uses: the pyspark of its own environment, the one that SPARK_HOME names, or Stepwell's own."""

from __future__ import annotations

import functools
import glob
import os
import re
import subprocess
from collections.abc import Mapping

import msgspec

from stepwell_store.errors import MachineError

_ASK = """
import importlib.util, sysconfig
spec = importlib.util.find_spec("pyspark")
print(spec.submodule_search_locations[0] if spec and spec.submodule_search_locations else "")
print(sysconfig.get_path("purelib"))
print(importlib.util.find_spec("py4j") is not None)
"""
_VERSION = re.compile(r"spark-core_[\d.]+-(.+)\.jar\Z")


class SparkHome(msgspec.Struct, frozen=True):
    """A Spark: its folder, its version, and what must be on the module path of a step whose environment has none."""

    folder: str
    version: str
    modules: tuple[str, ...] = ()


class Packages(msgspec.Struct, frozen=True):
    """What an interpreter has: the folder of its pyspark, or None, and the folder of its packages."""

    pyspark: str | None
    site: str


@functools.lru_cache(maxsize=64)
def packages_of(python: str) -> Packages:
    """Ask an interpreter. MachineError when it does not answer."""
    try:
        done = subprocess.run([python, "-I", "-c", _ASK], check=False, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.SubprocessError) as error:
        raise MachineError(f"the interpreter {python} does not answer: {error}") from error
    lines = done.stdout.splitlines()
    if done.returncode != 0 or len(lines) != 3:
        raise MachineError(f"the interpreter {python} does not answer: {done.stderr.strip()[-200:]}")
    return Packages(lines[0] if lines[0] and lines[2] == "True" else None, lines[1])


def find(python: str | None, variables: Mapping[str, str]) -> SparkHome:
    """The Spark of a step that runs in this interpreter, or in none. MachineError when there is none."""
    own = packages_of(python).pyspark if python else None
    if own is not None and (version := version_at(own)):
        return SparkHome(own, version)
    for folder in (variables.get("SPARK_HOME"), _of_stepwell()):
        if folder and (version := version_at(folder)):
            return SparkHome(folder, version, _zipped(folder))
    raise MachineError("there is no Spark for this step", where=python,
                       todo="put pyspark into the step's environment, or `pip install 'stepwell[spark]'` beside Stepwell")


def version_at(folder: str) -> str | None:
    """The version of the Spark in a folder, by its jars; None when there is none."""
    jars = glob.glob(os.path.join(glob.escape(folder), "jars", "spark-core_*.jar"))
    found = _VERSION.search(jars[0]) if jars else None
    return found[1] if found else None


def _zipped(folder: str) -> tuple[str, ...]:
    return tuple(sorted(glob.glob(os.path.join(glob.escape(folder), "python", "lib", "*.zip"))))


def _of_stepwell() -> str | None:
    import importlib.util

    spec = importlib.util.find_spec("pyspark")
    return spec.submodule_search_locations[0] if spec is not None and spec.submodule_search_locations else None
