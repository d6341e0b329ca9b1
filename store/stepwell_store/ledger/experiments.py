"""Reads of experiments: the names under which runs are gathered. One exists from its first run on."""

from __future__ import annotations

from stepwell_store.ledger.database import Database


def experiment_names(database: Database) -> list[str]:
    """The names of all experiments, in order."""
    return [row[0] for row in database.read("SELECT DISTINCT experiment FROM runs ORDER BY experiment")]


def has_experiment(database: Database, name: str) -> bool:
    """Whether there is a run of this experiment."""
    return bool(database.read("SELECT 1 FROM runs WHERE experiment = ? LIMIT 1", (name,)))
