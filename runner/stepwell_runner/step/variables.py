"""The environment variables that every step starts from."""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec

from stepwell_runner.step import TRAVEL

# They belong to the interpreter that Stepwell itself runs under and would mislead another one.
_OWN = frozenset({"PYTHONHOME", "PYTHONEXECUTABLE", "PYTHONINSPECT", "PYTHONSTARTUP", "VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT",
                  "__PYVENV_LAUNCHER__"})  # fmt: skip


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What a step is told through its environment: ids, the token of its run, and the path of `step.json` as it sees it."""

    run: str
    step_run: str
    token: str
    context: str


def step_variables(inherited: Mapping[str, str], names: Names, *, bin_folder: str | None = None,
                   environment: Mapping[str, str] | None = None, travel: str = TRAVEL, work: str | None = None) -> dict[str, str]:
    """The variables of a step's process, before those that its author set.

    `inherited` are the runner's own, all passed on except STEPWELL_... and what belongs to the runner's interpreter;
    `bin_folder` comes first in PATH, `travel` first in PYTHONPATH and `work` last, so that a script in a folder of its own finds the
    modules of the whole source; `environment` are those of the step's environment.
    """
    passed = {name: value for name, value in inherited.items() if not name.startswith("STEPWELL_") and name not in _OWN}
    return {
        **passed,
        **(environment or {}),
        "PATH": _joined(bin_folder, inherited.get("PATH", os.defpath)),
        "PYTHONPATH": _joined(travel, inherited.get("PYTHONPATH"), work),
        "PYTHONUNBUFFERED": "1",
        "STEPWELL_STEP": names.context,
        "STEPWELL_RUN_ID": names.run,
        "STEPWELL_STEP_RUN_ID": names.step_run,
        "STEPWELL_RUN_TOKEN": names.token,
    }


def _joined(*folders: str | None) -> str:
    return os.pathsep.join(folder for folder in folders if folder)
