"""From names to targets: definitions first, then kinds."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from stepwell_runner.targets.kinds import KINDS, Kind, Setting, check_settings
from stepwell_runner.targets.process import ProcessTarget
from stepwell_runner.targets.registry import make, resolve, room
from stepwell_store.errors import UsageError
from stepwell_store.ledger.compute import ComputeTarget

SMALL = ComputeTarget(name="small", kind="local", max_steps=2, settings={"grace": "3"})


def test_a_kind_is_a_target_of_its_own_name():
    spec = resolve("local", ())
    assert (spec.kind, spec.max_steps, spec.defined) == ("local", None, False)
    assert isinstance(make(spec), ProcessTarget)


def test_what_was_defined_comes_first():
    own = ComputeTarget(name="local", kind="local", max_steps=1)
    assert resolve("local", [own]).max_steps == 1
    spec = resolve("small", [SMALL], "/home")
    assert (spec.kind, spec.settings, spec.home, spec.defined) == ("local", {"grace": "3"}, "/home", True)


def test_an_unknown_name_is_answered_with_near_ones():
    with pytest.raises(UsageError, match="Did you mean local"):
        resolve("locl", [SMALL])
    with pytest.raises(UsageError, match="Did you mean small"):
        resolve("smal", [SMALL])


def test_without_a_near_one_it_lists_them():
    with pytest.raises(UsageError, match=r"There are: .*local.*small.*compute add zzz"):
        resolve("zzz", [SMALL])


def test_a_definition_of_a_kind_that_this_stepwell_does_not_know_is_refused():
    with pytest.raises(UsageError, match="no kind of compute target named 'slurm'"):
        resolve("far", [ComputeTarget(name="far", kind="slurm")])


@pytest.mark.parametrize(("limit", "jobs", "expected"), [
    (2, None, 2), (2, 1, 1), (2, 8, 2), (None, 7, 7), (None, None, os.cpu_count())])
def test_a_limit_is_never_gone_beyond_and_without_one_the_submission_decides(limit, jobs, expected):
    assert room(resolve("t", [ComputeTarget(name="t", kind="local", max_steps=limit)]), jobs) == expected


KIND = {"far": Kind(what="far", place="a:b", examine="a:c", settings=(
    Setting("memory", "how much", "bytes"), Setting("mode", "which", choices=("a", "b")), Setting("gpus", "which", "gpus")))}


@pytest.mark.parametrize("settings", [{"memory": "4g"}, {"memory": "1.5GiB"}, {"mode": "a"}, {"gpus": "all"}, {"gpus": "id:0,1"}, {}])
def test_settings_that_are_right(settings):
    check_settings("far", settings, KIND)


@pytest.mark.parametrize(("settings", "said"), [
    ({"memory": "much"}, "memory is 'much', which is not a size"), ({"mode": "c"}, "one of: a, b"),
    ({"memry": "4g"}, "Did you mean memory"), ({"gpus": "id:0;rm"}, "not `all`, a count, or ids")])
def test_settings_that_are_wrong_say_what_would_be_right(settings, said):
    with pytest.raises(UsageError, match=said):
        check_settings("far", settings, KIND)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_can_be_made_and_looked_at(name):
    for place in (KINDS[name].place, KINDS[name].examine):
        module, _, attribute = place.partition(":")
        code = f"import {module}; assert callable({module}.{attribute})"
        subprocess.run([sys.executable, "-c", code], check=True)


def test_nothing_is_imported_before_it_is_asked_for():
    code = "import sys, stepwell_runner.targets.registry; print('stepwell_runner.targets.process' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code]) == b"False\n"


def test_the_local_target_needs_no_heavy_module():
    code = """
import sys, stepwell_runner.targets.process, stepwell_runner.targets.strays, stepwell_runner.targets.wrappers
print(*{"asyncio", "concurrent.futures", "logging", "tempfile", "shutil", "psutil", "importlib.metadata"} & set(sys.modules))
"""
    assert subprocess.check_output([sys.executable, "-c", code]) == b"\n"
