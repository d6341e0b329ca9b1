"""What a source folder holds right now, as a tree: one walk, and reading only of what the stat cache does not know."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from functools import cached_property

import msgspec

from stepwell_store.content import statcache
from stepwell_store.content.digest import FileChanged, digest_file, digest_parts
from stepwell_store.content.ignore import Judge, Rules, Selection, is_secret, read_rules
from stepwell_store.content.limits import Limits, check, limits_from_environment
from stepwell_store.content.parallel import map_threads
from stepwell_store.content.trees import Tree, TreeEntry, make_tree, path_bytes, path_text
from stepwell_store.content.walk import Found, Stat, seal_of, walk
from stepwell_store.errors import UsageError
from stepwell_store.files import StrPath, explained

_TRIES = 3


class Request(msgspec.Struct, frozen=True):
    """What to scan: an absolute folder, the workspace's `cache` folder, limits, and paths or globs that narrow it."""

    folder: str
    cache_dir: str
    limits: Limits
    include: tuple[str, ...] | None


class Scan:
    """The files of a source folder at one moment. `digest` names the tree; `notices` tell what could not be kept."""

    def __init__(self, request: Request, digest: str, notices: tuple[str, ...], entries: Callable[[], Tree]) -> None:
        self.request = request
        self.folder = request.folder
        self.digest = digest
        self.notices = notices
        self._make_tree = entries

    @cached_property
    def tree(self) -> Tree:
        """The files."""
        return self._make_tree()


def scan(
    folder: StrPath,
    cache_dir: StrPath,
    limits: Limits | None = None,
    include: tuple[str, ...] | None = None,
    now_ns: Callable[[], int] = time.time_ns,
) -> Scan:
    """The files of a source folder that are not ignored, narrowed to `include` (relative paths and globs) when given.

    UsageError for a folder that is missing, too large, holds a secret or a link that leads out of it. Limits come from the
    environment unless given. `cache_dir` is the workspace's `cache` folder.
    """
    real = os.path.realpath(folder)
    if not os.path.isdir(real):
        raise UsageError("The source folder is not there.", where=os.fspath(folder), todo="Name a folder that exists.")
    request = Request(real, os.fspath(cache_dir), limits or limits_from_environment(), include)
    return rescan(request, now_ns=now_ns)


def rescan(request: Request, use_cache: bool = True, now_ns: Callable[[], int] = time.time_ns) -> Scan:
    """Scan again, without believing the stat cache when `use_cache` is False."""
    path = statcache.cache_path(request.cache_dir, request.folder, request.include)
    for _ in range(_TRIES):
        cache = statcache.load(path) if use_cache else None
        with explained("reading the source folder", request.folder):
            try:
                return _scan_once(request, path, cache, now_ns())
            except FileNotFoundError as error:
                vanished = os.fsdecode(error.filename or request.folder)
    raise FileChanged([vanished])


def _scan_once(request: Request, path: str, cache: statcache.Cache | None, now_ns: int) -> Scan:
    rules = read_rules(request.folder)
    name = digest_parts("stepwell.scan.1", [rules.digest.encode(), *map(path_bytes, request.include or ())])
    found = ignored = None
    if cache is not None and cache.rules == name:
        found, ignored = _walk(request, cache.ignored_paths().__contains__), cache.ignored
        if cache.seal and cache.seal == found.seal():
            _refuse(found, [], rules, request)
            return Scan(request, cache.tree, tuple(found.notices), lambda: _tree_of(cache.known()))
    known = cache.known().by_path() if cache is not None else {}
    secrets: list[str] = []
    if found is None or ignored is None or not all(path in known for path in found.paths):
        judge = Judge(rules, None if request.include is None else Selection(request.include))
        found, ignored, secrets = _walk(request, judge.skip), b"\0".join(judge.ignored), judge.secrets
    _refuse(found, secrets, rules, request)
    entries = _read(request.folder, found, known)
    tree = _tree_of(entries)
    digest = tree.digest
    statcache.save(path, _cache_of(name, ignored, entries, digest, now_ns))
    return Scan(request, digest, tuple(found.notices), lambda: tree)


def _walk(request: Request, skip: Callable[[bytes], bool]) -> Found:
    return walk(os.fsencode(request.folder), skip, request.limits.max_files)


def _read(folder: str, found: Found, known: dict[bytes, tuple[Stat, str]]) -> statcache.Entries:
    """Stat and digest of all files, from the cache where the stat is the same."""
    root = os.fsencode(folder)
    nothing = (statcache.UNSETTLED, "")
    entries = [known.get(path, nothing) for path in found.paths]
    stale = [index for index, (entry, now) in enumerate(zip(entries, found.stats, strict=True)) if entry[0] != now]

    def read(index: int) -> tuple[Stat, str]:
        path = found.paths[index]
        digest, info = digest_file(os.fsdecode(found.links.get(path, root + b"/" + path)))
        return (info.st_size, info.st_mtime_ns, info.st_ctime_ns, info.st_ino, info.st_mode), digest

    for index, entry in zip(stale, map_threads(read, stale), strict=True):
        entries[index] = entry
    return statcache.Entries(b"\0".join(found.paths), [entry[0] for entry in entries], [entry[1] for entry in entries])


def _tree_of(entries: statcache.Entries) -> Tree:
    return make_tree(
        TreeEntry(path_text(path), digest, info[0], bool(info[4] & 0o100)) for path, (info, digest) in entries.by_path().items()
    )


def _cache_of(name: str, ignored: bytes, entries: statcache.Entries, digest: str, now_ns: int) -> statcache.Cache:
    stats = [info if statcache.settled(info, now_ns) else statcache.UNSETTLED for info in entries.stats]
    seal = "" if statcache.UNSETTLED in stats else seal_of(entries.paths, stats)
    kept = statcache.encode_entries(statcache.Entries(entries.paths, stats, entries.digests))
    return statcache.Cache(rules=name, ignored=ignored, seal=seal, tree=digest, entries=kept)


def _refuse(found: Found, secrets: list[str], rules: Rules, request: Request) -> None:
    """UsageError for what may not be in a snapshot."""
    top = os.fsencode(request.folder) + b"/"
    targets = {path: real.removeprefix(top) for path, real in found.links.items()}
    linked = [path_text(path) for path, target in targets.items() if is_secret(path_text(target)) and rules.decide(path) is None]
    secrets = secrets + linked
    file = rules.file or ".amlignore"
    if found.outside:
        raise UsageError(
            f"The source folder has links that lead out of it:\n{_listed(found.outside)}",
            where=request.folder,
            todo=f"Put copies in their place, or leave them out by a line in {file}.",
        )
    if secrets:
        first = min(secrets)
        raise UsageError(
            f"The source folder has files that look like secrets, and a snapshot would keep copies:\n{_listed(sorted(secrets))}",
            where=request.folder,
            todo=f"One line in {file} settles each: `{first}` leaves it out, `!{first}` takes it in.",
        )
    check(found, request.limits, request.folder)


def _listed(paths: Sequence[str | bytes]) -> str:
    names = [path if isinstance(path, str) else path_text(path) for path in paths]
    more = [f"  … and {len(names) - 10:,} more"] if len(names) > 10 else []
    return "\n".join([f"  {ascii(name)[1:-1]}" for name in names[:10]] + more)
