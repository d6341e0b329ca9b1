"""Environments of Azure's own registry whose main packages Stepwell knows, as packages for uv.

They are no copies: they hold what scripts of such an environment import, in versions that behave alike. A project file that
maps the name wins.
"""

from __future__ import annotations

import re

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

_KNOWN: dict[str, Packages] = {
    "sklearn-1.5": Packages(requirements=_SKLEARN_15, python=">=3.9,<3.12", name="sklearn-1.5"),
    "sklearn-1.0": Packages(
        requirements=("scikit-learn==1.0.*", "pandas<2", "numpy<1.24", "scipy", "joblib", "mlflow-skinny<2.15", "pyyaml", "setuptools<81"),
        python="3.8",
        name="sklearn-1.0",
    ),
    "lightgbm-3.3": Packages(
        requirements=(
            "lightgbm==3.3.*",
            "scikit-learn<1.3",
            "pandas<2",
            "numpy<1.24",
            "scipy",
            "joblib",
            "mlflow-skinny<2.15",
            "matplotlib",
            "setuptools<81",
        ),
        python="3.9",
        name="lightgbm-3.3",
    ),
}
_OLD_PREFIX = re.compile(r"azureml-", re.IGNORECASE)
_AZURE_ONLY = re.compile(r"(?:azureml-(?!evaluate)[\w.-]+|mldesigner)\b(?!.*@)", re.IGNORECASE)


def known(name: str) -> Packages | None:
    """The packages of a curated environment by its name, in the old spelling or the new one."""
    return _KNOWN.get(_OLD_PREFIX.sub("", name).lower())


def serves_azure_only(requirement: str) -> bool:
    """Whether a requirement is a package of the SDK that has nothing to do where there is no Azure: its modules are served by
    Stepwell, and its plug-ins would send tracking data to a service."""
    return _AZURE_ONLY.match(requirement) is not None
