"""The words of Azure ML v2 YAML that Stepwell knows, as shapes."""

from __future__ import annotations

from functools import cache

from stepwell.jobs.shapes import Anything, ByType, Either, Field, ListOf, MapOf, Number, Object, Ref, Scalar, Shape, Text, Truth

DATA_TYPES = ("uri_file", "uri_folder", "mltable", "mlflow_model", "custom_model", "triton_model", "path", "safe_input_type")
LITERAL_TYPES = ("string", "number", "integer", "boolean")
INPUT_MODES = ("ro_mount", "rw_mount", "mount", "download", "upload", "direct", "eval_mount", "eval_download")
OUTPUT_MODES = ("rw_mount", "mount", "upload", "direct", "ro_mount", "download")
CLOUD_NODES = {
    "automl": "AutoML is a service of Azure",
    "import": "imports from databases go through Azure's connections",
    "data_transfer": "data transfer nodes run on Azure's Data Factory compute",
    "do_while": "`do_while` is a private preview of Azure",
    "if_else": "`if_else` is a private preview of Azure",
    "parallel_for": "`parallel_for` is a private preview of Azure",
}
NODE_TYPES = ("command", "parallel", "sweep", "spark", "pipeline", *CLOUD_NODES)

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_PORT = r"[A-Za-z_][A-Za-z0-9_.]*"
_NODE = r"[a-z_][a-z0-9_]*"

TEXT, SCALAR, ANY, TRUTH = Text(), Scalar(), Anything(), Truth()
_WHOLE, _COUNT = Number(whole=True), Number(whole=True, minimum=1)
_LABELS = MapOf(SCALAR)


def _fields(**shapes: Shape) -> dict[str, Field]:
    return {name.replace("schema_", "$schema"): Field(shape) for name, shape in shapes.items()}


_COMMON = _fields(
    schema_=TEXT,
    type=TEXT,
    name=TEXT,
    display_name=TEXT,
    description=TEXT,
    comment=TEXT,
    tags=_LABELS,
    properties=_LABELS,
    experiment_name=TEXT,
    compute=TEXT,
    identity=ANY,
    services=ANY,
    queue_settings=ANY,
    parent_job_name=TEXT,
    job_type=TEXT,
)

_INPUTS = MapOf(Ref("input"), _PORT, "letters, digits and `_`, not beginning with a digit")
_OUTPUTS = MapOf(Ref("output"), _PORT, "letters, digits and `_`, not beginning with a digit")
_ENVIRONMENT = Either((TEXT, Ref("environment")))
_CODE = Text(example="a folder")
_COMPONENT = Either((TEXT, Ref("component")))
_PORTS = {"inputs": Field(_INPUTS), "outputs": Field(_OUTPUTS)}

_COMMAND = _fields(
    command=TEXT,
    code=_CODE,
    environment=_ENVIRONMENT,
    environment_variables=MapOf(SCALAR),
    distribution=Ref("distribution"),
    resources=Ref("resources"),
    limits=Ref("limits"),
    is_deterministic=TRUTH,
    additional_includes=ListOf(TEXT),
)

_TASK = Object(
    "task of a parallel node",
    _fields(
        type=Text(("run_function", "function", "model")),
        code=_CODE,
        entry_script=TEXT,
        environment=_ENVIRONMENT,
        program_arguments=TEXT,
        append_row_to=TEXT,
        model=ANY,
    ),
)

_RETRY = Object("retry settings", _fields(max_retries=Number(whole=True, minimum=0), timeout=Number(minimum=0)))

_PARALLEL = _fields(
    task=_TASK,
    input_data=TEXT,
    mini_batch_size=TEXT,
    partition_keys=Either((TEXT, ListOf(TEXT))),
    max_concurrency_per_instance=_COUNT,
    retry_settings=_RETRY,
    mini_batch_error_threshold=_WHOLE,
    error_threshold=_WHOLE,
    logging_level=Text(("INFO", "WARNING", "DEBUG", "ERROR")),
    resources=Ref("resources"),
    environment_variables=MapOf(SCALAR),
    is_deterministic=TRUTH,
)

_SPARK = _fields(
    code=_CODE,
    args=TEXT,
    conf=MapOf(SCALAR),
    py_files=ListOf(TEXT),
    jars=ListOf(TEXT),
    files=ListOf(TEXT),
    archives=ListOf(TEXT),
    environment=_ENVIRONMENT,
    is_deterministic=TRUTH,
    entry=Object("entry of a spark node", _fields(file=TEXT, class_name=TEXT, spark_job_entry_type=TEXT)),
    resources=Object("resources of a spark node", _fields(instance_type=TEXT, runtime_version=TEXT)),
)

_SWEEP = _fields(
    trial=_COMPONENT,
    search_space=MapOf(Ref("distribution of values")),
    resources=Ref("resources"),
    sampling_algorithm=Either(
        (
            Text(("random", "grid", "bayesian")),
            Object(
                "sampling algorithm",
                _fields(type=Text(("random", "grid", "bayesian")), seed=_WHOLE, rule=Text(("random", "sobol")), logbase=SCALAR),
            ),
        )
    ),
    objective=Object(
        "objective",
        {"goal": Field(Text(("minimize", "maximize")), required=True), "primary_metric": Field(TEXT, required=True), "type": Field(TEXT)},
    ),
    limits=Object(
        "limits of a sweep",
        _fields(max_total_trials=_COUNT, max_concurrent_trials=_COUNT, timeout=Number(minimum=0), trial_timeout=Number(minimum=0)),
    ),
    early_termination=Object(
        "early termination policy",
        {
            "type": Field(Text(("bandit", "median_stopping", "truncation_selection")), required=True),
            **_fields(
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

_SETTINGS = Object(
    "settings",
    _fields(
        default_compute=TEXT,
        default_datastore=TEXT,
        continue_on_step_failure=TRUTH,
        force_rerun=TRUTH,
        continue_run_on_failed_optional_input=TRUTH,
        on_init=TEXT,
        on_finalize=TEXT,
    ),
)

_JOBS = MapOf(Ref("node"), _NODE, "lower-case letters, digits and `_`, not beginning with a digit")

_ASSET = _fields(
    schema_=TEXT,
    type=TEXT,
    name=TEXT,
    version=TEXT,
    display_name=TEXT,
    description=TEXT,
    tags=_LABELS,
    properties=_LABELS,
    creation_context=ANY,
    id=TEXT,
    stage=TEXT,
)
_DECLARED = {
    **_ASSET,
    "inputs": Field(MapOf(Ref("input declaration"), _PORT, "letters, digits and `_`, not beginning with a digit")),
    "outputs": Field(MapOf(Ref("output declaration"), _PORT, "letters, digits and `_`, not beginning with a digit")),
    "is_deterministic": Field(TRUTH),
}


def _node(title: str, **more: Field) -> Object:
    return Object(title, {**_COMMON, **_PORTS, "component": Field(_COMPONENT), **more})


_MU = {"mu": Field(Number(), required=True), "sigma": Field(Number(), required=True)}
_BETWEEN = {"min_value": Field(Number(), required=True), "max_value": Field(Number(), required=True)}
_Q = {"q": Field(Number(), required=True)}
_TYPE = {"type": Field(TEXT)}


def _values() -> ByType:
    return ByType(
        "distribution of values",
        {
            "choice": Object("choice", {**_TYPE, "values": Field(ListOf(ANY), required=True)}),
            "randint": Object("randint", {**_TYPE, "upper": Field(_COUNT, required=True)}),
            **{name: Object(name, {**_TYPE, **_BETWEEN}) for name in ("uniform", "loguniform")},
            **{name: Object(name, {**_TYPE, **_BETWEEN, **_Q}) for name in ("quniform", "qloguniform")},
            **{name: Object(name, {**_TYPE, **_MU}) for name in ("normal", "lognormal")},
            **{name: Object(name, {**_TYPE, **_MU, **_Q}) for name in ("qnormal", "qlognormal")},
        },
        "choice",
    )


def _distributions() -> ByType:
    per_node = {**_TYPE, "process_count_per_instance": Field(_COUNT)}
    return ByType(
        "distribution",
        {
            "pytorch": Object("distribution", per_node),
            "mpi": Object("distribution", per_node),
            "tensorflow": Object(
                "distribution", {**_TYPE, **_fields(worker_count=_COUNT, parameter_server_count=Number(whole=True, minimum=0))}
            ),
            "ray": Object("distribution", {**_TYPE}, "open"),
        },
        "pytorch",
    )


def _components() -> ByType:
    return ByType(
        "component",
        {
            "command": Object("command component", {**_DECLARED, **_COMMAND}),
            "parallel": Object("parallel component", {**_DECLARED, **_PARALLEL, "code": Field(_CODE), "environment": Field(_ENVIRONMENT)}),
            "spark": Object("spark component", {**_DECLARED, **_SPARK, "additional_includes": Field(ListOf(TEXT))}),
            "pipeline": Object("pipeline component", {**_DECLARED, "jobs": Field(_JOBS, required=True), "settings": Field(_SETTINGS)}),
            **{name: Object(f"{name} component", {}, "open") for name in (*CLOUD_NODES, "flow")},
        },
        "command",
    )


def _times() -> Object:
    def several(minimum: int, maximum: int) -> Field:
        number = Number(whole=True, minimum=minimum, maximum=maximum)
        return Field(Either((number, ListOf(number))))

    days = Text(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
    week_days = Field(Either((days, ListOf(days))))
    return Object(
        "schedule of a recurrence",
        {
            "hours": several(0, 23),
            "minutes": several(0, 59),
            "week_days": week_days,
            "weekdays": week_days,
            "month_days": several(1, 31),
        },
        "closed",
    )


def _schedule() -> Object:
    span = _fields(type=TEXT, start_time=TEXT, end_time=TEXT, time_zone=TEXT)
    every = _fields(frequency=Text(("minute", "hour", "day", "week", "month")), interval=_COUNT)
    trigger = ByType(
        "trigger",
        {
            "recurrence": Object("recurrence", {**span, **every, "schedule": Field(_times())}, "closed"),
            "cron": Object("cron trigger", {**span, "expression": Field(TEXT)}, "closed"),
        },
        "recurrence",
    )
    job = Object(
        "job of a schedule",
        {
            **_COMMON,
            "type": Field(Text(("pipeline",))),
            "job": Field(TEXT, required=True),
            "settings": Field(_SETTINGS),
            "inputs": Field(_INPUTS),
        },
        misplaced={"jobs": "put the pipeline into a file of its own and name that with `job:`"},
    )
    return Object(
        "schedule",
        {
            **_fields(schema_=TEXT, display_name=TEXT, description=TEXT, tags=_LABELS, properties=_LABELS),
            "name": Field(TEXT, required=True),
            "trigger": Field(trigger, required=True),
            "create_job": Field(Either((TEXT, job)), required=True),
        },
        "closed",
    )


@cache
def shapes() -> dict[str, Shape]:
    """All shapes that have a name."""
    data = _fields(
        type=Text((*DATA_TYPES, *LITERAL_TYPES)),
        path=TEXT,
        mode=Text(INPUT_MODES),
        description=TEXT,
        path_on_compute=TEXT,
        datastore=TEXT,
        pathOnCompute=TEXT,
        name=TEXT,
        version=TEXT,
    )
    declaration = _fields(
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
    written = _fields(
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
                **_COMMON,
                **_PORTS,
                "type": Field(Text(("pipeline",)), required=True),
                "settings": Field(_SETTINGS),
                "jobs": Field(_JOBS),
                "component": Field(_COMPONENT),
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
        "component": _components(),
        "input": Either((SCALAR, Object("input", data))),
        "output": Either((TEXT, Object("output", written))),
        "input declaration": Object("input declaration", {**declaration, "type": Field(declaration["type"].shape, required=True)}),
        "output declaration": Object("output declaration", written),
        "environment": Object(
            "environment",
            {
                **_ASSET,
                **_fields(
                    image=TEXT,
                    conda_file=Either((TEXT, Anything())),
                    os_type=TEXT,
                    inference_config=ANY,
                    path=TEXT,
                    datastore=TEXT,
                    build=Object("build context", _fields(path=TEXT, dockerfile_path=TEXT)),
                ),
            },
            misplaced=dict.fromkeys(("channels", "dependencies"), "it belongs below `conda_file:`"),
        ),
        "resources": Object(
            "resources",
            _fields(
                instance_count=_COUNT,
                instance_type=Either((TEXT, ListOf(TEXT))),
                locations=ListOf(TEXT),
                max_instance_count=_COUNT,
                properties=ANY,
                shm_size=Text(pattern=r"\d+[bkmgBKMG]?"),
                docker_args=Either((TEXT, ListOf(TEXT))),
            ),
        ),
        "schedule": _schedule(),
        "limits": Object("limits", _fields(timeout=Number(minimum=0))),
        "distribution": _distributions(),
        "distribution of values": _values(),
        "data": Object(
            "data asset",
            {**_ASSET, "path": Field(TEXT, required=True), "type": Field(Text(DATA_TYPES)), **_fields(auto_delete_setting=ANY)},
        ),
        "model": Object("model", {**_ASSET, "path": Field(TEXT, required=True), "type": Field(Text(DATA_TYPES)), **_fields(flavors=ANY)}),
    }
