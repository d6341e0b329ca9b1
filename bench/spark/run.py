"""A Spark step that finds Java running, beside a cold `spark-submit` of the same script, in turn.

    python bench/spark/run.py [--reps 3]

Both run a trivial job on two threads. A step's CPU is that of a run of three steps without that of a run of one, halved; its time is
what the run says of its second step. The first run of a machine makes an archive of Java's classes, and is not measured.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from measure import Command, Failed, Sample, run

TARGET = 0.35
SCRIPT = """
import os
os.environ.setdefault("PYSPARK_PYTHON", {python!r})
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print(spark.range(1000).selectExpr("sum(id)").first()[0])
"""
PIPELINE = """
from stepwell import Pipeline, PythonScriptStep, StepSequence, Workspace
steps = [PythonScriptStep("job.py", name=f"step{{number}}", source_directory="code", allow_reuse=False, spark={{"master": "local[2]"}})
         for number in range({count})]
pipeline = Pipeline(Workspace.from_config(), steps=StepSequence(steps))
"""


def main() -> int:
    """Measure, print the table; 1 when the target was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reps", type=int, default=3, help="how often each is measured; medians are shown (default: 3)")
    args = parser.parse_args()
    with TemporaryDirectory(dir="/var/tmp", prefix="stepwell-bench-") as work:
        return measure(Path(work), args.reps)


def measure(folder: Path, times: int) -> int:
    """Both, in turn, so that what else the machine does meets both alike."""
    prepare(folder)
    run(stepwell(folder, 1))
    cold, warm, cpu = [], [], []
    for _ in range(times):
        cold.append(run(submit(folder)))
        one, three = run(stepwell(folder, 1)), run(stepwell(folder, 3))
        warm.append(second_step(three))
        cpu.append((three.cpu - one.cpu) / 2)
    return told(cold, warm, cpu)


def prepare(folder: Path) -> None:
    """The script, and pipelines of one and of three steps of it."""
    (folder / "code").mkdir()
    (folder / "code" / "job.py").write_text(SCRIPT.format(python=sys.executable))
    for count in (1, 3):
        (folder / f"pipeline{count}.py").write_text(PIPELINE.format(count=count))
    run(Command((sys.executable, "-m", "stepwell", "init"), folder))


def submit(folder: Path) -> Command:
    """A cold one."""
    spec = importlib.util.find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise Failed("pyspark is not installed beside Stepwell")
    program = os.path.join(os.path.dirname(spec.origin), "bin", "spark-submit")
    words = (program, "--master", "local[2]", "--conf", "spark.ui.enabled=false", "code/job.py")
    pythons = dict.fromkeys(("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"), sys.executable)
    return Command(words, folder, {"SPARK_LOCAL_IP": "127.0.0.1", **pythons})


def stepwell(folder: Path, steps: int) -> Command:
    """A run of so many steps, one after another."""
    return Command((sys.executable, "-m", "stepwell", "run", f"pipeline{steps}.py", "--json"), folder)


def second_step(sample: Sample) -> float:
    """How long the second step took, in seconds."""
    said = json.loads(sample.output.splitlines()[-1])
    return next(float(step["duration_s"]) for step in said["steps"] if step["name"] == "step1")


def told(cold: list[Sample], warm: list[float], cpu: list[float]) -> int:
    """The table, and whether the target was reached."""
    submit_wall, submit_cpu = median(one.wall for one in cold), median(one.cpu for one in cold)
    step_wall, step_cpu = median(warm), median(cpu)
    print(f"{'':28}{'wall s':>10}{'CPU s':>10}   load average {os.getloadavg()[0]:.1f}, medians of {len(cold)}")
    print(f"{'cold spark-submit':28}{submit_wall:10.2f}{submit_cpu:10.2f}")
    print(f"{'second step of a run':28}{step_wall:10.2f}{step_cpu:10.2f}")
    share = step_wall / submit_wall
    print(f"{'share':28}{share:10.0%}{step_cpu / submit_cpu:10.0%}   target {TARGET:.0%}: {'reached' if share <= TARGET else 'missed'}")
    return 0 if share <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
