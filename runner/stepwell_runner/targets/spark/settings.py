"""From what a step asks for to settings of Spark: what a Java machine is started with, and what only one step of it gets. Pure."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping

import msgspec

from stepwell_runner.graph.model import Resources, Spark

_AT_START = frozenset({
    "spark.driver.memory", "spark.driver.memoryOverhead", "spark.driver.extraJavaOptions", "spark.driver.defaultJavaOptions",
    "spark.driver.extraClassPath", "spark.driver.extraLibraryPath", "spark.driver.userClassPathFirst", "spark.jars", "spark.jars.packages",
    "spark.jars.excludes", "spark.jars.repositories", "spark.jars.ivy", "spark.jars.ivySettings", "spark.plugins", "spark.log4j.config",
})  # fmt: skip
"""Settings that count only when the Java machine starts."""

_SAID_BY_SCRIPT = re.compile(rb"spark\.(jars|plugins|driver\.(memory|extra|default|userClass))|PYSPARK_SUBMIT_ARGS")
_LOOPBACK = re.compile(r"(127\.[\d.]+|localhost|\[?::1\]?)\Z", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_REDACTED = "(?i)secret|password|token|access[.]?key|executorEnv"


class Wanted(msgspec.Struct, frozen=True):
    """Everything that one step wants, in Spark's own words."""

    master: str
    conf: dict[str, str]

    @property
    def is_connect(self) -> bool:
        """Whether the step talks to a Spark Connect server and needs no Java here."""
        return self.master.startswith("sc://")

    @property
    def is_local(self) -> bool:
        """Whether Spark itself runs on this machine, inside the step's own Java machine."""
        return self.master.startswith("local")

    @property
    def stays_here(self) -> bool:
        """Whether nothing needs to reach this machine from outside."""
        return self.is_local or all(_LOOPBACK.match(host) for host in _hosts(self.master))

    @property
    def at_start(self) -> dict[str, str]:
        """The settings that a Java machine must be started with; steps that differ in them cannot share one."""
        return {name: value for name, value in self.conf.items() if name in _AT_START}

    @property
    def of_the_step(self) -> dict[str, str]:
        """The settings that are the step's alone."""
        return {name: value for name, value in self.conf.items() if name not in _AT_START}


def _hosts(master: str) -> list[str]:
    """The hosts of `scheme://a:1,b:2` or `sc://a:1/;x=y`."""
    rest = master.partition("://")[2].split("/")[0]
    return [host.rpartition(":")[0] or host for host in rest.split(",")] if rest else [""]


def wanted(spark: Spark, defaults: Spark, resources: Resources, *, step: str, work: str) -> Wanted:
    """What a step wants, with the target's own wishes where the step has none. `work` is the folder that relative paths are below."""
    both = _merged(spark, defaults)
    master = both.master or _local(both, resources)
    conf: dict[str, str] = {"spark.master": master, "spark.app.name": both.app_name or step}
    conf |= _sizes(both)
    conf |= _lists(both, work)
    conf |= dict(defaults.conf) | dict(spark.conf)
    return Wanted(conf["spark.master"], conf)


def _merged(spark: Spark, defaults: Spark) -> Spark:
    """The step's wishes over the target's; `conf` is merged by whoever asks."""
    empty = Spark()
    said = {name: value for name in Spark.__struct_fields__ if (value := getattr(spark, name)) != getattr(empty, name)}
    return msgspec.structs.replace(defaults, **said)


def _local(spark: Spark, resources: Resources) -> str:
    threads = spark.driver_cores or (max(1, int(resources.cpus)) if resources.cpus else "*")
    return f"local[{threads}]"


def _sizes(spark: Spark) -> dict[str, str]:
    found = {
        "spark.driver.memory": spark.driver_memory, "spark.driver.cores": spark.driver_cores,
        "spark.executor.memory": spark.executor_memory, "spark.executor.cores": spark.executor_cores,
        "spark.executor.instances": spark.executors,
        # A standalone cluster knows no number of executors, only one of cores.
        "spark.cores.max": spark.executors * spark.executor_cores if spark.executors and spark.executor_cores else None,
    }  # fmt: skip
    return {name: str(value) for name, value in found.items() if value is not None}


def _lists(spark: Spark, work: str) -> dict[str, str]:
    found = {
        "spark.jars": _places(spark.jars, work), "spark.jars.packages": spark.packages, "spark.jars.repositories": spark.repositories,
        "spark.submit.pyFiles": _places(spark.py_files, work), "spark.archives": _places(spark.archives, work),
        "spark.files": [*_places(spark.files, work), *_places(spark.py_files, work)],
    }  # fmt: skip
    return {name: ",".join(parts) for name, parts in found.items() if parts}


def _places(paths: Iterable[str], work: str) -> list[str]:
    return [path if _ADDRESS.match(path) else os.path.join(work, path) for path in paths]


def for_this_run(wish: Wanted, *, scratch: str, python: str, variables: Mapping[str, str]) -> dict[str, str]:
    """The step's settings with those that Stepwell adds where nobody said otherwise. `variables` are what the workers of Spark in the
    step's own process get to see."""
    added = {"spark.ui.showConsoleProgress": "false", "spark.submit.deployMode": "client"}
    added |= {"spark.local.dir": os.path.join(scratch, "local"), "spark.eventLog.dir": f"file://{os.path.join(scratch, 'events')}",
              "spark.eventLog.enabled": "true",
              "spark.eventLog.rolling.enabled": "false", "spark.eventLog.compress": "false", "spark.eventLog.buffer.kb": "8"}  # fmt: skip
    # Without it, Hadoop puts a hidden file with a checksum beside every file that it writes on this machine.
    added |= {"spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem"}
    added |= {"spark.ui.enabled": "false", "spark.redaction.regex": _REDACTED}
    # On a busy machine Spark would log a slow event with all that is in it, the step's variables among them.
    added |= {"spark.scheduler.listenerbus.logSlowEvent": "false"}
    if wish.stays_here:
        added |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.pyspark.python": python}
    if wish.is_local:
        added |= {f"spark.executorEnv.{name}": value for name, value in variables.items()}
    return {**added, **wish.of_the_step}


def speaks_for_itself(source: bytes) -> bool:
    """Whether a script sets things that count only when a Java machine starts: it must start its own."""
    return _SAID_BY_SCRIPT.search(source) is not None


def as_properties_file(conf: Mapping[str, str]) -> str:
    """The settings as the text of a `spark-defaults.conf`."""
    return "".join(f"{_escaped(name)} {_escaped(value)}\n" for name, value in conf.items())


def _escaped(text: str) -> str:
    """As java.util.Properties reads it."""
    escaped = "".join({"\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}.get(letter, f"\\{letter}" if letter in "\\=: #!" else letter)
                      for letter in text)
    return "".join(letter if " " <= letter <= "~" else _unicode(letter) for letter in escaped)


def _unicode(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[index]:02x}{units[index + 1]:02x}" for index in range(0, len(units), 2))
