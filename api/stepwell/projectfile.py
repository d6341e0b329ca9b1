"""Where the project file is: `stepwell.yml`, in the folder of a pipeline or above it. `stepwell.jobs.project` reads it."""

from __future__ import annotations

import os

import msgspec

from stepwell_runner.graph.model import Graph

NAME = "stepwell.yml"


def nearest(folder: str) -> str | None:
    """The nearest project file at or above a folder."""
    while True:
        path = os.path.join(folder, NAME)
        if os.path.isfile(path):
            return path
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def configured(graph: Graph) -> Graph:
    """A graph that was just made in its folder, with what the project says of reuse; UsageError when the file cannot be read."""
    path = nearest(graph.base) if graph.base is not None else None
    if path is None:
        return graph
    from stepwell.jobs.project import read_project
    from stepwell_runner.graph.counting import counted

    return msgspec.structs.replace(counted(graph, read_project(path).counting), files=(*graph.files, path))
