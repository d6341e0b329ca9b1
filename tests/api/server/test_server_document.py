"""schemathesis tries what the server's own OpenAPI document allows, and what it does not: no 5xx, no answer that is not documented."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Served, make_project

from stepwell_runner.verbs.control import withdraw
from stepwell_store.ledger import tokens, waiting

EXAMPLES = os.environ.get("STEPWELL_SCHEMA_EXAMPLES", "4")
"""How many cases are drawn for each operation. When somebody says how many, all operations are tried: without, one of those that
submit stands for the others, which differ from it in their address only."""

ALIKE = [] if "STEPWELL_SCHEMA_EXAMPLES" in os.environ else ["submitEndpoint", "submitEndpointVersion", "submitEndpointByName"]
CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
          "response_schema_conformance", "ignored_auth")


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose machine has room for one run and runs one that does not end, so that what is submitted only waits."""
    project = make_project(tmp_path_factory.mktemp("busy") / "project")
    project.stepwell("publish", "pipeline.py", "--name", "saying", "--endpoint", "talk")
    project.stepwell("publish", "waiting.py", "--name", "waiting")
    project.stepwell("compute", "add", "local", "--kind", "local", "--max-steps", "1")
    project.stepwell("published", "run", "waiting")
    found = Served(project)
    yield found
    for one in waiting.line(found.workspace.database):
        withdraw(found.workspace, one.run)
    (project.folder / "go").touch()
    found.close()


def known_names(busy: Served) -> str:
    """A configuration with the names of what is there; what is not there is tried by other tests."""
    identity = next(one["Id"] for one in busy.get("/Pipelines").data if one["Name"] == "saying")
    (talk,) = busy.get("/PipelineEndpoints").data
    (run,) = busy.get("/PipelineRuns").data
    names = {"pipeline_id": identity, "endpoint_id": talk["Id"], "run_id": run["Id"], "node_id": "wait"}
    lines = [f'"path.{name}" = {json.dumps(value)}' for name, value in names.items()]
    return "\n".join(["[parameters]", *lines, '"path.pipeline_version" = "0"', '"query.name" = "talk"']) + "\n"


def test_the_document_is_kept(busy: Served, tmp_path: Path) -> None:
    secret, _ = tokens.make(busy.workspace.database, "document", verbs=("read", "submit"))
    program = Path(sys.executable).parent / "schemathesis"
    (tmp_path / "schemathesis.toml").write_text(known_names(busy))
    command = [program, "run", f"{busy.url}/schema/openapi.json", "--header", f"Authorization: Bearer {secret}",
               "--checks", ",".join(CHECKS), "--max-examples", EXAMPLES, "--phases", "coverage,fuzzing", "--seed", "1",
               "--generation-database", "none", "--no-color", "--suppress-health-check", "all",
               *(word for name in ALIKE for word in ("--exclude-operation-id", name))]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "HOME": str(tmp_path)}, timeout=600)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    submitted = busy.get("/PipelineRuns?top=1000").data
    assert len(submitted) > 3  # what it may send is really taken


def test_the_document_names_every_route_with_its_token_and_its_refusals(served: Served) -> None:
    document = served.get("//schema/openapi.json").data
    assert document["security"] == [{"token": []}]
    methods = ("get", "post", "delete")
    operations = [one for path in document["paths"].values() for method, one in path.items() if method in methods]
    assert len(operations) >= 18
    for operation in operations:
        assert {"200", "401", "403", "404", "422", "429"} <= set(operation["responses"]), operation["operationId"]
