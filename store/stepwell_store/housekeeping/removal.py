"""Removal that may be interrupted anywhere: a folder leaves its place in one rename, then it is emptied."""

from __future__ import annotations

import errno
import os

from stepwell_store.files import StrPath, explained, make_dir, remove_tree

TRASH = "trash"
"""The folder, in the workspace, of what is on its way out. Whatever is there may be deleted at any time."""


def discard(root: StrPath, path: str) -> None:
    """Remove a file or folder of the workspace; a folder is there whole, or not at all, whenever this ends."""
    trash = os.path.join(root, TRASH)
    with explained("removing", path):
        make_dir(trash)
        try:
            aside = os.path.join(trash, os.urandom(12).hex())
            os.rename(path, aside)
        except FileNotFoundError:
            return
        except OSError as error:
            # A folder of the workspace may be a mount or lead to another file system.
            if error.errno not in (errno.EXDEV, errno.EBUSY, errno.ENOSPC, errno.EDQUOT):
                raise
            aside = path
        remove_tree(aside)


def empty_trash(root: StrPath) -> None:
    """Remove what an interrupted removal left."""
    remove_tree(os.path.join(root, TRASH))


def bytes_below(path: str) -> int:
    """The bytes of a file, or of all files in a folder; links count nothing and are not followed."""
    if os.path.islink(path):
        return 0
    if not os.path.isdir(path):
        return _size(path)
    return sum(_size(os.path.join(folder, name)) for folder, _, names in os.walk(path) for name in names)


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0
