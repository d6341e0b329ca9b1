"""What a step gets and where it writes: inputs as paths, outputs as places in its own folder, tokens as text."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping

import msgspec

from stepwell_runner.execution.describing import input_of_description
from stepwell_runner.execution.messages import Made
from stepwell_runner.execution.registering import definition_of
from stepwell_runner.graph.model import (
    Fact,
    FromData,
    FromParameter,
    FromStep,
    Input,
    InputRef,
    Joined,
    OutputRef,
    ParameterRef,
    PythonRef,
    Quoted,
    Sampled,
    Scalar,
    Step,
    Text,
    Token,
)
from stepwell_runner.planning.fingerprint import Values, as_text
from stepwell_runner.step.context import StepInput
from stepwell_store import files
from stepwell_store.data.definition import DatasetDefinition, identity
from stepwell_store.data.mltable import described
from stepwell_store.data.resolve import Resolved
from stepwell_store.errors import UsageError
from stepwell_store.ledger.records import OutputRecord

FindFiles = Callable[[DatasetDefinition], Resolved]
FindOutput = Callable[[OutputRecord], str]


class Delivered(msgspec.Struct, frozen=True):
    """What stands for each input on the command line, and what the step is told about it."""

    text: dict[str, str]
    inputs: dict[str, StepInput]


def deliver(step: Step, values: Values, made: Made, folder: str, find_files: FindFiles, find_output: FindOutput) -> Delivered:
    """Make the inputs of a step available below the folder of its attempt."""
    text: dict[str, str] = {}
    inputs: dict[str, StepInput] = {}
    for one in step.inputs:
        inputs[one.name] = told = _deliver(one, values, made, os.path.join(folder, "inputs", one.name), find_files, find_output)
        text[one.name] = told.path or told.id or ""
    return Delivered(text, inputs)


def _deliver(one: Input, values: Values, made: Made, place: str, find_files: FindFiles, find_output: FindOutput) -> StepInput:
    if isinstance(one.binding, FromStep):
        record = made[one.binding.step, one.binding.output]
        if one.reading is not None or one.mode == "direct":
            return _dataset(one, definition_of(record, one.reading), place, find_files)
        source = _part(find_output(record), one)
        if one.described is not None and (told := described(source)) is not None:
            return _of_description(one, told, place, find_files)
        return StepInput(mode=one.mode, path=_copied(source, place) if one.mode == "download" else source)
    data = _data(one, values)
    if not isinstance(data, DatasetDefinition):
        return StepInput(mode=one.mode, id=as_text(data))
    root = find_files(data).root if one.described is not None else None
    told = described(root) if root is not None else None
    return _dataset(one, data, place, find_files) if told is None else _of_description(one, told, place, find_files)


def _of_description(one: Input, told: DatasetDefinition, place: str, find_files: FindFiles) -> StepInput:
    made = input_of_description(one, told, as_table=one.described == "table")
    assert isinstance(made.binding, FromData)
    return _dataset(made, made.binding.data, place, find_files)


def _dataset(one: Input, data: DatasetDefinition, place: str, find_files: FindFiles) -> StepInput:
    found = find_files(data)
    if one.mode == "direct":
        # The files of a file dataset are chosen already; a table is cut by the step, which has the libraries that read it.
        told = msgspec.structs.replace(data, transforms=()) if data.kind == "file" else data
        return StepInput(mode="direct", id=identity(data), definition=told, files=found.files, names=found.names)
    if one.mode == "download":
        return StepInput(mode="download", path=_gathered(found, place, files.copy_file))
    if found.is_single_file:
        return StepInput(mode="mount", path=found.files[0])
    return StepInput(mode="mount", path=_mounted(found, place))


def _part(source: str, one: Input) -> str:
    """The output that another step made, or what the input wants of it."""
    if one.below is None:
        return source
    part = files.join_inside(source, one.below)
    if not os.path.exists(part):
        raise UsageError(f"input {one.name} is '{one.below}' in what another step made, and that is not there", where=source)
    return part


def _data(one: Input, values: Values) -> DatasetDefinition | Scalar | None:
    if isinstance(one.binding, FromData):
        return one.binding.data
    assert isinstance(one.binding, FromParameter)
    return values.get(one.binding.parameter)


def _mounted(found: Resolved, place: str) -> str:
    # A folder that holds just these files is handed over as it is; a choice of files is put together from links.
    if found.root is not None and _holds_only(found.root, len(found.files)):
        return found.root
    return _gathered(found, place, os.symlink)


def _holds_only(root: str, count: int) -> bool:
    seen = 0
    for _, _, names in os.walk(root):
        seen += len(names)
        if seen > count:
            return False
    return seen == count


def _gathered(found: Resolved, place: str, put: Callable[[str, str], None]) -> str:
    if not found.files:
        files.make_dir(place)
    for name, file in zip(found.names, found.files, strict=True):
        target = files.join_inside(place, name.lstrip("/"))
        files.make_dir(os.path.dirname(target))
        put(file, target)
    return os.path.join(place, found.names[0].lstrip("/")) if found.is_single_file else place


def _copied(source: str, place: str) -> str:
    if not os.path.isdir(source):
        files.make_dir(os.path.dirname(place))
        files.copy_file(source, place)
        return place
    files.make_dir(place)
    for parent, folders, names in os.walk(source):
        target = os.path.join(place, os.path.relpath(parent, source))
        for name in folders:
            files.make_dir(os.path.join(target, name))
        for name in names:
            files.copy_file(os.path.join(parent, name), os.path.join(target, name))
    return place


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What the tokens of a step stand for."""

    python: str
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    values: Values
    facts: Mapping[str, str]


def as_words(tokens: tuple[Token, ...], names: Names) -> tuple[str, ...]:
    """A command line with everything filled in."""
    return tuple(as_word(token, names) for token in tokens)


def as_word(token: Token, names: Names) -> str:
    """The text of one token; UsageError when it would hold a zero byte, which no command line can carry."""
    word = _word(token, names)
    if "\0" in word:
        raise UsageError("an argument holds a zero byte", todo="a command line cannot carry it; write it to a file instead")
    return word


def _word(token: Token, names: Names) -> str:
    match token:
        case Text(text):
            return text
        case ParameterRef(name):
            return as_text(names.values.get(name))
        case InputRef(name):
            return names.inputs[name]
        case OutputRef(name):
            return names.outputs[name]
        case PythonRef():
            return names.python
        case Fact(name):
            return names.facts[name]
        case Sampled(name):
            raise AssertionError(f"{name} is sampled, and this is no trial")
        case Joined(parts):
            return "".join(_word(part, names) for part in parts)
        case Quoted(part, within):
            return _quoted(_word(part, names), within)


_SAFE = re.compile(r"[\w./:@%+=,-]+", re.ASCII)


def _quoted(word: str, within: str) -> str:
    """The word as text of a shell that takes it for one word."""
    if _SAFE.fullmatch(word):
        return word
    if within == '"':
        return re.sub(r'(["$`\\])', r"\\\1", word)
    single = "'" + word.replace("'", "'\"'\"'") + "'"
    return f"'{single}'" if within else single
