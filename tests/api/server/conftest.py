"""One server for all tests that only call it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from served import Served, make_project

from stepwell_runner.verbs.control import withdraw
from stepwell_store.ledger import waiting


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    project = make_project(tmp_path_factory.mktemp("served") / "project")
    project.stepwell("publish", "pipeline.py", "--name", "saying", "--endpoint", "talk")
    project.stepwell("publish", "pipeline.py", "--name", "saying", "--version", "2")
    project.stepwell("publish", "waiting.py", "--name", "waiting")
    found = Served(project)
    yield found
    (project.folder / "go").touch()
    found.close()


@pytest.fixture(autouse=True)
def _nothing_waits(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test has submitted and does not wait for keeps no later one waiting."""
    yield
    if "served" in request.fixturenames:
        workspace = request.getfixturevalue("served").workspace
        for one in waiting.line(workspace.database):
            withdraw(workspace, one.run)


@pytest.fixture(scope="session")
def saying(served: Served) -> str:
    """The id of the published pipeline."""
    found: str = next(one["Id"] for one in served.get("/Pipelines").data if one["Name"] == "saying" and one["Version"] is None)
    return found


@pytest.fixture(scope="session")
def talk(served: Served) -> str:
    """The id of its endpoint."""
    (found,) = served.get("/PipelineEndpoints").data
    return str(found["Id"])
