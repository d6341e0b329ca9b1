"""`stepwell graph`."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest

from commandline import CHAIN, Project, Result

Typed = Callable[..., Result]


def test_of_a_run_says_how_its_steps_went(typed: Typed) -> None:
    done = typed("graph", "#4")
    assert done.code == 0
    for told in ("↺ clean", "✗ train", "after"):
        assert told in done.out
    assert "Failed" not in typed("graph", "#4", "--no-status").out


def test_of_a_file_needs_no_workspace_and_makes_none(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.pipeline(CHAIN)
    out = project.stepwell("graph", "pipeline.py").out
    assert "make" in out
    assert "use" in out
    assert not (tmp_path / ".stepwell").exists()


def test_mermaid_and_svg(typed: Typed, tmp_path: Path) -> None:
    assert typed("graph", "#1", "--format", "mermaid").out.startswith("flowchart")
    done = typed("graph", "#1", "-o", str(tmp_path / "run.svg"))
    assert (done.code, done.out) == (0, "")
    assert ElementTree.parse(tmp_path / "run.svg").getroot().tag.endswith("svg")
    typed("graph", "#1", "-o", str(tmp_path / "run.mmd"))
    assert (tmp_path / "run.mmd").read_text().startswith("flowchart")


@pytest.mark.parametrize(("words", "told"), [(["#1/train"], "one step is no pipeline"), (["gone.py"], "there is no file"),
                                             (["#1", "--format", "png"], "invalid choice")])
def test_what_is_wrong(typed: Typed, words: list[str], told: str) -> None:
    done = typed("graph", *words)
    assert done.code == 2
    assert told in done.err


def test_fits_a_terminal(shown: Typed) -> None:
    assert max(map(len, shown("graph", "#1", NO_COLOR="1").out.splitlines())) <= 80
