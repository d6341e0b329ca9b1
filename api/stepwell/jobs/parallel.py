"""Parallel nodes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from stepwell.jobs.command import author_variables, is_reusable, meaning, missing, resources_of, roots_of, source_of
from stepwell.jobs.document import Node
from stepwell.jobs.environments import environment
from stepwell.jobs.expressions import Expression, single
from stepwell.jobs.ports import Ports, ports
from stepwell.jobs.scope import Member
from stepwell.jobs.shell import argument_words
from stepwell.jobs.values import Literal
from stepwell_runner.graph.model import Step, Text, Token
from stepwell_runner.graph.parallel import AppendRows, Parallel, parallel_command

_TRIES, _TIMEOUT_S = 2, 60
_ROWS_FILE = "parallel_run_step.txt"
_SIZE = re.compile(r"(\d+)\s*([kmg]?)b?\Z", re.IGNORECASE)
_FACTORS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_OF_THE_DRIVER = frozenset((
    "--allowed_failed_percent", "--allowed_failed_count", "--task_overhead_timeout", "--progress_update_timeout",
    "--first_task_creation_timeout", "--copy_logs_to_parent", "--metrics_name_prefix", "--push_metrics_to_parent",
    "--resource_monitor_interval", "--error_threshold", "--mini_batch_error_threshold", "--append_row_file_name",
    "--profiling_module", "--process_count_per_node", "--mini_batch_size", "--logging_level"))  # fmt: skip
"""Words in `program_arguments` that are for whoever drives the workers; the script does not see them."""


def parallel_step(member: Member, default_datastore: str | None, target: str) -> Step:
    """The step of a parallel node."""
    definition = member.definition
    assert definition is not None
    task = _said(member, "task") or definition.node
    split = _split(member)
    found = ports(member, default_datastore, tables=split)
    arguments, driver = _arguments(member, task, found)
    source = source_of(task, member)
    entry = task.text("entry_script") or ""
    if not entry:
        member.pipe.context.findings.error(f"the task of node '{member.name}' needs an `entry_script`", task.where)
    spec = environment(
        task.get("environment") or _said(member, "environment"),
        roots_of(source),
        f"python {entry}",
        member.node,
        member.pipe.context,
        target,
    )
    return Step(
        key=member.key,
        name=member.key,
        kind="parallel",
        command=parallel_command(arguments),
        script=entry,
        source=source,
        inputs=found.inputs,
        outputs=found.outputs,
        variables=(*found.variables, *author_variables(member, found)),
        environment=spec,
        target=target,
        resources=resources_of(_said(member, "resources")),
        allow_reuse=is_reusable(member),
        work=_work(member, task, entry, split, found, driver),
    )


def _said(member: Member, key: str) -> Node | None:
    """What the node says, or else its component."""
    assert member.definition is not None
    return member.node.get(key) or member.definition.node.get(key)


def _split(member: Member) -> tuple[str, ...]:
    node = _said(member, "input_data")
    expression = single(node.value) if node is not None else None
    if expression is None or expression.parts[0] != "inputs":
        member.pipe.context.findings.error(
            f"node '{member.name}' needs `input_data: ${{{{inputs.NAME}}}}`, the input that is cut into mini-batches",
            (node or member.node).where,
        )
        return ()
    return (".".join(expression.parts[1:]),)


def _arguments(member: Member, task: Node, found: Ports) -> tuple[tuple[Token, ...], dict[str, str]]:
    """The arguments of the script, and those that are for the driver."""
    node = task.get("program_arguments")
    try:
        words = argument_words(
            str(node.value) if node is not None else "",
            lambda one: meaning(one, found),
            lambda one: missing(one, member, found, node or task),
        )
    except ValueError as error:
        member.pipe.context.findings.error(
            f"the arguments of node '{member.name}' cannot be split into words: {error}", (node or task).where
        )
        words = ()
    return _sorted(words)


def _sorted(words: Sequence[Token]) -> tuple[tuple[Token, ...], dict[str, str]]:
    kept: list[Token] = []
    driver: dict[str, str] = {}
    waiting = iter(words)
    for word in waiting:
        name, equals, value = word.text.partition("=") if isinstance(word, Text) else ("", "", "")
        if name not in _OF_THE_DRIVER:
            kept.append(word)
            continue
        following = Text(value) if equals else next(waiting, Text(""))
        driver[name] = following.text if isinstance(following, Text) else ""
    return tuple(kept), driver


def _work(member: Member, task: Node, entry: str, split: tuple[str, ...], found: Ports, driver: dict[str, str]) -> Parallel:
    retry, resources = _said(member, "retry_settings"), _said(member, "resources")
    tries = _number(retry, "max_retries", member, found)
    return Parallel(
        entry=entry,
        split=split,
        batch_size=_batch_size(member, found),
        partition_keys=_keys(member),
        nodes=_number(resources, "instance_count", member, found),
        workers=_of_node("max_concurrency_per_instance", member, found),
        tries=Text(str(int(tries.text) + 1)) if isinstance(tries, Text) and tries.text.isdecimal() else Text(str(_TRIES + 1)),
        timeout_s=_number(retry, "timeout", member, found) or Text(str(_TIMEOUT_S)),
        failed_items=_of_node("error_threshold", member, found) or _text(driver, "--error_threshold"),
        failed_batches=_of_node("mini_batch_error_threshold", member, found) or _text(driver, "--mini_batch_error_threshold"),
        failed_percent=_text(driver, "--allowed_failed_percent"),
        append=_append(member, task, found),
        logging=_of_node("logging_level", member, found),
    )


def _text(driver: dict[str, str], name: str) -> Token | None:
    return Text(driver[name]) if driver.get(name) else None


def _of_node(key: str, member: Member, found: Ports) -> Token | None:
    assert member.definition is not None
    return _number(member.node if member.node.get(key) is not None else member.definition.node, key, member, found)


def _number(node: Node | None, key: str, member: Member, found: Ports) -> Token | None:
    value = node.get(key) if node is not None else None
    if value is None:
        return None
    expression = single(value.value)
    return Text(str(value.value)) if expression is None else _token(expression, value, member, found)


def _token(expression: Expression, node: Node, member: Member, found: Ports) -> Token:
    if expression.parts[0] == "parent":
        bound = member.pipe.resolve(expression, node)
        return bound.token if isinstance(bound, Literal) else Text("")
    return meaning(expression, found) or missing(expression, member, found, node)


def _batch_size(member: Member, found: Ports) -> Token | None:
    token = _of_node("mini_batch_size", member, found)
    if not isinstance(token, Text):
        return token
    match = _SIZE.match(token.text.strip())
    if match is None:
        node = _said(member, "mini_batch_size") or member.node
        member.pipe.context.findings.error(
            f"`mini_batch_size` is a number of files, or of bytes such as 10kb or 1mb, not '{token.text}'", node.where
        )
        return None
    return Text(str(int(match[1]) * _FACTORS[match[2].lower()]))


def _keys(member: Member) -> tuple[str, ...]:
    node = _said(member, "partition_keys")
    if node is None:
        return ()
    if isinstance(node.value, list):
        return tuple(str(one.value) for one in node.value)
    try:
        return msgspec.json.decode(str(node.value), type=tuple[str, ...])
    except msgspec.MsgspecError:
        return tuple(part.strip() for part in str(node.value).split(",") if part.strip())


def _append(member: Member, task: Node, found: Ports) -> AppendRows | None:
    node = task.get("append_row_to")
    expression = single(node.value) if node is not None else None
    if node is None or expression is None:
        return None
    name = ".".join(expression.parts[1:])
    output = next((one for one in found.outputs if one.name == name), None)
    if output is None or expression.parts[0] != "outputs":
        missing(expression, member, found, node)
        return None
    return AppendRows(output=name, file=Text(_ROWS_FILE) if output.kind == "folder" else None)
