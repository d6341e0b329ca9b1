"""Writes docs/azureml-v1.md: every public name of v1 that scripts import, and how far Stepwell goes with it.

    python -m stepwell.azureml.reference > docs/azureml-v1.md        (`make docs`)
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator

from stepwell.azureml.members import class_named, of_member
from stepwell.azureml.support import LEVELS, Level, of_name
from stepwell.azureml.surface import MODULES, REFUSED_PACKAGES, VERSION

_HEAD = f"""# Azure ML v1 here

<!-- Written by `make docs` from the code; a test compares. -->

What unchanged scripts may import while Stepwell runs them (`stepwell exec`), in drivers and in steps alike. The vocabulary is that of
release {VERSION}. `stepwell doctor FILE` says the same of one driver.

| Word | Meaning |
|---|---|
| runs | as v1 documents it |
| differs | it runs, and something is different here |
| refused | it can be imported, and says why it does not run |
| missing | importing it fails |
"""

_TAKEN_FOR_GRANTED = """## What drivers take for granted

| In a driver | Here |
|---|---|
| `python driver.py`, `python -m package.driver` | `stepwell exec driver.py`, `stepwell exec -m package.driver` |
| the current folder in PYTHONPATH | packages of the current folder are found |
| `!pip install azureml-sdk ...` in a notebook | packages of the SDK are left out, others are installed |
| a cluster that exists in the cloud | this machine, under that name, unless the driver is ready to catch that it is missing |
| a Python version that is not on this machine | the nearest one, with a notice; so are exact versions that it does not have |
| packages that the SDK brings along: pandas, pyarrow, requests | are in the environments of steps that ask for the SDK |
| NumPy, pandas and scikit-learn of the SDK's time | environments that ask for the SDK hold them back, unless the author names a version |
| a container of the workspace's own storage account | a folder of the workspace; for others `stepwell datastore map ADDRESS FOLDER` |
| modules of the whole source, in a script in a folder of its own | are found |
| what a reused step said of its pipeline run (`run.parent.log`, `tag`) | is said again of the new one |

What serves for an environment can be chosen by its name in `stepwell.yml`, beside the driver or above it:

```yaml
environments:
  training-env: current            # the interpreter that Stepwell runs under
  scoring-*: envs/scoring.yml      # or a conda file, a requirements file, an interpreter
```
"""

_WORDS: dict[Level, str] = {"runs": "runs", "differs": "differs", "refused": "**refused**", "missing": "**missing**"}


def text() -> str:
    """The whole document."""
    return "\n".join([_HEAD, *_summary(), _TAKEN_FOR_GRANTED, *_modules(), *_packages(), *_classes()])


def _names() -> dict[str, list[str]]:
    """Every name, and the modules that have it, the first of which tells of it."""
    found: dict[str, list[str]] = {}
    for module, names in MODULES.items():
        for name in names:
            found.setdefault(name, []).append(module)
    return found


def _summary() -> Iterator[str]:
    levels = [of_name(name).level for name in _names()]
    yield ", ".join(f"{levels.count(level)} {level}" for level in reversed(LEVELS)) + f"; {len(levels)} names in {len(MODULES)} modules.\n"


def _modules() -> Iterator[str]:
    homes = _names()
    yield "## Names by module\n\nA name that several modules have is told of where it comes first.\n"
    for module, names in MODULES.items():
        told = [name for name in names if homes[name][0] == module]
        if told:
            yield f"### {module}\n\n| Name | Here | |\n|---|---|---|"
            yield from (_row(name) for name in told)
            yield ""
    yield "### The same names elsewhere\n\n| Module | Names |\n|---|---|"
    for module, names in MODULES.items():
        others = [f"`{name}`" for name in names if homes[name][0] != module]
        if others:
            yield f"| {module} | {', '.join(others)} |"
    yield ""


def _packages() -> Iterator[str]:
    yield "### Packages that are not served\n\nWhatever is imported from below them says why when it is used.\n"
    yield "| Package | Why |\n|---|---|"
    yield from (f"| {package} | {why} |" for package, why in REFUSED_PACKAGES.items())
    yield ""


def _row(name: str) -> str:
    support = of_name(name)
    return f"| `{name}` | {_WORDS[support.level]} | {support.note} |"


def _classes() -> Iterator[str]:
    yield "## Methods and attributes\n\nPublic ones of the classes above as they are here.\n"
    for name in sorted(_names()):
        cls = class_named(name)
        if cls is None or issubclass(cls, BaseException):
            continue
        members = list(_members(cls))
        refused = [member for member in members if of_member(name, member).level == "refused"]
        runs = [member for member in members if member not in refused]
        if members:
            also = f"; refused: {_listed(refused)}" if refused else ""
            yield f"* **{name}**: {_listed(runs)}{also}"
    yield ""


def _listed(members: list[str]) -> str:
    return ", ".join(f"`{member}`" for member in members)


def _members(cls: type) -> Iterator[str]:
    """Public methods and attributes that a class and its bases of Stepwell's define."""
    for name in sorted({name for base in cls.__mro__ if base.__module__.startswith("stepwell") for name in vars(base)}):
        if not name.startswith("_") and not _is_machinery(inspect.getattr_static(cls, name)):
            yield name


def _is_machinery(value: object) -> bool:
    """What is no part of v1: parts of the graph's making, told by their own words."""
    doc = inspect.getdoc(value.fget if isinstance(value, property) else value) or ""
    return "Stepwell extension" in doc


if __name__ == "__main__":
    sys.stdout.write(text())
