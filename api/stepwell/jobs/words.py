"""What many kinds of Azure ML v2 documents have in common: types, modes, names, and the keys of every job."""

from __future__ import annotations

from stepwell.jobs.shapes import Anything, Either, Field, MapOf, Number, Object, Ref, Scalar, Shape, Text, Truth

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

PORT = r"[A-Za-z_][A-Za-z0-9_.]*"
NODE = r"[a-z_][a-z0-9_]*"

TEXT, SCALAR, ANY, TRUTH = Text(), Scalar(), Anything(), Truth()
WHOLE, COUNT = Number(whole=True), Number(whole=True, minimum=1)
LABELS = MapOf(SCALAR)


def fields(**shapes: Shape) -> dict[str, Field]:
    """Keys that may be left out; `schema_` is `$schema`."""
    return {name.replace("schema_", "$schema"): Field(shape) for name, shape in shapes.items()}


COMMON = fields(
    schema_=TEXT,
    type=TEXT,
    name=TEXT,
    display_name=TEXT,
    description=TEXT,
    comment=TEXT,
    tags=LABELS,
    properties=LABELS,
    experiment_name=TEXT,
    compute=TEXT,
    identity=ANY,
    services=ANY,
    queue_settings=ANY,
    parent_job_name=TEXT,
    job_type=TEXT,
)

INPUTS = MapOf(Ref("input"), PORT, "letters, digits and `_`, not beginning with a digit")
OUTPUTS = MapOf(Ref("output"), PORT, "letters, digits and `_`, not beginning with a digit")
ENVIRONMENT = Either((TEXT, Ref("environment")))
CODE = Text(example="a folder")
COMPONENT = Either((TEXT, Ref("component")))
PORTS = {"inputs": Field(INPUTS), "outputs": Field(OUTPUTS)}

SETTINGS = Object(
    "settings",
    fields(
        default_compute=TEXT,
        default_datastore=TEXT,
        continue_on_step_failure=TRUTH,
        force_rerun=TRUTH,
        continue_run_on_failed_optional_input=TRUTH,
        on_init=TEXT,
        on_finalize=TEXT,
    ),
    "loose",
)
