"""A submission that came by REST: checked, durable before it is answered, and made once however often it is sent with the same key."""

from __future__ import annotations

import msgspec

from stepwell.server import shapes, telling
from stepwell.server.allowing import allow_called
from stepwell.server.refusals import Refusal
from stepwell.server.values import values_of
from stepwell.server.world import World
from stepwell_runner.graph.parameters import bind
from stepwell_runner.queue.enqueue import enqueue
from stepwell_runner.verbs.publish import Called, Disabled, graph_of, submission_of
from stepwell_store.content.digest import digest_bytes
from stepwell_store.errors import IntegrityError, UsageError
from stepwell_store.ledger import history, tokens, waiting
from stepwell_store.ledger.tokens import Token

_RETRY_S = 30
_encode = msgspec.json.Encoder(order="deterministic").encode


def submit(world: World, token: Token, called: Called, data: shapes.Submission, key: str | None) -> shapes.PipelineRun:
    """Put a run of a published pipeline into the line. Refusal for whatever cannot be done."""
    allow_called(token, called)
    body = digest_bytes(_encode((called.properties, data)))
    if key is not None:
        known = waiting.find_key(world.workspace.database, token.id, key)
        if known is not None:
            return _known(world, known, body)
    try:
        return _submit(world, token, called, data, key, body)
    except waiting.TakenKey as taken:
        return _known(world, taken.key, body)
    except waiting.Full as full:
        raise Refusal(429, f"{full.count} runs wait already", retry_s=_RETRY_S) from None
    except Disabled as error:
        raise Refusal(409, error.what) from None
    except UsageError as error:
        raise Refusal(422, str(error)) from None
    except IntegrityError as error:
        raise Refusal(503, f"what was published cannot be read: {error.what}") from None


def _submit(world: World, token: Token, called: Called, data: shapes.Submission, key: str | None, body: str) -> shapes.PipelineRun:
    workspace = world.workspace
    graph = graph_of(workspace, called.published)
    values = values_of(workspace, graph, data)
    submission = submission_of(
        workspace, called, experiment=data.experiment_name, parameters=values, tags=data.tags or {}, step_tags=data.step_tags or {},
        continue_on_failure=data.continue_run_on_step_failure, properties=_properties(token, data))
    if token.calls_left is not None:
        bind(graph, submission.parameters)
        if not tokens.spend(workspace.database, token):
            raise Refusal(403, "this token has made all the submissions that it was made for")
    record = enqueue(workspace, submission, owner=token.id, key=key, body=body, limit=world.limits.waiting,
                     add=world.together.add)
    world.wake()
    return telling.run(workspace, record, len(graph.steps))


def _properties(token: Token, data: shapes.Submission) -> dict[str, str]:
    said = {"parent_run": data.parent_run_id, "run_source": data.run_source, "run_type": data.run_type, "description": data.description,
            "token": token.id}
    return {**(data.properties or {}), **{f"stepwell.{name}": value for name, value in said.items() if value}}


def _known(world: World, key: waiting.Key, body: str) -> shapes.PipelineRun:
    if key.body != body:
        raise Refusal(409, "this Idempotency-Key was used for another submission")
    record = history.get_run(world.workspace.database, key.run)
    return telling.run(world.workspace, record, telling.step_total(world.workspace, record))
