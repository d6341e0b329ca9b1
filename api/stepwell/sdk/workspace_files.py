"""Making a workspace, and writing the config.json by which v1's scripts find theirs."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from stepwell.sdk.exceptions import UserErrorException, WorkspaceException
from stepwell_store import workspace as stored
from stepwell_store.files import make_dir, write_atomic
from stepwell_store.ledger.definitions import set_setting

_NAME = re.compile(r"[a-zA-Z0-9][\w-]{2,32}", re.ASCII)


def create(name: str, exist_ok: bool) -> Path:
    """The `.stepwell` folder of the workspace at or above the current folder, made when there is none."""
    if not _NAME.fullmatch(name):
        raise UserErrorException(
            f"{name!r} cannot name a workspace", todo="Use 3 to 33 letters, digits, _ and -, beginning with a letter or digit."
        )
    found = stored.find(Path.cwd())
    if found is not None:
        if not exist_ok:
            raise WorkspaceException(f"there is a workspace already: {found}", todo="Pass exist_ok=True to use it.")
        return found
    root = stored.create(Path.cwd())
    made = stored.open_workspace(root)
    set_setting(made.database, "name", name)
    made.close()
    return root


def write_config(facts: dict[str, str], path: str | os.PathLike[str] | None, file_name: str | None) -> str:
    """Write the facts below a folder; the file's path."""
    folder = os.path.join(os.path.abspath(os.fspath(path or ".")), ".azureml")
    make_dir(folder)
    file = os.path.join(folder, file_name or "config.json")
    write_atomic(file, json.dumps(facts, indent=4).encode() + b"\n")
    return file
