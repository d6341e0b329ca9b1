"""The one way into the workspace database: connections, the fair writer lock, transactions, checkpoints.

Every write transaction holds the file lock `write.lock` and starts with BEGIN IMMEDIATE; checkpoints run only under that
lock. So writers wait in turn instead of failing with "database is locked", and no checkpoint overlaps a commit (the race
that SQLite had before 3.51.3).
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from stepwell_store.errors import BusyError, IntegrityError, MachineError, StepwellError
from stepwell_store.faults import translate
from stepwell_store.locks import FileLock

if TYPE_CHECKING:
    import sqlite3
else:
    try:
        from pysqlite3 import dbapi2 as sqlite3
    except ImportError:
        import sqlite3

FIXED_SQLITE = (3, 51, 3)
CHECKPOINT_BYTES = 4 << 20
TRUNCATE_BYTES = 64 << 20
SHARED_BYTES = 32 << 10

_ON_EVERY_CONNECTION = (
    "PRAGMA busy_timeout=30000",
    "PRAGMA synchronous=FULL",
    "PRAGMA wal_autocheckpoint=0",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA journal_size_limit=8388608",
)

Row = tuple[Any, ...]


def sqlite_version() -> str:
    """The version of the SQLite library in use, such as `3.53.4`."""
    return str(sqlite3.sqlite_version)


def has_wal_reset_race() -> bool:
    """True when the library is older than the one that fixed the race; the writer lock covers for it."""
    return tuple(int(part) for part in sqlite_version().split(".")) < FIXED_SQLITE


class _Opened(NamedTuple):
    """A connection, the process that opened it, and what is held while it is used."""

    pid: int
    connection: sqlite3.Connection
    use: threading.RLock


class Database:
    """The database file of a workspace. One connection per thread, dropped in forked children."""

    def __init__(self, path: Path, lock: Path) -> None:
        self.path = path
        self._lock_path = lock
        self._local = threading.local()
        self._opened: list[_Opened] = []

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, opened at first use."""
        return self._own().connection

    def _own(self) -> _Opened:
        own: _Opened | None = getattr(self._local, "own", None)
        if own is None or own.pid != os.getpid():
            self._local.own = own = _Opened(os.getpid(), open_connection(self.path), threading.RLock())
            self._opened.append(own)
        return own

    def read(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[Row]:
        """All rows of one query, fetched at once so that no reader holds a snapshot open."""
        with translated(self.path):
            own = self._own()
            with own.use:
                return list(own.connection.execute(sql, parameters).fetchall())

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Several reads that see one state of the database; keep it short."""
        with translated(self.path):
            own = self._own()
            with own.use:
                own.connection.execute("BEGIN")
                try:
                    yield
                finally:
                    _roll_back(own.connection)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One write transaction: committed and durable when the block ends, rolled back when it raises."""
        with translated(self.path):
            own = self._own()
            connection = own.connection
            with own.use, FileLock(self._lock_path):
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    _roll_back(connection)
                    raise
                # What is committed is in the log; that it cannot be moved on now, on a full disk say, is no failure of the write.
                with suppress(sqlite3.OperationalError):
                    self._checkpoint(connection)

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        size = wal_size(self.path)
        if size > TRUNCATE_BYTES:
            connection.execute("PRAGMA busy_timeout=200")
            try:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                connection.execute("PRAGMA busy_timeout=30000")
        elif size > CHECKPOINT_BYTES:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def data_version(self) -> int:
        """A number that changes when another connection has committed; costs microseconds."""
        own = self._own()
        with own.use:
            return int(own.connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close the connections of all threads of this process, each when its query is over; the object must not be used afterwards."""
        for own in self._opened:
            if own.pid == os.getpid():
                with own.use:  # what a query of another thread works on must not be freed
                    own.connection.close()
        self._opened.clear()
        self._local = threading.local()


def _roll_back(connection: sqlite3.Connection) -> None:
    # SQLite itself has done so after some errors, a full disk among them.
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def wal_size(path: Path) -> int:
    """Bytes in the write-ahead log beside the database, 0 when there is none."""
    try:
        return os.stat(f"{path}-wal").st_size
    except FileNotFoundError:
        return 0


def open_connection(path: Path) -> sqlite3.Connection:
    """A connection with the rules of this project; on a read-only file system one that only reads."""
    if not path.exists():
        raise MachineError(f"there is no database at {path}", todo="run `stepwell init` to make a workspace here")
    with translated(path):
        if not os.access(path.parent, os.W_OK):
            return _open_immutable(path)
        connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        for pragma in _ON_EVERY_CONNECTION:
            connection.execute(pragma)
        if sys.platform == "darwin":
            connection.execute("PRAGMA fullfsync=1")
    return connection


def _open_immutable(path: Path) -> sqlite3.Connection:
    # A WAL database cannot be opened on a read-only file system except as one that never changes, and that mode
    # does not look into the WAL; so with a WAL the pair is read from a private copy.
    if wal_size(path):
        import shutil
        import tempfile

        folder = Path(tempfile.mkdtemp(prefix="stepwell-"))
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{path}{suffix}", folder / f"copy.db{suffix}")
        connection = sqlite3.connect(folder / "copy.db", isolation_level=None, check_same_thread=False)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        shutil.rmtree(folder)
    else:
        connection = sqlite3.connect(f"file:{_uri_path(path)}?mode=ro&immutable=1", uri=True, isolation_level=None,
                                     check_same_thread=False)
    connection.execute("PRAGMA query_only=ON")
    return connection


def _uri_path(path: Path) -> str:
    from urllib.parse import quote

    return quote(str(path))


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turns SQLite's errors into ours, by who must act."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        explained = _explain(error, path)
        if explained is None:
            raise
        raise explained from error
    except OSError as error:
        raise translate(error, "writing to the workspace", str(path)) from error


def _is_full(path: Path) -> bool:
    """Whether the disk has no room for the file that SQLite shares among processes; it calls that an I/O error."""
    try:
        room = os.statvfs(path.parent)
    except OSError:
        return False
    return room.f_bavail * room.f_frsize < SHARED_BYTES


def _explain(error: sqlite3.DatabaseError, path: Path) -> StepwellError | None:
    name = getattr(error, "sqlite_errorname", "") or str(error)
    where = str(path)
    if "FULL" in name or "full" in name or ("IOERR" in name and _is_full(path)):
        return MachineError("the disk is full", where=where, todo="free some space, for example with `stepwell gc`")
    if "READONLY" in name or "readonly" in name or "query_only" in name:
        return MachineError("the workspace cannot be written", where=where,
                            todo="it is on a read-only file system or belongs to somebody else; `runs`, `show` and `why` still work")
    if "CORRUPT" in name or "NOTADB" in name or "malformed" in name or "not a database" in name:
        return IntegrityError("the workspace database is damaged", where=where,
                              todo="run `stepwell check`; restore the last `stepwell backup` if it cannot be read")
    if "CANTOPEN" in name or "IOERR" in name:
        return MachineError(f"the workspace database cannot be used ({error})", where=where,
                            todo="check the disk and the permissions of the folder")
    if "BUSY" in name or "LOCKED" in name or "locked" in name:
        return BusyError("the database is locked by a program that is not Stepwell", where=where, todo="close it and try again")
    return None
