"""`distribution`: the same command started once per process, with the variables that tell each who it is."""

from __future__ import annotations

import json

from stepwell.jobs.checking import as_number
from stepwell.jobs.document import Node
from stepwell_runner.graph.model import Text, Token

Variable = tuple[str, Token]

_LAUNCH = """\
count=$1; per_node=$2; shift 2
pids=
stop() { kill $pids 2>/dev/null; }
trap 'stop; wait; exit 143' TERM
rank=0
while [ "$rank" -lt "$count" ]; do
  export RANK=$rank LOCAL_RANK=$((rank % per_node)) NODE_RANK=$((rank / per_node)) AZUREML_CR_NODE_RANK=$((rank / per_node))
  export OMPI_COMM_WORLD_RANK=$rank OMPI_COMM_WORLD_LOCAL_RANK=$((rank % per_node)) OMPI_COMM_WORLD_SIZE=$count
  config=$(printenv "STEPWELL_TF_CONFIG_$rank") && export TF_CONFIG=$config
  bash -c "$1" & pids="$pids $!"
  rank=$((rank + 1))
done
code=0
for pid in $pids; do wait "$pid" || { code=$?; stop; break; }; done
wait
exit "$code"
"""


def launched(command: Token, distribution: Node | None, resources: Node | None) -> tuple[tuple[Token, ...], tuple[Variable, ...]]:
    """The command line that runs the command as often as its distribution asks for, and the variables of all of them.

    All processes run on this machine, those of further nodes too: what is computed is the same, how fast is not.
    """
    kind = (distribution.text("type") or "pytorch").lower() if distribution is not None else None
    nodes = _count(resources, "instance_count")
    if distribution is None or kind not in ("pytorch", "mpi", "tensorflow"):
        return (Text("bash"), Text("-c"), command), (("AZUREML_NODE_COUNT", Text("1")),) if distribution is not None else ()
    if kind == "tensorflow":
        return _tensorflow(command, distribution, nodes)
    per_node = _count(distribution, "process_count_per_instance")
    count = nodes * per_node
    common: tuple[Variable, ...] = (
        ("MASTER_ADDR", Text("127.0.0.1")),
        ("MASTER_PORT", Text("6105")),
        ("WORLD_SIZE", Text(str(count))),
        ("AZUREML_NODE_COUNT", Text(str(nodes))),
        ("AZ_BATCH_MASTER_NODE", Text("127.0.0.1:6105")),
    )
    return _launch(command, count, per_node), common


def _launch(command: Token, count: int, per_node: int) -> tuple[Token, ...]:
    return (Text("bash"), Text("-c"), Text(_LAUNCH), Text("bash"), Text(str(count)), Text(str(per_node)), command)


def _tensorflow(command: Token, distribution: Node, nodes: int) -> tuple[tuple[Token, ...], tuple[Variable, ...]]:
    workers = _count(distribution, "worker_count", nodes)
    servers = _count(distribution, "parameter_server_count", 0)
    tasks = [("worker", index) for index in range(workers)] + [("ps", index) for index in range(servers)]
    cluster = {kind: [f"127.0.0.1:{2222 + place}" for place, (one, _) in enumerate(tasks) if one == kind] for kind in ("worker", "ps")}
    cluster = {kind: found for kind, found in cluster.items() if found}
    variables: list[Variable] = [("AZUREML_NODE_COUNT", Text(str(nodes)))]
    for place, (kind, index) in enumerate(tasks):
        told = {"cluster": cluster, "task": {"type": kind, "index": index}, "environment": "cloud"}
        variables.append((f"STEPWELL_TF_CONFIG_{place}", Text(json.dumps(told))))
    return _launch(command, len(tasks), 1), tuple(variables)


def _count(node: Node | None, key: str, default: int = 1) -> int:
    number = as_number(node.text(key)) if node is not None else None
    return int(number) if number is not None else default
