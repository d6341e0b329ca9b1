"""A source folder with files from elsewhere in it: what it holds, whoever looks at it meanwhile, and what it does to the files."""

from __future__ import annotations

import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stepwell_runner.execution.merging import merged
from stepwell_runner.graph.model import Source
from stepwell_store.content.snapshots import scan
from stepwell_store.errors import UsageError


@pytest.fixture
def source(tmp_path: Path) -> Source:
    for name, text in (("code/train.py", "train"), ("code/lib/old.py", "old"), ("shared/lib/a.py", "a"), ("shared/lib/b.py", "b"),
                       ("shared/one.sh", "one"), ("shared/packed/inner.txt", "inner"), ("code/.gitignore", "*.log\n"),
                       ("code/seen.log", "ignored")):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "shared" / "one.sh").chmod(0o755)
    return Source(path=str(tmp_path / "code"),
                  extra=tuple(str(tmp_path / "shared" / name) for name in ("lib", "one.sh", "packed.zip")))  # fmt: skip


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    (tmp_path / "cache").mkdir()
    return tmp_path / "cache"


def files(folder: str) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(Path(folder).rglob("*"))
            if path.is_file() and path.suffix != ".zip"}  # fmt: skip


def test_it_holds_the_files_of_both_and_follows_them(source: Source, cache: Path, tmp_path: Path) -> None:
    place = merged(source, str(cache))
    assert files(place) == {".gitignore": "*.log\n", "train.py": "train", "lib/old.py": "old", "lib/a.py": "a", "lib/b.py": "b",
                            "one.sh": "one"}  # fmt: skip
    assert os.access(os.path.join(place, "one.sh"), os.X_OK)
    with zipfile.ZipFile(os.path.join(place, "packed.zip")) as archive:
        assert archive.namelist() == ["packed/inner.txt"]
    (tmp_path / "shared" / "lib" / "a.py").unlink()
    (tmp_path / "shared" / "lib" / "b.py").unlink()
    (tmp_path / "code" / "lib" / "old.py").unlink()
    (tmp_path / "shared" / "lib" / "a.py").mkdir()
    (tmp_path / "shared" / "lib" / "a.py" / "deep.py").write_text("deep")
    (tmp_path / "new").write_text("train anew")
    os.replace(tmp_path / "new", tmp_path / "code" / "train.py")
    assert merged(source, str(cache)) == place
    assert files(place) == {".gitignore": "*.log\n", "train.py": "train anew", "lib/a.py/deep.py": "deep", "one.sh": "one"}
    assert list(cache.glob(".tmp-*")) == []


def test_files_that_did_not_change_do_not_look_changed(source: Source, cache: Path, tmp_path: Path) -> None:
    merged(source, str(cache))
    before = os.stat(tmp_path / "code" / "train.py").st_ctime_ns
    for _ in range(3):
        merged(source, str(cache))
    assert os.stat(tmp_path / "code" / "train.py").st_ctime_ns == before


def test_whoever_reads_it_while_others_put_it_together_finds_all_of_it(source: Source, cache: Path) -> None:
    def look(_: int) -> str:
        return scan(merged(source, str(cache)), cache).digest

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(look, range(200)))) == 1


def test_what_is_not_there_is_told(source: Source, cache: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file or folder"):
        merged(Source(path=source.path, extra=(str(tmp_path / "gone"),)), str(cache))
