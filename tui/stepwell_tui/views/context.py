"""What the top line shows."""

from __future__ import annotations

import msgspec

from stepwell_store.ledger import history
from stepwell_store.workspace import Workspace


class Facts(msgspec.Struct, frozen=True):
    """What the line knows: names are foreign text. `git` such as `main@3f2c9a1*`."""

    workspace: str
    running: int = 0
    git: str = ""


def context(workspace: Workspace) -> Facts:
    """The workspace's name, how many runs go on, and the commit that the newest run saw."""
    newest = history.list_runs(workspace.database, limit=1)
    git = newest[0].git if newest else None
    return Facts(workspace.name, len(history.unfinished_runs(workspace.database)), _git(git))


def _git(facts: dict[str, object] | None) -> str:
    if not facts:
        return ""
    commit = str(facts.get("commit") or "")[:7]
    return f"{facts.get('branch') or ''}@{commit}{'*' if facts.get('dirty') else ''}"
