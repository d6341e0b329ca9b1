"""What every kind of datastore must do. A test class of a kind inherits this and gives the fixture `store`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stepwell_store.data.datastores import Datastore, Entry, Uploaded
from stepwell_store.errors import UsageError


def write(folder: Path, files: dict[str, str]) -> Path:
    """A local folder that holds these files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def read(folder: Path) -> dict[str, str]:
    """Every file below a local folder, by its path there."""
    return {str(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


def paths(entries: list[Entry]) -> list[str]:
    return [entry.path for entry in entries]


class DatastoreContract:
    """Inherit, and give a fixture `store` with an empty datastore."""

    @pytest.fixture
    def source(self, tmp_path: Path) -> Path:
        return write(tmp_path / "source", {"a.csv": "1", "2019/01/f.csv": "22", "2019/02/f.csv": "333"})

    def test_upload_keeps_the_tree_below_the_target(self, store: Datastore, source: Path) -> None:
        result = store.upload(str(source), "train")
        assert result == Uploaded(("train/2019/01/f.csv", "train/2019/02/f.csv", "train/a.csv"))
        assert [(entry.path, entry.size) for entry in store.ls()] == [
            ("train/2019/01/f.csv", 2),
            ("train/2019/02/f.csv", 3),
            ("train/a.csv", 1),
        ]

    def test_upload_of_one_file_goes_into_the_target_folder(self, store: Datastore, source: Path) -> None:
        assert store.upload(str(source / "2019/01/f.csv"), "train").uploaded == ("train/f.csv",)

    def test_upload_skips_what_exists_unless_overwrite(self, store: Datastore, source: Path, tmp_path: Path) -> None:
        store.upload(str(source), "train")
        (source / "a.csv").write_text("changed")
        (source / "new.csv").write_text("new")
        again = store.upload(str(source), "train")
        assert again.uploaded == ("train/new.csv",)
        assert again.skipped == ("train/2019/01/f.csv", "train/2019/02/f.csv", "train/a.csv")
        assert "train/a.csv" in store.upload(str(source), "train", overwrite=True).uploaded
        store.download(str(tmp_path / "back"), "train/a.csv")
        assert list(read(tmp_path / "back").values()) == ["changed"]

    @pytest.mark.parametrize("target", ["../../x", "/x", "./x", "x/../..", "//x/"])
    def test_a_target_cannot_lead_out(self, store: Datastore, source: Path, target: str) -> None:
        assert store.upload(str(source / "a.csv"), target).uploaded == ("x/a.csv",)
        assert paths(store.ls()) == ["x/a.csv"]

    def test_upload_files_lands_below_the_common_folder(self, store: Datastore, source: Path) -> None:
        files = [str(source / "2019/01/f.csv"), str(source / "2019/02/f.csv")]
        assert store.upload_files(files, "t").uploaded == ("t/01/f.csv", "t/02/f.csv")
        assert store.upload_files(files[:1], "one").uploaded == ("one/f.csv",)
        assert store.upload_files(files[:1], "r", relative_root=str(source)).uploaded == ("r/2019/01/f.csv",)
        assert store.upload_files([], "none") == Uploaded()

    def test_upload_files_refuses_a_root_that_does_not_hold_them(self, store: Datastore, source: Path) -> None:
        with pytest.raises(UsageError, match="not all below"):
            store.upload_files([str(source / "a.csv")], relative_root=str(source / "2019"))

    def test_upload_of_nothing_that_exists(self, store: Datastore, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no such file"):
            store.upload(str(tmp_path / "absent"))

    def test_progress_counts_bytes(self, store: Datastore, source: Path) -> None:
        seen: list[tuple[int, int, str]] = []
        store.upload(str(source), progress=lambda done, total, name: seen.append((done, total, name)))
        assert seen == [(2, 6, "2019/01/f.csv"), (5, 6, "2019/02/f.csv"), (6, 6, "a.csv")]

    def test_download_keeps_what_its_kind_keeps(self, store: Datastore, source: Path, tmp_path: Path) -> None:
        store.upload(str(source), "train")
        assert store.download(str(tmp_path / "back"), "train/2019") == 2
        kept = "" if store.kind == "file" else "train/2019/"
        assert read(tmp_path / "back") == {f"{kept}01/f.csv": "22", f"{kept}02/f.csv": "333"}

    def test_download_of_everything(self, store: Datastore, source: Path, tmp_path: Path) -> None:
        store.upload(str(source))
        assert store.download(str(tmp_path / "back")) == 3
        assert read(tmp_path / "back") == read(source)

    def test_download_leaves_what_exists_unless_overwrite(self, store: Datastore, source: Path, tmp_path: Path) -> None:
        store.upload(str(source))
        back = write(tmp_path / "back", {"a.csv": "mine"})
        assert store.download(str(back)) == 2
        assert read(back)["a.csv"] == "mine"
        assert store.download(str(back), overwrite=True) == 3
        assert read(back)["a.csv"] == "1"

    def test_a_prefix_is_a_whole_folder_or_file(self, store: Datastore, source: Path, tmp_path: Path) -> None:
        store.upload(str(source), "train")
        store.upload(str(source), "train-old")
        assert len(store.ls("train")) == 3
        assert paths(store.ls("/train/a.csv")) == ["train/a.csv"]
        assert store.ls("tra") == []
        assert store.download(str(tmp_path / "back"), "tra") == 0

    @pytest.mark.parametrize("path", ["..", "a/../../b", "/../etc"])
    def test_reading_cannot_lead_out(self, store: Datastore, path: str, tmp_path: Path) -> None:
        for read_it in (store.ls, store.remove):
            with pytest.raises(UsageError, match="may not contain"):
                read_it(path)
        with pytest.raises(UsageError, match="may not contain"):
            store.download(str(tmp_path), path)

    def test_remove(self, store: Datastore, source: Path) -> None:
        store.upload(str(source), "train")
        assert store.remove("train/2019/01") == 1
        assert paths(store.ls()) == ["train/2019/02/f.csv", "train/a.csv"]
        assert store.remove("train/a.csv") == 1
        assert store.remove("absent") == 0
        assert store.remove("") == 1
        assert store.ls() == []

    def test_names_with_blanks_and_other_scripts(self, store: Datastore, tmp_path: Path) -> None:
        source = write(tmp_path / "source", {"ein Ordner/データ [1] #?.csv": "x", " leading": "y"})
        store.upload(str(source))
        assert paths(store.ls()) == [" leading", "ein Ordner/データ [1] #?.csv"]
        store.download(str(tmp_path / "back"))
        assert read(tmp_path / "back") == read(source)

    def test_mtime_is_recent(self, store: Datastore, source: Path) -> None:
        store.upload(str(source / "a.csv"))
        (entry,) = store.ls("a.csv")
        assert entry.mtime > os.stat(source).st_mtime - 86_400
