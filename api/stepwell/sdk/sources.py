"""Source folders of steps: made absolute, looked at once, scripts found in them."""

from __future__ import annotations

import os

from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.steps.base import PipelineStep
from stepwell_runner.graph.model import Source


class Sources:
    """The folders of one pipeline's steps. Paths are relative to the current folder; a step without one takes the default."""

    def __init__(self, default: str) -> None:
        self._default = default
        self._folders: dict[str, str] = {}
        self._scripts: set[tuple[str, str]] = set()
        self._made: dict[object, Source] = {}

    def of(self, step: PipelineStep) -> tuple[str, Source]:
        """The absolute folder and the source of a step; PipelineError when the folder or the script is not there."""
        folder = self._folder(step)
        if step.script_name is not None:
            self._check_script(step.name, step.script_name, folder)
        options = step.options
        key = (folder, bool(options.get("narrow")), tuple(options.get("include", ())))
        source = self._made.get(key)
        if source is None:
            source = self._made[key] = Source(path=key[0], narrow=key[1], include=key[2])
        return folder, source

    def hashed(self, step: PipelineStep, folder: str) -> tuple[str, ...]:
        """The `hash_paths` of a step, absolute; relative ones start at its source folder."""
        paths = tuple(os.path.normpath(os.path.join(folder, os.path.expanduser(path))) for path in step.options.get("hash_paths") or ())
        for path in paths:
            if not os.path.exists(path):
                raise PipelineError(
                    f"hash_paths of step '{step.name}' names {path}, which is not there",
                    todo="Paths are relative to the step's source_directory.",
                )
        return paths

    def _folder(self, step: PipelineStep) -> str:
        given = os.fspath(step.source_directory or self._default)
        folder = self._folders.get(given)
        if folder is None:
            folder = os.path.abspath(os.path.expanduser(given))
            if not os.path.isdir(folder) and os.path.isdir(folder.replace("\\", "/")):
                folder = folder.replace("\\", "/")  # written on Windows
            if not os.path.isdir(folder):
                raise PipelineError(f"the source_directory of step '{step.name}' is not a folder: {folder}")
            self._folders[given] = folder
        return folder

    def _check_script(self, step: str, script: str, folder: str) -> None:
        place = (folder, script)
        if place in self._scripts:
            return
        path = os.path.join(folder, script)
        if os.path.isabs(script) or not os.path.normpath(path).startswith(os.path.join(folder, "")):
            raise PipelineError(f"script {script} of step '{step}' is not inside its source_directory {folder}")
        if not os.path.isfile(path):
            raise PipelineError(f"script {script} of step '{step}' is not found in {folder}", todo=_there_is(folder))
        self._scripts.add(place)


def _there_is(folder: str) -> str:
    scripts = sorted(name for name in os.listdir(folder) if name.endswith(".py"))[:10]
    return f"Scripts there: {', '.join(scripts)}." if scripts else "There is no script at all; is source_directory right?"
