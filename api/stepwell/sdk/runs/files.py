"""Files kept with a run, copied out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from stepwell.sdk.exceptions import UserErrorException
from stepwell_store.data.names import nearest
from stepwell_store.data.transfer import Copy, copy_all
from stepwell_store.files import join_inside


def copy_one(files: Mapping[str, str], name: str, output_file_path: str | os.PathLike[str] | None) -> None:
    """Copy one file; by default into the current folder. A path that is a folder, or ends like one, takes it under its own name."""
    target = os.fspath(output_file_path or ".")
    if target.endswith(os.sep) or os.path.isdir(target):
        target = os.path.join(target, os.path.basename(name))
    _copy([(_path(files, name), target, name)])


def _path(files: Mapping[str, str], name: str) -> str:
    if name not in files:
        near = nearest(name, files)
        raise UserErrorException(f"the run has no file {name}", todo=f"Did you mean {' or '.join(near)}?" if near else None)
    return files[name]


def copy_many(
    files: Mapping[str, str], prefix: str | None, folder: str | os.PathLike[str] | None, paths: Sequence[str] | None, append_prefix: bool
) -> None:
    """Copy all files whose name begins so: to `paths`, in order, or below `folder` under their names, with or without the prefix."""
    chosen = [name for name in files if name.startswith(prefix or "")]
    if paths is not None and len(paths) != len(chosen):
        raise UserErrorException(f"{len(paths)} output_paths are given for {len(chosen)} files: {', '.join(chosen)}")
    into = os.fspath(folder or ".")
    targets = paths or [join_inside(into, _kept(name, "" if append_prefix else prefix or "")) for name in chosen]
    _copy([(files[name], target, name) for name, target in zip(chosen, targets, strict=True)])


def _kept(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lstrip("/") or os.path.basename(name)


def _copy(wanted: Sequence[tuple[str, str, str]]) -> None:
    gone = [name for path, _, name in wanted if not os.path.isfile(path)]
    if gone:
        raise UserErrorException(f"no longer there: {', '.join(gone)}")
    copy_all([Copy(path, os.path.abspath(target), name, os.path.getsize(path)) for path, target, name in wanted], True, None)
