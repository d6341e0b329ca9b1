"""`stepwell snapshot`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from commandline import Result
from short_history import CLEAN, stepwell

Typed = Callable[..., Result]


def test_ls(typed: Typed, empty: Path) -> None:
    found = typed("snapshot", "ls", "--json").data
    assert [(one["number"], one["uses"]) for one in found] == [(4, 3), (1, 2)]
    assert len(typed("snapshot", "ls").out.splitlines()) == 3
    assert [one["digest"] for one in typed("snapshot", "ls", "#2", "--json").data] == [found[1]["digest"]]
    assert "no snapshots yet" in stepwell("snapshot", "ls", cwd=empty).err


def test_show(typed: Typed) -> None:
    done = typed("snapshot", "show", "#3/train")
    assert [line.split()[0] for line in done.out.splitlines()] == ["FILE", "clean.py", "extra.py", "train.py"]
    data = typed("snapshot", "show", "#3/train", "--json").data
    assert [entry["path"] for entry in data["files"]] == ["clean.py", "extra.py", "train.py"]
    assert typed("snapshot", "show", data["digest"]).out == done.out
    assert typed("snapshot", "show", data["digest"][7:15]).out == done.out
    assert typed("snapshot", "show", data["digest"][:15]).out == done.out


def test_show_a_file(typed: Typed, shown: Typed) -> None:
    assert typed("snapshot", "show", "#3/train", "clean.py").out == CLEAN
    assert shown("snapshot", "show", "#3/train", "extra.py").out == "X = 1\n"


def test_a_reused_step_has_the_snapshot_of_what_it_took(typed: Typed) -> None:
    assert typed("snapshot", "show", "#2/train").out == typed("snapshot", "show", "#1/train").out


def test_diff(typed: Typed) -> None:
    done = typed("snapshot", "diff", "#1/train", "#3/train")
    assert done.out == "changed  train.py\nadded    extra.py\n"
    assert typed("snapshot", "diff", "#3/train", "#1/train", "--json").data == {
        "added": [], "removed": ["extra.py"], "changed": ["train.py"]}
    assert "    +# better\n" in typed("snapshot", "diff", "#1/train", "#3/train", "--patch").out
    assert "the same files" in typed("snapshot", "diff", "#1/train", "#1/clean").err


def test_restore_only_into_an_empty_folder(typed: Typed, tmp_path: Path) -> None:
    target = tmp_path / "old"
    assert typed("snapshot", "restore", "#1/train", str(target)).code == 0
    assert sorted(path.name for path in target.iterdir()) == ["clean.py", "train.py"]
    assert (target / "clean.py").read_text() == CLEAN
    (target / "clean.py").write_text("mine")
    refused = typed("snapshot", "restore", "#3/train", str(target))
    assert refused.code == 2
    assert "not an empty folder" in refused.err
    assert (target / "clean.py").read_text() == "mine"
    assert not (target / "extra.py").exists()


@pytest.mark.parametrize(("words", "told"), [
    (["show", "#3"], "clean, train, after"), (["show", "#3/after"], "has no snapshot"), (["show", "#3/train", "tarin.py"], "train.py"),
    (["show", "blake3:00"], "snapshot ls"), (["show", "zzz"], "there is no run zzz"), ([], "ACTION"), (["lss"], "invalid choice"),
])
def test_what_is_wrong(typed: Typed, words: list[str], told: str) -> None:
    done = typed("snapshot", *words)
    assert done.code == 2
    assert told in done.err
