"""The REST server under load: GETs and durable POSTs a second at so many connections, and how long the slowest wait.

    python bench/server/run.py [--connections 16] [--seconds 10]

The load comes from a process of its own. What is submitted is a step that does nothing; it waits behind a run that does not end,
unless --running, so that what is measured is the server and not the machine that runs steps beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PIPELINE = """
from stepwell import CommandStep, Pipeline, PipelineParameter, Workspace
ws = Workspace.from_config()
step = CommandStep(["{command}", PipelineParameter("word", "x")], name="step", source_directory="source", allow_reuse=False)
pipeline = Pipeline(ws, [step])
"""
STEPWELL = [sys.executable, "-m", "stepwell"]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--running", action="store_true", help="let what is submitted run beside the load")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stepwell-bench-", ignore_cleanup_errors=True) as folder:
        measure(Path(folder), args.connections, args.seconds, running=args.running)


def measure(folder: Path, connections: int, seconds: float, *, running: bool) -> None:
    """One server, GETs and then POSTs."""
    say = make_project(folder, running=running)
    command = [*STEPWELL, "serve", "--port", "0", "--rate", "1000000", "--queue", "1000000"]
    server = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE)
    assert server.stderr is not None
    found = re.search(rb"serving at http://(\S+)", server.stderr.readline())
    assert found is not None
    token = _run(folder, "token", "new", "bench").strip()
    port = int(found[1].decode().rpartition(":")[2])
    base = "/pipelines/v1.0/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w/PipelineRuns"
    body = json.dumps({"ExperimentName": "bench", "ParameterAssignments": {"word": "y"}}).encode()
    run = json.loads(_fetch(port, token, "POST", f"{base}/PipelineSubmit/{say}", body))["Id"]
    print(f"{connections} connections, {seconds:g} s each, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    print("what       a second    p50 ms    p99 ms    max ms    errors   server CPU s")
    for name, method, path, data in (("GET run", "GET", f"{base}/{run}", b""), ("POST run", "POST", f"{base}/PipelineSubmit/{say}", body)):
        before = _cpu(server.pid)
        times, wrong = _loaded(port, token, method, path, data, connections, seconds)
        times.sort()
        print(f"{name:10} {len(times) / seconds:8.0f} {_at(times, 0.5):9.1f} {_at(times, 0.99):9.1f} {times[-1] * 1000:9.1f} {wrong:9}"
              f" {_cpu(server.pid) - before:12.1f}", flush=True)
    (folder / "go").touch()
    server.terminate()
    server.wait()
    rows = json.loads(_run(folder, "runs", "--json", "-n", "1000000"))
    print(f"{len(rows)} runs exist, {len({row['id'] for row in rows})} ids")
    _end(folder)



def _end(folder: Path) -> None:
    """Take out what waits and end what runs."""
    from stepwell_runner.verbs.control import ask_to_stop
    from stepwell_store.ledger import history
    from stepwell_store.workspace import require

    workspace = require(folder)
    while open_runs := history.unfinished_runs(workspace.database):
        for run in open_runs:
            ask_to_stop(workspace, run)
        time.sleep(0.2)
    workspace.close()


def make_project(folder: Path, *, running: bool) -> str:
    """A workspace with a published pipeline; its id. Unless `running`, all room on the machine is taken by runs that do not end."""
    (folder / "source").mkdir()
    _run(folder, "init")
    (folder / "say.py").write_text(PIPELINE.format(command="true"))
    (folder / "wait.py").write_text(PIPELINE.format(command=f"while [ ! -e {folder}/go ]; do sleep 1; done; true"))
    say = _run(folder, "publish", "say.py", "--name", "say").strip()
    if not running:
        _run(folder, "compute", "add", "local", "--kind", "local", "--max-steps", "1")
        _run(folder, "publish", "wait.py", "--name", "wait")
        _run(folder, "published", "run", "wait")
    return say


def _run(folder: Path, *words: str) -> str:
    return subprocess.run([*STEPWELL, *words], cwd=folder, capture_output=True, text=True, check=True).stdout


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _at(times: list[float], part: float) -> float:
    return times[min(len(times) - 1, int(len(times) * part))] * 1000


def _request(port: int, token: str, method: str, path: str, body: bytes) -> bytes:
    kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n{kind}\r\n".encode() + body


def _fetch(port: int, token: str, method: str, path: str, body: bytes) -> bytes:
    import urllib.request

    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=body or None, method=method)
    request.add_header("Authorization", f"Bearer {token}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request) as answer:
        found: bytes = answer.read()
    return found


def _loaded(port: int, token: str, method: str, path: str, body: bytes, connections: int, seconds: float) -> tuple[list[float], int]:
    """The time that each request took, in seconds, and how many did not succeed, from a process of its own."""
    read, write = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=_load, args=(write, port, _request(port, token, method, path, body), connections, seconds))
    process.start()
    found: tuple[list[float], int] = read.recv()
    process.join()
    return found


def _load(write: object, port: int, request: bytes, connections: int, seconds: float) -> None:
    write.send(asyncio.run(_all(port, request, connections, seconds)))  # type: ignore[attr-defined]


async def _all(port: int, request: bytes, connections: int, seconds: float) -> tuple[list[float], int]:
    end = time.monotonic() + seconds
    found = await asyncio.gather(*(_one(port, request, end) for _ in range(connections)))
    return [moment for times, _ in found for moment in times], sum(wrong for _, wrong in found)


async def _one(port: int, request: bytes, end: float) -> tuple[list[float], int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    times: list[float] = []
    wrong = 0
    while (begun := time.monotonic()) < end:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        assert length is not None, head
        await reader.readexactly(int(length[1]))
        times.append(time.monotonic() - begun)
        wrong += b" 200 " not in head[:20]
    writer.close()
    return times, wrong


if __name__ == "__main__":
    main()
