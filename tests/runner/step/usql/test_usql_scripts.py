"""Whole scripts of U-SQL: what they read, select, join, group, order and write, and what is refused where."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from usql_world import ERRORS, SCRIPT, TYPES, lines, query, refused

from stepwell_runner.step import TRAVEL

PEOPLE = "1, Noah, 100\n3, Liam, 100\n4, Emma, 200\n5, Jacob, \n"
TABLES = """
@people = SELECT * FROM (VALUES (1, "Noah", (int?)100, 2.5), (3, "Liam", 100, 1.5), (4, "Emma", 200, 4.0), (5, "Jacob", (int?)null, 0.5))
          AS T(Id, Name, Dept, Hours);
@depts = SELECT * FROM (VALUES (100, "Sales"), (200, "Research"), (300, "Empty")) AS T(Dept, Title);
"""


def test_the_script_of_the_notebook_gives_the_right_file(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("1, Noah, 100\n3, Liam, 100\n4, Emma, 100\n5, Jacob, 100\n7, Jennie, 100\n")
    script = """
// Read employee information from csv file
@employees =
    EXTRACT EmpId int, EmpName string, DeptId int
    FROM "@@employee_data@@"
    USING Extractors.Csv();

// Export employee names to text file
OUTPUT
(
    SELECT EmpName
    FROM @employees
)
TO "@@out@@"
USING Outputters.Text();
"""
    assert lines(tmp_path, script, employee_data=str(tmp_path / "in.csv")) == ['" Noah"', '" Liam"', '" Emma"', '" Jacob"', '" Jennie"']


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("SELECT Name, Id * 2 AS Twice FROM @people WHERE Hours > 1.0 AND Dept == 100", ["Noah,2", "Liam,6"]),
        ("SELECT Name FROM @people WHERE Dept != 100", ["Emma", "Jacob"]),
        ("SELECT DISTINCT Dept FROM @people", ["100", "200", ""]),
        ("SELECT p.Name, d.Title FROM @people AS p JOIN @depts AS d ON p.Dept == d.Dept", ["Noah,Sales", "Liam,Sales", "Emma,Research"]),
        ("SELECT p.Name, d.Title FROM @people AS p LEFT OUTER JOIN @depts AS d ON d.Dept == p.Dept WHERE d.Title == null", ["Jacob,"]),
        ("SELECT d.Title, p.Name FROM @people AS p RIGHT JOIN @depts AS d ON p.Dept == d.Dept WHERE p.Name == null", ["Empty,"]),
        (
            "SELECT p.Id, d.Dept FROM @people AS p FULL OUTER JOIN @depts AS d ON p.Dept == d.Dept WHERE p.Id == null || d.Dept == null",
            ["5,", ",300"],
        ),
        ("SELECT Name FROM @people AS p LEFT SEMIJOIN @depts AS d ON p.Dept == d.Dept AND p.Id == 3 + d.Dept - 100", ["Liam"]),
        ("SELECT d.Title FROM @depts AS d LEFT ANTISEMIJOIN @people AS p ON d.Dept == p.Dept", ["Empty"]),
        ("SELECT COUNT(*) AS n FROM @people CROSS JOIN @depts AS d", ["12"]),
        (
            "SELECT Dept, COUNT(*) AS n, SUM(Hours) AS h, AVG(Id) AS a, MAX(Name) AS m FROM @people GROUP BY Dept",
            ["100,2,4,2,Noah", "200,1,4,4,Emma", ",1,0.5,5,Jacob"],
        ),
        ("SELECT Dept ?? 0 AS d, SUM(Id) + 1 AS s FROM @people GROUP BY Dept ?? 0 HAVING COUNT(*) == 1", ["200,5", "0,6"]),
        (
            "SELECT COUNT(Dept) AS n, COUNT(DISTINCT Dept) AS d, SUM(Dept) AS s, VAR(Hours) AS v FROM @people",
            ["3,2,400,2.2291666666666665"],
        ),
        ("SELECT SUM(Id) AS s, MIN(Name) AS m, COUNT(*) AS n FROM @people WHERE Id > 100", [",,0"]),
        ("SELECT Name FROM @people ORDER BY Hours DESC FETCH 2 ROWS", ["Emma", "Noah"]),
        ("SELECT Name, Hours * 2 AS h FROM @people ORDER BY Dept, h DESC OFFSET 1 ROWS FETCH FIRST 2 ROWS", ["Noah,5", "Liam,3"]),
        ("SELECT Dept, COUNT(*) AS n FROM @people GROUP BY Dept ORDER BY n DESC, Dept FETCH 2", ["100,2", ",1"]),
        ("SELECT x.Name.ToUpper() AS N FROM (SELECT Name FROM @people WHERE Id < 4) AS x", ["NOAH", "LIAM"]),
        ("SELECT Id FROM @people UNION ALL SELECT Dept - 99 AS Id FROM @depts WHERE Dept < 200", ["1", "3", "4", "5", "1"]),
        ("SELECT Id FROM @people UNION SELECT 1 AS Id FROM @depts", ["1", "3", "4", "5"]),
        ("SELECT Id FROM @people EXCEPT SELECT 3 AS Id FROM @depts", ["1", "4", "5"]),
        ("SELECT Id FROM @people INTERSECT SELECT 3 AS Id FROM @depts", ["3"]),
        ("SELECT a.*, b.Name AS Other FROM @people AS a JOIN @people AS b ON a.Id == b.Id WHERE a.Id == 1", ["1,Noah,100,2.5,Noah"]),
    ],
)
def test_queries(tmp_path: Path, select: str, expected: list[str]) -> None:
    assert query(tmp_path, select, TABLES) == expected


def test_variables_substitution_and_files(tmp_path: Path) -> None:
    (tmp_path / "in.tsv").write_text("id\tname\twhen\n1\tx\t2/15/2012 11:53:16 AM\n2\t\t2020-01-01\n")
    script = """
DECLARE @from DateTime = new DateTime(2015, 1, 1);
DECLARE @path string = "@@place@@" + "/in.tsv";
DECLARE EXTERNAL @least int = 1;
@rows = EXTRACT id int, name string, when DateTime FROM @path USING Extractors.Tsv(skipFirstNRows:1);
@rows = SELECT id, name ?? "?" AS name, when FROM @rows WHERE when > @from || id == @@wanted@@;
OUTPUT @rows TO "@@out@@" ORDER BY id DESC USING Outputters.Text(delimiter:'|', outputHeader:true, dateTimeFormat:"yyyy-MM-dd");
"""
    assert lines(tmp_path, script, place=str(tmp_path), wanted=1) == ['"id"|"name"|"when"', '2|"?"|2020-01-01', '1|"x"|2012-02-15']


def test_file_sets_folders_and_packed_files(tmp_path: Path) -> None:
    (tmp_path / "data" / "de").mkdir(parents=True)
    (tmp_path / "data" / "fr").mkdir()
    (tmp_path / "data" / "de" / "a.csv").write_text("1\n2\n")
    (tmp_path / "data" / "fr" / "b.csv").write_text("3\n")
    (tmp_path / "data" / "fr" / "_SUCCESS").write_text("")
    with gzip.open(tmp_path / "data" / "fr" / "c.csv.gz", "wt") as file:
        file.write("4\n")
    named = '@r = EXTRACT n int, land string FROM "@@in@@/{land}/{*}.csv" USING Extractors.Csv();'
    values = {"in": str(tmp_path / "data")}
    assert query(tmp_path, "SELECT land, n FROM @r", named, **values) == ["de,1", "de,2", "fr,3"]
    whole = '@r = EXTRACT n int FROM "@@in@@/fr", "@@in@@/de/a.csv" USING Extractors.Csv();'
    assert query(tmp_path, "SELECT n FROM @r", whole, **values) == ["3", "4", "1", "2"]


def test_paths_that_nobody_gave_are_in_the_step_s_folder(tmp_path: Path) -> None:
    (tmp_path / "Samples").mkdir()
    (tmp_path / "Samples" / "in.csv").write_text("1\n")
    script = '@r = EXTRACT n int FROM "/Samples/in.csv" USING Extractors.Csv(); OUTPUT @r TO "/output/made.csv" USING Outputters.Csv();'
    with pytest.raises(FileNotFoundError):
        lines(tmp_path, script)
    assert (tmp_path / "outputs" / "output" / "made.csv").read_bytes() == b"1\r\n"


def test_bad_lines_are_told_or_left_out(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("1,a\nx,b\n2\n3,c\n")
    script = '@r = EXTRACT n int, s string FROM "@@in@@" USING Extractors.Csv({});'
    values = {"in": str(tmp_path / "in.csv")}
    assert query(tmp_path, "SELECT n FROM @r", script.format("silent:true"), **values) == ["1", "3"]
    with pytest.raises(ERRORS.UsqlError, match=r"in\.csv, line 2, column n: 'x' is not a int"):
        query(tmp_path, "SELECT n FROM @r", script.format(""), **values)
    (tmp_path / "in.csv").write_text("1,a,b\n")
    with pytest.raises(ERRORS.UsqlError, match="line 1: 3 columns where 2 are wanted"):
        query(tmp_path, "SELECT n FROM @r", script.format(""), **values)


def test_an_error_in_a_row_names_the_place_in_the_script(tmp_path: Path) -> None:
    with pytest.raises(ERRORS.UsqlError) as caught:
        query(tmp_path, "SELECT Name,\n  10 / (Id - 3) AS x FROM @people", TABLES)
    assert str(caught.value) == "s.usql(7,6): division by zero"


CELL = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), max_size=6)
)
ROW = st.tuples(CELL, st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1)), st.floats(allow_nan=False))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROW, min_size=1, max_size=5))
def test_what_an_outputter_writes_an_extractor_reads(tmp_path: Path, rows: list[tuple[str | None, int | None, float]]) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "out.csv"
    cell = {None: lambda _: "", str: lambda v: '"' + v.replace('"', '""') + '"', int: str, float: TYPES.text}
    first.write_text("".join(",".join(cell[type(one) if one is not None else None](one) for one in row) + "\n" for row in rows), newline="")
    script = '@r = EXTRACT s string, n int?, x double FROM "@@in@@" USING Extractors.Csv(); OUTPUT @r TO "@@out@@" USING Outputters.Csv();'
    once = lines(tmp_path, script, **{"in": str(first)})
    again = tmp_path / "again.csv"
    SCRIPT.run(script, {"in": str(second), "out": str(again)}, "s.usql", lambda _: None)
    assert len(once) == len(rows)
    assert again.read_bytes() == second.read_bytes()
    back = SCRIPT.World()
    SCRIPT._RUNNERS["assign"](SCRIPT.parse(SCRIPT.tokens(script, {"in": str(again), "out": "x"}))[0], back, None)
    assert list(back.rowsets["r"].rows()) == rows


REFUSED = [
    ("CREATE DATABASE x;", "s.usql(1,1): CREATE is outside"),
    ("\n  REFERENCE ASSEMBLY x;", "s.usql(2,3): REFERENCE is outside"),
    ('@a = EXTRACT x int FROM "f" USING new My.Extractor();', "(1,35): new is code of somebody's own"),
    ('@a = EXTRACT x int FROM "f" USING Extractors.Json();', "(1,46): Extractors.Json is outside"),
    ('@a = EXTRACT x SQL.ARRAY<int> FROM "f" USING Extractors.Csv();', "(1,16): there is no type SQL"),
    ('@a = EXTRACT x int, x int FROM "f" USING Extractors.Csv();', "the column x is there twice"),
    ("@a = EXTRACT x int FROM \"f\" USING Extractors.Csv(delimiter:';');", "the delimiter of Csv is fixed; use Text"),
    ('@a = EXTRACT x int FROM "f" USING Extractors.Text(nope:1);', "(1,51): there is no argument nope"),
    ("@a = PROCESS @b PRODUCE x int USING new P();", "(1,6): PROCESS is outside"),
    ("@a = SELECT * FROM dbo.Table;", "(1,20): dbo: tables and views of a database do not exist here"),
    ("@a = SELECT * FROM @nope;", "(1,20): there is no rowset @nope"),
    (TABLES + "@a = SELECT Nope FROM @people;", "there is no column Nope; there are: Id, Name, Dept, Hours"),
    (TABLES + "@a = SELECT Name FROM @people ORDER BY Name;", "ORDER BY in a SELECT needs a FETCH"),
    (TABLES + "@a = SELECT Name, COUNT(*) AS n FROM @people;", "there is no column Name"),
    (TABLES + "@a = SELECT SUM(Id) OVER (PARTITION BY Dept) AS s FROM @people;", "OVER is outside"),
    (TABLES + "@a = SELECT Name FROM @people CROSS APPLY EXPLODE(Name) AS r(x);", "is outside the part of U-SQL that runs here"),
    (TABLES + "@a = SELECT p.Id FROM @people AS p JOIN @depts AS d ON p.Dept > d.Dept;", "made of comparisons with =="),
    (TABLES + "@a = SELECT Dept FROM @people AS p JOIN @depts AS d ON p.Dept == d.Dept;", "the column Dept is in more than one rowset"),
    (TABLES + "@a = SELECT Id AS x, Name AS x FROM @people;", "two columns are named x"),
    (TABLES + "@a = SELECT Id FROM @people UNION ALL SELECT Title FROM @depts;", "int and string have no type in common"),
    (TABLES + "@a = SELECT Id FROM @people WHERE Id;", "this must be true or false, and is int"),
    (TABLES + "@a = SELECT MEDIAN(Id) AS m FROM @people;", "there is no MEDIAN in the part of U-SQL that runs here"),
    ('DECLARE @x int = "a";', "the value of @x is string and not int; write a cast"),
    ("DECLARE @x int = @y;", "there is no variable @y"),
    ("select 1;", "expected a statement"),
    ("@a = select x from @b;", "words of U-SQL are written in capitals"),
    ('OUTPUT @a TO "x";', "(1,17): expected USING, not ;"),
    ('OUTPUT @a TO "@@nope@@" USING Outputters.Csv();', "(1,14): @@nope@@ has no value; known are: none"),
    ("@a = SELECT 1 AS x FROM (VALUES (1), (2, 3)) AS t(a);", "the rows of VALUES are of different lengths"),
    ("/* open", "s.usql(1,1): this comment has no end"),
    ("@a = # 1;", "(1,6): unexpected character '#'"),
]


@pytest.mark.parametrize(("script", "said"), REFUSED, ids=[said[:30] for _, said in REFUSED])
def test_what_is_outside_the_core_is_refused_with_line_and_column(script: str, said: str) -> None:
    found = refused(script)
    assert said in found
    assert found.startswith("s.usql(")


def test_it_runs_as_a_program_of_a_plain_interpreter(tmp_path: Path) -> None:
    (tmp_path / "s.usql").write_text(TABLES + 'OUTPUT @depts TO "@@out@@" USING Outputters.Tsv();')
    command = [sys.executable, "-m", "stepwell.usql", "s.usql"]
    options = {"cwd": tmp_path, "env": {"PYTHONPATH": TRAVEL}, "capture_output": True, "text": True}
    done = subprocess.run([*command, f"out={tmp_path}/o.tsv"], **options)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "o.tsv").read_bytes() == b'100\t"Sales"\r\n200\t"Research"\r\n300\t"Empty"\r\n'
    failed = subprocess.run(command, **options)
    assert failed.returncode == 1
    assert failed.stderr == "s.usql(5,18): @@out@@ has no value; known are: none\n"
