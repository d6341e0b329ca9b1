"""Experiments: the names under which runs are gathered."""

from __future__ import annotations

import re

from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.workspace import Workspace

_NAME = re.compile(r"[a-zA-Z0-9][\w-]{0,254}", re.ASCII)


class Experiment:
    """A name under which runs are gathered; it exists from its first run on."""

    __slots__ = ("name", "workspace")

    def __init__(self, workspace: Workspace, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise UserErrorException(
                f"{name!r} cannot name an experiment",
                todo="Use letters, digits, _ and -, beginning with a letter or digit; 255 characters at most.",
            )
        self.workspace = workspace
        self.name = name

    def __repr__(self) -> str:
        return f"Experiment({self.name!r})"
