"""The target `spark`: the step's command as a process of this machine that finds Spark, and a Java machine that is warm.

A Python step gets a Java machine of the runner's (`jvm`). Any other command, and a script that says how its Java is to be
started, finds `spark-submit`, `SPARK_HOME` and its settings, and starts its own. With a master `sc://…` no Java is needed.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping

import msgspec

from stepwell_runner.graph.model import Spark
from stepwell_runner.targets.examined import Finding
from stepwell_runner.targets.process import ProcessTarget
from stepwell_runner.targets.protocol import Cancellation, Cancelled, Failed, Job, Outcome
from stepwell_runner.targets.registry import TargetSpec
from stepwell_runner.targets.spark import found, java
from stepwell_runner.targets.spark.archive import Archive, archive_for, cache_folder
from stepwell_runner.targets.spark.gateway import GatewayError
from stepwell_runner.targets.spark.jvm import LOG4J, Jvm, Launch
from stepwell_runner.targets.spark.pool import Pool
from stepwell_runner.targets.spark.progress import Progress
from stepwell_runner.targets.spark.settings import Wanted, as_properties_file, for_this_run, speaks_for_itself, wanted
from stepwell_runner.targets.values import number, switch
from stepwell_store import files
from stepwell_store.errors import StepwellError

_LOOK_S, _SELDOM_S = 0.5, 10.0
_LARGEST_SCRIPT = 1 << 20
_SUBMIT_ARGS = "PYSPARK_SUBMIT_ARGS"
_OWN_WORDS = ("PYSPARK_GATEWAY_PORT", "PYSPARK_GATEWAY_SECRET", "SPARK_CONF_DIR", "SPARK_REMOTE", "SPARK_CONNECT_MODE")


class SparkTarget:
    """Runs jobs that use Spark. `home` is a folder on the disk of the steps' folders; None of `archives` makes none."""

    def __init__(self, home: str, *, defaults: Spark | None = None, warm: bool = True, grace_s: float | None = None,
                 java_home: str | None = None, archives: str | None = None) -> None:
        self._process = ProcessTarget(grace_s=grace_s)
        self._cache = os.path.join(home, "cache", "spark")
        self._defaults = defaults or Spark()
        self._warm = warm
        self._java_home = java_home
        self._archives = archives
        self._pool = Pool(self._cache, self._archive)

    def run(self, job: Job, cancel: Cancellation) -> Outcome:
        """As the protocol says."""
        if cancel.is_set():
            return Cancelled()
        scratch = os.path.join(job.folder, "spark")
        try:
            files.make_dir(os.path.join(scratch, "events"))
            wish = wanted(job.spark or Spark(), self._wishes(job), job.resources, step=job.step, work=job.work)
            if wish.is_connect:
                return self._process.run(_with(_cleaned(job), _remote(job, wish)), cancel)
            with _Watch(scratch, job.reports):
                return self._on_java(_cleaned(job), wish, scratch, cancel)
        except (StepwellError, OSError) as error:
            return Failed(str(error))
        finally:
            files.remove_tree(scratch)

    def close(self) -> None:
        """End the Java machines."""
        self._pool.close()

    def _wishes(self, job: Job) -> Spark:
        """The target's own, and for a master the variable by which Spark itself is told of one."""
        remote = job.variables.get("SPARK_REMOTE")
        return msgspec.structs.replace(self._defaults, master=remote) if remote and not self._defaults.master else self._defaults

    def _on_java(self, job: Job, wish: Wanted, scratch: str, cancel: Cancellation) -> Outcome:
        spark = found.find(job.python, job.variables)
        machine = self._java(job)
        conf = for_this_run(wish, scratch=scratch, python=job.python or "python3", variables=_changed(job.variables))
        launch = Launch(spark.folder, java.home_for_spark(machine, self._cache), tuple(sorted(wish.at_start.items())), wish.stays_here)
        variables = _variables(job, wish, spark, launch)
        if not self._warm or not _is_python(job) or _SUBMIT_ARGS in job.variables or _speaks_for_itself(job.work):
            own = _own_settings(os.path.join(scratch, "conf"), {**wish.at_start, **conf})
            return self._process.run(_with(job, {**variables, **own}), cancel)
        jvm = self._pool.take(launch, _inherited(job.token), cancel, lambda text: report(job.reports, text))
        return Cancelled() if jvm is None else self._in(jvm, _with(job, variables), conf, cancel)

    def _in(self, jvm: Jvm, job: Job, conf: Mapping[str, str], cancel: Cancellation) -> Outcome:
        outcome: Outcome = Cancelled()
        reusable = False
        try:
            jvm.enter(job.work, job.log, conf)
            outcome = self._process.run(_with(job, jvm.variables), cancel)
        except GatewayError as error:
            outcome = Failed(f"the Java machine of Spark is gone: {error}")
        finally:
            if isinstance(outcome, Cancelled):
                jvm.kill()  # it would go on with the step's jobs for a while
            reusable = jvm.leave()
            self._pool.give_back(jvm, reusable)
        return outcome

    def _java(self, job: Job) -> java.Java:
        variables = {**job.variables, "JAVA_HOME": self._java_home} if self._java_home else job.variables
        sites = [found.packages_of(job.python).site] if job.python else []
        return java.find(variables, [*sites, *java.own_folders()])

    def _archive(self, launch: Launch) -> Archive:
        machine = java.look_at(launch.java_home)
        if self._archives is None or machine is None:
            return Archive(None)
        return archive_for(machine, launch.spark_home, launch.conf, self._archives)


def make(spec: TargetSpec) -> SparkTarget:
    """The target of a definition."""
    said = spec.settings
    defaults = Spark(master=said.get("master"), driver_memory=said.get("driver_memory"), executor_memory=said.get("executor_memory"),
                     executor_cores=int(said["executor_cores"]) if "executor_cores" in said else None,
                     executors=int(said["executors"]) if "executors" in said else None, conf=tuple(_pairs(said.get("conf", ""))))
    return SparkTarget(spec.home, defaults=defaults, warm=switch(said.get("warm", "true")), java_home=said.get("java_home"),
                       grace_s=number(said["grace"]) if "grace" in said else None,
                       archives=cache_folder() if switch(said.get("archive", "true")) else None)


def examine(spec: TargetSpec) -> list[Finding]:
    """Whether Spark and a Java are here, and whether a cluster answers."""
    from stepwell_runner.targets.spark.examination import findings

    return findings(spec.settings)


def report(path: str | None, text: str) -> None:
    """Say to people who watch how far the step has got."""
    if path is None:
        return
    line = msgspec.json.encode({"kind": "note", "message": text}) + b"\n"
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


class _Watch:
    """While it lasts, says what Spark does, whenever that has changed, and at its end what has been done."""

    def __init__(self, scratch: str, reports: str | None) -> None:
        self._progress = Progress(os.path.join(scratch, "events"))
        self._reports = reports
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress of Spark", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._progress.poll()
        if (summary := self._progress.summary()) is not None:
            report(self._reports, summary)

    def _run(self) -> None:
        said: str | None = None
        pause = _LOOK_S
        while not self._over.wait(pause):
            pause = min(pause * 1.1, _SELDOM_S)
            self._progress.poll()
            now = self._progress.now()
            if now is not None and now != said:
                report(self._reports, now)
                said = now


def _is_python(job: Job) -> bool:
    return bool(job.python) and bool(job.command) and job.command[0] == job.python


def _speaks_for_itself(work: str) -> bool:
    """Whether a script of the step says how its Java machine is to be started."""
    for folder, names, scripts in os.walk(work):
        names[:] = [name for name in names if not name.startswith(".")]
        for script in scripts:
            if script.endswith(".py") and _says_so(os.path.join(folder, script)):
                return True
    return False


def _says_so(path: str) -> bool:
    with contextlib.suppress(OSError), open(path, "rb") as file:
        return speaks_for_itself(file.read(_LARGEST_SCRIPT))
    return False


def _with(job: Job, variables: Mapping[str, str]) -> Job:
    return msgspec.structs.replace(job, variables={**job.variables, **variables})


def _cleaned(job: Job) -> Job:
    """Without what would lead to another Spark than the one that it gets."""
    return msgspec.structs.replace(job, variables=_without_own_words(job.variables))


def _without_own_words(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name not in _OWN_WORDS}


def _remote(job: Job, wish: Wanted) -> dict[str, str]:
    return {"SPARK_REMOTE": wish.master, "PYSPARK_PYTHON": job.python} if job.python else {"SPARK_REMOTE": wish.master}


def _variables(job: Job, wish: Wanted, spark: found.SparkHome, launch: Launch) -> dict[str, str]:
    """What every command on this target gets to know of Spark."""
    given = job.variables
    path = os.pathsep.join([os.path.join(spark.folder, "bin"), os.path.join(launch.java_home, "bin")])
    known = {"SPARK_HOME": spark.folder, "JAVA_HOME": launch.java_home, "PATH": f"{given.get('PATH', os.defpath)}{os.pathsep}{path}"}
    if spark.modules:
        known["PYTHONPATH"] = os.pathsep.join(filter(None, [given.get("PYTHONPATH"), *spark.modules]))
    if job.python and (wish.stays_here or "PYSPARK_PYTHON" not in given):
        known["PYSPARK_PYTHON"] = job.python
    if job.python:
        known["PYSPARK_DRIVER_PYTHON"] = job.python
    if wish.stays_here:
        known["SPARK_LOCAL_IP"] = "127.0.0.1"
    return known


def _own_settings(folder: str, conf: Mapping[str, str]) -> dict[str, str]:
    """Settings for a command that starts a Java machine itself, as a folder of configuration."""
    files.make_dir(folder)
    files.write_atomic(os.path.join(folder, "spark-defaults.conf"), as_properties_file(conf).encode(), durable=False)
    with open(LOG4J, "rb") as file:
        files.write_atomic(os.path.join(folder, "log4j2.properties"), file.read(), durable=False)
    return {"SPARK_CONF_DIR": folder}


def _inherited(token: str) -> dict[str, str]:
    """What a Java machine is started with: the runner's own variables, and the mark of its run."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("STEPWELL_")}
    return {**_without_own_words(own), "STEPWELL_RUN_TOKEN": token}


def _changed(variables: Mapping[str, str]) -> dict[str, str]:
    """The step's variables that a Java machine of the runner does not have already, as far as it can be told of them."""
    return {name: value for name, value in variables.items() if os.environ.get(name) != value and _is_text(name + value)}


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split(";"):
        name, found_one, value = part.partition("=")
        if found_one and name.strip():
            yield name.strip(), value.strip()
