"""What chooses files, moves them and runs notebooks on the step's side, under every Python that it promises; one rule here and there."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_travel_interpreters import VERSIONS, _interpreter

from stepwell_runner.execution.selected import chosen
from stepwell_runner.step import TRAVEL, travelling
from stepwell_store.data.definition import DatasetDefinition, Transform
from stepwell_store.data.resolve import Resolved

CHOOSE = """
import os, sys
from datetime import datetime
from stepwell.data import dataset
folder = sys.argv[1]
names = ["/a.txt", "/b.csv", "/deep/c.txt"]
files = [folder + name for name in names]
data = dataset("d", {"definition": {"kind": "file", "options": {"partition_format": "/{kind}/{name}.txt"}}, "files": files, "names": names})
size, ending = data.file_metadata("Size"), data.file_metadata("Extension")
assert data.filter((size > 1) & (ending == ".txt")).to_path() == ["/deep/c.txt"]
assert data.filter(~(size > 1) | ending.isin([".csv"])).to_path() == ["/a.txt", "/b.csv"]
assert data.filter(data.file_metadata("LastModifiedTime") > datetime(2000, 1, 1)).skip(1).take(1).to_path() == ["/b.csv"]
first, second = data.random_split(0.5, seed=7)
assert sorted(first.to_path() + second.to_path()) == names
assert (data.partition_keys, data.get_partition_key_values(["kind"])) == (["kind", "name"], [{"kind": None}, {"kind": "deep"}])
with data.mount() as mounted:
    assert open(os.path.join(mounted.mount_point, "deep", "c.txt")).read() == "ccc"
assert not os.path.exists(mounted.mount_point)
table = dataset("t", {"definition": {"kind": "tabular"}, "files": files, "names": names})
try:
    table.time_before(datetime(2020, 1, 1))
    raise SystemExit("no error")
except Exception as error:
    assert type(error).__name__ == "DatasetTimestampMissingError", error
"""


@pytest.mark.parametrize("version", VERSIONS)
def test_under_every_python(version, tmp_path):
    interpreter = _interpreter(version)
    if interpreter is None:
        pytest.skip(f"Python {version} is not on this machine")
    (tmp_path / "deep").mkdir()
    for name, text in (("a.txt", "a"), ("b.csv", "bb"), ("deep/c.txt", "ccc")):
        (tmp_path / name).write_text(text)
    run(interpreter, "-c", CHOOSE, str(tmp_path))
    run(interpreter, "-m", "stepwell.transfer", str(tmp_path / "deep"), str(tmp_path / "copy"), "any", "any", "in")
    assert (tmp_path / "copy" / "c.txt").read_text() == "ccc"
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": "print(word * times)"}]
    (tmp_path / "n.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 2}))
    facts = {"notebook": "n.ipynb", "output": "o.ipynb", "result": str(tmp_path / "r.ipynb"), "parameters": {"times": 2}, "timeout": None}
    assert "hihi" in run(interpreter, "-m", "stepwell.notebook", json.dumps(facts), "word", "$WORD", cwd=tmp_path)
    assert "hihi" in (tmp_path / "r.ipynb").read_text()


def run(*command: str, cwd: object = None) -> str:
    """What a command with the step's package prints; it must end well."""
    variables = {**os.environ, "PYTHONPATH": TRAVEL, "WORD": "hi"}
    done = subprocess.run(command, capture_output=True, text=True, env=variables, cwd=cwd)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr
    said: str = done.stdout + done.stderr
    return said


_OPERATIONS = st.lists(st.one_of(
    st.builds(lambda count: Transform("take", {"count": count}), st.integers(0, 12)),
    st.builds(lambda count: Transform("skip", {"count": count}), st.integers(0, 12)),
    st.builds(lambda share, seed: Transform("take_sample", {"probability": share, "seed": seed}), st.floats(0, 1), st.integers(0, 5)),
    st.builds(lambda share, seed, part: Transform("random_split", {"percentage": share, "seed": seed, "part": part}),
              st.floats(0, 1), st.integers(0, 5), st.integers(0, 1))), max_size=4)  # fmt: skip


@given(count=st.integers(0, 10), transforms=_OPERATIONS)
def test_what_is_chosen_keeps_its_order_and_is_some_of_what_there_was(count, transforms):
    names = tuple(f"/{number:02}" for number in range(count))
    data = DatasetDefinition(kind="file", places=(), transforms=tuple(transforms))
    found = chosen(data, Resolved(tuple(f"/f{name}" for name in names), names, None, False))
    assert list(found.names) == sorted(set(found.names) & set(names))
    assert [file.removeprefix("/f") for file in found.files] == list(found.names)


@given(count=st.integers(0, 30), share=st.floats(0, 1), seed=st.integers(0, 2**31))
def test_the_parts_of_a_split_share_nothing_and_are_all(count, share, seed):
    parts = [travelling("selection").positions(count, "random_split", {"percentage": share, "seed": seed, "part": part}) for part in (0, 1)]
    assert sorted([*parts[0], *parts[1]]) == list(range(count))
