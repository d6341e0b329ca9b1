"""`stepwell dataset` as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from commandline import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    made.stepwell("init")
    made.write("iris.csv", "length,kind\n1.5,setosa\n2.5,\n")
    return made


def test_none_yet(project: Project) -> None:
    assert "stepwell dataset register" in project.stepwell("dataset", "ls").err
    assert project.stepwell("dataset", "ls", "--json").data == []
    assert "there is no dataset iris" in project.stepwell("dataset", "show", "iris", code=2).err


def test_register_and_look(project: Project) -> None:
    assert "iris:1 is registered: 1 file" in project.stepwell("dataset", "register", "iris", "iris.csv").err
    assert [(one["name"], one["version"], one["kind"]) for one in project.stepwell("dataset", "ls", "--json").data] == [
        ("iris", 1, "table, delimited")]
    assert "iris.csv" in project.stepwell("dataset", "show", "iris").out
    assert project.stepwell("dataset", "head", "iris", "--json").data == [
        {"length": "1.5", "kind": "setosa"}, {"length": "2.5", "kind": ""}]
    assert len(project.stepwell("dataset", "head", "iris", "-n", "1", "--json").data) == 1
    found = project.stepwell("dataset", "profile", "iris", "--json").data
    assert (found["rows"], found["columns"][0]["mean"], found["columns"][1]["missing"]) == (2, 2.0, 1)
    assert "2 rows" in project.stepwell("dataset", "profile", "iris").err


def test_files_on_a_datastore(project: Project) -> None:
    project.stepwell("datastore", "upload", "workspaceblobstore", "source", "texts")
    project.stepwell("dataset", "register", "texts", "texts", "--datastore", "workspaceblobstore")
    assert [one["name"] for one in project.stepwell("dataset", "head", "texts", "--json").data] == ["/text.txt"]
    assert "no columns" in project.stepwell("dataset", "profile", "texts", code=2).err


def test_what_is_wrong_is_said(project: Project) -> None:
    assert "irs.csv" in project.stepwell("dataset", "register", "iris", "irs.csv", code=2).err
    project.stepwell("dataset", "register", "iris", "iris.csv")
    assert "exists already" in project.stepwell("dataset", "register", "iris", "iris.csv", code=2).err
    assert "versions are numbers" in project.stepwell("dataset", "head", "iris:x", code=2).err


def test_diff_of_two_versions(project: Project) -> None:
    project.stepwell("dataset", "register", "iris", "iris.csv")
    project.write("more.tsv", "length\tkind\n")
    project.stepwell("dataset", "register", "iris", "more.tsv", "--new-version")
    found = project.stepwell("dataset", "diff", "iris:1", "iris:2", "--json").data
    assert [one["what"] for one in found] == ["options", "places", "/iris.csv", "/more.tsv"]
    assert "the same files" in project.stepwell("dataset", "diff", "iris", "iris:2").err


def test_the_pipeline_finds_it(project: Project) -> None:
    project.stepwell("dataset", "register", "iris", "iris.csv")
    project.pipeline("""\
iris = Dataset.get_by_name(ws, "iris")
out = PipelineData("out")
pipeline = Pipeline(ws, [CommandStep(["cp source.txt", out], outputs=[out], name="use", inputs=[iris.as_named_input("iris")],
                                     source_directory="source")])
""")
    project.write("source/source.txt", "x")
    assert [use["step"] for use in (project.run(), project.stepwell("dataset", "show", "iris", "--json").data["uses"])[1]] == ["use"]
