"""Spark nodes."""

from __future__ import annotations

from stepwell.jobs.checking import as_number
from stepwell.jobs.command import author_variables, is_reusable, meaning, missing, roots_of, source_of
from stepwell.jobs.document import Node
from stepwell.jobs.environments import environment
from stepwell.jobs.ports import ports
from stepwell.jobs.scope import Member
from stepwell.jobs.shell import argument_words
from stepwell_runner.graph.model import CurrentInterpreter, EnvironmentSpec, Packages, PythonRef, Spark, Step, Text, Token

TARGET = "spark"
_SIZES = ("driver_cores", "driver_memory", "executor_cores", "executor_memory")


def spark_step(member: Member, default_datastore: str | None, target: str) -> Step:
    """The step of a spark node."""
    definition = member.definition
    assert definition is not None
    findings = member.pipe.context.findings
    found = ports(member, default_datastore)
    source = source_of(definition.node, member)
    node = _said(member, "args") or definition.node
    try:
        words = argument_words(_text(member, "args"), lambda one: meaning(one, found), lambda one: missing(one, member, found, node))
    except ValueError as error:
        findings.error(f"the `args` of node '{member.name}' cannot be split into words: {error}", node.where)
        words = ()
    entry = _said(member, "entry")
    script = entry.text("file") if entry is not None else None
    command = _command(member, script, entry, words)
    given = _said(member, "environment")
    spec = (
        _usual(member)
        if given is None
        else environment(given, roots_of(source), f"python {script}", member.node, member.pipe.context, target)
    )
    return Step(
        key=member.key,
        name=member.key,
        kind="spark",
        command=command,
        script=script,
        source=source,
        inputs=found.inputs,
        outputs=found.outputs,
        variables=(*found.variables, *author_variables(member, found)),
        environment=spec,
        target=target,
        spark=_spark(member),
        allow_reuse=is_reusable(member),
    )


def _usual(member: Member) -> EnvironmentSpec:
    """Spark of the version that the node asks for: the one that is installed, or one that uv fetches."""
    resources = _said(member, "resources")
    wanted = ".".join((resources.text("runtime_version") or "").split(".")[:2]) if resources is not None else ""
    if not wanted or _installed().startswith(f"{wanted}."):
        return CurrentInterpreter()
    return Packages(
        requirements=(f"pyspark=={wanted}.*", "pandas<2.2", "numpy<2", "setuptools<81"), python=">=3.8,<3.12", name=f"spark-{wanted}"
    )


def _installed() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("pyspark")
    except PackageNotFoundError:
        return ""


def _said(member: Member, key: str) -> Node | None:
    assert member.definition is not None
    return member.node.get(key) or member.definition.node.get(key)


def _text(member: Member, key: str) -> str:
    node = _said(member, key)
    return str(node.value) if node is not None else ""


def _command(member: Member, script: str | None, entry: Node | None, words: tuple[Token, ...]) -> tuple[Token, ...]:
    if script is not None:
        # Only spark-submit puts files for Python where the driver's imports find them.
        needs_submit = any(_list(member, key) for key in ("py_files", "archives"))
        return (Text("spark-submit") if needs_submit else PythonRef(), Text(script), *words)
    name = entry.text("class_name") if entry is not None else None
    jars = _list(member, "jars")
    if name is None or not jars:
        place = entry or member.node
        member.pipe.context.findings.error(f"spark node '{member.name}' needs `entry.file`, or `entry.class_name` and `jars`", place.where)
        return ()
    return (Text("spark-submit"), Text("--class"), Text(name), Text(jars[0]), *words)


def _list(member: Member, key: str) -> tuple[str, ...]:
    node = _said(member, key)
    if node is None:
        return ()
    return tuple(str(one.value) for one in node.elements()) if isinstance(node.value, list) else (str(node.value),)


def _spark(member: Member) -> Spark:
    assert member.definition is not None
    given = {name: _setting(value) for node in (member.definition.node, member.node) for name, value in node.below("conf").items()
             if value.value is not None}  # fmt: skip
    for name in _SIZES:
        if name in given:
            given[f"spark.{name.replace('_', '.')}"] = given.pop(name)
    executors = as_number(given.pop("executor_instances", given.pop("spark.executor.instances", None)))
    own = {f"spark.{name.replace('_', '.')}": None for name in _SIZES}
    sizes = {name: given.pop(name, None) for name in own}
    cores = {name: as_number(sizes[f"spark.{name}.cores"]) for name in ("driver", "executor")}
    return Spark(
        driver_memory=sizes["spark.driver.memory"],
        driver_cores=int(cores["driver"]) if cores["driver"] else None,
        executor_memory=sizes["spark.executor.memory"],
        executor_cores=int(cores["executor"]) if cores["executor"] else None,
        executors=int(executors) if executors else None,
        jars=_list(member, "jars"),
        py_files=_list(member, "py_files"),
        files=_list(member, "files"),
        archives=_list(member, "archives"),
        conf=tuple(given.items()),
    )


def _setting(node: Node) -> str:
    return str(node.value).lower() if isinstance(node.value, bool) else str(node.value)
