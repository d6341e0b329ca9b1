"""A Java machine that stays: started once, used by one step after another, each with a Spark of its own in it.

It is what `pyspark` starts by itself for a script, kept by the runner instead. A step finds it by two environment variables.
It ends when the runner closes its end of a pipe, also when the runner dies.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping

import msgspec

from stepwell_runner.targets.protocol import Cancellation
from stepwell_runner.targets.spark import loggers
from stepwell_runner.targets.spark.archive import Archive
from stepwell_runner.targets.spark.gateway import Answer, Gateway, GatewayError, Ref, Static
from stepwell_runner.targets.spark.output import Output
from stepwell_store import files
from stepwell_store.errors import MachineError

LOG4J = os.path.join(os.path.dirname(os.path.abspath(__file__)), "log4j2.properties")

_LOOK_S = 0.02
_START_S = 300.0
_ANSWER_S = 120.0
_END_S = 120.0

_SYSTEM = Static("java.lang.System")
_CONTEXTS = Static("org.apache.spark.SparkContext$")
_SESSION = Static("org.apache.spark.sql.classic.SparkSession")
_LIST = Static("java.util.List")
_OWN_OBJECTS = ("GATEWAY_SERVER", "j", "t")  # Py4J's names of its server, its view of Java's names, its entry point
_FILES = Static("org.apache.hadoop.fs.FileSystem")


class Launch(msgspec.Struct, frozen=True):
    """What a Java machine is started with; steps for which it is equal can share one. `conf` is sorted."""

    spark_home: str
    java_home: str
    conf: tuple[tuple[str, str], ...] = ()
    loopback: bool = True


class Jvm:
    """One running Java machine. `folder` is its own; it runs in a folder `work` below it."""

    def __init__(self, launch: Launch, process: subprocess.Popen[bytes], output: Output, folder: str, address: tuple[int, str],
                 archive: Archive) -> None:
        self.launch = launch
        self.steps = 0
        self._process = process
        self._output = output
        self._folder = folder
        self._work = os.path.join(folder, "work")
        self._port, self._secret = address
        self._archive = archive
        self._inside: str | None = None
        self._set: tuple[str, ...] = ()
        self._levels: dict[str, str] = {}

    @property
    def variables(self) -> dict[str, str]:
        """How a step's process finds it."""
        return {"PYSPARK_GATEWAY_PORT": str(self._port), "PYSPARK_GATEWAY_SECRET": self._secret}

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def enter(self, work: str, log: str, conf: Mapping[str, str]) -> None:
        """Make it ready for a step: with its settings, its log, and its folder as the current one. GatewayError or OSError."""
        with Gateway(self._port, self._secret, _ANSWER_S) as gateway:
            self._levels = self._levels or loggers.levels(gateway)
            for name, value in conf.items():
                gateway.call(_SYSTEM, "setProperty", name, value)
            gateway.call(_SYSTEM, "setProperty", "user.dir", work)
        self._set = tuple(conf)
        _become(self._work, work)
        self._inside = work
        self._output.to(log)
        self.steps += 1

    def leave(self) -> bool:
        """After the step has ended: stop the Spark that it left, forget its settings. Whether another step may come."""
        try:
            with Gateway(self._port, self._secret, _ANSWER_S) as gateway:
                _stop_spark(gateway)
                for name in self._set:
                    gateway.call(_SYSTEM, "clearProperty", name)
                gateway.call(_SYSTEM, "setProperty", "user.dir", self._work)
                gateway.call(_FILES, "closeAll")
                loggers.put_back(gateway, self._levels)
                _forget_objects(gateway)
                gateway.call(_SYSTEM, "gc")
            return True
        except GatewayError:
            self.kill()
            return False
        finally:
            self._output.away()
            if self._inside is not None:
                _become_again(self._inside, self._work)
                self._inside = None

    def kill(self) -> None:
        """End it now, with all that it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """Let it end by itself, which takes longer once: then it leaves an archive of its classes, from which others start faster."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_S)
        ended_well = self._process.poll() == 0
        self.kill()
        self._archive.keep(ended_well and self.steps > 0)
        self._output.close()
        files.remove_tree(self._folder)


def _stop_spark(gateway: Gateway) -> None:
    """Stop the context that a step has left, if any, with its jobs and the processes of its workers."""
    contexts = gateway.field(_CONTEXTS, "MODULE$")
    active = gateway.call(contexts, "getActive") if isinstance(contexts, Ref) else None
    if isinstance(active, Ref) and gateway.call(active, "isDefined") is True:
        context = gateway.call(active, "get")
        if isinstance(context, Ref):
            gateway.call(context, "stop")
    for method in ("clearActiveSession", "clearDefaultSession"):
        with contextlib.suppress(GatewayError):  # Spark 3 has the class elsewhere, and looks itself whether a session has stopped
            gateway.call(_SESSION, method)


def _forget_objects(gateway: Gateway) -> None:
    """Let go of the objects that a step's Python had in hand: the gateway keeps each until told, and a process that ends tells nothing."""
    own = gateway.call(_LIST, "of", *_OWN_OBJECTS)
    known: Answer = Ref(_OWN_OBJECTS[0])
    for method in ("getGateway", "getBindings", "keySet"):
        known = gateway.call(known, method) if isinstance(known, Ref) else None
    if isinstance(known, Ref) and isinstance(own, Ref):
        gateway.call(known, "retainAll", own)


def start(launch: Launch, folder: str, archive: Archive, variables: Mapping[str, str], cancel: Cancellation) -> Jvm | None:
    """Start one; None when asked to stop meanwhile. MachineError with its last words when it does not come up."""
    files.make_dir(os.path.join(folder, "work"))
    address = os.path.join(folder, "address")
    conf = _with_archive(launch, archive, folder)
    options = [word for name, value in conf.items() for word in ("--conf", f"{name}={value}")]
    environment = {**variables, "JAVA_HOME": launch.java_home, "SPARK_HOME": launch.spark_home, "_PYSPARK_DRIVER_CONN_INFO_PATH": address,
                   "SPARK_CONNECT_MODE": "0", "SPARK_CONF_DIR": os.path.join(folder, "conf")}  # fmt: skip
    if launch.loopback:
        environment["SPARK_LOCAL_IP"] = "127.0.0.1"
    command = [os.path.join(launch.spark_home, "bin", "spark-submit"), *options, "pyspark-shell"]
    read, write = os.pipe()
    try:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=write, stderr=write, cwd=os.path.join(folder, "work"),
                                   env=environment, start_new_session=True)
    except OSError as error:
        os.close(read)
        raise MachineError(f"Spark could not start: {error}", where=command[0]) from error
    finally:
        os.close(write)
    output = Output(read, f"Java machine {process.pid}")
    try:
        found = _wait_for(address, process, cancel)
    except BaseException:
        _give_up(process, output, folder)
        raise
    if found is None:
        said = _give_up(process, output, folder)
        if cancel.is_set():
            return None
        raise MachineError("the Java machine of Spark did not come up", where=launch.java_home, todo=f"its last words: {said.strip()}")
    return Jvm(launch, process, output, folder, found, archive)


def _with_archive(launch: Launch, archive: Archive, folder: str) -> dict[str, str]:
    conf = {"spark.ui.enabled": "false", "spark.master": "local[*]", **dict(launch.conf)}
    java = [f"-Djava.io.tmpdir={folder}", "-XX:-UsePerfData", f"-Dlog4j2.configurationFile=file:{LOG4J}", *archive.options]
    conf["spark.driver.extraJavaOptions"] = " ".join([*java, conf.get("spark.driver.extraJavaOptions", "")]).strip()
    return conf


def _give_up(process: subprocess.Popen[bytes], output: Output, folder: str) -> str:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        process.stdin.close()
    output.close()
    files.remove_tree(folder)
    return output.last()


def _wait_for(address: str, process: subprocess.Popen[bytes], cancel: Cancellation) -> tuple[int, str] | None:
    """Its port and secret, once it has written them; None when it ended, took too long, or nobody wants it any longer."""
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None:
        if cancel.wait(_LOOK_S):
            return None
        if os.path.exists(address):
            with open(address, "rb") as file:
                said = file.read()
            size = int.from_bytes(said[4:8], "big")
            return int.from_bytes(said[:4], "big"), said[8 : 8 + size].decode()
    return None


def _become(folder: str, work: str) -> None:
    """Make `folder`, in which the Java machine runs, be what is at `work`, with all that is in it.

    A Java machine cannot change its current folder. So the folder itself goes where the step's files are: relative paths of
    the machine, and of the Python workers that it starts, then mean the step's files.
    """
    for name in os.listdir(work):
        os.rename(os.path.join(work, name), os.path.join(folder, name))
    os.rmdir(work)
    os.rename(folder, work)
    os.symlink(work, folder)


def _become_again(work: str, folder: str) -> None:
    """The way back: the files stay at `work`, the folder of the machine is its own again and empty."""
    emptied = f"{folder}.next"
    os.mkdir(emptied, 0o700)
    for name in os.listdir(work):
        os.rename(os.path.join(work, name), os.path.join(emptied, name))
    os.unlink(folder)
    os.rename(work, folder)
    os.rename(emptied, work)
