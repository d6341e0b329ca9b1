"""The JSON schema says of a document what the check says of it."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from jobwords import HEAD

from stepwell.jobs.checking import check
from stepwell.jobs.document import parse
from stepwell.jobs.findings import Findings
from stepwell.jobs.schema import DOCUMENTS, schema

FINE = [
    "a: {command: go, environment: {image: python}}",
    "a: {component: ./x.yml, inputs: {x: 1, y: {path: ./d, type: uri_folder}}, outputs: {o: }}",
    "a: {type: sweep, trial: ./t.yml, search_space: {c: {type: uniform, min_value: 0, max_value: 1}},"
    " objective: {goal: Minimize, primary_metric: m}, limits: {max_total_trials: 3}}",
    "a: {type: spark, code: ., entry: {file: x.py}, conf: {spark.x: 1}}",
    "a: {command: go, environment: 'azureml:x@latest', limits: {timeout: '${{parent.inputs.t}}'}}",
]
WRONG = [
    "a: {comand: go}",
    "A: {command: go}",
    "a: {type: commnd, command: go}",
    "a: {command: [go]}",
    "a: {command: go, environment: {image: x}, resources: {instance_count: 0}}",
    "a: {type: sweep, trial: ./t.yml, search_space: {c: {type: uniform, min_value: 0}}, objective: {goal: minimize, primary_metric: m}}",
    "a: {type: sweep, trial: ./t.yml, search_space: {}, objective: {goal: smallest, primary_metric: m}}",
    "a: {command: go, inputs: {x: {mode: mounted, path: .}}}",
]


def judged(node: str) -> tuple[bool, bool]:
    """Whether the check lets a document pass, and whether the schema does."""
    findings = Findings()
    document = parse(f"{HEAD}\n  {node}\n".encode(), "/x/pipeline.yml", findings)
    check(document, "pipeline job", findings)
    validator: Any = jsonschema.Draft202012Validator(schema())
    return not findings.mistakes, validator.is_valid(document.plain())


@pytest.mark.parametrize("node", FINE)
def test_what_is_fine_is_fine_for_both(node: str) -> None:
    assert judged(node) == (True, True)


@pytest.mark.parametrize("node", WRONG)
def test_what_is_wrong_is_wrong_for_both(node: str) -> None:
    assert judged(node) == (False, False)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_schema_is_one(document: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(document))
