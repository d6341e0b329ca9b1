"""Datasets with operations: the same rows and files in the driver and in a step, mounted and direct, and reuse by bytes."""
# ruff: noqa: DTZ001  (times of tables have no zone)

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from stepwell import Dataset, Datastore, Pipeline, PythonScriptStep, Workspace
from stepwell.sdk.data_types import DataType
from stepwell.sdk.exceptions import DatasetTimestampMissingError, DatasetValidationError, UserErrorException

pd = pytest.importorskip("pandas")

SHOW = """
import os, sys
from stepwell import Run
run = Run.get_context()
for name, data in run.input_datasets.items():
    if isinstance(data, str):
        found = [data] if os.path.isfile(data) else [os.path.join(p, n) for p, _, ns in os.walk(data) for n in ns]
        print(name, *sorted(os.path.basename(one) for one in found))
    elif hasattr(data, "to_path"):
        print(name, *data.to_path())
    else:
        print(name, data.id == sys.argv[1], data.to_pandas_dataframe().reset_index(drop=True).to_csv(index=False).replace(chr(10), "|"))
"""


@pytest.fixture
def store(made: Workspace) -> Datastore:
    """The default datastore with small tables and files on it."""
    base = made.open().base
    (base / "show.py").write_text(SHOW)
    (base / "in" / "2019" / "01").mkdir(parents=True)
    (base / "in" / "2019" / "01" / "a.csv").write_text("when,n,word\n2019-01-01,1,x\n2019-01-05T00:00:00.5,2,yy\n2019-01-09,3,x\n")
    (base / "in" / "big.txt").write_text("x" * 100)
    (base / "in" / "small.txt").write_text("x")
    found = made.get_default_datastore()
    found.upload(str(base / "in"), "in", show_progress=False)
    return found


def printed(ws: Workspace, *inputs: object, argument: str = "-") -> list[str]:
    """What the step that shows its inputs prints."""
    run = Pipeline(ws, [PythonScriptStep("show.py", name="s", arguments=[argument], inputs=list(inputs))]).submit("exp")
    assert run.wait_for_completion(show_output=False) == "Finished", run.find_step_run("s")[0].get_stdout_log()
    return run.find_step_run("s")[0].get_stdout_log().splitlines()


def test_conditions_on_files(made: Workspace, store: Datastore) -> None:
    files = Dataset.File.from_files((store, "in"))
    large = files.filter(files.file_metadata("Size") > 50)
    text = files.filter((files.file_metadata("Extension") == ".txt") & ~(files.file_metadata("Size") > 50))
    assert (large.to_path(), text.to_path()) == (["/2019/01/a.csv", "/big.txt"], ["/small.txt"])
    assert files.take(1).to_path() == ["/2019/01/a.csv"]
    first, second = files.random_split(0.5, seed=1)
    assert sorted(first.to_path() + second.to_path()) == files.to_path()
    said = printed(made, large.as_named_input("m").as_mount(), text.as_named_input("d").as_download(), first.as_named_input("direct"))
    assert said == ["m a.csv big.txt", "d small.txt", "direct " + " ".join(first.to_path())]
    with pytest.raises(UserErrorException, match="files have no 'Colour'"):
        files.filter(files.file_metadata("Colour") == 1).to_path()
    with pytest.raises(UserErrorException, match="takes a condition"):
        files.filter(True)


def test_a_path_that_nobody_gave_is_said(store: Datastore) -> None:
    with pytest.raises(UserErrorException, match="a path on a datastore is a str, not None"):
        Dataset.File.from_files((store, None))


def test_conditions_on_rows(made: Workspace, store: Datastore) -> None:
    table = Dataset.Tabular.from_delimited_files((store, "in/2019/01/a.csv"))
    some = table.filter((table["n"] >= 2) & (table["word"] == "x"))
    assert some.to_pandas_dataframe()["n"].tolist() == [3]
    assert table.filter(table["word"].startswith("y") | (table["n"] * 2 == 2)).to_pandas_dataframe()["n"].tolist() == [1, 2]
    assert table.filter(~table["word"].isin(["x"])).keep_columns("n").to_pandas_dataframe()["n"].tolist() == [2]
    [line] = printed(made, some.keep_columns(["n", "word"]).as_named_input("t"), argument=some.keep_columns(["n", "word"]).id)
    assert line == "t True n,word|3,x|"
    with pytest.raises(UserErrorException, match="no column 'm'"):
        table.filter(table["m"] > 1).to_pandas_dataframe()
    with pytest.raises(TypeError, match="&"):
        bool(table["n"] > 1)


def test_spans_of_time(made: Workspace, store: Datastore) -> None:
    table = Dataset.Tabular.from_delimited_files((store, "in/2019/01/a.csv"))
    with pytest.raises(DatasetTimestampMissingError, match="with_timestamp_columns"):
        table.time_before(datetime(2019, 1, 5))
    timed = table.with_timestamp_columns(timestamp="when")
    assert timed.timestamp_columns == ("when", None)
    assert timed.to_pandas_dataframe().index[0] == pd.Timestamp("2019-01-01")
    days = (datetime(2019, 1, 1, 0, 0, 0, 900), datetime(2019, 1, 9))
    assert timed.time_between(*days).to_pandas_dataframe()["n"].tolist() == [1, 2, 3]
    assert timed.time_between(*days, include_boundary=False).to_pandas_dataframe()["n"].tolist() == [2]
    assert timed.time_after(days[1]).to_pandas_dataframe()["n"].tolist() == [3]
    [line] = printed(made, timed.time_before(datetime(2019, 1, 4)).keep_columns(["n"]).as_named_input("t"))
    assert line == "t False n|1|"


def test_partitions(made: Workspace, store: Datastore) -> None:
    files = Dataset.File.from_files((store, "in/**/*.csv"), partition_format="/{year}/{month}/{name}.csv")
    assert (files.partition_keys, files.get_partition_key_values(["year", "name"])) == (
        ["year", "month", "name"], [{"year": "2019", "name": "a"}])
    table = Dataset.Tabular.from_delimited_files((store, "in/2019/01/a.csv"))
    parts = table.partition_by(["word", "n"], (store, "parts"), name="by-word", show_progress=False)
    assert (parts.name, parts.version, parts.partition_keys) == ("by-word", 1, ["word", "n"])
    frame = parts.to_pandas_dataframe()
    assert list(frame.columns) == ["when", "word", "n"]
    assert sorted(zip(frame["word"], frame["n"], strict=True)) == [("x", "1"), ("x", "3"), ("yy", "2")]
    with pytest.raises(UserErrorException, match="no column a"):
        table.partition_by(["a"], store)


def test_tables_written(made: Workspace, store: Datastore) -> None:
    table = Dataset.Tabular.from_delimited_files((store, "in/2019/01/a.csv"), set_column_types={"n": DataType.to_string()})
    copied = table.to_csv_files()
    assert (copied.to_path(), table.to_parquet_files().to_path()) == (["/part-00000.csv"], ["/part-00000.parquet"])
    assert Path(copied.download()[0]).read_text().splitlines()[0] == "when,n,word"
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    first = Dataset.Tabular.register_pandas_dataframe(frame, store, "frame", show_progress=False, tags={"t": "1"})
    again = Dataset.Tabular.register_pandas_dataframe(frame, (store, "mine"), "frame", show_progress=False)
    assert (first.version, again.version, first.to_pandas_dataframe().equals(frame)) == (1, 2, True)
    assert Dataset.get_by_name(made, "frame", version=1).tags == {"t": "1"}


def test_ids_tags_and_forgetting(made: Workspace, store: Datastore) -> None:
    table = Dataset.Tabular.from_delimited_files((store, "in/2019/01/a.csv")).take(1)
    assert Dataset.get_by_id(made, table.id).definition == table.definition
    kept = table.register(made, "t", "about", {"a": "1"})
    found = Dataset.get_by_id(made, kept.id)
    assert (found.name, found.version, found.description, kept.id != table.id) == ("t", 1, "about", True)
    found.add_tags({"b": "2"})
    found.remove_tags(["a"])
    assert Dataset.get_by_name(made, "t").tags == {"b": "2"}
    with pytest.raises(UserErrorException, match="already"):
        found.add_tags({"b": "3"})
    assert Dataset.get_all(made)["t"].name == "t"
    assert found.unregister_all_versions().name is None
    assert list(made.datasets) == []
    with pytest.raises(UserErrorException, match="no dataset with the id"):
        Dataset.get_by_id(made, "nothing")
    with pytest.raises(UserErrorException, match="not registered"):
        table.update("x")


def test_files_below_a_folder_for_a_while(store: Datastore) -> None:
    with Dataset.File.from_files((store, "in")).mount() as mounted:
        place = Path(mounted.mount_point)
        assert (place / "big.txt").read_text() == "x" * 100
    assert not place.exists()


def test_nothing_there_is_said_at_once(store: Datastore) -> None:
    with pytest.raises(DatasetValidationError, match="no file or folder 'out'"):
        Dataset.File.from_files((store, "out"))
    assert Dataset.File.from_files((store, "out"), validate=False).definition.must_exist
