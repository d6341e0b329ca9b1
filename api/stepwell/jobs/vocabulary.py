"""The words of Azure ML v2 YAML that Stepwell knows, as shapes."""

from __future__ import annotations

from functools import cache

from stepwell.jobs.schedule_words import schedule
from stepwell.jobs.shapes import Anything, ByType, Either, Field, ListOf, MapOf, Number, Object, Ref, Shape, Text
from stepwell.jobs.words import (
    ANY,
    CLOUD_NODES,
    CODE,
    COMMON,
    COMPONENT,
    COUNT,
    DATA_TYPES,
    ENVIRONMENT,
    INPUT_MODES,
    LABELS,
    LITERAL_TYPES,
    NODE,
    OUTPUT_MODES,
    PORT,
    PORTS,
    SCALAR,
    SETTINGS,
    TEXT,
    TRUTH,
    WHOLE,
    fields,
)

_COMMAND = fields(
    command=TEXT,
    code=CODE,
    environment=ENVIRONMENT,
    environment_variables=MapOf(SCALAR),
    distribution=Ref("distribution"),
    resources=Ref("resources"),
    limits=Ref("limits"),
    is_deterministic=TRUTH,
    additional_includes=ListOf(TEXT),
)

_TASK = Object(
    "task of a parallel node",
    fields(
        type=Text(("run_function", "function", "model")),
        code=CODE,
        entry_script=TEXT,
        environment=ENVIRONMENT,
        program_arguments=TEXT,
        append_row_to=TEXT,
        model=ANY,
    ),
    "loose",
)

_RETRY = Object("retry settings", fields(max_retries=Number(whole=True, minimum=0), timeout=Number(minimum=0)), "loose")

_PARALLEL = fields(
    task=_TASK,
    input_data=TEXT,
    mini_batch_size=TEXT,
    partition_keys=Either((TEXT, ListOf(TEXT))),
    max_concurrency_per_instance=COUNT,
    retry_settings=_RETRY,
    mini_batch_error_threshold=WHOLE,
    error_threshold=WHOLE,
    logging_level=Text(("INFO", "WARNING", "DEBUG", "ERROR")),
    resources=Ref("resources"),
    environment_variables=MapOf(SCALAR),
    is_deterministic=TRUTH,
)

_SPARK = fields(
    code=CODE,
    args=TEXT,
    conf=MapOf(SCALAR),
    py_files=ListOf(TEXT),
    jars=ListOf(TEXT),
    files=ListOf(TEXT),
    archives=ListOf(TEXT),
    environment=ENVIRONMENT,
    is_deterministic=TRUTH,
    entry=Object("entry of a spark node", fields(file=TEXT, class_name=TEXT, spark_job_entry_type=TEXT)),
    resources=Object("resources of a spark node", fields(instance_type=TEXT, runtime_version=TEXT)),
)

_SWEEP = fields(
    trial=COMPONENT,
    search_space=MapOf(Ref("distribution of values")),
    resources=Ref("resources"),
    sampling_algorithm=Either(
        (
            Text(("random", "grid", "bayesian")),
            Object(
                "sampling algorithm",
                fields(type=Text(("random", "grid", "bayesian")), seed=WHOLE, rule=Text(("random", "sobol")), logbase=SCALAR),
            ),
        )
    ),
    objective=Object(
        "objective",
        {"goal": Field(Text(("minimize", "maximize")), required=True), "primary_metric": Field(TEXT, required=True), "type": Field(TEXT)},
    ),
    limits=Object(
        "limits of a sweep",
        fields(max_total_trials=COUNT, max_concurrent_trials=COUNT, timeout=Number(minimum=0), trial_timeout=Number(minimum=0)),
    ),
    early_termination=Object(
        "early termination policy",
        {
            "type": Field(Text(("bandit", "median_stopping", "truncation_selection")), required=True),
            **fields(
                slack_factor=Number(minimum=0),
                slack_amount=Number(minimum=0),
                truncation_percentage=Number(minimum=0, maximum=100),
                evaluation_interval=Number(whole=True, minimum=0),
                delay_evaluation=Number(whole=True, minimum=0),
                exclude_finished_jobs=TRUTH,
            ),
        },
    ),
)

_JOBS = MapOf(Ref("node"), NODE, "lower-case letters, digits and `_`, not beginning with a digit")

_ASSET = fields(
    schema_=TEXT,
    type=TEXT,
    name=TEXT,
    version=TEXT,
    display_name=TEXT,
    description=TEXT,
    tags=LABELS,
    properties=LABELS,
    creation_context=ANY,
    id=TEXT,
    stage=TEXT,
)
_DECLARED = {
    **_ASSET,
    "inputs": Field(MapOf(Ref("input declaration"), PORT, "letters, digits and `_`, not beginning with a digit")),
    "outputs": Field(MapOf(Ref("output declaration"), PORT, "letters, digits and `_`, not beginning with a digit")),
    "is_deterministic": Field(TRUTH),
}


def _node(title: str, **more: Field) -> Object:
    return Object(title, {**COMMON, **PORTS, "component": Field(COMPONENT), **more}, loose_with=("component", "trial"))


_MU = {"mu": Field(Number(), required=True), "sigma": Field(Number(), required=True)}
_BETWEEN = {"min_value": Field(Number(), required=True), "max_value": Field(Number(), required=True)}
_Q = {"q": Field(Number(), required=True)}
_TYPE = {"type": Field(TEXT)}


def _values() -> ByType:
    return ByType(
        "distribution of values",
        {
            "choice": Object("choice", {**_TYPE, "values": Field(ListOf(ANY), required=True)}),
            "randint": Object("randint", {**_TYPE, "upper": Field(COUNT, required=True)}),
            **{name: Object(name, {**_TYPE, **_BETWEEN}) for name in ("uniform", "loguniform")},
            **{name: Object(name, {**_TYPE, **_BETWEEN, **_Q}) for name in ("quniform", "qloguniform")},
            **{name: Object(name, {**_TYPE, **_MU}) for name in ("normal", "lognormal")},
            **{name: Object(name, {**_TYPE, **_MU, **_Q}) for name in ("qnormal", "qlognormal")},
        },
        "choice",
    )


def _distributions() -> ByType:
    per_node = {**_TYPE, "process_count_per_instance": Field(COUNT)}
    return ByType(
        "distribution",
        {
            "pytorch": Object("distribution", per_node),
            "mpi": Object("distribution", per_node),
            "tensorflow": Object(
                "distribution", {**_TYPE, **fields(worker_count=COUNT, parameter_server_count=Number(whole=True, minimum=0))}
            ),
            "ray": Object("distribution", {**_TYPE}, "open"),
        },
        "pytorch",
    )


def _single_jobs() -> ByType:
    def job(kind: str, words: dict[str, Field]) -> Object:
        return Object(f"{kind} job", {**COMMON, **PORTS, **words}, "closed")

    return ByType(
        "job",
        {
            "command": job("command", _COMMAND),
            "sweep": job("sweep", _SWEEP),
            "spark": job("spark", _SPARK),
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
            "command": component("command", _COMMAND),
            "parallel": component("parallel", {**_PARALLEL, **fields(code=CODE, environment=ENVIRONMENT)}),
            "spark": component("spark", {**_SPARK, **fields(additional_includes=ListOf(TEXT))}),
            "pipeline": component("pipeline", {"jobs": Field(_JOBS, required=True), "settings": Field(SETTINGS)}),
            **{name: Object(f"{name} component", {}, "open") for name in (*CLOUD_NODES, "flow")},
        },
        "command",
    )


@cache
def shapes() -> dict[str, Shape]:
    """All shapes that have a name."""
    data = fields(
        type=Text((*DATA_TYPES, *LITERAL_TYPES)),
        path=TEXT,
        value=SCALAR,
        mode=Text(INPUT_MODES),
        description=TEXT,
        path_on_compute=TEXT,
        datastore=TEXT,
        pathOnCompute=TEXT,
        name=TEXT,
        version=TEXT,
    )
    declaration = fields(
        type=Text((*DATA_TYPES, *LITERAL_TYPES)),
        description=TEXT,
        optional=TRUTH,
        default=SCALAR,
        min=Number(),
        max=Number(),
        enum=ListOf(SCALAR),
        mode=Text(INPUT_MODES),
        path=TEXT,
        datastore=TEXT,
    )
    written = fields(
        type=Text((*DATA_TYPES, *LITERAL_TYPES)),
        mode=Text(OUTPUT_MODES),
        path=TEXT,
        name=TEXT,
        version=TEXT,
        description=TEXT,
        early_available=TRUTH,
        is_control=TRUTH,
    )
    return {
        "pipeline job": Object(
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
        ),
        "node": ByType(
            "node",
            {
                "command": _node("command node", **_COMMAND),
                "parallel": _node("parallel node", **_PARALLEL),
                "spark": _node("spark node", **_SPARK),
                "sweep": _node("sweep node", **_SWEEP),
                "pipeline": _node("pipeline node", settings=Field(ANY), jobs=Field(_JOBS)),
                **{name: Object(f"{name} node", {}, "open") for name in CLOUD_NODES},
            },
            "command",
        ),
        "job": _single_jobs(),
        "component": _components(),
        "input": Either((SCALAR, Object("input", data))),
        "output": Either((TEXT, Object("output", written))),
        "input declaration": Object("input declaration", {**declaration, "type": Field(declaration["type"].shape, required=True)}),
        "output declaration": Object("output declaration", written),
        "environment": Object(
            "environment",
            {
                **_ASSET,
                **fields(
                    image=TEXT,
                    conda_file=Either((TEXT, Anything())),
                    os_type=TEXT,
                    inference_config=ANY,
                    path=TEXT,
                    datastore=TEXT,
                    build=Object("build context", fields(path=TEXT, dockerfile_path=TEXT)),
                ),
            },
            misplaced=dict.fromkeys(("channels", "dependencies"), "it belongs below `conda_file:`"),
        ),
        "resources": Object(
            "resources",
            fields(
                instance_count=COUNT,
                instance_type=Either((TEXT, ListOf(TEXT))),
                locations=ListOf(TEXT),
                max_instance_count=COUNT,
                properties=ANY,
                shm_size=Text(pattern=r"\d+[bkmgBKMG]?"),
                docker_args=Either((TEXT, ListOf(TEXT))),
            ),
        ),
        "schedule": schedule(),
        "limits": Object("limits", fields(timeout=Number(minimum=0))),
        "distribution": _distributions(),
        "distribution of values": _values(),
        "data": Object(
            "data asset",
            {**_ASSET, "path": Field(TEXT, required=True), "type": Field(Text(DATA_TYPES)), **fields(auto_delete_setting=ANY)},
        ),
        "model": Object("model", {**_ASSET, "path": Field(TEXT, required=True), "type": Field(Text(DATA_TYPES)), **fields(flavors=ANY)}),
    }
