"""Datasets that a step reads itself: files always, tables where its interpreter has pandas."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import pytest

from stepwell_runner.step import TRAVEL
from stepwell_runner.step.context import StepInput
from stepwell_store.data.definition import DatasetDefinition, LocalPath, Transform

needs_pandas = pytest.mark.skipif(importlib.util.find_spec("pandas") is None, reason="this interpreter has no pandas")
needs_parquet = pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="this interpreter has no pyarrow")

READ = "import warnings\nfrom stepwell import Run\ndata = Run.get_context().input_datasets['data']\n"
TABLE = READ + "frame = data.to_pandas_dataframe()\nkinds = {name: str(kind) for name, kind in frame.dtypes.items()}\n"

# One process for all the scripts of this module: pandas takes a second to import.
LOOP = """
import json, os, stepwell.run, sys, traceback
for line in sys.stdin:
    os.environ["STEPWELL_STEP"], folder, script = json.loads(line)
    os.chdir(folder)
    stepwell.run._current = None
    try:
        exec(script, {})
        said = ""
    except BaseException:
        said = traceback.format_exc()
    print(json.dumps(said), flush=True)
"""


@pytest.fixture(scope="module")
def reader():
    """Runs a script in the place of an attempt; the traceback, or nothing when it went well."""
    with subprocess.Popen([sys.executable, "-W", "error", "-c", LOOP], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "PYTHONPATH": TRAVEL}) as process:  # fmt: skip

        def run(attempt, script):
            process.stdin.write(json.dumps([str(attempt.folder / "step.json"), str(attempt.work), script]) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield run
        process.stdin.close()


def _give(attempt, files, *, kind="tabular", form="delimited", names=None, transforms=(), **options):
    """Make `files` (name → text or bytes) the input `data` of mode direct."""
    folder = attempt.folder / "given"
    paths = []
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        paths.append(str(path))
    definition = DatasetDefinition(kind=kind, places=(LocalPath(str(folder)),), format=form, options=options,
                                   transforms=tuple(Transform(name, given) for name, given in transforms))  # fmt: skip
    attempt.tell(inputs={"data": StepInput(mode="direct", id="id-1", definition=definition, files=tuple(paths), names=names)})


def test_files_have_names_and_are_copied(attempt):
    _give(attempt, {"2019/a.csv": "A", "2020/b.csv": "B", "c.csv": "C"}, kind="file", form=None)
    attempt.ok(
        READ
        + """
from stepwell import UserErrorException
assert data.id == "id-1" and data.name is None and data.to_path() == ["/2019/a.csv", "/2020/b.csv", "/c.csv"]
assert data.skip(1).to_path() == ["/2020/b.csv", "/c.csv"] and data.take(9).skip(9).to_path() == []
found = data.take(2).download("here")
assert found == ["here/2019/a.csv", "here/2020/b.csv"] and open(found[1]).read() == "B"
try: data.download("here")
except UserErrorException as problem: assert "exists already" in str(problem)
else: raise SystemExit("replaced")
data.download("here", overwrite=True)
assert len(data.download()) == 3
first, second = data.random_split(0.5, seed=3)
assert sorted(first.to_path() + second.to_path()) == data.to_path()
"""
    )


def test_an_input_without_files_is_told(attempt):
    attempt.tell(inputs={"data": StepInput(mode="direct", id="id-1")})
    assert "as_mount()" in attempt.python(READ).stderr


@pytest.mark.skipif(importlib.util.find_spec("pandas") is not None, reason="this interpreter has pandas")
def test_without_pandas_everything_but_reading_works(attempt):
    _give(attempt, {"a.csv": "x\n1\n"})
    assert "No module named 'pandas'" in attempt.python(READ + "data = data.take(1)\ndata.to_pandas_dataframe()").stderr


@needs_pandas
def test_types_are_found(attempt, reader):
    header = "bit,letter,word,bits,count,gaps,power,padded,huge,iso,days,clock,text,blank,lead\n"
    rows = [
        "0,T,true,1,1,1,1e3,00123,12345678901234567890,2020-01-02,13/2/2020,10:00,NA,, x\n",
        "1,f,FALSE,,2,,2,1,1,2020-01-02T03:04:05Z,1/2/2020,11:00,yes,,y\n",
        "1,F,True,0,2,7,2,1,1,,2/2/2020,11:00,null,,y\n",
    ]
    _give(attempt, {"a.csv": header + "".join(rows)})
    assert not reader(
        attempt, TABLE
        + """
assert kinds == {"bit": "bool", "letter": "bool", "word": "bool", "bits": "object", "count": "int64", "gaps": "float64",
                 "power": "float64", "padded": "int64", "huge": "float64", "iso": "datetime64[ns]", "days": "datetime64[ns]",
                 "clock": "object", "text": "object", "blank": "object", "lead": "object"}, kinds
assert list(frame["bits"]) == [True, None, False] and list(frame["padded"]) == [123, 1, 1] and list(frame["blank"]) == [None] * 3
assert list(frame["iso"].dt.second)[:2] == [0, 5] and frame["iso"].isna()[2]
assert list(frame["days"].dt.month) == [2, 2, 2] and list(frame["text"]) == ["NA", "yes", "null"] and frame["lead"][0] == " x"
"""
    )


@needs_pandas
def test_dates_that_can_be_read_both_ways_have_the_month_first_and_a_warning(attempt, reader):
    _give(attempt, {"a.csv": "d\n1/2/2020 10:30\n"})
    told = reader(attempt, READ + "with warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n"
                  "    assert str(data.to_pandas_dataframe()['d'][0]) == '2020-01-02 10:30:00'\ndata.to_pandas_dataframe()")  # fmt: skip
    assert told.splitlines()[-1].startswith("UserWarning: column 'd': day and month cannot be told apart; the month")


@needs_pandas
@pytest.mark.parametrize("text", ["30/30/2020", "2020-02-30", "1 2", "0x10", "inf", "\uff11", "true1"])
def test_what_only_looks_like_a_value_stays_text(attempt, reader, text):
    _give(attempt, {"a.csv": f"d\n{text}\n"})
    assert not reader(attempt, TABLE + f"assert list(frame['d']) == [{text!r}], frame")


@needs_pandas
def test_headers_that_are_doubled_blank_or_too_few(attempt, reader):
    _give(attempt, {"a.csv": "a,a,,b\n1,2,3,4\n5,6,7,8,9\n5\n"})
    assert not reader(attempt, TABLE + "assert list(frame.columns) == ['a', 'a_1', 'Column3', 'b', 'Column5'] and len(frame) == 3, frame")


@needs_pandas
@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (True, {"a": [1, 3], "b": [2, 4]}),
        (3, {"a": [1, 3], "b": [2, 4]}),
        (2, {"a": [1.0, None], "b": [2, 3], "c": [None, 4.0]}),
        (1, {"a": ["1", "b", "3"], "b": ["2", "c", "4"]}),
        (False, {"Column1": ["a", "1", "b", "3"], "Column2": ["b", "2", "c", "4"]}),
    ],
)
def test_several_files(attempt, reader, header, expected):
    _give(attempt, {"1.csv": "a,b\n1,2\n", "2.csv": "b,c\n3,4\n"}, header=header)
    found = "found = frame.astype(object).where(frame.notna(), None).to_dict('list')\n"
    assert not reader(attempt, TABLE + found + f"assert found == {expected!r}, found")


@needs_pandas
def test_a_file_without_rows_and_one_without_anything(attempt, reader):
    _give(attempt, {"1.csv": "", "2.csv": "a,b\n"})
    assert not reader(attempt, TABLE + "assert len(frame) == 0, frame")


@needs_pandas
def test_options_of_the_reader(attempt, reader):
    _give(attempt, {"a.csv": "a;b;c;d\n1;;2,5;3\nx;é;y;4\n".encode("latin-1")}, separator=";", encoding="iso88591", empty_as_string=True,
          infer_column_types=False, set_column_types={"c": {"type": "float", "decimal_mark": ","}, "d": "bool"})  # fmt: skip
    assert not reader(
        attempt, TABLE + "assert frame.iloc[:, :2].to_dict('list') == {'a': ['1', 'x'], 'b': ['', 'é']}, frame\n"
        "assert frame['c'][0] == 2.5 and frame['c'].isna()[1] and list(frame['d']) == [None, None]"
    )


@needs_pandas
@pytest.mark.parametrize(("kind", "expected"), [("string", "['01', None]"), ("long", "[1, None]"), ("float", "[1.0, None]"),
                                                ("bool", "[None, None]"), ("datetime", "[None, None]")])  # fmt: skip
def test_types_that_are_asked_for(attempt, reader, kind, expected):
    _give(attempt, {"a.csv": "a,b\n01,1\n,2\n"}, set_column_types={"a": kind if kind != "datetime" else {"type": kind, "formats": ["%Y"]}})
    found = "found = list(frame['a'].astype(object).where(frame['a'].notna(), None))\n"
    assert not reader(attempt, TABLE + found + f"assert found == {expected}, found")


@needs_pandas
def test_an_unknown_type_is_told(attempt, reader):
    _give(attempt, {"a.csv": "a\n1\n"}, set_column_types={"a": "color"})
    assert "unknown type 'color'" in reader(attempt, TABLE)


@needs_pandas
def test_transforms_in_their_order(attempt, reader):
    rows = "".join(f"{number},{number},x\n" for number in range(1000))
    _give(attempt, {"a.csv": "n,m,s\n" + rows}, transforms=[("skip", {"count": 100}), ("keep_columns", {"columns": ["s", "gone", "n"]})])
    assert not reader(
        attempt, TABLE
        + """
assert list(frame.columns) == ["n", "s"] and list(frame["n"]) == list(range(100, 1000)) and list(frame.index) == list(range(900))
first, second = (part.to_pandas_dataframe() for part in data.random_split(0.7, seed=1))
assert sorted([*first["n"], *second["n"]]) == list(range(100, 1000)) and 580 < len(first) < 680 and list(first["n"]) == sorted(first["n"])
assert list(data.random_split(0.7, seed=1)[0].to_pandas_dataframe()["n"]) == list(first["n"])
assert list(data.drop_columns("s").take(2).to_pandas_dataframe().columns) == ["n"]
assert 300 < len(data.take_sample(0.5, seed=2).to_pandas_dataframe()) < 600
"""
    )


@needs_pandas
def test_columns_from_paths(attempt, reader):
    _give(attempt, {"NY/2019/01/d.csv": "a\n1\n", "LA/2020/12/d.csv": "a\n2\n", "odd.csv": "a\n3\n"}, include_path=True,
          partition_format="/{state}/{when:yyyy/MM}/d.csv")  # fmt: skip
    assert not reader(
        attempt, TABLE
        + """
assert list(frame.columns) == ["Path", "a", "state", "when"] and list(frame["state"]) == ["NY", "LA", None], frame
assert list(frame["Path"])[:2] == ["/NY/2019/01/d.csv", "/LA/2020/12/d.csv"] and frame["when"][1].month == 12 and frame["when"].isna()[2]
"""
    )


@needs_pandas
def test_json_lines(attempt, reader):
    _give(attempt, {"a.jsonl": '{"a": 1, "b": "x"}\n\n{"a": 2}\nbroken\n'}, form="json_lines", invalid_lines="drop")
    assert not reader(attempt, TABLE + "assert list(frame['a']) == [1, 2] and frame['b'][0] == 'x' and frame['b'].isna()[1], frame")
    _give(attempt, {"a.jsonl": '{"a": 1}\nbroken\n'}, form="json_lines")
    assert "line 2: this is not JSON" in reader(attempt, TABLE)


@needs_pandas
@needs_parquet
def test_parquet(attempt, reader):
    assert not reader(attempt, "import pandas\npandas.DataFrame({'a': [1, 2], 't': ['1', '0']}).to_parquet('a.parquet')")
    _give(attempt, {"a.parquet": (attempt.work / "a.parquet").read_bytes()}, form="parquet")
    assert not reader(attempt, TABLE + "assert list(frame['t']) == ['1', '0'] and kinds['a'] == 'int64', frame")


@needs_pandas
def test_an_unknown_format_is_told(attempt, reader):
    _give(attempt, {"a.xls": "x"}, form="excel")
    assert "'excel' is not one of" in reader(attempt, TABLE)
