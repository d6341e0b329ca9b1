"""Short words of the tests of YAML pipelines."""

from __future__ import annotations

from collections.abc import Callable

from stepwell.jobs.loading import Loaded
from stepwell_runner.graph.model import Graph, Joined, Quoted, Step, Text, Token
from stepwell_runner.planning.fingerprint import readable

Load = Callable[..., Loaded]

HEAD = "type: pipeline\ndisplay_name: test\nsettings: {default_compute: azureml:cpu}\njobs:"


def step(graph: Graph, key: str) -> Step:
    """The step of this key."""
    return next(one for one in graph.steps if one.key == key)


def command_of(one: Step) -> str:
    """What bash is given, with references as `{kind:name}`."""
    return "".join(_shown(token) for token in one.command[2:3])


def _shown(token: Token) -> str:
    match token:
        case Text(text):
            return text
        case Joined(parts):
            return "".join(map(_shown, parts))
        case Quoted(part):
            return _shown(part)
    return readable((token,))
