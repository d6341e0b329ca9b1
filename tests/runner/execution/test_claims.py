"""Claims: one slot each, one maker of a result, across runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stepwell_runner.execution.claims import Claim, Claims
from stepwell_runner.targets.slots import Slots

ONE, OTHER = f"blake3:{'1' * 64}", f"blake3:{'2' * 64}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def claims(folder: Path, count: int = 4) -> Claims:
    slots = Slots(str(folder / "slots"), "local", count)
    return Claims(str(folder), lambda name: slots)


def take(made: Claims, fingerprint: str) -> Claim | None:
    slot = made.slot("local")
    return None if slot is None else made.claim(slot, fingerprint)


def test_another_run_may_not_make_the_same_result_until_it_is_there(folder: Path) -> None:
    mine, theirs = claims(folder), claims(folder)
    claim = take(mine, ONE)
    assert claim is not None
    assert take(theirs, ONE) is None
    assert take(theirs, OTHER) is not None
    claim.release_slot()
    assert take(theirs, ONE) is None
    claim.release()
    assert take(theirs, ONE) is not None


def test_a_run_may_make_the_same_result_twice(folder: Path) -> None:
    mine, theirs = claims(folder), claims(folder)
    first, second = take(mine, ONE), take(mine, ONE)
    assert first is not None
    assert second is not None
    second.release()
    assert take(theirs, ONE) is None
    first.release()
    assert take(theirs, ONE) is not None


def test_a_refused_claim_costs_no_slot(folder: Path) -> None:
    mine, theirs = claims(folder, 2), claims(folder, 2)
    claim = take(mine, ONE)
    assert claim is not None
    for _ in range(5):
        assert take(theirs, ONE) is None
    assert take(theirs, OTHER) is not None
    assert mine.slot("local") is None
    claim.release()
    assert mine.slot("local") is not None


def test_releasing_leaves_no_file_and_may_be_done_twice_or_after_somebody_removed_it(folder: Path) -> None:
    mine = claims(folder)
    first, second = take(mine, ONE), take(mine, OTHER)
    assert first is not None
    assert second is not None
    os.unlink(folder / "results" / ("2" * 64))
    for claim in (first, first, second):
        claim.release()
    assert os.listdir(folder / "results") == []
