"""Outputs that are registered as datasets when their step has succeeded, with real steps."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepwell import Dataset, FileDataset, OutputFileDatasetConfig, Pipeline, PythonScriptStep, Workspace
from stepwell_runner.verbs.submit import Finished, Submission, execute, prepare
from stepwell_store import workspace as stored
from stepwell_store.data.definition import DatastorePath

SCRIPT = """
import sys
folder, word = sys.argv[1:]
open(folder + "/a.csv", "w").write("n,word\\n1," + word + "\\n")
open(folder + "/notes.txt", "w").write(word)
sys.exit(word == "bad")
"""


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace, and its folder with a script as the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STEPWELL_WORKSPACE", raising=False)
    stored.create(tmp_path)
    (tmp_path / "s.py").write_text(SCRIPT)
    return Workspace.from_config()


def run(ws: Workspace, output: OutputFileDatasetConfig, word: str) -> Finished:
    pipeline = Pipeline(ws, [PythonScriptStep("s.py", arguments=[output, word])])
    return execute(ws.open(), prepare(ws.open(), Submission(graph=pipeline.graph)))


def test_every_success_is_a_new_version(ws: Workspace) -> None:
    output = OutputFileDatasetConfig("out").register_on_complete("words", description="some words", tags={"kind": "test"})
    assert [run(ws, output, word).status for word in ("one", "bad", "two", "two")] == ["Completed", "Failed", "Completed", "Completed"]
    assert [Dataset.get_by_name(ws, "words").version, ws.datasets["words"].version] == [2, 2]
    [record] = ws.open().datasets()
    assert (record.description, record.tags) == ("some words", {"kind": "test"})
    for version, word in ((1, "one"), (2, "two")):
        files = Dataset.get_by_name(ws, "words", version)
        assert isinstance(files, FileDataset)
        assert files.to_path() == ["/a.csv", "/notes.txt"]
        assert Path(files.download(ws.open().base / str(version))[1]).read_text() == word


def test_a_table_is_registered_with_how_it_is_read(ws: Workspace) -> None:
    output = OutputFileDatasetConfig("out", destination=("workspacefilestore", "tables/{output-name}"))
    table = output.read_delimited_files(path_glob="*.csv").keep_columns("word").register_on_complete("table")
    assert run(ws, table, "one").status == "Completed"  # type: ignore[arg-type]
    found = Dataset.get_by_name(ws, "table").definition
    assert (found.kind, found.format, "path_glob" in found.options) == ("tabular", "delimited", False)
    assert found.places == (DatastorePath("workspacefilestore", "tables/out/*.csv"),)
    assert found.transforms[0].options == {"columns": ["word"]}
