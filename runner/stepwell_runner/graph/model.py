"""The graph: what every way of writing a pipeline compiles to. Values only; nothing here touches disk or clock."""

# The annotations of this module and of those that it imports are no texts (`from __future__ import annotations`): msgspec would
# compile each of them to make the decoder, which is 3 ms of every start.

from typing import Literal

import msgspec

from stepwell_runner.graph.parallel import Parallel
from stepwell_runner.graph.sweep import Sweep
from stepwell_runner.graph.tokens import (
    Fact,
    InputRef,
    Joined,
    OutputRef,
    ParameterRef,
    PythonRef,
    Quoted,
    Sampled,
    Text,
    Token,
    Value,
)
from stepwell_store.data.definition import DatasetDefinition

# Whoever reads graphs finds the tokens here too.
__all__ = ["Fact", "InputRef", "Joined", "OutputRef", "ParameterRef", "PythonRef", "Quoted", "Sampled", "Text", "Token", "Value"]

Scalar = str | int | float | bool


# --- parameters -----------------------------------------------------------------------------------------------------

ParameterType = Literal["string", "integer", "number", "boolean", "data"]


class Parameter(Value, frozen=True, kw_only=True):
    """A value that a submission may set. An untracked one is no reason to run a step again.

    `default` None means that the submission must give a value, unless `optional`.
    """

    name: str
    type: ParameterType
    default: Scalar | DatasetDefinition | None = None
    tracked: bool = True
    optional: bool = False
    description: str | None = None
    choices: tuple[Scalar, ...] = ()
    minimum: float | None = None
    maximum: float | None = None


# --- what flows between steps ---------------------------------------------------------------------------------------


class FromStep(Value, frozen=True, tag="step"):
    """An output of another step, by the step's key."""

    step: str
    output: str


class FromData(Value, frozen=True, tag="data"):
    """Data that exists before the run."""

    data: DatasetDefinition


class FromParameter(Value, frozen=True, tag="parameter_data"):
    """The data that a parameter of type `data` names."""

    parameter: str


Binding = FromStep | FromData | FromParameter

Mode = Literal["mount", "download", "direct"]


class Input(Value, frozen=True, kw_only=True):
    """`mount` hands over the path where the data is, `download` a private copy, `direct` the definition only.

    `below` is a path inside of what another step made; the step gets only that. `reading` is how the step reads what another
    step made as a dataset; its places are filled in. `described` says that the folder may hold an MLTable, and whether the step
    gets what that describes as a table or as files.
    """

    name: str
    binding: Binding
    mode: Mode = "mount"
    path_on_compute: str | None = None
    below: str | None = None
    reading: DatasetDefinition | None = None
    described: Literal["table", "files"] | None = None


class Registration(Value, frozen=True, kw_only=True):
    """A dataset to be registered when the step has succeeded. `definition` says how to read the output's files."""

    name: str
    description: str | None = None
    tags: dict[str, str] = msgspec.field(default_factory=dict)
    definition: DatasetDefinition | None = None


class Output(Value, frozen=True, kw_only=True):
    """Something that the step leaves behind, kept on a datastore.

    `kind`: `folder` exists and is empty when the step starts; of `any` and `file` only the parent exists.
    `path` may hold `{run-id}` and `{output-name}`; None is the place that Stepwell chooses, new for every step run.
    Of a folder that is copied to its place, only files count that one of `globs` names, when there are any. With `may_be_empty` an
    output that the step did not write is an empty folder rather than an error. With `artifacts` it is a folder of what the step
    left in `outputs/` and `logs/`, and of its log in `user_logs/`.
    """

    name: str
    kind: Literal["any", "file", "folder"] = "any"
    mode: Literal["mount", "upload"] = "mount"
    datastore: str | None = None
    path: str | None = None
    overwrite: bool = False
    optional: bool = False
    source: str | None = None
    register: Registration | None = None
    globs: tuple[str, ...] = ()
    may_be_empty: bool = False
    artifacts: bool = False


# --- where a step runs ----------------------------------------------------------------------------------------------


class Image(Value, frozen=True, kw_only=True, tag="image"):
    """A container image that exists, by tag (`python:3.12`) or digest (`python@sha256:…`). `python` is the interpreter in it, by
    name or path; None takes the first of `python` and `python3` that it has."""

    reference: str
    python: str | None = None


class Dockerfile(Value, frozen=True, kw_only=True, tag="dockerfile"):
    """A container image to be built. `context` is the absolute folder that the build may copy from, None for none.

    `path` names the Dockerfile, relative to the context or absolute; `text` is its content where there is no file. `arguments` are
    build arguments; they end up in the image, so they are no place for secrets.
    """

    context: str | None = None
    path: str | None = None
    text: str | None = None
    arguments: tuple[tuple[str, str], ...] = ()
    stage: str | None = None
    python: str | None = None


class CurrentInterpreter(Value, frozen=True, tag="current"):
    """The interpreter that Stepwell itself runs under. `image` stands in for it where steps run in containers."""

    image: Image | Dockerfile | None = None


class Interpreter(Value, frozen=True, tag="interpreter"):
    """An interpreter that exists already, by path. Where steps run in containers it is one of `image`, or of the target's image."""

    path: str
    image: Image | Dockerfile | None = None


class Packages(Value, frozen=True, kw_only=True, tag="packages"):
    """An environment to be made: requirement lines as pip takes them, and a Python version such as `3.11`.

    `image` is what it is made on top of where steps run in containers, None for the image of the target; other targets do not
    look at it. `meant_for` is the Python that the requirements were written for, where another serves: exact versions that are not
    to be had for that one are replaced by the nearest later ones.
    """

    requirements: tuple[str, ...]
    python: str | None = None
    name: str | None = None
    image: Image | Dockerfile | None = None
    meant_for: str | None = None


EnvironmentSpec = CurrentInterpreter | Interpreter | Packages | Image | Dockerfile


class Resources(Value, frozen=True, kw_only=True):
    """What a step asks of its target. `memory` and `shm` in bytes; `gpus` is `all`, a count or a list of ids.

    With `gpus_optional` the step runs on processors where there is no GPU. `network` is what a container may reach: `none`, `host`,
    or a network of the engine by name.
    """

    cpus: float | None = None
    memory: int | None = None
    shm: int | None = None
    gpus: str | None = None
    gpus_optional: bool = False
    network: str | None = None


class Source(Value, frozen=True, kw_only=True):
    """The folder whose files the step runs in. With `narrow`, only the script or the files that the command names, what these name
    and import, and the `include` patterns belong to the step; with `only`, no more than these paths; else every file that is not ignored.
    `extra` are files and folders from elsewhere, absolute, that lie in it under their own names."""

    path: str
    narrow: bool = False
    include: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()


class Spark(Value, frozen=True, kw_only=True):
    """What a step that uses Spark asks for; None and empty leave it to the target. The command says what runs: a script, or
    `spark-submit` with its words.

    `master` as Spark writes it: `local[4]`, `spark://host:7077`, `sc://host:15002`. Memory as Spark writes it: `512m`, `4g`.
    `packages` are Maven coordinates, of `repositories` beside the usual ones. `jars`, `py_files`, `files` and `archives` are paths
    below the step's folder, absolute paths or addresses. `conf` are further settings of Spark, which win over all of these.
    """

    master: str | None = None
    app_name: str | None = None
    driver_memory: str | None = None
    driver_cores: int | None = None
    executor_memory: str | None = None
    executor_cores: int | None = None
    executors: int | None = None
    packages: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    jars: tuple[str, ...] = ()
    py_files: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()
    conf: tuple[tuple[str, str], ...] = ()


# --- steps and the graph --------------------------------------------------------------------------------------------


class Step(Value, frozen=True, kw_only=True):
    """One program run. `key` is unique in the graph and safe as a folder name; `name` is what the author wrote.

    `variables` are environment variables whose values are tokens, as in a command line. `after` are keys of steps that
    must end first without passing data. `hash_paths` are further files or folders, absolute, whose content counts.
    `timeout_s` in seconds, per attempt. `work` None is one run of the command; with `Parallel` the command is
    `parallel_command(...)`, with `Sweep` that of a trial. `refusal` says why the step cannot run here at all, and what would do
    instead; it then fails when it is its turn.
    """

    key: str
    name: str
    kind: str
    command: tuple[Token, ...]
    script: str | None = None
    source: Source | None = None
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Output, ...] = ()
    variables: tuple[tuple[str, Token], ...] = ()
    environment: EnvironmentSpec = CurrentInterpreter()
    target: str = "local"
    resources: Resources = Resources()
    spark: Spark | None = None
    after: tuple[str, ...] = ()
    allow_reuse: bool = True
    version: str | None = None
    hash_paths: tuple[str, ...] = ()
    retries: int = 0
    timeout_s: float | None = None
    work: Parallel | Sweep | None = None
    refusal: str | None = None


class PipelineOutput(Value, frozen=True, kw_only=True):
    """A step's output that the pipeline presents under a name of its own."""

    name: str
    step: str
    output: str


class Graph(Value, frozen=True, kw_only=True):
    """A whole pipeline. `base` is the absolute folder of the file that defines it; `format` the version of this shape.

    `variables` are environment variables of every step; a step's own ones of the same name win. `experiment` is where runs of
    it count to unless a submission says otherwise, `tags` are those of each run. `files` are absolute paths of other files
    that it was read from, for who watches them.
    """

    name: str
    steps: tuple[Step, ...]
    parameters: tuple[Parameter, ...] = ()
    outputs: tuple[PipelineOutput, ...] = ()
    description: str | None = None
    base: str | None = None
    variables: tuple[tuple[str, Text | Fact], ...] = ()
    continue_on_failure: bool = False
    experiment: str | None = None
    tags: dict[str, str] = msgspec.field(default_factory=dict)
    files: tuple[str, ...] = ()
    format: int = 1


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Graph)


def encode(graph: Graph) -> bytes:
    """The graph as canonical JSON: equal graphs give equal bytes."""
    return _encoder.encode(graph)


def decode(data: bytes) -> Graph:
    """The graph from JSON; msgspec.ValidationError names the field that does not fit."""
    return _decoder.decode(data)
