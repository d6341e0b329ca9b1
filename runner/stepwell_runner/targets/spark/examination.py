"""Whether steps can use Spark here: what is said of a target of this kind when somebody asks."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping

from stepwell_runner.targets.examined import Finding
from stepwell_runner.targets.spark import found, java
from stepwell_store.errors import StepwellError

_PATIENCE_S = 5.0


def findings(settings: Mapping[str, str]) -> list[Finding]:
    """Spark, Java and the cluster, each with what to do about it."""
    master = settings.get("master", "local[*]")
    return [_spark(), *([] if master.startswith("sc://") else [_java(settings)]), *_cluster(master)]


def _spark() -> Finding:
    try:
        spark = found.find(sys.executable, os.environ)
    except StepwellError as error:
        return Finding("spark", "warn", "none beside Stepwell; steps whose environment has pyspark can run", error.todo or "")
    return Finding("spark", "ok", f"{spark.version} at {spark.folder}")


def _java(settings: Mapping[str, str]) -> Finding:
    variables = {**os.environ, "JAVA_HOME": settings["java_home"]} if "java_home" in settings else os.environ
    try:
        machine = java.find(variables, java.own_folders())
    except StepwellError as error:
        return Finding("java", "bad", error.what, error.todo or "")
    return Finding("java", "ok", f"{machine.version} at {machine.home}")


def _cluster(master: str) -> list[Finding]:
    """Whether somebody listens at the address of a cluster."""
    scheme, separator, rest = master.partition("://")
    if scheme not in ("spark", "sc") or not separator:
        return []
    return [_reached(one, 7077 if scheme == "spark" else 15002) for one in rest.split("/")[0].split(",")]


def _reached(address: str, default: int) -> Finding:
    host, _, port = address.rpartition(":")
    host, port = (host, port) if host and port.isdecimal() else (address, str(default))
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE_S):
            return Finding("cluster", "ok", f"{host}:{port} answers")
    except (OSError, OverflowError) as error:
        return Finding("cluster", "bad", f"nobody answers at {host}:{port}: {error}", "start the cluster, or name another master")
