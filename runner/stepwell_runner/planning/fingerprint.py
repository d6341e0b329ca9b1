"""The fingerprint of a step: a digest over named ingredients, so that any two can be compared and the difference told.

Format `step-1`: the digest of canonical JSON `["step-1", {name: text}]` with sorted names. An ingredient is text: a digest
for content, the text itself for parameter values, JSON for what the author wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol

import msgspec
from blake3 import blake3

from stepwell_runner.graph.model import (
    Fact,
    FromData,
    FromParameter,
    FromStep,
    Graph,
    Input,
    InputRef,
    Joined,
    OutputRef,
    ParameterRef,
    PythonRef,
    Quoted,
    Sampled,
    Scalar,
    Spark,
    Step,
    Text,
    Token,
)
from stepwell_runner.planning import reasons
from stepwell_runner.planning.work import PREFIX, setting_words, work_ingredients, work_tokens
from stepwell_store.data.definition import DatasetDefinition
from stepwell_store.errors import UsageError

TAG = "step-1"

Values = Mapping[str, Scalar | DatasetDefinition | None]
Ingredients = dict[str, str]

_encode = msgspec.json.Encoder(order="deterministic").encode


class Observer(Protocol):
    """What is on this machine now, as digests. Implementations remember what they looked at, so one plan sees one state."""

    def source(self, step: Step) -> str:
        """The tree digest of what belongs to the step's source."""
        ...

    def environment(self, step: Step) -> str:
        """The identity of the step's environment, as it is on the step's target."""
        ...

    def data(self, data: DatasetDefinition) -> str:
        """The content digest of a dataset's files, and how they are read."""
        ...

    def file(self, path: str) -> str:
        """The content digest of a file or folder named in hash_paths."""
        ...


class Unknown(Exception):
    """An input comes from steps whose output is not known yet; `found` are the ingredients that are."""

    def __init__(self, steps: tuple[str, ...], found: Ingredients) -> None:
        super().__init__(*steps)
        self.steps = steps
        self.found = found


def ingredients(step: Step, graph: Graph, values: Values, observer: Observer, made: Mapping[tuple[str, str], str]) -> Ingredients:
    """Everything that the step's result depends on. `made` maps (step, output) to the digest of what was made.

    Raises Unknown when an output that it needs has not been made.
    """
    found = definition(step)
    if graph.variables:
        found["pipeline variables"] = _variables_digest(graph.variables)
    found["environment"] = observer.environment(step)
    if step.source is not None:
        found["source"] = observer.source(step)
    missing = [one for one in step.inputs if type(one.binding) is FromStep and (one.binding.step, one.binding.output) not in made]
    for one in step.inputs:
        if one not in missing:
            found[f"input/{one.name}"] = _input(step, one, values, observer, made)
    for path in step.hash_paths:
        found[f"file/{path}"] = observer.file(path)
    for name in _parameters_used(step):
        if _tracked(graph, name):
            found[f"parameter/{name}"] = as_text(values.get(name))
    if missing:
        raise Unknown(tuple(dict.fromkeys(one.binding.step for one in missing if type(one.binding) is FromStep)), found)
    return found


def definition(step: Step) -> Ingredients:
    """The ingredients that the author wrote: command, inputs, outputs, variables, Spark's settings, version, work; most as JSON."""
    found = {"command": _encode(step.command).decode()}
    if step.inputs:
        found["inputs"] = _encode([_input_definition(one) for one in step.inputs]).decode()
    if step.outputs:
        found["outputs"] = _encode([
            (one.name, one.kind, one.mode, one.datastore, one.path, one.source, one.optional, *((True,) if one.artifacts else ()))
            for one in step.outputs]).decode()
    if step.variables:
        # A digest: the same dozen of variables in every record would be most of what is written for a step.
        found["variables"] = _digest(_encode(step.variables))
    if step.spark is not None:
        found["spark"] = _spark(step.spark)
    if step.version is not None:
        found["version"] = step.version
    if step.work is not None:
        found |= work_ingredients(step.work)
    return found


def _spark(spark: Spark) -> str:
    """Without where it runs and how much it gets: moving a step to a cluster is no reason to run it again."""
    parts = {"packages": spark.packages, "jars": spark.jars, "py_files": spark.py_files, "files": spark.files,
             "archives": spark.archives, "conf": dict(spark.conf)}  # fmt: skip
    return _encode({name: part for name, part in parts.items() if part}).decode()


def _input_definition(one: Input) -> tuple[str | None, ...]:
    more = () if one.below is None and one.reading is None else (one.below,) if one.reading is None else (one.below, one.reading)
    return (one.name, one.mode, one.path_on_compute, *more, *((one.described,) if one.described is not None else ()))


@lru_cache(maxsize=8)
def _variables_digest(variables: tuple[tuple[str, Text | Fact], ...]) -> str:
    return _digest(_encode(variables))


def readable(tokens: tuple[Token, ...]) -> str:
    """Tokens as one line for people: text as it is or in quotes, references as `{kind:name}`."""
    return " ".join(map(_token_text, tokens))


def _token_text(token: Token) -> str:
    match token:
        case Joined(parts):
            return "".join(map(_token_text, parts))
        case Quoted(part):
            return _token_text(part)
        case PythonRef():
            return "python"
        case Text(text):
            return text if text and not _QUOTED.intersection(text) else _encode(text).decode()
        case ParameterRef(name) | InputRef(name) | OutputRef(name) | Fact(name) | Sampled(name):
            return f"{{{token.__struct_config__.tag}:{name}}}"


_QUOTED = frozenset(' "\\\n\r\t')
_tokens = msgspec.json.Decoder(tuple[Token, ...]).decode


def _input(step: Step, one: Input, values: Values, observer: Observer, made: Mapping[tuple[str, str], str]) -> str:
    try:
        return _input_digest(one, values, observer, made)
    except UsageError as error:
        raise UsageError(f"input {one.name} of step {step.name}: {error.what}", where=error.where, todo=error.todo) from error


def _input_digest(one: Input, values: Values, observer: Observer, made: Mapping[tuple[str, str], str]) -> str:
    binding = one.binding
    if type(binding) is FromStep:
        return made[binding.step, binding.output]
    if type(binding) is FromData:
        return observer.data(binding.data)
    assert type(binding) is FromParameter
    value = values.get(binding.parameter)
    return observer.data(value) if isinstance(value, DatasetDefinition) else as_text(value)


def _parameters_used(step: Step) -> list[str]:
    found: dict[str, None] = {}
    for token in step.command:
        _collect(token, found)
    for _, token in step.variables:
        _collect(token, found)
    if step.work is not None:
        for token in work_tokens(step.work):
            _collect(token, found)
    return sorted(found)


def _collect(token: Token, found: dict[str, None]) -> None:
    if type(token) is ParameterRef:
        found[token.name] = None
    elif type(token) is Joined:
        for part in token.parts:
            _collect(part, found)
    elif type(token) is Quoted:
        _collect(token.part, found)


def _tracked(graph: Graph, name: str) -> bool:
    return all(parameter.tracked for parameter in graph.parameters if parameter.name == name)


def as_text(value: Scalar | DatasetDefinition | None) -> str:
    """A value as a step sees it on its command line: `str()` of a scalar, nothing for None."""
    if isinstance(value, DatasetDefinition):
        return _encode(value).decode()
    return "" if value is None else str(value)


def fingerprint(found: Ingredients) -> str:
    """The digest over all ingredients."""
    return _digest(_encode((TAG, found)))


def _digest(data: bytes) -> str:
    return "blake3:" + blake3(data).hexdigest()


def compare(old: Ingredients, new: Ingredients, step: Step) -> tuple[reasons.AnyReason, ...]:
    """What differs between two sets of ingredients of one step, as reasons; empty when nothing does."""
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return tuple(_reason(name, old.get(name), new.get(name), step) for name in names)


def _reason(name: str, old: str | None, new: str | None, step: Step) -> reasons.AnyReason:
    kind, _, rest = name.partition("/")
    match kind:
        case "source":
            return reasons.SourceChanged(old, new or "")
        case "environment":
            return reasons.EnvironmentChanged(old, new)
        case "parameter":
            return reasons.ParameterChanged(rest, old, new)
        case "input":
            return reasons.InputChanged(rest, _producer(step, rest))
        case "file":
            return reasons.FileChanged(rest)
        case "command":
            return reasons.DefinitionChanged(name, _command_text(old), _command_text(new))
        case _ if name.startswith(PREFIX):
            return reasons.SettingChanged(rest, setting_words(old), setting_words(new))
        case _:
            return reasons.DefinitionChanged(name, old, new)


def _command_text(encoded: str | None) -> str | None:
    return None if encoded is None else readable(_tokens(encoded))


def _producer(step: Step, name: str) -> str | None:
    for one in step.inputs:
        if one.name == name and isinstance(one.binding, FromStep):
            return one.binding.step
    return None
