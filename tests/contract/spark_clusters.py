"""A real cluster of Spark on loopback, and a real Spark Connect server, from the package pyspark, for as long as a test needs them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pyspark

from stepwell_runner.targets.spark import java

HOME = os.path.dirname(pyspark.__file__)
PATIENCE_S = 180


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def running(folder: Path, name: str, *words: str) -> Iterator[Path]:
    """A program of Spark's in the foreground; the file with what it says."""
    variables = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_NO_DAEMONIZE": "1", "SPARK_DAEMON_MEMORY": "512m",
                 "JAVA_HOME": java.find(os.environ, java.own_folders()).home, "SPARK_HOME": HOME}  # fmt: skip
    log = folder / f"{name}.log"
    with log.open("wb") as file:
        process = subprocess.Popen([os.path.join(HOME, "bin", words[0]), *words[1:]], cwd=folder, env=variables, stdout=file, stderr=file,
                                   stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        yield log
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(PATIENCE_S)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def wait_for(log: Path, *words: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not all(word in (said := log.read_text(errors="replace")) for word in words):
        assert "Exception in thread" not in said, said[-3000:]
        assert time.monotonic() < deadline, log.read_text(errors="replace")[-3000:]
        time.sleep(0.05)


@contextlib.contextmanager
def standalone(folder: Path) -> Iterator[str]:
    """A master and a worker; the address of the master."""
    port, worker = free_port(), folder / "worker"
    worker.mkdir()
    address = f"spark://127.0.0.1:{port}"
    with running(folder, "master", "spark-class", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(port),
                 "--webui-port", "0") as master:  # fmt: skip
        wait_for(master, "I have been elected leader")
        with running(folder, "worker", "spark-class", "org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--port", "0",
                     "--webui-port", "0", "--cores", "1", "--memory", "1g", "--work-dir", str(worker), address) as log:  # fmt: skip
            wait_for(log, "Successfully registered with master")
            yield address


@contextlib.contextmanager
def connect(folder: Path, python: str) -> Iterator[str]:
    """A Spark Connect server on this machine; its address."""
    port = free_port()
    conf = {"spark.connect.grpc.binding.address": "127.0.0.1", "spark.connect.grpc.binding.port": str(port), "spark.ui.enabled": "false",
            "spark.pyspark.python": python, "spark.sql.warehouse.dir": str(folder / "warehouse"), "spark.local.dir": str(folder / "tmp"),
            "spark.sql.shuffle.partitions": "2"}  # fmt: skip
    words = [word for name, value in conf.items() for word in ("--conf", f"{name}={value}")]
    with running(folder, "connect", "spark-submit", "--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "--master",
                 "local[1]", *words, "spark-internal") as log:  # fmt: skip
        wait_for(log, "Spark Connect server started")
        yield f"sc://127.0.0.1:{port}"
