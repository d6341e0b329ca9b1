"""The words of inputs and outputs: what a node is given, and what a component declares."""

from __future__ import annotations

from stepwell.jobs.shapes import Either, Field, ListOf, Number, Object, Text
from stepwell.jobs.words import DATA_TYPES, INPUT_MODES, LITERAL_TYPES, OUTPUT_MODES, SCALAR, TEXT, TRUTH, fields

_INPUT = fields(
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
_DECLARATION = fields(
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
_OUTPUT = fields(
    type=Text((*DATA_TYPES, *LITERAL_TYPES)),
    mode=Text(OUTPUT_MODES),
    path=TEXT,
    name=TEXT,
    version=TEXT,
    description=TEXT,
    early_available=TRUTH,
    is_control=TRUTH,
)

INPUT = Either((SCALAR, Object("input", _INPUT)))
OUTPUT = Either((TEXT, Object("output", _OUTPUT)))
DECLARED_INPUT = Object("input declaration", {**_DECLARATION, "type": Field(_DECLARATION["type"].shape, required=True)})
DECLARED_OUTPUT = Object("output declaration", _OUTPUT)
