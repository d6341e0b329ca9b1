"""Notebooks and scripts of Databricks without a Databricks: cells, widgets, files; the interpreter is a plain one without Spark."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from stepwell_runner.step import TRAVEL


def run(folder: Path, *words: str, code: int = 0) -> str:
    variables = {"PYTHONPATH": TRAVEL, "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-m", "stepwell.databricks", *words], cwd=folder, env=variables, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stderr


PIP = "%pip install nothing: packages are those of the step's environment; put them into pypi_libraries"
SOURCE = """# Databricks notebook source
# MAGIC %md
# MAGIC # Title

# COMMAND ----------
dbutils.widgets.text("rate", "0.5")
dbutils.widgets.dropdown("mode", "fast", ["fast", "slow"])
print(dbutils.widgets.get("rate"), dbutils.widgets.get("mode"), getArgument("none", "nothing"))
# COMMAND ----------
# MAGIC %run ./shared
# COMMAND ----------
# MAGIC %sh
# MAGIC echo from $((1 + 1)) shells
# COMMAND ----------
%pip install nothing
answer(2)
# COMMAND ----------
print(dbutils.notebook.run("child", 60, {"x": 5}))
dbutils.notebook.exit("the end")
# COMMAND ----------
raise SystemExit("never")
"""


def test_a_source_notebook_runs_cell_by_cell(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(SOURCE)
    (tmp_path / "shared.py").write_text("# Databricks notebook source\ndef answer(x):\n    return 21 * x\n")
    (tmp_path / "child.ipynb").write_text(json.dumps({"cells": [
        {"cell_type": "markdown", "source": ["nothing"]},
        {"cell_type": "code", "source": ["y = int(dbutils.widgets.get('x')) + 1\n", "dbutils.notebook.exit(y)"]}]}))  # fmt: skip
    assert run(tmp_path, "notebook", "main.py", "rate=0.25", "input=/data=1").splitlines() == [
        "0.25 fast nothing", "from 2 shells", PIP, "42", "6", "Notebook exited: the end"]  # fmt: skip


def test_an_ipynb_shows_the_last_value_of_a_cell_and_runs_shell_lines(tmp_path: Path) -> None:
    cells = ["%md text", "x = 1\n!echo shell\nif x:\n    !echo inner", "x + 1", "display(None); None", "%pip install a==1"]
    (tmp_path / "book.ipynb").write_text(json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]}))
    assert run(tmp_path, "notebook", "book.ipynb").splitlines()[:3] == ["shell", "inner", "2"]


def test_an_error_names_the_cell(tmp_path: Path) -> None:
    (tmp_path / "n.py").write_text("# Databricks notebook source\nx = 1\n# COMMAND ----------\n\ny = x / 0\n")
    said = run(tmp_path, "notebook", "n.py", code=1)
    assert 'File "<cell 2 of n.py>", line 2' in said
    assert "ZeroDivisionError" in said


@pytest.mark.parametrize(("cell", "said"), [("# MAGIC %scala\n# MAGIC println(1)", "cell 1 of n.py is in scala, which cannot run here"),
                                            ("dbutils.widgets.get('x')", "there is no widget named 'x'; there are: a"),
                                            ("dbutils.fs.mount('wasbs://x', '/mnt')", "data comes as an input of the step"),
                                            ("dbutils.secrets.get('my-scope', 'key')", "set the variable MY_SCOPE_KEY")])
def test_what_there_is_not_says_what_to_do(tmp_path: Path, cell: str, said: str) -> None:
    (tmp_path / "n.py").write_text(f"# Databricks notebook source\n{cell}\n")
    assert said in run(tmp_path, "notebook", "n.py", "a=1", code=1)


def test_files_are_those_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "n.py").write_text(f"""# Databricks notebook source
base = "dbfs:{tmp_path}/files"
dbutils.fs.put(base + "/a/one.txt", "hello")
dbutils.fs.cp(base + "/a", base + "/b", recurse=True)
dbutils.fs.mv(base + "/b/one.txt", "file:{tmp_path}/files/two.txt")
print([(one.name, one.size) for one in dbutils.fs.ls(base)], dbutils.fs.head("/dbfs{tmp_path}/files/two.txt", 4))
print(dbutils.fs.rm(base, True), dbutils.fs.rm(base))
# COMMAND ----------
# MAGIC %fs ls {tmp_path}
""")
    said = run(tmp_path, "notebook", "n.py").splitlines()
    assert said[:2] == ["[('a/', 0), ('b/', 0), ('two.txt', 5)] hell", "True False"]
    assert "n.py" in said[2]


def test_a_script_gets_its_words_and_finds_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "near.py").write_text("WORD = 'near'\n")
    (tmp_path / "code" / "s.py").write_text(
        "import sys, near\nprint(sys.argv[1:], near.WORD, __name__, bool(dbutils))\n")
    assert run(tmp_path, "script", "code/s.py", "--input", "a b").strip() == "['--input', 'a b'] near __main__ True"
