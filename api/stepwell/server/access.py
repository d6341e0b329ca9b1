"""The header with which a script of this machine calls the server of its workspace. Whoever can write the workspace may make one."""

from __future__ import annotations

import threading
import time

from stepwell_store.ledger import tokens
from stepwell_store.workspace import Workspace

LIFETIME_S = 12 * 3600.0
_RENEWED_S = 3600.0

_made: dict[str, tuple[str, float]] = {}
_lock = threading.Lock()


def local_token(workspace: Workspace) -> str:
    """A token for this process, good for some hours. It is nowhere but in this process's memory, and its hash in the workspace."""
    with _lock:
        secret, until = _made.get(str(workspace.root), ("", 0.0))
        if until - time.time() < _RENEWED_S or tokens.check(workspace.database, secret, time.time()) is None:
            secret, _ = tokens.make(workspace.database, tokens.LOCAL, lifetime_s=LIFETIME_S)
            _made[str(workspace.root)] = secret, time.time() + LIFETIME_S
        return secret


def local_header(workspace: Workspace) -> dict[str, str]:
    """The header `Authorization` with such a token."""
    return {"Authorization": f"Bearer {local_token(workspace)}"}
