from __future__ import annotations

import pytest

from stepwell_runner.targets.explain import how_it_ended, oom_kills


@pytest.mark.parametrize(
    ("code", "starved", "words"),
    [
        (3, False, "exit code 3"),
        (-9, False, "killed by signal 9 (SIGKILL)"),
        (-9, True, "killed by signal 9 (SIGKILL), probably out of memory"),
        (137, True, "exit code 137, probably out of memory"),
        (-11, False, "killed by signal 11 (SIGSEGV)"),
        (-45, False, "killed by signal 45"),
    ],
)
def test_how_it_ended(code, starved, words):
    assert how_it_ended(code, out_of_memory=starved) == words


def test_the_count_of_kills_never_falls():
    assert 0 <= oom_kills() <= oom_kills()
