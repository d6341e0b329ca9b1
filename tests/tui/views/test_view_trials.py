"""A run with a search, as the run screen shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepwell_runner.graph.model import Fact, Graph, Output, OutputRef, Sampled, Step, Text
from stepwell_runner.graph.sweep import Choice, GridSampling, Sweep
from stepwell_runner.verbs.submit import Submission, execute, prepare
from stepwell_store import workspace as workspaces
from stepwell_tui.views.run import run_view, step_view

SCRIPT = """
printf '{"kind":"metric","scope":"step","name":"m","type":"scalar","value":%s,"step":null,"description":null,"at":1}\\n' "$x" \
  >> "$folder/reports.jsonl"
echo trying "$x"; printf "%s" "$x" > "$out"
"""


def searching() -> Graph:
    work = Sweep(space=(("x", Choice((1, 2))),), metric="m", goal="maximize", total=2, sampling=GridSampling())
    variables = (("x", Sampled("x")), ("out", OutputRef("out")), ("folder", Fact("folder")))
    tune = Step(key="tune", name="tune", kind="sweep", command=(Text("sh"), Text("-ec"), Text(SCRIPT)), outputs=(Output(name="out"),),
                variables=variables, work=work)  # fmt: skip
    return Graph(name="search", steps=(tune,))


@pytest.mark.parametrize("again", [False, True])
def test_trials_stand_below_their_search_and_are_not_counted(tmp_path: Path, again: bool) -> None:
    workspace = workspaces.open_workspace(workspaces.create(tmp_path))
    run = execute(workspace, prepare(workspace, Submission(graph=searching()))).run
    if again:
        run = execute(workspace, prepare(workspace, Submission(graph=searching()))).run
    view = run_view(workspace, run)
    assert (view.done, view.total) == (1, 1)
    if again:
        assert [(line.step, line.status) for line in view.steps] == [("tune", "Reused")]
    else:
        assert [(line.step, line.of) for line in view.steps] == [("tune", None), ("tune@0", "tune"), ("tune@1", "tune")]
        assert Path(view.steps[2].log or "").read_text() == "trying 2\n"
    told = step_view(workspace, run, "tune@1")
    assert told is not None
    assert told.reasons == ("it tries x=2",)
    assert [(one.name, one.values) for one in told.series] == [("m", (2.0,))]
    assert step_view(workspace, run, "tune@7") is None
    workspace.close()
