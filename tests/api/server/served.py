"""A real server in a process of its own, and a caller of it."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from commandline import LONGEST_S, Project
from stepwell_store import workspace as workspaces
from stepwell_store.workspace import Workspace

PIPELINE = """
data = PipelineParameter("data", Dataset.File.from_files((ws.get_default_datastore(), "in")))
word, count, rate, loud = (PipelineParameter("word", "nothing"), PipelineParameter("count", 1), PipelineParameter("rate", 0.5),
                           PipelineParameter("loud", False))
left = PipelineData("left", pipeline_output_name="result")
say = CommandStep(["echo", word, count, rate, loud, ">", left, "; cat", left, "; ls -1 $data_in"], name="say", outputs=[left],
                  inputs=[DatasetConsumptionConfig("data_in", data).as_mount()], source_directory="source")
pipeline = Pipeline(ws, [say], name="saying")
"""
WAITING = """
pipeline = Pipeline(ws, [CommandStep(["while [ ! -e {flag} ]; do sleep 0.02; done"], name="wait", source_directory="source",
                                     allow_reuse=False)], name="waiting")
"""
BASE = "/pipelines/v1.0/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"


class Answer(msgspec.Struct, frozen=True):
    """What the server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> Any:
        """Its JSON."""
        return json.loads(self.body)


class Served:
    """A project with a server. `call` sends a request with the token of the project's owner, unless another one is given."""

    def __init__(self, project: Project, *options: str) -> None:
        self.project = project
        self.workspace: Workspace = workspaces.require(project.folder)
        self.token = project.stepwell("token", "new", "owner").out.strip()
        self.url = ""
        self.start(*options)

    def start(self, *options: str) -> None:
        """Begin to serve, at a port that is free; again, when an earlier server has ended."""
        self._forget()
        self.process: subprocess.Popen[bytes] = self.project.start("serve", "--port", "0", *options)
        assert self.process.stderr is not None
        self.said = b""
        while not (found := re.search(rb"serving at (http://\S+)", self.said)):
            line = self.process.stderr.readline()
            assert line, self.said
            self.said += line
        self.url = found[1].decode()

    def _forget(self) -> None:
        earlier = getattr(self, "process", None)
        for stream in (earlier.stdout, earlier.stderr) if earlier is not None else ():
            stream.close()

    def stop(self) -> str:
        """End it as Ctrl-C does; the rest of what it said."""
        self.process.terminate()
        _, rest = self.process.communicate(timeout=LONGEST_S)
        return rest.decode()

    def close(self) -> None:
        """End it, whatever it is doing."""
        if self.process.poll() is None:
            said = self.stop()
            assert "Traceback" not in said, said
        self._forget()
        self.workspace.close()

    def call(self, method: str, path: str, body: Any = None, *, token: str | None = "", raw: bytes | None = None,
             **headers: str) -> Answer:
        """Send a request. `body` is sent as JSON, `raw` as it is; `path` below the routes, or a whole one that begins with `//`."""
        address = self.url + (path[1:] if path.startswith("//") else BASE + path)
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, data=data, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        if token is not None:
            request.add_header("Authorization", f"Bearer {token or self.token}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=LONGEST_S) as found:
                return Answer(found.status, dict(found.headers), found.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    def get(self, path: str, **options: Any) -> Answer:
        """GET."""
        return self.call("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Answer:
        """POST, with an empty object when nothing is given."""
        return self.call("POST", path, {} if body is None and "raw" not in options else body, **options)

    def submit(self, identity: str, **body: Any) -> str:
        """Run a published pipeline; the id of the run."""
        answer = self.post(f"/PipelineRuns/PipelineSubmit/{identity}", {"ExperimentName": "calls", **body})
        assert answer.status == 200, answer
        return str(answer.data["Id"])

    def status(self, run: str) -> int:
        """The status code of a run."""
        return int(self.get(f"/PipelineRuns/{run}").data["Status"]["StatusCode"])


def make_project(folder: Path) -> Project:
    """A project with a pipeline of every kind of parameter, and one that waits for a file `go`."""
    project = Project(folder)
    project.stepwell("init")
    for name in ("in", "other"):
        project.write(f".stepwell/datastores/workspaceblobstore/{name}/{name}.txt", name)
    project.pipeline("from stepwell import DatasetConsumptionConfig\n" + PIPELINE)
    project.pipeline(WAITING.format(flag=folder / "go"), "waiting.py")
    return project


FINISHED, CANCELLED = 3, 4
