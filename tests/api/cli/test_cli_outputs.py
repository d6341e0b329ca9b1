"""`stepwell outputs`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from commandline import Result
from short_history import Seeded, stepwell

Typed = Callable[..., Result]


def test_paths_when_piped(typed: Typed) -> None:
    done = typed("outputs", "#1")
    rows = [line.split() for line in done.out.splitlines()[1:]]
    assert [row[:3] for row in rows] == [
        ["clean", "file", "text"], ["train", "folder", "model"], ["train", "artifact", "outputs/report.txt"]]
    assert (Path(rows[1][4]) / "model.txt").read_text() == "1.0"


def test_on_a_terminal_paths_are_whole(shown: Typed, typed: Typed) -> None:
    out = shown("outputs", "#1", NO_COLOR="1").out
    assert "train/model  folder, 2 files, 2.0 kB" in out
    for left in typed("outputs", "#1", "--json").data:
        assert f"  {left['path']}\n" in out


def test_json(typed: Typed) -> None:
    left = typed("outputs", "#2/train", "--json").data
    assert [(one["kind"], one["name"], one["files"], one["size"], one["exists"]) for one in left] == [
        ("folder", "model", 2, 2003, True), ("artifact", "outputs/report.txt", 1, 5, True)]
    assert left[0]["digest"].startswith("blake3:")


def test_get_copies_and_never_writes_over_anything(typed: Typed, tmp_path: Path) -> None:
    target = tmp_path / "got"
    assert "copied 3 files" in typed("outputs", "#3/train", "--get", str(target)).err
    assert (target / "model" / "model.txt").read_text() == "2.0"
    assert (target / "outputs" / "report.txt").read_text() == "fine\n"
    (target / "model" / "model.txt").write_text("mine")
    refused = typed("outputs", "#3/train", "--get", str(target))
    assert refused.code == 2
    assert "--overwrite" in refused.err
    assert (target / "model" / "model.txt").read_text() == "mine"
    assert typed("outputs", "#3/train", "--get", str(target), "--overwrite").code == 0
    assert (target / "model" / "model.txt").read_text() == "2.0"


def test_get_of_a_run_has_a_folder_for_each_step(typed: Typed, tmp_path: Path) -> None:
    typed("outputs", "#1", "--get", str(tmp_path / "all"))
    assert (tmp_path / "all" / "clean" / "text").read_text() == "some words\n"
    assert (tmp_path / "all" / "train" / "model" / "deep" / "weights.txt").stat().st_size == 2000


def test_what_is_gone_is_said(seeded: Seeded, tmp_path: Path) -> None:
    shutil.copytree(seeded.base, tmp_path / "copy")
    left = stepwell("outputs", "#1/train", "--json", cwd=tmp_path / "copy").data
    shutil.rmtree(left[0]["path"])
    assert [one["exists"] for one in stepwell("outputs", "#1/train", "--json", cwd=tmp_path / "copy").data] == [False, True]
    done = stepwell("outputs", "#1/train", "--get", "got", cwd=tmp_path / "copy")
    assert done.code == 2
    assert "no longer there: model" in done.err
    assert not (tmp_path / "copy" / "got").exists()


def test_says_when_there_is_nothing(typed: Typed) -> None:
    done = typed("outputs", "@last")
    assert (done.code, done.out) == (0, "")
    assert "nothing was left" in done.err
