"""Where the server of a workspace answers, and the addresses below it that v1 scripts call."""

from __future__ import annotations

from urllib.parse import quote

from stepwell_store.ledger import definitions
from stepwell_store.workspace import Workspace

DEFAULT_PORT = 8765
DEFAULT_URL = f"http://127.0.0.1:{DEFAULT_PORT}"
NO_SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"

_URL = "serve_url"


def url_of(workspace: Workspace) -> str:
    """The address of the server that runs now or ran last; where the next one will be when there was none."""
    return definitions.get_setting(workspace.database, _URL, str, DEFAULT_URL)


def remember(workspace: Workspace, url: str) -> None:
    """Note where the server answers."""
    if url_of(workspace) != url:
        definitions.set_setting(workspace.database, _URL, url)


def routes_below(subscription: str, group: str, name: str) -> str:
    """The path below which the routes of a workspace are. Scripts split it at the first `Id`, which so must not be in a name."""
    parts = ("subscriptions", subscription, "resourceGroups", group, "providers", "Microsoft.MachineLearningServices", "workspaces", name)
    return "/pipelines/v1.0/" + "/".join(quote(part, safe="").replace("Id", "%49d") for part in parts)


def route(workspace: Workspace, path: str, *, subscription: str = NO_SUBSCRIPTION, group: str = "local", name: str | None = None) -> str:
    """The whole address of one of the routes, such as `/PipelineRuns`."""
    return url_of(workspace) + routes_below(subscription, group, name or workspace.name) + path
