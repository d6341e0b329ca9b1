"""Copies a step's one input to its one output: `python -m stepwell.transfer SOURCE TARGET SOURCE_TYPE TARGET_TYPE INPUT`."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any


def main(source: str, target: str, source_type: str, target_type: str, name: str) -> None:
    """Copy a file or folder, or write what a query gives as a CSV file."""
    query = _query_of(name)
    if query is not None:
        return _write_query(*query, _file_in(target, "data.csv", target_type))
    if not os.path.exists(source):
        sys.exit(f"there is nothing to copy at {source}")
    is_file = os.path.isfile(source)
    if source_type != "any" and is_file != (source_type == "file"):
        sys.exit(f"the source {source} is a {'file' if is_file else 'directory'}, not a {source_type}")
    if is_file:
        copied = _file_in(target, os.path.basename(source), target_type)
        shutil.copyfile(source, copied)
        print(f"copied {os.path.getsize(copied)} bytes to {copied}")
    elif target_type == "file":
        sys.exit(f"the source {source} is a directory and cannot become one file")
    else:
        shutil.copytree(source, target, dirs_exist_ok=True)
        print(f"copied {sum(len(names) for _, _, names in os.walk(target))} files to {target}")
    return None


def _file_in(target: str, name: str, target_type: str) -> str:
    """The path of the file to write: the target itself, or one of this name in it."""
    if target_type == "file":
        os.makedirs(os.path.dirname(target), exist_ok=True)
        return target
    os.makedirs(target, exist_ok=True)
    return os.path.join(target, name)


def _query_of(name: str) -> tuple[str, str] | None:
    """The database file and the query of an input that is one."""
    from stepwell import context

    given: dict[str, Any] = (context.read() or {}).get("inputs", {}).get(name, {})
    definition = given.get("definition") or {}
    files = given.get("files") or []
    return (files[0], definition["options"]["query"]) if definition.get("format") == "sql" and files else None


def _write_query(file: str, query: str, target: str) -> None:
    import csv
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(file)) as connection, open(target, "w", newline="", encoding="utf-8") as out:
        found = connection.execute(query)
        writer = csv.writer(out)
        writer.writerow([column[0] for column in found.description])
        writer.writerows(found)
    print(f"wrote what the query gives to {target}")


if __name__ == "__main__":
    main(*sys.argv[1:6])
