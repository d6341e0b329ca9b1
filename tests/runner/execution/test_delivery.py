"""Inputs as paths below a step's folder, and tokens as text."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from stepwell_runner.execution.delivery import Delivered, Names, as_word, as_words, deliver
from stepwell_runner.graph.model import (
    Fact,
    FromData,
    FromParameter,
    FromStep,
    Input,
    InputRef,
    Joined,
    OutputRef,
    ParameterRef,
    PythonRef,
    Step,
    Text,
)
from stepwell_runner.planning.fingerprint import Values
from stepwell_runner.step.context import StepInput
from stepwell_store.data.definition import DatasetDefinition, LocalPath, Transform, identity
from stepwell_store.data.folder_datastore import FolderDatastore
from stepwell_store.data.resolve import Resolved, resolve
from stepwell_store.errors import UsageError
from stepwell_store.ledger.records import OutputRecord

NAMES = Names(python="/env/bin/python", inputs={"i": "/data/in"}, outputs={"o": "/data/out"},
              values={"rate": 0.5, "flag": True, "gone": None, "zero": "a\0b"}, facts={"run": "r-1"})


def test_every_token_has_its_text() -> None:
    tokens = (PythonRef(), Text(""), Text("a b"), InputRef("i"), OutputRef("o"), ParameterRef("rate"), ParameterRef("flag"),
              ParameterRef("gone"), ParameterRef("unknown"), Fact("run"), Joined((Text("--x="), Joined((InputRef("i"), Text("/f"))))))
    assert as_words(tokens, NAMES) == (
        "/env/bin/python", "", "a b", "/data/in", "/data/out", "0.5", "True", "", "", "r-1", "--x=/data/in/f")


def test_a_zero_byte_is_refused_in_words() -> None:
    with pytest.raises(UsageError, match="zero byte"):
        as_word(ParameterRef("zero"), NAMES)


def data_of(*paths: Path | str, **more: object) -> FromData:
    return FromData(data=DatasetDefinition(kind="file", places=tuple(LocalPath(str(path)) for path in paths), **more))  # type: ignore[arg-type]


def hand_over(tmp_path: Path, *inputs: Input, values: Values | None = None,
              made: dict[tuple[str, str], OutputRecord] | None = None) -> Delivered:
    def find(data: DatasetDefinition) -> Resolved:
        return resolve(data.places, lambda name: FolderDatastore(name, "blob", str(tmp_path)), str(tmp_path / "downloads"))

    step = Step(key="s", name="s", kind="k", command=(), inputs=inputs)
    return deliver(step, values or {}, made or {}, str(tmp_path / "attempt"), find, lambda output: str(tmp_path / output.path))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.csv", "b.csv", "sub/c.csv"):
        (folder / name).write_text(name)
    return folder


def below(folder: str | None) -> list[str]:
    assert folder is not None
    return sorted(os.path.relpath(os.path.join(parent, name), folder) for parent, _, names in os.walk(folder) for name in names)


def test_a_file_and_a_whole_folder_are_mounted_where_they_are(tmp_path: Path, data: Path) -> None:
    given = hand_over(tmp_path, Input(name="file", binding=data_of(data / "a.csv")), Input(name="folder", binding=data_of(data)))
    assert given.text == {"file": str(data / "a.csv"), "folder": str(data)}
    assert not (tmp_path / "attempt").exists()


def test_a_choice_of_files_is_put_together_without_copying(tmp_path: Path, data: Path) -> None:
    given = hand_over(tmp_path, Input(name="some", binding=data_of(data / "*.csv")), Input(name="deep", binding=data_of(data / "**")))
    assert below(given.text["some"]) == ["a.csv", "b.csv"]
    assert os.path.samefile(os.path.join(given.text["some"], "a.csv"), data / "a.csv")
    assert given.text["deep"] == str(data)


def test_files_of_several_places_do_not_hide_each_other(tmp_path: Path, data: Path) -> None:
    given = hand_over(tmp_path, Input(name="two", binding=data_of(data / "a.csv", data / "sub/c.csv")))
    assert sorted(os.path.basename(path) for path in below(given.text["two"])) == ["a.csv", "c.csv"]


def test_a_download_is_a_private_copy(tmp_path: Path, data: Path) -> None:
    given = hand_over(tmp_path, Input(name="file", binding=data_of(data / "a.csv"), mode="download"),
                      Input(name="folder", binding=data_of(data), mode="download"))
    assert os.path.basename(given.text["file"]) == "a.csv"
    assert below(given.text["folder"]) == ["a.csv", "b.csv", "sub/c.csv"]
    for path in (given.text["file"], os.path.join(given.text["folder"], "sub/c.csv")):
        assert path.startswith(str(tmp_path / "attempt/inputs"))
        assert not os.path.islink(path)
        assert os.stat(path).st_nlink == 1
        Path(path).write_text("spoilt")
    assert (data / "a.csv").read_text() == "a.csv"


def test_direct_gives_the_definition_and_the_files(tmp_path: Path, data: Path) -> None:
    table = data_of(data / "*.csv", transforms=(Transform("take", {"count": 1}),), name="iris", version=3)
    given = hand_over(tmp_path, Input(name="t", binding=table, mode="direct"))
    told = msgspec.structs.replace(table.data, transforms=())  # the files are chosen already
    assert given.text == {"t": identity(table.data)}
    assert given.inputs["t"] == StepInput(mode="direct", id=identity(table.data), definition=told, names=("/a.csv", "/b.csv"),
                                          files=(str(data / "a.csv"), str(data / "b.csv")))
    assert len(hand_over(tmp_path, Input(name="t", binding=data_of(data), mode="direct")).text["t"]) == 36


@pytest.mark.parametrize(("value", "text"), [("plain text", "plain text"), (None, "")])
def test_a_data_parameter_that_names_no_data_is_text(tmp_path: Path, value: str | None, text: str) -> None:
    given = hand_over(tmp_path, Input(name="p", binding=FromParameter(parameter="p")), values={"p": value} if value else {})
    assert given.text == {"p": text}


def test_an_output_of_a_step_is_mounted_or_copied_whole(tmp_path: Path, data: Path) -> None:
    def record(path: str) -> OutputRecord:
        return OutputRecord(step_run="r", name="out", kind="folder", datastore="d", path=path, digest="b", seal="s", size=1, files=1)

    (data / "empty").mkdir()
    made = {("p", "folder"): record("data"), ("p", "file"): record("data/a.csv")}
    folder, file = FromStep(step="p", output="folder"), FromStep(step="p", output="file")
    given = hand_over(tmp_path, Input(name="there", binding=folder), Input(name="copy", binding=folder, mode="download"),
                      Input(name="one", binding=file, mode="download"), made=made)
    assert given.text["there"] == str(data)
    assert below(given.text["copy"]) == ["a.csv", "b.csv", "sub/c.csv"]
    assert os.path.isdir(os.path.join(given.text["copy"], "empty"))
    assert Path(given.text["one"]).read_text() == "a.csv"
