"""Scans: what belongs to a snapshot, what is refused, and how an unchanged folder costs no reading."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from stepwell_store.content import statcache
from stepwell_store.content.digest import digest_bytes
from stepwell_store.content.limits import BYTES_VARIABLE, FILES_VARIABLE, Limits, limits_from_environment
from stepwell_store.content.scan import Scan, scan
from stepwell_store.errors import UsageError
from stepwell_store.files import remove_tree

DAY_NS = 86_400 * 10**9


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A source folder with two files."""
    root = tmp_path / "source folder ü"
    (root / "lib").mkdir(parents=True)
    (root / "train.py").write_text("train")
    (root / "lib" / "tools.py").write_text("tools")
    return root


def look(folder: Path, *, include: tuple[str, ...] | None = None, limits: Limits | None = None, age_ns: int = DAY_NS) -> Scan:
    """Scan when the newest file is so old."""
    newest = max(max(info.st_mtime_ns, info.st_ctime_ns) for info in (os.lstat(path) for path in folder.rglob("*")))
    return scan(folder, folder.parent / "cache", limits, include, now_ns=lambda: newest + age_ns)


def names(scanned: Scan) -> list[str]:
    return [entry.path for entry in scanned.tree.entries]


def cache_of(folder: Path) -> Path:
    return Path(statcache.cache_path(str(folder.parent / "cache"), str(folder.resolve()), None))


def cached(folder: Path) -> statcache.Cache:
    cache = statcache.load(str(cache_of(folder)))
    assert cache is not None
    return cache


def test_a_scan_holds_every_file_with_its_digest_and_bit(folder: Path) -> None:
    (folder / "lib" / "run.sh").write_text("run")
    (folder / "lib" / "run.sh").chmod(0o700)
    found = {entry.path: (entry.digest, entry.size, entry.executable) for entry in look(folder).tree.entries}
    assert found == {
        "lib/run.sh": (digest_bytes(b"run"), 3, True),
        "lib/tools.py": (digest_bytes(b"tools"), 5, False),
        "train.py": (digest_bytes(b"train"), 5, False),
    }


def test_names_that_are_no_text_are_kept(folder: Path) -> None:
    try:
        (Path(os.fsdecode(os.fsencode(folder) + b"/\xff\n")).write_text("1"))
    except OSError:
        pytest.skip("this file system has text names only")
    assert names(look(folder)) == ["lib/tools.py", "train.py", "\udcff\n"]
    assert look(folder).tree == look(folder).tree


def test_the_same_files_elsewhere_are_the_same_tree(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "lib").mkdir(parents=True)
    (other / "lib" / "tools.py").write_text("tools")
    (other / "train.py").write_text("train")
    (other / "empty").mkdir()
    assert look(other).digest == look(folder).digest


def test_ignored_files_are_left_out_and_the_rules_may_change(folder: Path) -> None:
    (folder / ".amlignore").write_text("lib/\n")
    assert names(look(folder)) == [".amlignore", "train.py"]
    assert names(look(folder)) == [".amlignore", "train.py"]
    (folder / ".amlignore").write_text("train.py\n")
    assert names(look(folder)) == [".amlignore", "lib/tools.py"]
    (folder / ".amlignore").unlink()
    assert names(look(folder)) == ["lib/tools.py", "train.py"]


def test_a_selection_narrows(folder: Path) -> None:
    (folder / "lib" / "query.sql").write_text("1")
    assert names(look(folder, include=("train.py", "**/*.sql"))) == ["lib/query.sql", "train.py"]
    assert names(look(folder, include=("lib",))) == ["lib/query.sql", "lib/tools.py"]
    assert len(names(look(folder))) == 3


# --- the stat cache -------------------------------------------------------------------------------------------------


def test_an_unchanged_folder_is_not_read(folder: Path) -> None:
    first = look(folder)
    # The cache is believed: a scan that read the files would not come to this digest.
    marked = msgspec.structs.replace(cached(folder), tree=digest_bytes(b"mark"))
    statcache.save(str(cache_of(folder)), marked)
    again = look(folder)
    assert again.digest == digest_bytes(b"mark")
    assert again.tree == first.tree


@pytest.mark.parametrize("change", ["edit", "same size", "add", "remove", "rename", "mode", "replace"])
def test_every_change_is_seen(folder: Path, change: str) -> None:
    before = look(folder)
    path = folder / "lib" / "tools.py"
    if change == "edit":
        path.write_text("longer than before")
    elif change == "same size":
        path.write_text("TOOLS")
        os.utime(path, (1, 1))
    elif change == "add":
        (folder / "lib" / "new.py").write_text("")
    elif change == "remove":
        path.unlink()
    elif change == "rename":
        path.rename(folder / "lib" / "other.py")
    elif change == "mode":
        path.chmod(0o755)
    else:
        (folder / "new").write_text("other")
        (folder / "new").replace(path)
    after = look(folder)
    assert after.digest != before.digest
    cache_of(folder).unlink()
    assert look(folder).digest == after.digest


def test_a_file_younger_than_two_seconds_proves_nothing(folder: Path) -> None:
    look(folder, age_ns=1_999_999_999)
    assert cached(folder).seal == ""
    assert statcache.UNSETTLED in cached(folder).known().stats
    look(folder, age_ns=2_000_000_001)
    assert cached(folder).seal != ""
    assert statcache.UNSETTLED not in cached(folder).known().stats


def test_only_the_file_that_changed_is_read(folder: Path) -> None:
    look(folder)
    cache = cached(folder)
    entries = cache.known()
    marked = [digest_bytes(b"mark") for _ in entries.digests]
    kept = statcache.encode_entries(msgspec.structs.replace(entries, digests=marked))
    statcache.save(str(cache_of(folder)), msgspec.structs.replace(cache, entries=kept))
    (folder / "train.py").write_text("edited")
    found = {entry.path: entry.digest for entry in look(folder).tree.entries}
    assert found == {"lib/tools.py": digest_bytes(b"mark"), "train.py": digest_bytes(b"edited")}


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 4096])
def test_a_damaged_cache_counts_as_none(folder: Path, damage: bytes) -> None:
    before = look(folder)
    cache_of(folder).write_bytes(damage)
    assert look(folder).digest == before.digest
    data = bytearray(cache_of(folder).read_bytes())
    data[-1] ^= 1
    cache_of(folder).write_bytes(data)
    assert statcache.load(str(cache_of(folder))) is None
    assert look(folder).digest == before.digest


def test_a_cache_that_cannot_be_written_is_no_error(folder: Path) -> None:
    (folder.parent / "cache").write_text("a file in the way")
    assert len(names(look(folder))) == 2


def test_a_known_folder_needs_no_rules_engine(folder: Path) -> None:
    (folder / ".gitignore").write_text("*.log\n")
    (folder / "x.log").write_text("")
    look(folder)
    (folder / "train.py").write_text("edited")
    script = "import sys; from stepwell_store.content.scan import scan; scan(*sys.argv[1:]); print('pathspec' in sys.modules)"
    command = [sys.executable, "-c", script, folder, folder.parent / "cache"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"
    (folder / "new.py").write_text("")
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "True\n"


# --- what is refused ------------------------------------------------------------------------------------------------


def test_a_secret_is_refused_with_the_line_that_settles_it(folder: Path) -> None:
    (folder / "lib" / ".env").write_text("PASSWORD=1")
    with pytest.raises(UsageError, match=r"secrets(.|\n)*lib/\.env(.|\n)*\.amlignore(.|\n)*`!lib/\.env` takes it in"):
        look(folder)
    (folder / ".amlignore").write_text("lib/.env\n")
    assert "lib/.env" not in names(look(folder))
    (folder / ".amlignore").write_text("!lib/.env\n")
    assert "lib/.env" in names(look(folder))


def test_a_secret_that_appears_later_is_refused(folder: Path) -> None:
    look(folder)
    (folder / "id_rsa").write_text("")
    with pytest.raises(UsageError, match="id_rsa"):
        look(folder)


def test_a_secret_under_another_name_by_a_link_is_refused(folder: Path) -> None:
    (folder / ".amlignore").write_text(".env\n")
    (folder / ".env").write_text("PASSWORD=1")
    (folder / "settings").symlink_to(".env")
    with pytest.raises(UsageError, match="settings"):
        look(folder)


def test_too_many_bytes_or_files_are_refused_and_the_largest_named(folder: Path) -> None:
    (folder / "big.bin").write_bytes(b"x" * 2000)
    with pytest.raises(UsageError, match=r"2,010 bytes(.|\n)*2,000  'big.bin'(.|\n)*STEPWELL_SNAPSHOT_MAX_BYTES"):
        look(folder, limits=Limits(max_bytes=2009))
    with pytest.raises(UsageError, match=r"more than 2 files(.|\n)*STEPWELL_SNAPSHOT_MAX_FILES"):
        look(folder, limits=Limits(max_files=2))
    look(folder, limits=Limits(max_bytes=2010, max_files=3))
    with pytest.raises(UsageError, match="bytes"):
        look(folder, limits=Limits(max_bytes=2009))


def test_the_environment_sets_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BYTES_VARIABLE, "1_000")
    monkeypatch.delenv(FILES_VARIABLE, raising=False)
    assert limits_from_environment() == Limits(max_bytes=1000)
    monkeypatch.setenv(FILES_VARIABLE, "many")
    with pytest.raises(UsageError, match="STEPWELL_SNAPSHOT_MAX_FILES is 'many'"):
        limits_from_environment()


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not there"):
        scan(tmp_path / "missing", tmp_path)


# --- links and things that are no files -----------------------------------------------------------------------------


def test_links_inside_are_followed_by_content(folder: Path) -> None:
    (folder / "main.py").symlink_to("train.py")
    (folder / "package").symlink_to("lib", target_is_directory=True)
    digests = {entry.path: entry.digest for entry in look(folder).tree.entries}
    assert digests["main.py"] == digests["train.py"]
    assert digests["package/tools.py"] == digests["lib/tools.py"]
    (folder / "main.py").unlink()
    (folder / "main.py").symlink_to("lib/tools.py")
    digests = {entry.path: entry.digest for entry in look(folder).tree.entries}
    assert digests["main.py"] == digests["lib/tools.py"]


@pytest.mark.parametrize("target", ["/etc/passwd", "..", "../outside"])
def test_links_that_lead_out_are_refused(folder: Path, target: str) -> None:
    (folder / "lib" / "away").symlink_to(target if target.startswith("/") else f"../{target}")
    for _ in range(2):
        with pytest.raises(UsageError, match=r"lead out of it(.|\n)*lib/away"):
            look(folder)
    (folder / ".amlignore").write_text("away\n")
    assert names(look(folder)) == [".amlignore", "lib/tools.py", "train.py"]


def test_links_in_a_circle_and_links_to_nothing_are_left_out_with_a_notice(folder: Path) -> None:
    (folder / "lib" / "up").symlink_to("..")
    (folder / "gone").symlink_to("nothing")
    (folder / "self").symlink_to("self")
    os.mkfifo(folder / "pipe")
    for _ in range(2):
        scanned = look(folder)
        assert names(scanned) == ["lib/tools.py", "train.py"]
        assert sorted(notice.split()[0] for notice in scanned.notices) == ["gone", "lib/up", "pipe", "self"]


def test_two_folders_that_link_to_each_other_end(folder: Path) -> None:
    (folder / "other").mkdir()
    (folder / "other" / "there").symlink_to("../lib")
    (folder / "lib" / "back").symlink_to("../other")
    scanned = look(folder)
    assert {"lib/tools.py", "other/there/tools.py"} <= set(names(scanned))
    assert len(scanned.notices) > 0


def test_a_folder_deeper_than_any_recursion(tmp_path: Path) -> None:
    deep = tmp_path / "source"
    deep.mkdir()
    for _ in range(1200):
        deep = deep / "d"
        deep.mkdir()
    (deep / "file").write_text("1")
    scanned = scan(tmp_path / "source", tmp_path / "cache")
    assert [entry.path.count("/") for entry in scanned.tree.entries] == [1200]
    remove_tree(tmp_path / "source")
