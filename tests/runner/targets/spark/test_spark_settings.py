"""From wishes to settings of Spark."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell_runner.graph.model import Resources, Spark
from stepwell_runner.targets.spark.settings import Wanted, as_properties_file, for_this_run, speaks_for_itself, wanted


def wish(spark: Spark = Spark(), defaults: Spark = Spark(), resources: Resources = Resources()) -> Wanted:  # noqa: B008
    return wanted(spark, defaults, resources, step="train", work="/w")


def test_a_step_that_says_nothing_runs_on_all_processors_of_this_machine() -> None:
    assert wish().conf == {"spark.master": "local[*]", "spark.app.name": "train"}
    assert wish().is_local
    assert wish().stays_here


@pytest.mark.parametrize(
    ("spark", "resources", "master"),
    [
        (Spark(driver_cores=3), Resources(), "local[3]"),
        (Spark(), Resources(cpus=2.5), "local[2]"),
        (Spark(), Resources(cpus=0.5), "local[1]"),
        (Spark(master="local[7]"), Resources(cpus=2.0), "local[7]"),
        (Spark(conf=(("spark.master", "spark://far:1"),)), Resources(cpus=2.0), "spark://far:1"),
    ],
)
def test_where_it_runs(spark: Spark, resources: Resources, master: str) -> None:
    assert wish(spark, resources=resources).master == master


def test_the_step_wins_over_the_target_and_settings_win_over_both() -> None:
    target = Spark(master="spark://far:7077", driver_memory="1g", executor_memory="2g", conf=(("a", "target"), ("b", "target")))
    step = Spark(driver_memory="4g", conf=(("b", "step"), ("spark.executor.memory", "9g")))
    found = wish(step, target).conf
    assert (found["spark.master"], found["spark.driver.memory"], found["spark.executor.memory"]) == ("spark://far:7077", "4g", "9g")
    assert (found["a"], found["b"]) == ("target", "step")


def test_a_standalone_cluster_is_told_how_many_cores() -> None:
    found = wish(Spark(master="spark://h:1", executors=3, executor_cores=2)).conf
    assert (found["spark.cores.max"], found["spark.executor.instances"], found["spark.executor.cores"]) == ("6", "3", "2")


def test_relative_files_are_the_steps_and_addresses_stay() -> None:
    found = wish(Spark(jars=("lib/a.jar", "/opt/b.jar", "https://x/c.jar"), py_files=("m.zip",), files=("d.csv",), archives=("e.tgz",),
                       packages=("g:a:1", "g:b:2"))).conf
    assert found["spark.jars"] == "/w/lib/a.jar,/opt/b.jar,https://x/c.jar"
    assert found["spark.submit.pyFiles"] == "/w/m.zip"
    assert found["spark.files"] == "/w/d.csv,/w/m.zip"
    assert found["spark.archives"] == "/w/e.tgz"
    assert found["spark.jars.packages"] == "g:a:1,g:b:2"


def test_what_java_starts_with_is_kept_apart() -> None:
    found = wish(Spark(driver_memory="2g", packages=("g:a:1",), conf=(("spark.sql.ansi.enabled", "true"),)))
    assert found.at_start == {"spark.driver.memory": "2g", "spark.jars.packages": "g:a:1"}
    assert found.of_the_step.keys() == {"spark.master", "spark.app.name", "spark.sql.ansi.enabled"}


@pytest.mark.parametrize(
    ("master", "here"),
    [
        ("spark://127.0.0.1:7077", True), ("spark://localhost:7077", True), ("spark://far:7077", False),
        ("spark://localhost:1,far:2", False), ("sc://localhost:15002/;user_id=x", True), ("yarn", False),
    ],
)  # fmt: skip
def test_only_a_spark_on_this_machine_stays_on_loopback(master: str, here: bool) -> None:
    found = wish(Spark(master=master))
    assert found.stays_here is here
    conf = for_this_run(found, scratch="/s", python="/p", variables={"SECRET": "x"})
    assert ("spark.driver.bindAddress" in conf) is here
    assert "spark.executorEnv.SECRET" not in conf


def test_the_author_wins_over_what_stepwell_adds() -> None:
    conf = for_this_run(wish(Spark(conf=(("spark.ui.enabled", "true"),))), scratch="/s", python="/p", variables={"A": "b"})
    assert (conf["spark.ui.enabled"], conf["spark.executorEnv.A"], conf["spark.local.dir"]) == ("true", "b", "/s/local")


@pytest.mark.parametrize(("script", "own"), [(b".config('spark.driver.memory', '4g')", True), (b'"spark.jars.packages"', True),
                                             (b'os.environ["PYSPARK_SUBMIT_ARGS"]', True), (b"spark.sql('x'); spark.jarsx", True),
                                             (b"spark.conf.set('spark.sql.ansi.enabled', 'x')", False), (b"spark.driver.host", False)])
def test_which_scripts_need_a_java_of_their_own(script: bytes, own: bool) -> None:
    assert speaks_for_itself(script) is own


def unescaped(text: str) -> str:
    """As `java.util.Properties` reads it."""
    found, letters = [], iter(text)
    for letter in letters:
        if letter != "\\":
            found.append(letter)
            continue
        after = next(letters)
        plain = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}.get(after, after)
        found.append(chr(int("".join(next(letters) for _ in range(4)), 16)) if after == "u" else plain)
    return "".join(found).encode("utf-16", "surrogatepass").decode("utf-16")


NAMES = st.from_regex(r"spark\.[a-z.]{1,10}", fullmatch=True)


@given(st.dictionaries(NAMES, st.text(st.characters(exclude_categories=("Cs",)), max_size=20)))
def test_a_file_of_settings_is_read_as_it_was_meant(conf: dict[str, str]) -> None:
    lines = as_properties_file(conf).split("\n")[:-1]
    assert all(line.isascii() and line.isprintable() for line in lines)
    pairs = [line.partition(" ") for line in lines]
    assert {unescaped(name): unescaped(value) for name, _, value in pairs} == conf
