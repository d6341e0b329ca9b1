"""Where data is: the paths and addresses of Azure, as places of this machine."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from stepwell.jobs.catalogue import find_data, find_job_output
from stepwell.jobs.context import Context
from stepwell.jobs.document import Node, local_path
from stepwell.jobs.findings import nearest
from stepwell.jobs.references import asset_name, datastore_path, job_output
from stepwell_store.data.definition import DatasetDefinition, DatastorePath, LocalPath, Place, Url

_BLOB = ("wasb", "wasbs")
_CLOUD = ("abfs", "abfss", "adl", "s3", "gs", "azureml")


def dataset(text: str, node: Node, context: Context, kind: str | None = None) -> DatasetDefinition | None:
    """The data at a path, as it is written in a document; None, with a finding, when there can be none on this machine."""
    mapped = context.project.place(text)
    if mapped is not None:
        return _local(mapped, node, context)
    if (name := asset_name(text)) is not None:
        return find_data(name, node, context)
    if (job := job_output(text)) is not None:
        return find_job_output(job, node, context)
    place = _place(text, node, context, kind)
    return None if place is None else DatasetDefinition(kind="file", places=(place,))


def _place(text: str, node: Node, context: Context, kind: str | None) -> Place | None:
    if (found := datastore_path(text)) is not None:
        return DatastorePath(found[0], found[1].strip("/"))
    scheme = text.partition(":")[0].lower() if "://" in text else ""
    if text.startswith("azureml:") and scheme == "azureml" and "://" in text.removeprefix("azureml:") and not text.startswith("azureml://"):
        return _place(text.removeprefix("azureml:"), node, context, kind)
    if scheme in ("http", "https"):
        return Url(text)
    if scheme in _BLOB:
        return _blob(text, node, context, kind)
    if scheme in _CLOUD:
        context.findings.error(f"'{text}' is in the cloud", f"{node.where}; {mapping(text, context)}")
        return None
    found_local = _local(local_path(text, node), node, context)
    return found_local.places[0] if found_local is not None else None


def _local(path: str, node: Node, context: Context) -> DatasetDefinition | None:
    if "*" not in path and not os.path.exists(path):
        folder, name = os.path.split(path)
        names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
        context.findings.error(f"there is no file or folder {path}{nearest(name, names) if names else ''}", node.where)
        return None
    return DatasetDefinition(kind="file", places=(LocalPath(path),))


def _blob(text: str, node: Node, context: Context, kind: str | None) -> Url | None:
    """A public blob by its web address. Folders cannot be listed that way."""
    address = urlsplit(text)
    container, _, account = address.netloc.partition("@")
    if not account:
        context.findings.error(f"'{text}' names no container and account", node.where)
        return None
    if text.endswith("/") or "*" in text or (kind in ("uri_folder", "mltable") and not os.path.splitext(address.path)[1]):
        context.findings.error(
            f"the folder '{text}' is in the cloud and cannot be listed from here", f"{node.where}; {mapping(text, context)}"
        )
        return None
    return Url(f"https://{account}/{container}{address.path}")


def mapping(text: str, context: Context) -> str:
    """What to do about an address that cannot be read from here."""
    file = context.project.file or os.path.join(context.base, "stepwell.yml")
    return f"copy it here and write below `data:` in {file}:  {text}: PATH"
