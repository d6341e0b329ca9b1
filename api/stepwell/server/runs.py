"""The routes that tell of runs, and the one that cancels them."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request
from litestar import delete as litestar_delete
from litestar.params import Parameter

from stepwell.server import shapes, telling
from stepwell.server.allowing import allow, allow_run, token_of
from stepwell.server.documented import get, post
from stepwell.server.refusals import Refusal
from stepwell.server.world import World, world_of
from stepwell_runner.execution.ownership import is_owned, recover
from stepwell_runner.verbs.control import ask_to_stop
from stepwell_runner.verbs.logfiles import log_of
from stepwell_runner.verbs.steps import graph_of, steps_of_run
from stepwell_store.ledger import history
from stepwell_store.ledger.records import OutputRecord, Run, StepRun
from stepwell_store.ledger.tokens import Verb

Caller = Request[Any, Any, Any]
Count = Annotated[int, Parameter(query="top", ge=1, le=1000, description="How many at most.")]
Before = Annotated[int | None, Parameter(query="before", ge=1, le=2**53, required=False, description="Only runs with a lower number.")]
Filter = Annotated[str | None, Parameter(query="experimentName", max_length=255, required=False)]
Tail = Annotated[int, Parameter(query="tail", ge=1, le=64 << 20, description="How many bytes from the end at most.")]

LOG = "std_log.txt"


@get("/PipelineRuns", operation_id="listRuns", summary="Runs, newest first")
def list_runs(request: Caller, top: Count = 50, before: Before = None, experiment: Filter = None) -> list[shapes.PipelineRun]:
    """The newest runs first; go on with the `RunNumber` of the last one as `before`."""
    world = world_of(request)
    allow(token_of(request), "read")
    found = history.list_runs(world.workspace.database, experiment=experiment, before=before, limit=top)
    return [told(world, record) for record in found]


@get("/PipelineRuns/{run_id:str}", operation_id="getRun", summary="One run")
def get_run(request: Caller, run_id: str) -> shapes.PipelineRun:
    """A run as it is now."""
    return told(world_of(request), _run(request, run_id, "read"))


@get("/PipelineRuns/{run_id:str}/Steps", operation_id="listSteps", summary="The steps of a run")
def list_steps(request: Caller, run_id: str) -> list[shapes.StepRun]:
    """All steps in the order of the graph, also those that have not begun."""
    workspace = world_of(request).workspace
    return [telling.step(step, [LOG] if step.id else []) for step in steps_of_run(workspace, _run(request, run_id, "read"))]


@get("/PipelineRuns/{run_id:str}/Graph/AllNodes/Status", operation_id="getNodeStatus", summary="The status of every step")
def node_status(request: Caller, run_id: str) -> dict[str, shapes.StepRun]:
    """The steps of a run by their keys in the graph."""
    return {step.node_id: step for step in list_steps.fn(request, run_id)}


@get("/PipelineRuns/{run_id:str}/Steps/{node_id:str}/Log", operation_id="getLog", summary="What a step wrote", media_type="text/plain")
def get_log(request: Caller, run_id: str, node_id: str, tail: Tail = 1 << 20) -> str:
    """The end of what a step wrote to stdout and stderr; empty before it has begun."""
    workspace = world_of(request).workspace
    record = _run(request, run_id, "read")
    step = _step(steps_of_run(workspace, record), node_id)
    if not step.id:
        return ""
    made = history.get_step(workspace.database, step.reused_from) if step.reused_from else step
    return read_tail(log_of(workspace, made), tail)


@get("/PipelineRuns/{run_id:str}/Outputs", operation_id="listOutputs", summary="What the steps of a run left")
def list_outputs(request: Caller, run_id: str) -> list[shapes.Output]:
    """The outputs of all steps that have completed, with their places on datastores."""
    world = world_of(request)
    return [_output(f"{step.step}/{one.name}", step, one) for step, one in _outputs(world, _run(request, run_id, "read"))]


@get("/PipelineRuns/{run_id:str}/PipelineRunOutputs/{output_name:str}", operation_id="getOutput", summary="A named output of a pipeline")
def get_output(request: Caller, run_id: str, output_name: str) -> shapes.Output:
    """An output that the pipeline presents under a name of its own."""
    world = world_of(request)
    record = _run(request, run_id, "read")
    graph = graph_of(world.workspace, record)
    for named in graph.outputs if graph else ():
        for step, one in _outputs(world, record) if named.name == output_name else ():
            if (step.step, one.name) == (named.step, named.output):
                return _output(output_name, step, one)
    raise Refusal(404, f"the run has no output {output_name}, or not yet")


@post("/PipelineRuns/{run_id:str}/Execution", operation_id="cancelRun", summary="Cancel a run")
def cancel_run(request: Caller, run_id: str) -> shapes.Cancelled:
    """Ask a run to stop. It ends soon after; one that waits has ended when this answers. Nothing happens when it is over already."""
    return _cancel(request, run_id)


@litestar_delete("/PipelineRuns/{run_id:str}/Execution", operation_id="deleteExecution", summary="Cancel a run", sync_to_thread=True,
                 status_code=200, responses=cancel_run.responses)
def delete_execution(request: Caller, run_id: str) -> shapes.Cancelled:
    """The same as POST."""
    return _cancel(request, run_id)


def _cancel(request: Caller, run_id: str) -> shapes.Cancelled:
    workspace = world_of(request).workspace
    record = _run(request, run_id, "cancel")
    ask_to_stop(workspace, record.id)
    return shapes.Cancelled(id=record.id, status=history.get_run(workspace.database, record.id).status)


# --- below


def told(world: World, record: Run) -> shapes.PipelineRun:
    """A run for the wire."""
    return telling.run(world.workspace, record, telling.step_total(world.workspace, record))


def _run(request: Caller, run_id: str, verb: Verb) -> Run:
    """The run of this id, ended first if its runner died. Refusal 404 when there is none, 403 when the token is not for it."""
    workspace = world_of(request).workspace
    try:
        found = history.get_run(workspace.database, run_id)
    except IndexError:
        allow(token_of(request), verb)  # one that is for something else is not told what there is
        raise Refusal(404, f"there is no run {run_id}") from None
    allow_run(token_of(request), verb, found)
    if found.started_at is not None and found.ended_at is None and not is_owned(workspace, run_id):
        recover(workspace)
        found = history.get_run(workspace.database, run_id)
    return found


def _step(steps: list[StepRun], node: str) -> StepRun:
    for step in steps:
        if step.step == node:
            return step
    raise Refusal(404, f"the run has no step {node}")


def _outputs(world: World, record: Run) -> list[tuple[StepRun, OutputRecord]]:
    database = world.workspace.database
    return [(step, one) for step in history.steps_of(database, record.id) if step.status == "Completed"
            for one in history.outputs_of(database, step.reused_from or step.id)]


def _output(name: str, step: StepRun, one: OutputRecord) -> shapes.Output:
    return shapes.Output(name=name, node_id=step.step, output_name=one.name, data_store_name=one.datastore, relative_path=one.path,
                         kind=one.kind, size=one.size, digest=one.digest)


def read_tail(path: str, count: int) -> str:
    """The last so many bytes of a file as text; nothing when there is no such file. No link is followed."""
    import os

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return ""
    with open(descriptor, "rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - count))
        return file.read(count).decode("utf-8", "replace")


ROUTES = [list_runs, get_run, list_steps, node_status, get_log, list_outputs, get_output, cancel_run, delete_execution]
