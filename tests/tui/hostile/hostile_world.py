"""A workspace in which every name and text that others may choose would steer a terminal, break a line, or be taken for markup."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from data_project import git

from stepwell_runner.graph import model
from stepwell_runner.verbs.publish import publish_run
from stepwell_runner.verbs.submit import Submission, execute, prepare
from stepwell_store import workspace as workspaces
from stepwell_store.data.definition import DatasetDefinition, LocalPath
from stepwell_store.ledger import history, publishing
from stepwell_store.workspace import Workspace

PAYLOADS = {
    "title": "\x1b]0;zq\x07", "colour": "\x1b[31mzq", "clear": "\x1b[2Jzq", "home": "\x1b[Hzq", "device": "\x1bP+qzq\x1b\\",
    "clipboard": "\x1b]52;c;enEK\x07zq", "c1": "\x9b31mzq", "bell": "\x07zq", "back": "\b\b\bzq", "return": "zz\rzq", "line": "zz\nzq",
    "bidi": "\u202ezq", "markup": "[bold red]zq[b]", "link": "[link=zq:x]zq[b]", "reply": "\x1b[6nzq",
}

STEP = """
import sys
from stepwell import Run
run = Run.get_context()
for payload in {payloads!r}:
    print("log", payload)
    run.log("m " + payload, 1.5)
    run.tag("t " + payload, payload)
open(sys.argv[1], "w").write("x")
"""


def make(base: Path) -> Path:
    """Make it; the folder."""
    base.mkdir()
    (base / "src").mkdir()
    (base / "src" / "step.py").write_text(STEP.format(payloads=list(PAYLOADS.values())))
    for payload in PAYLOADS.values():
        (base / "src" / f"f {payload}.py").write_text(payload)
    (base / ".gitignore").write_text(".stepwell/\n")
    git(base, "init", "-q", "-b", "work", "--template=")
    git(base, "add", ".gitignore")
    git(base, "commit", "-q", "-m", " ".join(PAYLOADS.values()))
    workspace = workspaces.open_workspace(workspaces.create(base))
    _data(workspace, base)
    runs = [_run(workspace, _graph(base, payload), payload) for payload in PAYLOADS.values()]
    for payload, run in zip(PAYLOADS.values(), runs, strict=True):
        record = history.get_run(workspace.database, run)
        published = publish_run(workspace, record, name=f"p {payload}", description=payload, version=payload)
        publishing.create_endpoint(workspace.database, f"e {payload}", published.id, payload)
    for _ in range(2):
        _run(workspace, _graph(base, "whole", *PAYLOADS.values()), "whole")
    workspace.close()
    return base


def _graph(base: Path, name: str, *steps: str) -> model.Graph:
    source = model.Source(path=str(base / "src"))
    main = model.Step(key="main", name="main", kind="PythonScriptStep", script="step.py", source=source,
                      outputs=(model.Output(name="out", kind="file"),),
                      command=(model.PythonRef(), model.Text("step.py"), model.OutputRef("out"),
                               *(model.ParameterRef(f"p{at}") for at in range(len(PAYLOADS)))))
    more = [model.Step(key=f"s{at} {one}", name=one, kind="CommandStep", after=("main",), command=(model.Text("true"),))
            for at, one in enumerate(steps)]
    parameters = tuple(model.Parameter(name=f"p{at}", type="string", default=payload) for at, payload in enumerate(PAYLOADS.values()))
    return model.Graph(name=name, steps=(main, *more), base=str(base), parameters=parameters)


def _run(workspace: Workspace, graph: model.Graph, experiment: str) -> str:
    return execute(workspace, prepare(workspace, Submission(graph=graph, experiment=experiment, source=None))).run


def _data(workspace: Workspace, base: Path) -> None:
    folder = workspace.root / "datastores" / "workspaceblobstore"
    folder.mkdir(parents=True, exist_ok=True)
    for at, payload in enumerate(PAYLOADS.values()):
        (folder / f"d {payload}").write_text(payload)
        definition = DatasetDefinition(kind="file", places=(LocalPath(str(base / "src" / f"f {payload}.py")),))
        workspace.register_dataset(f"set {at}", definition, description=payload, tags={payload: payload})


COMMAND = [os.path.join(os.path.dirname(sys.executable), "stepwell"), "ui"]
