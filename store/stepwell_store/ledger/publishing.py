"""Published pipelines and endpoints: pipelines kept as they were, and names whose versions are such pipelines."""

from __future__ import annotations

import time
from typing import Literal

from stepwell_store.errors import UsageError
from stepwell_store.ledger.database import Database
from stepwell_store.ledger.records import Record, from_row, insert, new_id, select, to_row

Status = Literal["Active", "Disabled"]


class Published(Record, frozen=True, kw_only=True):
    """A pipeline that was published. `graph` is an object; `snapshots` maps step keys to the trees that stand for their sources.

    `files` maps the paths of hash_paths to the digest of what they held, `environments` are identities that its steps need.
    """

    id: str
    name: str
    graph: str
    snapshots: dict[str, str]
    files: dict[str, str]
    environments: list[str]
    steps: int
    created_at: float
    status: Status = "Active"
    version: str | None = None
    description: str | None = None
    source: str | None = None
    source_run: str | None = None


class Endpoint(Record, frozen=True, kw_only=True):
    """A name by which one of several published pipelines is run: the one of `default_version` unless the caller names another."""

    id: str
    name: str
    default_version: str
    created_at: float
    status: Status = "Active"
    description: str | None = None


class EndpointVersion(Record, frozen=True, kw_only=True):
    """A version of an endpoint, `0` for the first, and the id of its published pipeline."""

    endpoint: str
    version: str
    published: str


_PUBLISHED = select(Published, "published")
_ENDPOINT = select(Endpoint, "endpoints")


# --- published pipelines


def add_published(database: Database, record: Published) -> None:
    """Keep a published pipeline, whose objects are stored already."""
    with database.write() as connection:
        connection.execute(insert(Published, "published"), to_row(record))


def get_published(database: Database, identity: str) -> Published | None:
    """The published pipeline with exactly this id; None when there is none."""
    rows = database.read(_PUBLISHED + "WHERE id = ?", (identity,))
    return from_row(Published, rows[0]) if rows else None


def list_published(database: Database, *, active_only: bool = False, limit: int = -1) -> list[Published]:
    """All published pipelines, the newest first."""
    where = "WHERE status = 'Active' " if active_only else ""
    return [from_row(Published, row) for row in database.read(f"{_PUBLISHED}{where}ORDER BY created_at DESC, id LIMIT ?", (limit,))]


def find_published(database: Database, name: str, version: str | None = None) -> Published:
    """The published pipeline of this id, unique prefix of one, or name; of several with the name the newest active one.

    UsageError names what there is.
    """
    rows = database.read(_PUBLISHED + "WHERE (name = ?1 AND (?2 IS NULL OR version = ?2)) OR (?2 IS NULL AND id >= ?1 AND id < ?3)"
                                      " ORDER BY status, created_at DESC", (name, version, name + "\U0010ffff"))
    found = [from_row(Published, row) for row in rows]
    named = [one for one in found if one.name == name]
    if named:
        return named[0]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{name} begins more than one id: {', '.join(one.id for one in found)}", todo="give more characters of it")
    wanted = name if version is None else f"{name} version {version}"
    raise UsageError(f"there is no published pipeline {wanted}", todo="`stepwell published ls` lists them; `stepwell publish` adds one")


def set_published_status(database: Database, identity: str, status: Status) -> None:
    """Switch a published pipeline on or off."""
    with database.write() as connection:
        connection.execute("UPDATE published SET status = ? WHERE id = ?", (status, identity))


# --- endpoints


def create_endpoint(database: Database, name: str, published: str, description: str | None) -> Endpoint:
    """Make an endpoint whose version 0 is a published pipeline; UsageError when the name is taken."""
    record = Endpoint(id=new_id(), name=name, description=description, default_version="0", created_at=time.time())
    with database.write() as connection:
        if connection.execute("SELECT 1 FROM endpoints WHERE name = ?", (name,)).fetchone():
            raise UsageError(f"there is an endpoint {name} already", todo="choose another name, or add a version to that one")
        connection.execute(insert(Endpoint, "endpoints"), to_row(record))
        connection.execute(insert(EndpointVersion, "endpoint_versions"),
                           to_row(EndpointVersion(endpoint=record.id, version="0", published=published)))
    return record


def get_endpoint(database: Database, identity: str) -> Endpoint | None:
    """The endpoint with exactly this id; None when there is none."""
    rows = database.read(_ENDPOINT + "WHERE id = ?", (identity,))
    return from_row(Endpoint, rows[0]) if rows else None


def endpoint_named(database: Database, name: str) -> Endpoint | None:
    """The endpoint with exactly this name; None when there is none."""
    rows = database.read(_ENDPOINT + "WHERE name = ?", (name,))
    return from_row(Endpoint, rows[0]) if rows else None


def find_endpoint(database: Database, name: str) -> Endpoint:
    """The endpoint of this name, id or unique prefix of one; UsageError says what there is."""
    rows = database.read(_ENDPOINT + "WHERE name = ?1 OR (id >= ?1 AND id < ?2)", (name, name + "\U0010ffff"))
    found = [from_row(Endpoint, row) for row in rows]
    named = [one for one in found if one.name == name] or found
    if len(named) == 1:
        return named[0]
    if named:
        raise UsageError(f"{name} begins more than one id: {', '.join(one.id for one in named)}", todo="give more characters of it")
    known = ", ".join(row[0] for row in database.read("SELECT name FROM endpoints ORDER BY name LIMIT 20"))
    raise UsageError(f"there is no endpoint {name}", todo=f"there are: {known or 'none yet; `stepwell endpoint add` makes one'}")


def list_endpoints(database: Database, *, active_only: bool = False, limit: int = -1) -> list[Endpoint]:
    """All endpoints by name."""
    where = "WHERE status = 'Active' " if active_only else ""
    return [from_row(Endpoint, row) for row in database.read(f"{_ENDPOINT}{where}ORDER BY name LIMIT ?", (limit,))]


def versions_of(database: Database, endpoint: str) -> list[EndpointVersion]:
    """The versions of an endpoint, the first one first."""
    query = select(EndpointVersion, "endpoint_versions", "WHERE endpoint = ? ORDER BY CAST(version AS INTEGER)")
    return [from_row(EndpointVersion, row) for row in database.read(query, (endpoint,))]


def version_of(database: Database, endpoint: Endpoint, version: str | None) -> EndpointVersion:
    """One version of an endpoint, its default one for None; UsageError names those that there are."""
    wanted = endpoint.default_version if version is None else version
    known = versions_of(database, endpoint.id)
    for one in known:
        if one.version == wanted:
            return one
    raise UsageError(f"the endpoint {endpoint.name} has no version {wanted}", todo=f"it has: {', '.join(one.version for one in known)}")


def add_version(database: Database, endpoint: Endpoint, published: str, *, default: bool) -> str:
    """Make a published pipeline the next version of an endpoint; the version. UsageError when it is one already."""
    with database.write() as connection:
        rows = connection.execute("SELECT version, published FROM endpoint_versions WHERE endpoint = ?", (endpoint.id,)).fetchall()
        for version, known in rows:
            if known == published:
                raise UsageError(f"that pipeline is version {version} of the endpoint {endpoint.name} already")
        version = str(max((int(row[0]) for row in rows), default=-1) + 1)
        connection.execute(insert(EndpointVersion, "endpoint_versions"),
                           to_row(EndpointVersion(endpoint=endpoint.id, version=version, published=published)))
        if default:
            connection.execute("UPDATE endpoints SET default_version = ? WHERE id = ?", (version, endpoint.id))
    return version


def change_endpoint(database: Database, identity: str, *, name: str | None = None, status: Status | None = None,
                    default_version: str | None = None, description: str | None = None) -> None:
    """Rename an endpoint, switch it on or off, give it another default version or description; UsageError when the name is taken."""
    with database.write() as connection:
        if name is not None and connection.execute("SELECT 1 FROM endpoints WHERE name = ? AND id <> ?", (name, identity)).fetchone():
            raise UsageError(f"there is an endpoint {name} already", todo="choose another name")
        connection.execute("UPDATE endpoints SET name = coalesce(?, name), status = coalesce(?, status),"
                           " default_version = coalesce(?, default_version), description = coalesce(?, description) WHERE id = ?",
                           (name, status, default_version, description, identity))
