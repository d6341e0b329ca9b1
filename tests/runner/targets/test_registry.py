from __future__ import annotations

import subprocess
import sys

import pytest

from stepwell_runner.targets.process import ProcessTarget
from stepwell_runner.targets.registry import factory
from stepwell_store.errors import UsageError


def test_the_local_target_is_there():
    assert factory("local") is ProcessTarget


def test_an_unknown_name_is_answered_with_near_ones():
    with pytest.raises(UsageError, match="Did you mean local"):
        factory("locl")


def test_without_a_near_one_it_lists_them():
    with pytest.raises(UsageError, match="There are: docker, local"):
        factory("zzz", {"local": "a:b", "docker": "c:d"})


def test_nothing_is_imported_before_it_is_asked_for():
    code = "import sys, stepwell_runner.targets.registry; print('stepwell_runner.targets.process' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code]) == b"False\n"


def test_the_local_target_needs_no_heavy_module():
    code = """
import sys, stepwell_runner.targets.process, stepwell_runner.targets.strays, stepwell_runner.targets.wrappers
print(*{"asyncio", "concurrent.futures", "logging", "tempfile", "shutil", "psutil", "importlib.metadata"} & set(sys.modules))
"""
    assert subprocess.check_output([sys.executable, "-c", code]) == b"\n"
