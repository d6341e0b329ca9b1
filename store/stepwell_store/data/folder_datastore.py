"""A datastore that is a folder on this machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Literal

from stepwell_store.data.datastores import Entry, Progress, Uploaded
from stepwell_store.data.names import fixed_parts, glob_depth, glob_matcher, is_glob, source_parts, target_parts
from stepwell_store.data.transfer import Copy, copy_all, local_file
from stepwell_store.data.walk import file_at, files_below, is_inside
from stepwell_store.errors import UsageError
from stepwell_store.files import explained, make_dir


class FolderDatastore:
    """A datastore in the folder `root`, which is made, with mode 0700, when it is not there."""

    def __init__(self, name: str, kind: Literal["blob", "file"], root: str) -> None:
        self.name: str = name
        self.kind: str = kind
        self.root: str = os.path.abspath(root)
        with explained("making a datastore", self.root):
            make_dir(self.root)

    def upload(self, source: str, target: str = "", *, overwrite: bool = False, progress: Progress | None = None) -> Uploaded:
        """Copy a local file, or everything below a local folder, to the folder `target`."""
        if not os.path.isdir(source):
            return self.upload_files([source], target, overwrite=overwrite, progress=progress)
        folder = os.path.abspath(source)
        with explained("reading a folder", folder):
            sources = [(os.path.join(folder, entry.path), entry.size) for entry in files_below(folder)]
        return self._upload(sources, folder, target, overwrite, progress)

    def upload_files(
        self,
        files: Sequence[str],
        target: str = "",
        *,
        relative_root: str | None = None,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Uploaded:
        """Copy local files; each keeps its path below `relative_root`, by default the folder common to all."""
        sources = [local_file(path) for path in files]
        if not sources:
            return Uploaded()
        common = os.path.commonpath([os.path.dirname(path) for path, _ in sources])
        root = common if relative_root is None else os.path.abspath(relative_root)
        if os.path.commonpath([common, root]) != root:
            todo = "Give a folder that holds all of them."
            raise UsageError(f"the files are not all below '{relative_root}'", where=common, todo=todo)
        return self._upload(sources, root, target, overwrite, progress)

    def _upload(
        self, sources: Sequence[tuple[str, int]], root: str, target: str, overwrite: bool, progress: Progress | None
    ) -> Uploaded:
        start = target_parts(target)
        named = [("/".join((*start, os.path.relpath(path, root))), path, size) for path, size in sources]
        for folder in {os.path.dirname(name) for name, _, _ in named}:
            self._check_inside(folder)
        copies = [Copy(path, os.path.join(self.root, name), name, size) for name, path, size in named]
        uploaded, skipped = copy_all(copies, overwrite, progress)
        return Uploaded(tuple(uploaded), tuple(skipped))

    def _check_inside(self, folder: str) -> None:
        if not is_inside(self.root, os.path.join(self.root, folder)):
            raise UsageError(f"'{folder}' leads out of datastore '{self.name}' by a symbolic link", where=self.root)

    def download(self, target: str, prefix: str = "", *, overwrite: bool = False, progress: Progress | None = None) -> int:
        """Copy the file or folder `prefix` into the local folder `target`; how many files were copied."""
        start = "/".join(source_parts(prefix))
        into = os.path.abspath(target)
        copies = [
            Copy(os.path.join(self.root, entry.path), os.path.join(into, self._kept(entry.path, start)), entry.path, entry.size)
            for entry in self.ls(start)
        ]
        copied, _ = copy_all(copies, overwrite, progress)
        return len(copied)

    def _kept(self, path: str, prefix: str) -> str:
        """The part of a path that a download keeps."""
        if self.kind == "blob" or not prefix:
            return path
        return os.path.basename(path) if path == prefix else path[len(prefix) + 1 :]

    def ls(self, prefix: str = "") -> list[Entry]:
        """The file `prefix`, or all files below that folder, in order of path; empty when there is neither."""
        start = "/".join(source_parts(prefix))
        one = file_at(self.root, start)
        return [one] if one else self._below(start)

    def _below(self, folder: str, depth: int | None = None) -> list[Entry]:
        place = os.path.join(self.root, folder)
        if not os.path.isdir(place) or not is_inside(self.root, place):
            return []
        with explained("reading a datastore", place):
            return files_below(self.root, folder, depth=depth, inside=True)

    def find(self, pattern: str) -> list[Entry]:
        """The files that a path or a glob names, in order of path."""
        if not is_glob(pattern):
            return self.ls(pattern)
        parts = source_parts(pattern)
        whole, folder = glob_matcher(parts), "/".join(fixed_parts(parts))
        return [entry for entry in self._below(folder, glob_depth(parts)) if whole.fullmatch(entry.path)]

    def resolve(self, pattern: str) -> list[str]:
        """Absolute paths of the files that a path or a glob names, in order."""
        return [os.path.join(self.root, entry.path) for entry in self.find(pattern)]

    def remove(self, path: str) -> int:
        """Remove a file, or all files below a folder; how many there were."""
        start = "/".join(source_parts(path))
        entries = self.ls(start)
        with explained("removing files", os.path.join(self.root, start)):
            for entry in entries:
                os.unlink(os.path.join(self.root, entry.path))
            self._remove_empty_folders(start)
        return len(entries)

    def _remove_empty_folders(self, start: str) -> None:
        top = os.path.join(self.root, start)
        if not start or not is_inside(self.root, top) or os.path.islink(top):
            return
        for folder, _, _ in os.walk(top, topdown=False):
            if not os.listdir(folder):
                os.rmdir(folder)
