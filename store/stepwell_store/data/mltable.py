"""A folder that says itself how it is read: a file `MLTable` in it, in YAML, names files and how they make a table."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from stepwell_store.data.definition import DatasetDefinition, DatastorePath, LocalPath, Place, Transform, Url
from stepwell_store.errors import UsageError

NAME = "MLTable"
_LARGEST = 1 << 20
_HEADERS = {"no_header": 0, "from_first_file": 1, "all_files_different_headers": 2, "all_files_same_headers": 3}
_READERS = {"read_delimited": "delimited", "read_parquet": "parquet", "read_json_lines": "json_lines"}
_DATASTORE = "azureml://datastores/"


def described(folder: str) -> DatasetDefinition | None:
    """What the file `MLTable` in a folder describes: a table, or files where it says nothing of reading; None when there is no such file.

    UsageError for a description that cannot be read, or that asks for what is not done here.
    """
    path = os.path.join(folder, NAME)
    if not os.path.isfile(path):
        return None
    document = _document(path)
    places = tuple(_place(entry, folder, path) for entry in document.get("paths") or ())
    if not places:
        raise UsageError("the MLTable names no `paths`", where=path)
    steps = [_step(entry, path) for entry in document.get("transformations") or ()]
    form, options = next(((_READERS[name], _options(name, given)) for name, given in steps if name in _READERS), (None, {}))
    for name, given in steps:
        if name == "extract_columns_from_partition_format":
            options["partition_format"] = str(given.get("partition_format", given) if isinstance(given, Mapping) else given)
    transforms = tuple(made for name, given in steps if (made := _transform(name, given, path)) is not None)
    return DatasetDefinition(kind="file" if form is None else "tabular", places=places, format=form, options=options, transforms=transforms)


def _document(path: str) -> dict[str, Any]:
    import yaml

    with open(path, "rb") as file:
        content = file.read(_LARGEST + 1)
    try:
        found = yaml.safe_load(content) if len(content) <= _LARGEST else None
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise UsageError(f"the MLTable is no YAML: {str(problem)[:300]}", where=path) from None
    if not isinstance(found, dict):
        raise UsageError("the MLTable is no mapping with `paths`", where=path)
    return found


def _place(entry: object, folder: str, path: str) -> Place:
    pairs = list(entry.items()) if isinstance(entry, dict) else [("file", entry)]
    if len(pairs) != 1 or pairs[0][0] not in ("file", "folder", "pattern") or not isinstance(pairs[0][1], str):
        raise UsageError(f"an entry of `paths` is `file:`, `folder:` or `pattern:` with a path, not {entry!r}", where=path)
    text = pairs[0][1]
    if text.startswith(("http://", "https://")):
        return Url(text)
    if text.startswith(_DATASTORE):
        datastore, _, rest = text.removeprefix(_DATASTORE).partition("/paths/")
        return DatastorePath(datastore, rest)
    if "://" in text and not text.startswith("file://"):
        raise UsageError(f"the MLTable names {text}, which is in the cloud", where=path)
    return LocalPath(os.path.normpath(os.path.join(folder, text.removeprefix("file://"))))


def _step(entry: object, path: str) -> tuple[str, Any]:
    if isinstance(entry, str):
        return entry, {}
    if not isinstance(entry, dict) or len(entry) != 1:
        raise UsageError(f"a transformation is one name with its settings, not {entry!r}", where=path)
    name, given = next(iter(entry.items()))
    return str(name), {} if given is None else given


def _options(name: str, given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        return {}
    found: dict[str, Any] = {}
    if name == "read_delimited":
        found["separator"] = str(given.get("delimiter", ","))
        found["header"] = _HEADERS.get(str(given.get("header", "all_files_same_headers")).lower(), 3)
        found |= {key: bool(given[key]) for key in ("support_multi_line", "empty_as_string", "infer_column_types") if key in given}
    if "encoding" in given:
        found["encoding"] = str(given["encoding"]).replace("-", "").lower()
    if given.get("include_path_column"):
        found["include_path"] = True
    if given.get("invalid_lines") == "drop":
        found["invalid_lines"] = "drop"
    return found


def _transform(name: str, given: Any, path: str) -> Transform | None:
    if name in _READERS or name in ("extract_columns_from_partition_format", "convert_column_types"):
        return None  # types are inferred from what is in the columns
    if name in ("take", "skip"):
        count = given.get("count", given.get("value")) if isinstance(given, Mapping) else given
        return Transform(name, {"count": int(count)})
    if name in ("keep_columns", "drop_columns"):
        return Transform(name, {"columns": [given] if isinstance(given, str) else list(given)})
    if name == "take_random_sample":
        return Transform("take_sample", {"probability": float(given["probability"]), "seed": int(given.get("seed", 0))})
    raise UsageError(f"the MLTable asks for `{name}`, which is not done here", where=path,
                     todo="Read it in the step with the package mltable: give the node's input the mode ro_mount.")
