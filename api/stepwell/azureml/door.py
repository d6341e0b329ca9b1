"""The workspace's side of a step's door: answers what a step asks of v1's classes, one line of JSON for each line.

    python -P -m stepwell.azureml.door ROOT      (started by the step; `stepwell.door` in `travel/` is the other side)

It runs in Stepwell's own interpreter, opens the workspace as any command does, and ends when its standard input does.
"""

from __future__ import annotations

import json
import operator
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec

from stepwell.azureml import finder
from stepwell.azureml.parcels import Parcels
from stepwell_store.data.definition import DatasetDefinition

Question = dict[str, Any]

_OPERATORS: dict[str, Callable[..., Any]] = {
    "str": str, "repr": repr, "len": len, "bool": bool, "getitem": operator.getitem, "setitem": operator.setitem,
    "contains": operator.contains, "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt,
    "ge": operator.ge, "and": operator.and_, "or": operator.or_, "invert": operator.invert, "add": operator.add, "sub": operator.sub,
    "fspath": os.fspath,
}  # fmt: skip


def main() -> None:
    """Answer until the step is gone."""
    os.environ["STEPWELL_WORKSPACE"] = sys.argv[1]
    os.environ["STEPWELL_DRIVER"] = "1"
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # what the classes print is for the step's log
    finder.install()
    door = Door()
    for line in sys.stdin.buffer:
        answers.write(json.dumps(door.answer(json.loads(line))).encode("ascii") + b"\n")


class Door:
    """Answers questions. Objects that cannot go to the step stay here under a number."""

    def __init__(self) -> None:
        self._parcels = Parcels()

    def answer(self, question: Question) -> dict[str, Any]:
        """`{"value": ...}`, or `{"error": {"kinds": [class names, the nearest first], "text": ...}}`."""
        if question.get("cwd"):
            with suppress(OSError):
                os.chdir(question["cwd"])
        try:
            return {"value": _OPERATIONS[question["op"]](self._parcels, question)}
        except Exception as error:  # whatever it is, it is the step's to see
            return {"error": {"kinds": _kinds(error), "text": _text(error)}}
        finally:
            sys.stdout.flush()


def _kinds(error: Exception) -> list[str]:
    kinds = [one.__name__ for one in type(error).__mro__ if one is not object]
    # Errors of lower floors have no v1 name of their own.
    nearest = [v1 for name, v1 in (("UsageError", "UserErrorException"), ("StepwellError", "AzureMLException")) if name in kinds]
    return kinds if "AzureMLException" in kinds else [*kinds[:1], *nearest, *kinds[1:]]


def _text(error: Exception) -> str:
    return str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)


def _get(parcels: Parcels, question: Question) -> Any:
    value = getattr(parcels.unpack(question["on"]), question["name"])
    return {"$method": question["name"]} if _is_method(value) else parcels.pack(value)


def _is_method(value: Any) -> bool:
    return callable(value) and not isinstance(value, type) and type(value).__name__ in ("function", "method", "builtin_function_or_method")


def _set(parcels: Parcels, question: Question) -> None:
    setattr(parcels.unpack(question["on"]), question["name"], parcels.unpack(question["args"][0]))


def _call(parcels: Parcels, question: Question) -> Any:
    target = parcels.unpack(question["on"])
    called = target if question["name"] is None else getattr(target, question["name"])
    options = {key: parcels.unpack(value) for key, value in question["options"]}
    return parcels.pack(called(*[parcels.unpack(one) for one in question["args"]], **options))


def _iter(parcels: Parcels, question: Question) -> Any:
    return parcels.pack(list(parcels.unpack(question["on"])))


def _dir(parcels: Parcels, question: Question) -> Any:
    return [name for name in dir(parcels.unpack(question["on"])) if not name.startswith("_")]


def _operator(parcels: Parcels, question: Question) -> Any:
    done = _OPERATORS[question["name"]](parcels.unpack(question["on"]), *[parcels.unpack(one) for one in question["args"]])
    return parcels.pack(done)


def _run(parcels: Parcels, question: Question) -> Any:
    return parcels.pack(parcels.run(question["id"]))


def _model(parcels: Parcels, question: Question) -> Any:
    """Keep files of a run that goes on, which the workspace does not have yet, as a model."""
    from stepwell.sdk.runs.registering import register_model

    options = {key: parcels.unpack(value) for key, value in question["options"]}
    facts = [options.get(name) for name in _MODEL_FACTS]
    made = register_model(
        parcels.workspace(), question["run"], question["experiment"], question["files"], question["name"], question["path"],
        options.get("tags"), options.get("properties"), options.get("description"), facts,
    )  # fmt: skip
    return parcels.pack(made)


_MODEL_FACTS = ("datasets", "model_framework", "model_framework_version", "sample_input_dataset", "sample_output_dataset",
                "resource_configuration")  # fmt: skip


def _dataset(parcels: Parcels, question: Question) -> Any:
    return parcels.pack(parcels.dataset(question["definition"]))


def _files(parcels: Parcels, question: Question) -> Any:
    """What the step needs to read a dataset by itself."""
    from stepwell_store.data.resolve import resolve

    dataset = parcels.unpack(question["on"])
    definition: DatasetDefinition = dataset.definition
    stored = parcels.workspace().open()
    found = resolve(definition.places, stored.datastore, str(stored.cache / "downloads"))
    return {"definition": msgspec.to_builtins(definition), "files": list(found.files), "names": list(found.names), "id": None}


_OPERATIONS: dict[str, Callable[[Parcels, Question], Any]] = {
    "get": _get, "set": _set, "call": _call, "iter": _iter, "dir": _dir, "operator": _operator, "run": _run, "dataset": _dataset,
    "files": _files, "model": _model,
}  # fmt: skip


if __name__ == "__main__":
    main()
