"""All steps of a pipeline and of the pipelines in it. A step's key is the path of names that leads to it, with dots between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from stepwell.jobs import ownplaces
from stepwell.jobs.checking import as_truth
from stepwell.jobs.command import command_step
from stepwell.jobs.document import Node
from stepwell.jobs.expressions import single
from stepwell.jobs.parallel import parallel_step
from stepwell.jobs.scope import Member, Pipe
from stepwell.jobs.spark import TARGET as SPARK
from stepwell.jobs.spark import spark_step
from stepwell.jobs.sweep import sweep_step
from stepwell.jobs.values import Literal
from stepwell_runner.graph.model import PipelineOutput, Step

_FORCED = "force_rerun"


def flatten(pipe: Pipe, job: Node) -> tuple[tuple[Step, ...], tuple[PipelineOutput, ...]]:
    """The steps, and the outputs that the job presents."""
    settings = job.get("settings")
    store = settings.text("default_datastore") if settings is not None else None
    members = list(_leaves(pipe))
    outputs = _promoted(pipe)
    for member in _all(pipe):
        _ = member.inputs  # whoever asks for artifacts has to be known before the first step is made
    compute = settings.text("default_compute") if settings is not None else None
    steps = tuple(_step(member, _datastore(store), compute or job.text("compute")) for member in members)
    steps = ownplaces.bound(steps, pipe.context.default_datastore)
    forced = settings.get(_FORCED) if settings is not None else None
    if forced is not None and as_truth(forced.value):
        # Another version keeps runs that were not forced from taking these results.
        steps = tuple(msgspec.structs.replace(step, allow_reuse=False, version=_FORCED) for step in steps)
    return steps, outputs


def _datastore(text: str | None) -> str | None:
    if text is None:
        return None
    name = text.removeprefix("azureml://datastores/").removeprefix("azureml:").strip("/")
    return None if name == "workspaceblobstore" else name


def _all(pipe: Pipe) -> Iterator[Member]:
    for member in pipe.members.values():
        yield member
        if member.inner is not None:
            yield from _all(member.inner)


def _leaves(pipe: Pipe) -> Iterator[Member]:
    for member in pipe.members.values():
        if member.inner is not None:
            yield from _leaves(member.inner)
        elif member.definition is not None:
            yield member


_USUAL = {"spark": SPARK}
_MAKERS: dict[str, Callable[[Member, str | None, str], Step]] = {
    "command": command_step, "parallel": parallel_step, "sweep": sweep_step, "spark": spark_step}  # fmt: skip


def _step(member: Member, default_datastore: str | None, default_compute: str | None) -> Step:
    assert member.definition is not None
    kind = "sweep" if member.node.text("type") == "sweep" else member.definition.kind
    context = member.pipe.context
    if kind == "sweep" and member.definition.kind != "command":
        context.findings.error(f"the trial of node '{member.name}' must be a command, not {member.definition.kind}", member.node.where)
    make = _MAKERS.get(kind)
    if make is None:
        context.findings.error(f"node '{member.name}' is of type {kind}, which does not run on this machine", member.node.where)
        return Step(key=member.key, name=member.key, kind=kind, command=())
    return make(member, default_datastore, context.target(_compute(member) or default_compute, _USUAL.get(kind, "local")))


def _compute(member: Member) -> str | None:
    node = member.node.get("compute")
    expression = single(node.value) if node is not None else None
    if node is None or expression is None:
        return str(node.value) if node is not None else None
    bound = member.pipe.resolve(expression, node)
    return str(bound.value) if isinstance(bound, Literal) and bound.value is not None else None


def _promoted(pipe: Pipe) -> tuple[PipelineOutput, ...]:
    found = []
    for member in pipe.members.values():
        for output in member.output_names():
            node = member.output_node(output)
            name = Pipe.target(node)
            if name is not None and node is not None:
                source = pipe.output(member, output, node)
                if source is not None:
                    found.append(PipelineOutput(name=name, step=source.step, output=source.output))
    return tuple(found)
