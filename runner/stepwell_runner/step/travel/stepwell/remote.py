"""Objects of the workspace, as a step holds them: each is a name or a number behind the door, and does there what is asked of it."""
# ruff: noqa: ARG005  (decoders are all called alike)

from __future__ import annotations

import os
from typing import Any

from stepwell import errors
from stepwell.door import ask
from stepwell.errors import UserErrorException

_classes: dict[str, Any] = {}


class _RemoteType(type):
    """The class of a class that lives behind the door."""

    _home: str

    def __call__(cls, *args: Any, **options: Any) -> Any:
        return _asked("call", _target(cls), None, args, options)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _asked("get", _target(cls), name)

    def __instancecheck__(cls, instance: Any) -> bool:
        return is_a(instance, cls.__name__)


def remote_class(name: str, home: str) -> Any:
    """The class of this name; `home` is `module:name`. One object for every name."""
    if name not in _classes:
        _classes[name] = _RemoteType(name, (Remote,), {"_home": home, "__doc__": f"v1's {name}, which lives with the workspace."})
    return _classes[name]


def is_a(value: Any, name: str) -> bool:
    """Whether a value is an object behind the door of the class of this name, or of one that inherits from it."""
    if isinstance(type(value), _RemoteType):
        return name in object.__getattribute__(value, "_kinds")
    return getattr(type(value), "v1_kind", None) == name


class Remote:
    """An object behind the door. What it can do is decided there."""

    _number: int
    _kinds: tuple[str, ...]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _asked("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _asked("set", self, name, (value,))

    def __call__(self, *args: Any, **options: Any) -> Any:
        return _asked("call", self, None, args, options)

    def __iter__(self) -> Any:
        return iter(_asked("iter", self, None))

    def __enter__(self) -> Any:
        return _asked("call", self, "__enter__")

    def __exit__(self, *_: object) -> None:
        _asked("call", self, "__exit__", (None, None, None))

    def __dir__(self) -> list[str]:
        return list(_asked("dir", self, None))

    def __hash__(self) -> int:
        return hash(object.__getattribute__(self, "_number"))


def _operator(name: str) -> Any:
    def method(self: Any, *others: Any) -> Any:
        return _asked("operator", self, name, others)

    method.__name__ = f"__{name}__"
    return method


for _name in ("str", "repr", "len", "bool", "getitem", "setitem", "contains", "eq", "ne", "lt", "le", "gt", "ge", "and", "or", "invert",
              "add", "sub", "fspath"):  # fmt: skip
    setattr(Remote, f"__{_name}__", _operator(_name))


class Method:
    """A method of an object behind the door."""

    def __init__(self, target: Any, name: str) -> None:
        self._target = target
        self.__name__ = name

    def __call__(self, *args: Any, **options: Any) -> Any:
        return _asked("call", self._target, self.__name__, args, options)


def own_run(run_id: str) -> Any:
    """The run of this id as the workspace knows it."""
    return decode(_answer({"op": "run", "id": run_id}), None)


def register_model(run_id: str, experiment: str, files: dict[str, str], name: str, path: str, options: dict[str, Any]) -> Any:
    """Keep files of a run that goes on as a model; the model."""
    question = {"op": "model", "run": run_id, "experiment": experiment, "files": files, "name": name, "path": path,
                "options": [[key, encode(value)] for key, value in options.items()]}  # fmt: skip
    return decode(_answer(question), None)


def dataset_of(definition: Any) -> Any:
    """The dataset of a definition, as the workspace's side has it."""
    return decode(_answer({"op": "dataset", "definition": definition}), None)


def table_of(dataset: Any) -> Any:
    """The same dataset for reading here, by the libraries of the step's own interpreter."""
    from stepwell.data import dataset as made

    return made("dataset", _answer({"op": "files", "on": encode(dataset)}))


def _target(cls: Any) -> Any:
    return {"$class": cls._home}


def _asked(kind: str, target: Any, name: str | None, args: Any = (), options: dict[str, Any] | None = None) -> Any:
    on = target if isinstance(target, dict) else encode(target)
    read_here = _READ_HERE.get(name or "")
    if kind == "call" and read_here is not None and is_a(target, read_here):
        return getattr(table_of(target), str(name))(*args, **(options or {}))
    question = {"op": kind, "on": on, "name": name, "args": [encode(one) for one in args],
                "options": [[key, encode(value)] for key, value in (options or {}).items()]}  # fmt: skip
    return decode(_answer(question), target)


_READ_HERE = {"to_pandas_dataframe": "TabularDataset", "to_spark_dataframe": "TabularDataset"}
"""Methods that give objects of libraries, which only the step's own interpreter can make."""


def _answer(question: dict[str, Any]) -> Any:
    reply = ask(question)
    if "error" in reply:
        raise errors.like(reply["error"]["kinds"], reply["error"]["text"]) from None
    return reply["value"]


# --- values on the way ----------------------------------------------------------------------------------------------


def encode(value: Any) -> Any:
    """The value for the way through the door; UserErrorException for what cannot go through it."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    for kinds, encoder in _ENCODERS:
        if isinstance(value, kinds):
            return encoder(value)
    return _encode_foreign(value)


def _encode_foreign(value: Any) -> Any:
    if isinstance(value, type) and isinstance(value, _RemoteType):
        return _target(value)
    if isinstance(type(value), _RemoteType):
        return {"$ref": object.__getattribute__(value, "_number")}
    kind = type(value).__name__
    if kind in ("datetime", "date"):
        return {f"${kind}": value.isoformat()}
    if kind == "timedelta":
        return {"$seconds": value.total_seconds()}
    if kind == "DataFrame" and hasattr(value, "to_parquet"):
        return {"$frame": _frame(value)}
    if hasattr(value, "__fspath__"):
        return {"$path": os.fspath(value)}
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        return encode(value.item())
    if hasattr(value, "tolist"):
        return encode(value.tolist())
    known = _encode_ours(value)
    if known is None:
        raise UserErrorException(f"a {kind} cannot be handed from a step to its workspace")
    return known


def _encode_ours(value: Any) -> Any:
    from stepwell.run import Run

    if isinstance(value, Run):
        return {"$run": value.id}
    if getattr(type(value), "v1_kind", None) == "Workspace":
        return {"$workspace": True}
    if getattr(type(value), "v1_kind", None) == "Experiment":
        return {"$experiment": value.name}
    definition = getattr(value, "_definition", None)
    return {"$dataset": definition} if isinstance(definition, dict) else None


def _frame(value: Any) -> str:
    import tempfile

    descriptor, path = tempfile.mkstemp(suffix=".parquet")
    os.close(descriptor)
    value.to_parquet(path)
    return path


_ENCODERS = (
    ((list,), lambda value: [encode(one) for one in value]),
    ((tuple,), lambda value: {"$tuple": [encode(one) for one in value]}),
    ((set, frozenset), lambda value: {"$set": [encode(one) for one in value]}),
    ((dict,), lambda value: {"$dict": [[encode(key), encode(one)] for key, one in value.items()]}),
    ((bytes,), lambda value: {"$bytes": value.hex()}),
)


def decode(value: Any, target: Any) -> Any:
    """A value that came through the door; `target` is what was asked, whose methods are named only."""
    if isinstance(value, list):
        return [decode(one, target) for one in value]
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    return _DECODERS[kind](held, target)


def _reference(held: Any, target: Any) -> Any:
    del target
    cls = remote_class(held["kinds"][0], held["home"])
    made = object.__new__(cls)
    object.__setattr__(made, "_number", held["number"])
    object.__setattr__(made, "_kinds", tuple(held["kinds"]))
    return made


def _time(held: str, target: Any) -> Any:
    from datetime import datetime

    del target
    return datetime.fromisoformat(held)


def _date(held: str, target: Any) -> Any:
    from datetime import date

    del target
    return date.fromisoformat(held)


def _seconds(held: float, target: Any) -> Any:
    from datetime import timedelta

    del target
    return timedelta(seconds=held)


_DECODERS = {
    "$ref": _reference,
    "$class": lambda held, target: remote_class(held.rpartition(":")[2], held),
    "$method": lambda held, target: Method(target, held),
    "$tuple": lambda held, target: tuple(decode(one, target) for one in held),
    "$set": lambda held, target: {decode(one, target) for one in held},
    "$dict": lambda held, target: {decode(key, target): decode(one, target) for key, one in held},
    "$bytes": lambda held, target: bytes.fromhex(held),
    "$iter": lambda held, target: iter([decode(one, target) for one in held]),
    "$datetime": _time,
    "$date": _date,
    "$seconds": _seconds,
}
