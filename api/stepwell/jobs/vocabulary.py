"""The words of Azure ML v2 YAML that Stepwell knows, as shapes."""

from __future__ import annotations

from functools import cache

from stepwell.jobs.asset_words import ASSET, DATA_ASSET, ENVIRONMENT_ASSET, MODEL_ASSET
from stepwell.jobs.port_words import DECLARED_INPUT, DECLARED_OUTPUT, INPUT, OUTPUT
from stepwell.jobs.schedule_words import schedule
from stepwell.jobs.shapes import ByType, Field, ListOf, MapOf, Object, Ref, Shape, Text
from stepwell.jobs.words import ANY, CLOUD_NODES, CODE, COMMON, COMPONENT, ENVIRONMENT, NODE, PORT, PORTS, SETTINGS, TEXT, TRUTH, fields
from stepwell.jobs.work_words import COMMAND, LIMITS, PARALLEL, RESOURCES, SPARK, SWEEP, distributions, values

_JOBS = MapOf(Ref("node"), NODE, "lower-case letters, digits and `_`, not beginning with a digit")

_DECLARED = {
    **ASSET,
    "inputs": Field(MapOf(Ref("input declaration"), PORT, "letters, digits and `_`, not beginning with a digit")),
    "outputs": Field(MapOf(Ref("output declaration"), PORT, "letters, digits and `_`, not beginning with a digit")),
    "is_deterministic": Field(TRUTH),
}


def _node(title: str, **more: Field) -> Object:
    return Object(title, {**COMMON, **PORTS, "component": Field(COMPONENT), **more}, loose_with=("component", "trial"))


def _single_jobs() -> ByType:
    def job(kind: str, words: dict[str, Field]) -> Object:
        return Object(f"{kind} job", {**COMMON, **PORTS, **words}, "closed")

    return ByType(
        "job",
        {
            "command": job("command", COMMAND),
            "sweep": job("sweep", SWEEP),
            "spark": job("spark", SPARK),
            **{name: Object(f"{name} job", {}, "open") for name in CLOUD_NODES},
        },
        "command",
    )


def _components() -> ByType:
    def component(kind: str, words: dict[str, Field]) -> Object:
        return Object(f"{kind} component", {**_DECLARED, **words}, "loose")

    return ByType(
        "component",
        {
            "command": component("command", COMMAND),
            "parallel": component("parallel", {**PARALLEL, **fields(code=CODE, environment=ENVIRONMENT)}),
            "spark": component("spark", {**SPARK, **fields(additional_includes=ListOf(TEXT))}),
            "pipeline": component("pipeline", {"jobs": Field(_JOBS, required=True), "settings": Field(SETTINGS)}),
            **{name: Object(f"{name} component", {}, "open") for name in (*CLOUD_NODES, "flow")},
        },
        "command",
    )


def _nodes() -> ByType:
    return ByType(
        "node",
        {
            "command": _node("command node", **COMMAND),
            "parallel": _node("parallel node", **PARALLEL),
            "spark": _node("spark node", **SPARK),
            "sweep": _node("sweep node", **SWEEP),
            "pipeline": _node("pipeline node", settings=Field(ANY), jobs=Field(_JOBS)),
            **{name: Object(f"{name} node", {}, "open") for name in CLOUD_NODES},
        },
        "command",
    )


def _pipeline_job() -> Object:
    return Object(
        "pipeline job",
        {
            **COMMON,
            **PORTS,
            "type": Field(Text(("pipeline",)), required=True),
            "settings": Field(SETTINGS),
            "jobs": Field(_JOBS),
            "component": Field(COMPONENT),
        },
        "closed",
    )


@cache
def shapes() -> dict[str, Shape]:
    """All shapes that have a name."""
    return {
        "pipeline job": _pipeline_job(),
        "node": _nodes(),
        "job": _single_jobs(),
        "component": _components(),
        "input": INPUT,
        "output": OUTPUT,
        "input declaration": DECLARED_INPUT,
        "output declaration": DECLARED_OUTPUT,
        "environment": ENVIRONMENT_ASSET,
        "resources": RESOURCES,
        "schedule": schedule(),
        "limits": LIMITS,
        "distribution": distributions(),
        "distribution of values": values(),
        "data": DATA_ASSET,
        "model": MODEL_ASSET,
    }
