"""A conda environment file, as far as pip can serve it.

`python=X.Y` names the interpreter; the `pip` list is taken as it is; other dependencies become pip requirements of the same
name: `name`, `name=1.2` (any 1.2.x), `name==1.2.3`, `name=1.2.3=build` and `name>=1.2,<2`. A few names differ between the two
and are translated. Libraries below Python packages, such as `cudatoolkit` or `openssl`, are left out; programs must be on this
machine, else an error says so. Channels, `prefix` and `variables` are ignored.
"""

from __future__ import annotations

import os
import re
from shutil import which
from typing import Any

from stepwell_runner.environments.requirements import read_text, requirement_lines
from stepwell_runner.graph.model import Packages
from stepwell_store.errors import UsageError

_SPEC = re.compile(r"(?:[\w./-]+::)?(?P<name>\w[\w.-]*)\s*(?P<version>.*)\Z")
_FUZZY = re.compile(r"=?\s*(?P<version>\d[\w.]*?)(?:\.\*)?\Z")
_EXACT = re.compile(r"==?\s*(?P<version>\d[\w.]*)(?:=(?P<build>[\w.*]+))?\Z")
_RANGE = re.compile(r"(?:(?:>=|<=|>|<|!=|==|~=)\s*\d[\w.]*(?:\.\*)?\s*,?\s*)+\Z")

_RENAMED = {"pytorch": "torch", "matplotlib-base": "matplotlib", "py-xgboost": "xgboost", "py-opencv": "opencv-python",
            "opencv": "opencv-python", "pytables": "tables", "msgpack-python": "msgpack"}  # fmt: skip
_PART_OF_PIP = frozenset({"pip", "setuptools", "wheel"})
_PROGRAMS = {"r-base": "Rscript", "nodejs": "node", "openjdk": "java", "git": "git", "ffmpeg": "ffmpeg", "cmake": "cmake", "make": "make",
             "gcc": "gcc", "gxx": "g++", "openmpi": "mpirun", "mpich": "mpirun", "jq": "jq", "curl": "curl"}  # fmt: skip
"""Dependencies that are programs, and what is typed to start them."""

_LIBRARY = re.compile(
    r"_.*|lib(?!rosa\Z|cst\Z|svm\Z|sass\Z|clang\Z|pysal\Z|tmux\Z|rt\Z).*|.*-mutex|ld_impl_.*|.*_linux-64|xorg-.*|python_abi|"
    r"cuda(?!-python).*|pytorch-cuda|cpuonly|cudnn|nccl|mkl|mkl_fft|mkl_random|blas|openblas|(?:intel|llvm)-openmp|tbb|openssl|ca-certificates|"
    r"bzip2|freetype|giflib|gmp|gnutls|icu|jpeg|lame|lcms2|lerc|lz4-c|ncurses|nettle|openh264|openjpeg|pcre|readline|sqlite|tk|x264|xz|"
    r"zlib|zstd|expat|fontconfig|glib|krb5|geos|hdf5"
)
"""Dependencies that are libraries for others: packages for pip bring their own."""


def read_conda(path: str) -> Packages:
    """The environment that a conda file describes. UsageError names the dependency that pip cannot serve."""
    return parse_conda(read_text(path), os.path.abspath(path))


def parse_conda(text: str, where: str) -> Packages:
    """The same from text; `where` is the path that errors name and that `-r` lines of the pip part are relative to."""
    document = _loaded(text, where)
    requirements: list[str] = []
    python = None
    for dependency in document.get("dependencies") or []:
        if isinstance(dependency, dict):
            requirements += requirement_lines("\n".join(_pip_part(dependency, where)), os.path.dirname(where))
        elif re.match(r"(?:[\w./-]+::)?python\s*(?:[=<>!~ ]|\Z)", str(dependency)):
            python = _python(str(dependency))
        else:
            requirements += _requirement(dependency, where)
    name = document.get("name")
    return Packages(requirements=tuple(requirements), python=python, name=str(name) if name else None)


def _loaded(text: str, where: str) -> dict[str, Any]:
    import yaml

    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        raise UsageError(f"The conda file is no YAML: {str(problem)[:500]}", where=where) from None
    if not isinstance(document, dict) or not isinstance(document.get("dependencies", []), list | None):
        raise UsageError("The conda file has no list `dependencies`.", where=where)
    return document


def _pip_part(dependency: dict[Any, Any], where: str) -> list[str]:
    found = dependency.get("pip")
    if list(dependency) != ["pip"] or not isinstance(found, list) or not all(isinstance(line, str) for line in found):
        raise UsageError("A dependency of a conda file is text, or `pip:` with a list of texts.", where=where)
    return found


def _python(spec: str) -> str | None:
    """The version as uv takes it: `3.11`, or a range such as `>=3.9,<3.12`."""
    version = re.sub(r"^(?:[\w./-]+::)?python\s*", "", spec).strip()
    fixed = _FUZZY.match(version) or _EXACT.match(version)
    return (fixed["version"] if fixed else version.replace(" ", "")) or None


def _requirement(dependency: object, where: str) -> list[str]:
    match = _SPEC.match(dependency.strip()) if isinstance(dependency, str) else None
    if match is None:
        raise UsageError(f"The dependency {dependency!r} of the conda file cannot be read.", where=where)
    name = match["name"].lower()
    if _LIBRARY.fullmatch(name) or (name in _PROGRAMS and which(_PROGRAMS[name])):
        return []
    if name in _PROGRAMS or name.startswith("r-"):
        raise UsageError(
            f"The dependency {dependency!r} of the conda file is no Python package, so pip cannot install it.", where=where,
            todo="Install it on this machine or take it out, or make the conda environment yourself and name its interpreter for the step.",
        )  # fmt: skip
    return [] if name in _PART_OF_PIP else [_RENAMED.get(name, name) + _version(match["version"].strip(), dependency, where)]


def _version(text: str, dependency: object, where: str) -> str:
    if not text or text == "*":
        return ""
    if fuzzy := _FUZZY.match(text):
        return f"=={fuzzy['version']}.*"
    if exact := _EXACT.match(text):
        return f"=={exact['version']}"
    if _RANGE.match(text):
        return text.replace(" ", "")
    raise UsageError(f"The version in {dependency!r} of the conda file has no pip counterpart.", where=where,
                     todo="Write name, name=1.2, name==1.2.3 or name>=1.2,<2; or move it to the `pip:` list.")  # fmt: skip
