"""The application: routes, their OpenAPI document, and how errors are answered."""

from __future__ import annotations

from typing import Any

from litestar import Litestar, MediaType, Request, Response, Router
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from stepwell.server import calls, catalogue, pages, runs
from stepwell.server.gate import DOCUMENT, Gate
from stepwell.server.refusals import Refusal, body_of
from stepwell.server.world import World
from stepwell_store.errors import BusyError, StepwellError

BASE = ("/pipelines/v1.0/subscriptions/{subscription:str}/resourceGroups/{resource_group:str}"
        "/providers/Microsoft.MachineLearningServices/workspaces/{workspace:str}")


def make_app(world: World) -> Gate:
    """The application of one workspace, behind the gate that every request passes."""
    api = Router(BASE, route_handlers=[*calls.ROUTES, *runs.ROUTES, *catalogue.ROUTES])
    app = Litestar(
        [api, *pages.ROUTES], openapi_config=_document(), logging_config=None, debug=False,
        exception_handlers={Refusal: _refused, StepwellError: _failed, HTTPException: _http, Exception: _bug})
    app.state.world = world
    return Gate(app, world)


def _document() -> OpenAPIConfig:
    from stepwell import __version__

    bearer = SecurityScheme(type="http", scheme="bearer", description="`stepwell token new` makes a token.")
    return OpenAPIConfig(
        title="Stepwell", version=__version__, path=DOCUMENT, render_plugins=[JsonRenderPlugin()],
        description="Run published pipelines, see how their runs go, cancel them.",
        components=Components(security_schemes={"token": bearer}), security=[{"token": []}])


def _answer(status: int, message: str, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(body_of(status, message), status_code=status, media_type=MediaType.JSON, headers=headers)


def _refused(_: Request[Any, Any, Any], refusal: Refusal) -> Response[bytes]:
    return _answer(refusal.status, refusal.message, refusal.headers)


def _failed(_: Request[Any, Any, Any], error: StepwellError) -> Response[bytes]:
    retry = {"Retry-After": "1"} if isinstance(error, BusyError) else None
    return _answer(503, str(error), retry)


def _http(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    # What Litestar calls a bad request is a value that does not fit.
    status = 422 if error.status_code == 400 else error.status_code
    return _answer(status, _words(error), dict(error.headers or {}))


def _words(error: HTTPException) -> str:
    extra = error.extra if isinstance(error.extra, list) else []
    told = [f"{one.get('key', 'body')}: {one['message']}" for one in extra if isinstance(one, dict) and "message" in one]
    return "; ".join(told) or error.detail


def _bug(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    import traceback

    from stepwell.cli.streams import tell

    tell("".join(traceback.format_exception(error)))
    return _answer(500, "this is a bug in Stepwell; the server's terminal says more")
