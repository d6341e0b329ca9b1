"""The tables, made and changed only by named migrations through sqlite-utils. A migration that was released never changes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

    from sqlite_utils import Database

VERSION = 5
APPLICATION_ID = 0x53544550

_M001 = """
CREATE TABLE events (seq INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, kind TEXT NOT NULL, run TEXT, payload TEXT NOT NULL) STRICT;
CREATE INDEX events_run ON events (run, seq);
CREATE TABLE runs (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, experiment TEXT NOT NULL, pipeline TEXT NOT NULL,
  status TEXT NOT NULL, graph TEXT NOT NULL, parameters TEXT NOT NULL, options TEXT NOT NULL, source TEXT, rerun_of TEXT,
  created_at REAL NOT NULL, started_at REAL, ended_at REAL, error TEXT, git TEXT, tags TEXT NOT NULL, properties TEXT NOT NULL) STRICT;
CREATE INDEX runs_open ON runs (status) WHERE ended_at IS NULL;
CREATE INDEX runs_experiment ON runs (experiment, number);
CREATE INDEX runs_pipeline ON runs (pipeline, number);
CREATE TABLE step_runs (id TEXT PRIMARY KEY, run TEXT NOT NULL REFERENCES runs (id), position INTEGER NOT NULL, step TEXT NOT NULL,
  name TEXT NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL, reused_from TEXT, fingerprint TEXT, ingredients TEXT NOT NULL,
  reasons TEXT NOT NULL, snapshot TEXT, target TEXT NOT NULL, attempt INTEGER NOT NULL, started_at REAL, ended_at REAL,
  duration_s REAL, exit_code INTEGER, error TEXT, tags TEXT NOT NULL, properties TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX step_runs_run ON step_runs (run, position);
CREATE INDEX step_runs_result ON step_runs (fingerprint) WHERE status = 'Completed' AND reused_from IS NULL;
CREATE TABLE outputs (step_run TEXT NOT NULL REFERENCES step_runs (id), name TEXT NOT NULL, kind TEXT NOT NULL, datastore TEXT NOT NULL,
  path TEXT NOT NULL, digest TEXT NOT NULL, seal TEXT NOT NULL, size INTEGER NOT NULL, files INTEGER NOT NULL,
  PRIMARY KEY (step_run, name)) STRICT, WITHOUT ROWID;
CREATE TABLE artifacts (owner TEXT NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL,
  PRIMARY KEY (owner, name)) STRICT, WITHOUT ROWID;
CREATE TABLE metrics (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, value TEXT NOT NULL,
  step INTEGER, at REAL NOT NULL, description TEXT) STRICT;
CREATE INDEX metrics_owner ON metrics (owner, name, id);
CREATE TABLE latest (pipeline TEXT NOT NULL, step TEXT NOT NULL, step_run TEXT NOT NULL, fingerprint TEXT NOT NULL,
  PRIMARY KEY (pipeline, step)) STRICT, WITHOUT ROWID;
CREATE TABLE datastores (name TEXT PRIMARY KEY, kind TEXT NOT NULL, config TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE datasets (name TEXT NOT NULL, version INTEGER NOT NULL, id TEXT NOT NULL UNIQUE, definition TEXT NOT NULL, description TEXT,
  tags TEXT NOT NULL, created_at REAL NOT NULL, PRIMARY KEY (name, version)) STRICT, WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""

_M002 = """
CREATE TABLE assets (kind TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL,
  created_at REAL NOT NULL, modified_at REAL NOT NULL, description TEXT, status TEXT NOT NULL, tags TEXT NOT NULL,
  properties TEXT NOT NULL, UNIQUE (kind, name, version)) STRICT;
"""

_M003 = """
CREATE TABLE compute (name TEXT PRIMARY KEY, kind TEXT NOT NULL, max_steps INTEGER, settings TEXT NOT NULL, description TEXT,
  properties TEXT NOT NULL, created_at REAL NOT NULL) STRICT, WITHOUT ROWID;
"""

_M004 = """
CREATE TABLE published (id TEXT PRIMARY KEY, name TEXT NOT NULL, graph TEXT NOT NULL, snapshots TEXT NOT NULL, files TEXT NOT NULL,
  environments TEXT NOT NULL, steps INTEGER NOT NULL, created_at REAL NOT NULL, status TEXT NOT NULL, version TEXT, description TEXT,
  source TEXT, source_run TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX published_name ON published (name);
CREATE TABLE endpoints (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, default_version TEXT NOT NULL, created_at REAL NOT NULL,
  status TEXT NOT NULL, description TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE endpoint_versions (endpoint TEXT NOT NULL REFERENCES endpoints (id), version TEXT NOT NULL,
  published TEXT NOT NULL REFERENCES published (id), PRIMARY KEY (endpoint, version)) STRICT, WITHOUT ROWID;
CREATE TABLE queue (run TEXT PRIMARY KEY, number INTEGER NOT NULL, targets TEXT NOT NULL, pinned TEXT NOT NULL,
  files TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX queue_targets ON queue (targets, number);
CREATE INDEX queue_number ON queue (number);
CREATE TABLE submission_keys (owner TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, run TEXT NOT NULL, at REAL NOT NULL,
  PRIMARY KEY (owner, name)) STRICT, WITHOUT ROWID;
CREATE TABLE tokens (id TEXT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, verbs TEXT NOT NULL, only_for TEXT,
  created_at REAL NOT NULL, expires_at REAL, revoked_at REAL, calls_left INTEGER, used_at REAL) STRICT, WITHOUT ROWID;
CREATE TABLE schedules (id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, status TEXT NOT NULL, published TEXT, endpoint TEXT,
  experiment TEXT NOT NULL, trigger TEXT NOT NULL, parameters TEXT NOT NULL, continue_on_failure INTEGER, created_at REAL NOT NULL,
  state TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""

_M005 = """
ALTER TABLE step_runs ADD COLUMN parent TEXT;
CREATE INDEX step_runs_parent ON step_runs (parent, position) WHERE parent IS NOT NULL;
"""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables to VERSION. The caller holds the writer lock and an open IMMEDIATE transaction."""
    with _hidden("pandas", "numpy"):
        from sqlite_utils import Database, Migrations

    migrations = Migrations("stepwell")

    @migrations()
    def m001_first_tables(db: Database) -> None:
        """Runs, step runs and what they left; definitions; events."""
        _execute(db, _M001)

    @migrations()
    def m002_assets(db: Database) -> None:
        """Models, environments and other things with names and versions."""
        _execute(db, _M002)

    @migrations()
    def m003_compute_targets(db: Database) -> None:
        """The compute targets that people define."""
        _execute(db, _M003)

    @migrations()
    def m004_publishing(db: Database) -> None:
        """Published pipelines, endpoints, the queue, tokens, schedules."""
        _execute(db, _M004)

    @migrations()
    def m005_trials(db: Database) -> None:
        """Step runs that are trials of a sweep name its step run."""
        _execute(db, _M005)

    migrations.apply(Database(connection, execute_plugins=False))
    connection.execute(f"PRAGMA user_version={VERSION}")


def _execute(db: Database, statements: str) -> None:
    for statement in filter(str.strip, statements.split(";")):
        db.execute(statement)


@contextmanager
def _hidden(*names: str) -> Iterator[None]:
    """Let an import not find modules that nobody has imported yet: sqlite-utils takes in pandas where it is installed, which takes
    longer than making a workspace, and which this module has no use for."""
    absent = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def version_of(connection: sqlite3.Connection) -> int:
    """The version of the tables in an open database; 0 for an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
