"""Environments of Azure's own registry whose main packages Stepwell knows, as packages for uv.

They are no copies: they hold what scripts of such an environment import, in versions that behave alike. A project file that
maps the name wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from stepwell_runner.graph.model import Packages

_SKLEARN_15 = (
    "scikit-learn==1.5.*",
    "pandas==1.5.*",
    "numpy<2",
    "scipy",
    "joblib",
    "mlflow-skinny<2.19",
    "typing_extensions",
    "pyyaml",
    "matplotlib",
    "setuptools<81",
)

_SKLEARN_UP_TO = {"0.24": "3.10", "1.0": "3.11", "1.1": "3.12"}
"""Versions of scikit-learn, and the first Python that they are not there for; the newest of them serves that one."""


def _sklearn(version: str, below: str) -> tuple[str, ...]:
    return (f"scikit-learn=={version}.*; python_version < '{below}'", f"scikit-learn==1.1.*; python_version >= '{below}'")


def _older(name: str, *requirements: str) -> Packages:
    usual = ("pandas<2", "numpy<1.24", "scipy", "joblib", "mlflow-skinny<2.15", "matplotlib", "pyyaml", "setuptools<81")
    return Packages(requirements=(*requirements, *usual), python=">=3.8,<3.12", name=name)


_KNOWN: dict[str, Packages] = {
    "sklearn-1.5": Packages(requirements=_SKLEARN_15, python=">=3.9,<3.12", name="sklearn-1.5"),
    **{f"sklearn-{version}": _older(f"sklearn-{version}", *_sklearn(version, below)) for version, below in _SKLEARN_UP_TO.items()},
    **{f"lightgbm-{version}": _older(f"lightgbm-{version}", f"lightgbm=={version}.*", "scikit-learn<1.3") for version in ("3.2", "3.3")},
}
_OLD_PREFIX = re.compile(r"azureml-", re.IGNORECASE)
_MACHINE = re.compile(r"-ubuntu[\d.]+-py\d+-\w+(?:-\w+)?\Z", re.IGNORECASE)
"""The end of an older name: the system, Python and the processor of its image."""

_BRINGS_MLFLOW = re.compile(r"azureml-mlflow\b", re.IGNORECASE)
_MLFLOW = re.compile(r"mlflow(?:-skinny)?\b", re.IGNORECASE)
_AZURE_ONLY = re.compile(r"(?:azureml-(?!evaluate)[\w.-]+|mldesigner)\b(?!.*@)", re.IGNORECASE)


def known(name: str) -> Packages | None:
    """The packages of a curated environment by its name, in the old spelling or the new one."""
    return _KNOWN.get(_MACHINE.sub("", _OLD_PREFIX.sub("", name, count=1)).lower())


def without_azure(requirements: Iterable[str]) -> tuple[str, ...]:
    """The lines without packages of the SDK that have nothing to do where there is no Azure: Stepwell serves their modules, and their
    plug-ins would send tracking data to a service. MLflow, which one of them brings along, is asked for instead of it."""
    given = tuple(requirements)
    kept = tuple(line for line in given if not _AZURE_ONLY.match(line))
    brings_mlflow = any(_BRINGS_MLFLOW.match(line) for line in given) and not any(_MLFLOW.match(line) for line in kept)
    return (*kept, "mlflow-skinny<2.19") if brings_mlflow else kept
