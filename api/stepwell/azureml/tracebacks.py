"""Tracebacks of drivers: the author's calls, without those of the machinery around and below them."""

from __future__ import annotations

import os
import traceback

import stepwell
import stepwell_runner
import stepwell_store
from stepwell_store.errors import StepwellError

_OURS = tuple(
    os.path.join(os.path.dirname(os.path.abspath(package.__file__ or "")), "") for package in (stepwell, stepwell_runner, stepwell_store)
)


def shown(error: BaseException) -> str:
    """The text that Python would print, without Stepwell's frames above the author's, and below them for an error of its own."""
    told = traceback.TracebackException(type(error), error, error.__traceback__)
    hint = _hint(error)
    own = isinstance(error, StepwellError)
    if own:
        told.__cause__ = told.__context__ = None  # what went wrong inside is in our words already
    _strip(told, own or bool(hint))
    return "".join(told.format()) + hint


def _strip(told: traceback.TracebackException, below: bool) -> None:
    frames = [frame for frame in told.stack if not frame.filename.startswith("<frozen")]
    while frames and _is_ours(frames[0]):
        frames.pop(0)
    while below and frames and _is_ours(frames[-1]):
        frames.pop()
    told.stack = traceback.StackSummary.from_list(frames)
    for other in (told.__cause__, told.__context__):
        if other is not None:
            _strip(other, False)


def _is_ours(frame: traceback.FrameSummary) -> bool:
    return os.path.abspath(frame.filename).startswith(_OURS)


def _hint(error: BaseException) -> str:
    if isinstance(error, ImportError) and (error.name or "").partition(".")[0] in ("azureml", "azureml_user"):
        return "Stepwell serves azureml here and does not have this; `stepwell doctor FILE` lists what a driver uses and what runs.\n"
    return ""
