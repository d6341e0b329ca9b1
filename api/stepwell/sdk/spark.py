"""What a step asks of Spark: by the keyword `spark`, and by a v1 run configuration whose framework is PySpark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from stepwell.sdk.exceptions import PipelineError
from stepwell_runner.graph.model import Spark

if TYPE_CHECKING:
    from stepwell.sdk.steps.base import PipelineStep


def of_step(step: PipelineStep) -> Spark | None:
    """Both together, the keyword first; None when neither says anything."""
    configured = _configured(step) if step.runconfig is not None and step.runconfig.framework.lower() == "pyspark" else None
    if "spark" not in step.options:
        return configured
    return of_keywords(step.name, step.options["spark"], configured or Spark())


def of_keywords(step: str, given: Mapping[str, Any], base: Spark) -> Spark:
    """The keyword's mapping over what is known already; PipelineError for a name or a value that there is not."""
    words = {name: _plain(name, value) for name, value in given.items() if value is not None}
    unknown = words.keys() - set(Spark.__struct_fields__)
    if unknown:
        raise PipelineError(f"step '{step}' asks of Spark for {', '.join(sorted(unknown))}",
                            todo=f"It can ask for: {', '.join(Spark.__struct_fields__)}.")
    words["conf"] = tuple({**dict(base.conf), **dict(words.get("conf", ()))}.items())
    try:
        return msgspec.convert({**msgspec.structs.asdict(base), **words}, Spark)
    except msgspec.ValidationError as error:
        raise PipelineError(f"step '{step}' asks of Spark for what it cannot have: {error}") from error


def _plain(name: str, value: Any) -> Any:
    if name == "conf":
        return as_conf(value)
    return (value,) if name in _LISTS and isinstance(value, str) else value


_LISTS = ("packages", "repositories", "jars", "py_files", "files", "archives")


def as_conf(given: Any) -> tuple[tuple[str, str], ...]:
    """Settings as pairs of text; Spark writes truth values in small letters."""
    pairs = given.items() if isinstance(given, Mapping) else [tuple(pair) for pair in given]
    return tuple((str(name), str(value).lower() if isinstance(value, bool) else str(value)) for name, value in pairs)


def _configured(step: PipelineStep) -> Spark:
    """The settings of the run configuration, the packages of its environment (`group`, `artifact` and `version`)."""
    configuration = getattr(getattr(step.runconfig, "spark", None), "configuration", None) or {}
    section = getattr(step.environment, "spark", None)
    packages = tuple(":".join(filter(None, (one.group, one.artifact, one.version))) for one in getattr(section, "packages", None) or ())
    own = {name: value for name, value in configuration.items() if not name.startswith("spark.yarn.")}
    return Spark(packages=packages, repositories=tuple(getattr(section, "repositories", None) or ()), conf=as_conf(own))
