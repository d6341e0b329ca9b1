"""The words that say what a node does: of commands, mini-batches, Spark and sweeps."""

from __future__ import annotations

from stepwell.jobs.shapes import ByType, Either, Field, ListOf, MapOf, Number, Object, Ref, Text
from stepwell.jobs.words import ANY, CODE, COMPONENT, COUNT, ENVIRONMENT, SCALAR, TEXT, TRUTH, WHOLE, fields

COMMAND = fields(
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

PARALLEL = fields(
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

SPARK = fields(
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

SWEEP = fields(
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

_MU = {"mu": Field(Number(), required=True), "sigma": Field(Number(), required=True)}
_BETWEEN = {"min_value": Field(Number(), required=True), "max_value": Field(Number(), required=True)}
_Q = {"q": Field(Number(), required=True)}
_TYPE = {"type": Field(TEXT)}


def values() -> ByType:
    """What a value of a sweep may be drawn from."""
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


def distributions() -> ByType:
    """How the processes of a command are spread over nodes."""
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


RESOURCES = Object(
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
)
LIMITS = Object("limits", fields(timeout=Number(minimum=0)))
