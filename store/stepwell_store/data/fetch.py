"""Files behind http and https addresses: fetched once, asked after again, kept when the network is away."""

from __future__ import annotations

import os
import time
from urllib.parse import unquote, urlsplit

import msgspec
from blake3 import blake3

from stepwell_store.data.datastores import Notice, Progress
from stepwell_store.data.http import Answer, Unchanged, UnreachableError, opened, shown
from stepwell_store.errors import UsageError
from stepwell_store.files import FileLock, create_file, explained, make_dir, sync_dir, temporary_name, write_atomic

_BLOCK = 1 << 18
_TIMEOUT_S = 30.0
_LONGEST_DOWNLOAD_S = 3600.0


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a fetched file: the server's validators, its size in bytes, when it was fetched (seconds since 1970)."""

    size: int
    fetched: float
    etag: str | None = None
    last_modified: str | None = None


def fetch(
    url: str,
    download_dir: str,
    *,
    progress: Progress | None = None,
    notice: Notice | None = None,
    timeout_s: float = _TIMEOUT_S,
) -> str:
    """The path of a local copy of the file at `url`, below `download_dir`; named as in the address.

    A copy that the server says is current is not fetched again; one that cannot be checked is used, with a notice.
    UsageError when the address is wrong, MachineError when it cannot be reached and there is no copy.
    """
    name = _file_name(url)
    folder = os.path.join(download_dir, blake3(url.encode()).hexdigest(length=16))
    file = os.path.join(folder, "file", name)
    with explained("keeping a download", folder):
        make_dir(os.path.dirname(file))
    lock = FileLock(os.path.join(folder, "lock"))
    lock.acquire(_LONGEST_DOWNLOAD_S)
    with lock:
        known = _known(folder, file)
        try:
            _refresh(url, folder, file, known, progress, timeout_s)
        except UnreachableError as error:
            if known is None:
                raise
            _tell(notice, url, error, known)
    return file


def _tell(notice: Notice | None, url: str, error: UnreachableError, known: Source) -> None:
    if notice:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(known.fetched))
        notice(f"{error.what} ({shown(url)}); using the copy fetched on {when}")


def _file_name(url: str) -> str:
    if any(character <= " " or character == "\x7f" for character in url):
        what = "an address may not contain blanks or control characters"
        raise UsageError(what, where=repr(url), todo="Write %20 for a blank.")
    address = urlsplit(url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise UsageError("only http:// and https:// addresses can be read", where=shown(url))
    name = unquote(address.path.rstrip("/").rpartition("/")[2]).replace("/", "_").replace("\0", "_")
    return name if name.strip(".") and len(os.fsencode(name)) <= 200 else "data"


def name_of(url: str) -> str:
    """A name for the file when a dataset has several addresses: host, path and file name, with a leading `/`."""
    address = urlsplit(url)
    folders = unquote(address.path).replace("\0", "").rstrip("/").split("/")[:-1]
    return "/".join(("", address.hostname or "", *(part for part in folders if part not in ("", ".", "..")), _file_name(url)))


def _known(folder: str, file: str) -> Source | None:
    """What is known of the copy, if it is there and whole."""
    try:
        with open(os.path.join(folder, "source.json"), "rb") as stream:
            source = msgspec.json.decode(stream.read(), type=Source)
        return source if os.stat(file).st_size == source.size else None
    except (OSError, msgspec.DecodeError):
        return None


def _refresh(url: str, folder: str, file: str, known: Source | None, progress: Progress | None, timeout_s: float) -> None:
    conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified} if known else {}
    try:
        answer = opened(url, {name: value for name, value in conditions.items() if value}, timeout_s)
    except Unchanged:
        return
    partial = temporary_name(folder)
    try:
        size = _receive(answer, partial, os.path.basename(file), progress)
        _keep(answer, partial, folder, file, size)
    finally:
        answer.close()
        if os.path.exists(partial):
            os.unlink(partial)


def _receive(answer: Answer, partial: str, name: str, progress: Progress | None) -> int:
    """Write the body to a new private file, durably; its size in bytes."""
    done = 0
    with explained("keeping a download", partial):
        target = os.fdopen(create_file(partial), "wb")
    with target:
        while block := answer.read(_BLOCK):
            with explained("keeping a download", partial):
                target.write(block)
            done += len(block)
            if progress:
                progress(done, answer.size or done, name)
        answer.check_whole(done)
        with explained("keeping a download", partial):
            target.flush()
            os.fsync(target.fileno())
    return done


def _keep(answer: Answer, partial: str, folder: str, file: str, size: int) -> None:
    """Put the new copy in place. Between the two files nothing is known, so that old facts never vouch for new bytes."""
    facts = os.path.join(folder, "source.json")
    with explained("keeping a download", folder):
        if os.path.exists(facts):
            os.unlink(facts)
            sync_dir(folder)
        os.replace(partial, file)
        sync_dir(os.path.dirname(file))
        source = Source(size, time.time(), answer.header("ETag"), answer.header("Last-Modified"))
        write_atomic(facts, msgspec.json.encode(source))
