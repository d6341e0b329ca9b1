"""The words of assets in files of their own: environments, data and models."""

from __future__ import annotations

from stepwell.jobs.shapes import Anything, Either, Field, Object, Text
from stepwell.jobs.words import ANY, DATA_TYPES, LABELS, TEXT, fields

ASSET = fields(
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

ENVIRONMENT_ASSET = Object(
    "environment",
    {
        **ASSET,
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
)

DATA_ASSET = Object(
    "data asset",
    {**ASSET, "path": Field(TEXT, required=True), "type": Field(Text(DATA_TYPES)), **fields(auto_delete_setting=ANY)},
)
MODEL_ASSET = Object("model", {**ASSET, "path": Field(TEXT, required=True), "type": Field(Text(DATA_TYPES)), **fields(flavors=ANY)})
