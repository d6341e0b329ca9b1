"""Pipelines whose steps use Spark, as a person runs them."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from commandline import Project, Result

SAMPLE = Path(__file__).resolve().parents[2] / "sample_projects" / "taxi-spark"

PATIENCE_S = 400
PIPELINE = """
from stepwell import (DatabricksStep, Dataset, DataReference, HDFSOutputDatasetConfig, Pipeline, PipelineData, PipelineParameter,
                      PythonScriptStep, SynapseSparkStep, Workspace)
ws = Workspace.from_config()
names = Dataset.Tabular.from_delimited_files("names.csv").as_named_input("names")
store = ws.get_default_datastore()
trips = PipelineData("trips", is_directory=True)
counted = PipelineData("counted")
make = PythonScriptStep("make.py", arguments=["--out", trips], outputs=[trips], source_directory="code", compute_target="spark",
                        spark={"conf": {"spark.default.parallelism": 3}, "master": "local[2]"})
count = DatabricksStep("count", inputs=[trips], outputs=[counted], notebook_path="/Users/me/count", num_workers=1,
                       notebook_params={"least": PipelineParameter("least", 2)}, run_name="counting")
kept = HDFSOutputDatasetConfig("kept", destination=(store, "kept/{run-id}"))
keep = SynapseSparkStep("keep.py", "code", "spark", "512m", 1, "512m", 1, 1, arguments=[counted, kept],
                        inputs=[counted, names], outputs=[kept])
pipeline = Pipeline(ws, steps=[keep])
"""
MAKE = """
import argparse
from pyspark.sql import SparkSession
parser = argparse.ArgumentParser(); parser.add_argument("--out"); out = parser.parse_args().out
spark = SparkSession.builder.getOrCreate()
rows = spark.sparkContext.parallelize(range(20)).map(lambda number: (number, "zone%d" % (number % 4), number / 2.0))
spark.createDataFrame(rows, "id int, zone string, fare double").write.mode("overwrite").parquet(out)
print("parallelism", spark.sparkContext.defaultParallelism)
"""
COUNT = """# Databricks notebook source
least = int(dbutils.widgets.get("least"))
spark.read.parquet(dbutils.widgets.get("trips")).createOrReplaceTempView("trips")
# COMMAND ----------
# MAGIC %sql select count(*) as n from trips
# COMMAND ----------
found = spark.sql("select zone, sum(fare) as fares from trips where id >= {} group by zone order by zone".format(least))
display(found)
found.write.json(dbutils.widgets.get("counted"))
# COMMAND ----------
print("application", sc.appName, sc.master)
"""
KEEP = """
import sys
from azureml.core import Dataset, Run
run = Run.get_context()
print("zones", Dataset.get_by_id(run.experiment.workspace, id=run.input_datasets["names"].id).to_spark_dataframe().count())
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
spark.read.json(sys.argv[1]).coalesce(1).write.csv(sys.argv[2], header=True)
"""


def run(project: Project, *words: str) -> Result:
    """As `Project.run`, with the patience that several starts of Java need."""
    with project.start("run", "pipeline.py", "--json", *words) as process:
        out, err = process.communicate(timeout=PATIENCE_S)
    result = Result(process.returncode, out, err)
    assert result.code == 0, result
    return result


@pytest.fixture
def spark_project(project: Project) -> Project:
    project.pipeline(PIPELINE)
    project.write("code/make.py", MAKE)
    project.write("count.py", COUNT)
    project.write("names.csv", "zone,name\nzone0,Harbour\nzone1,Market\n")
    project.write("code/keep.py", KEEP)
    return project


def test_steps_of_three_vocabularies_share_a_spark(spark_project: Project) -> None:
    project = spark_project
    project.stepwell("init")
    project.stepwell("compute", "add", "spark", "--kind", "spark", "--set", "archive=false", "--set", "driver_memory=512m")
    first = run(project)
    assert [(step["name"], step["status"]) for step in first.data["steps"]] == [
        ("make.py", "Completed"), ("count", "Completed"), ("keep.py", "Completed")]  # fmt: skip
    notes = [row[0] for row in project.rows("SELECT payload FROM events WHERE kind = 'step_noted'")]
    assert len([note for note in notes if "starting Java for Spark" in note]) == 1
    assert len([note for note in notes if "Spark: " in note]) >= 3
    logs = project.stepwell("logs", "@last").out
    assert "parallelism 3" in logs
    assert "zones 2" in logs
    assert "application counting local[1]" in logs
    (kept,) = (project.root / "datastores" / "workspaceblobstore" / "kept").iterdir()
    done, part = sorted(path.name for path in kept.iterdir())  # and no hidden checksums
    assert done == "_SUCCESS"
    assert sorted((kept / part).read_text().splitlines()) == ["20.0,zone0", "22.0,zone1", "25.0,zone2", "27.5,zone3", "fares,zone"]
    assert [step["reused"] for step in run(project).data["steps"]] == [True, True, True]
    assert [step["reused"] for step in run(project, "-p", "least=0").data["steps"]] == [True, False, False]


def test_the_sample_makes_the_same_trips_however_many_compute_them(project: Project) -> None:
    shutil.copytree(SAMPLE, project.folder, dirs_exist_ok=True)
    project.stepwell("init")
    project.stepwell("compute", "add", "spark", "--kind", "spark", "--set", "archive=false", "--set", "master=local[1]")
    first = run(project, "-p", "megabytes=1")
    assert [step["name"] for step in first.data["steps"]] == ["generate", "clean", "summarise"]
    earnings = Path(first.data["outputs"]["earnings"])
    hours = list(csv.DictReader((earnings / "by_hour.csv").read_text().splitlines()))
    assert [row["hour"] for row in hours] == [str(hour) for hour in range(24)]
    rows = trips(project)
    assert 0.9e6 < sum(len(row) for row in rows) < 1.1e6
    assert len(rows) == len({row.partition(b",")[0] for row in rows})
    project.stepwell("compute", "rm", "spark")
    project.stepwell("compute", "add", "spark", "--kind", "spark", "--set", "archive=false", "--set", "master=local[3]")
    run(project, "-p", "megabytes=1", "--force", "--only", "generate")
    assert trips(project) == rows


def trips(project: Project) -> list[bytes]:
    """The lines of the newest made trips, sorted, without their heads."""
    newest = max((project.root / "datastores").glob("*/**/trips"), key=lambda path: path.stat().st_mtime)
    return sorted(line for file in newest.glob("*.csv") for line in file.read_bytes().splitlines(keepends=True)[1:])
