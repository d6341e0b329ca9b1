"""The Python packages that a Dockerfile installs, as far as its text says: what serves for its image where there are no containers."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Iterator

from stepwell.jobs.curated import without_azure
from stepwell_runner.environments.conda import parse_conda, read_conda
from stepwell_runner.environments.requirements import read_requirements, requirement_lines
from stepwell_runner.graph.model import Packages

_LARGEST = 1 << 20
_BARE = re.compile(r"(?:[\w.-]+/)*(?:python|ubuntu|debian|miniconda3?|micromamba|openmpi[\w.-]*|base)(?::|\Z)", re.IGNORECASE)
"""Images without packages of their own that a script would import."""

_PYTHON = re.compile(r"(?:.*/)?python:(\d+\.\d+)")
_SEPARATOR = re.compile(r"&&|;|\|")
_UNKNOWN = re.compile(r"[$`@]|\{\{|\A[./]|\A\d*[<>&]|\A\d+\Z")
"""Words that only a build can tell, such as variables and the image's own files, and where output goes."""

_WITH_VALUE = frozenset(("-r", "--requirement", "-c", "--constraint", "-i", "--index-url", "--extra-index-url", "-f", "--find-links", "-e",
                         "--editable", "-t", "--target", "--timeout", "--trusted-host", "-n", "--name", "-p", "--prefix", "--file",
                         "--channel", "--progress-bar"))  # fmt: skip
_KEPT = ("--index-url", "--extra-index-url", "--find-links")


def installed_by(folder: str, name: str) -> Packages | None:
    """The packages; None when there is no such file, it builds on an image with packages of its own, or it says nothing of any.

    UsageError for files of requirements that cannot be read.
    """
    try:
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            lines = _lines(file.read(_LARGEST))
    except OSError:
        return None
    bases = [line.split()[1] for line in lines if line.upper().startswith("FROM ") and len(line.split()) > 1]
    if not bases or not _BARE.match(bases[-1]):
        return None
    found = [one for line in lines if line.upper().startswith("RUN ") for words in _commands(line[4:]) for one in _installed(words, folder)]
    requirements = without_azure(dict.fromkeys(line for one in found for line in one.requirements))
    version = _PYTHON.match(bases[-1])
    python = next((one.python for one in found if one.python is not None), version[1] if version is not None else None)
    return Packages(requirements=requirements, python=python) if requirements else None


def _lines(text: str) -> list[str]:
    """The instructions, each as one line, without comments."""
    kept = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [line.strip() for line in re.sub(r"\\[ \t]*\n", " ", kept).splitlines() if line.strip()]


def _commands(text: str) -> Iterator[list[str]]:
    for command in _SEPARATOR.split(text):
        try:
            yield shlex.split(command)
        except ValueError:
            continue  # quotes that end in another command


def _installed(words: list[str], folder: str) -> Iterator[Packages]:
    """What one command installs."""
    for at in range(len(words) - 1):
        pair = (os.path.basename(words[at]), words[at + 1])
        if pair[0] in ("pip", "pip3") and pair[1] == "install":
            yield _by_pip(words[at + 2 :], folder)
        elif pair == ("conda", "install"):
            yield parse_conda(json.dumps({"dependencies": _plain(words[at + 2 :])}), folder)
        elif pair == ("conda", "env") and words[at + 2 : at + 3] in (["create"], ["update"]):
            yield from (read_conda(path) for option, path in _files(words[at + 3 :], folder) if option in ("-f", "--file"))


def _by_pip(words: list[str], folder: str) -> Packages:
    lines = [line for option, path in _files(words, folder) if option in ("-r", "--requirement") for line in read_requirements(path)]
    options = [f"{option} {value}" for option, value in _options(words) if option in _KEPT]
    return Packages(requirements=(*options, *lines, *requirement_lines("\n".join(_plain(words)), folder)))


def _files(words: list[str], folder: str) -> Iterator[tuple[str, str]]:
    """Files that options name, where they lie in the folder: an image has them wherever they were copied to."""
    for option, value in _options(words):
        for path in (os.path.join(folder, value.lstrip("/")), os.path.join(folder, os.path.basename(value))):
            if os.path.isfile(path):
                yield option, path
                break


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    for at, word in enumerate(words):
        option, equals, value = word.partition("=")
        if word in _WITH_VALUE and at + 1 < len(words):
            yield word, words[at + 1]
        elif word.startswith("--") and equals:
            yield option, value


def _plain(words: list[str]) -> list[str]:
    """The words that are packages: no options, no values of options, nothing that only a build can tell."""
    found: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if word in _WITH_VALUE:
            next(waiting, None)
        elif not word.startswith("-") and not _UNKNOWN.search(word):
            found.append(word)
    return found
