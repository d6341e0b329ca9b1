"""How long pipeline YAML takes to load, and how fast a step logs by mlflow: `python bench/yaml_pipelines.py [CLONE] [--mlflow PYTHON]`.

CLONE is a clone of Azure/azureml-examples, whose largest pipeline that loads is measured; without one, a pipeline of 40 nodes in
five sub-pipelines. PYTHON is an interpreter with a client of MLflow; its file store is measured beside the endpoint.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from stepwell.jobs.loading import load_job
from stepwell_store.errors import StepwellError

REPS = 15
METRICS = 10_000
LOGS = """\
import sys, time, mlflow
with mlflow.start_run():
    mlflow.log_metric("first", 0)
    begun = time.perf_counter(), time.process_time()
    for step in range(int(sys.argv[1])):
        mlflow.log_metric("loss", step, step=step)
    mlflow.log_param("last", 1)
    print("TOOK", time.perf_counter() - begun[0], time.process_time() - begun[1])
"""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clone", nargs="?", type=Path)
    parser.add_argument("--mlflow", metavar="PYTHON")
    args = parser.parse_args()
    with TemporaryDirectory(prefix="stepwell-bench-") as work:
        path = _largest(args.clone) if args.clone else _made(Path(work))
        load_job(str(path))
        times = []
        for _ in range(REPS):
            begun = time.process_time()
            loaded = load_job(str(path))
            times.append(time.process_time() - begun)
        print(
            f"loading {path.name} ({len(loaded.graph.steps)} steps): {statistics.median(times) * 1000:.1f} ms of CPU (wanted: at most 60)"
        )
        if args.mlflow:
            _log(Path(work), args.mlflow)
    return 0


def _largest(clone: Path) -> Path:
    best: tuple[int, Path] | None = None
    for path in clone.rglob("*.y*ml"):
        if re.search(r"^type: *pipeline", path.read_text("utf-8", "replace"), re.MULTILINE):
            try:
                count = len(load_job(str(path)).graph.steps)
            except StepwellError:
                continue
            best = max(best or (0, path), (count, path))
    if best is None:
        sys.exit(f"no pipeline of {clone} loads")
    return best[1]


def _made(folder: Path) -> Path:
    node = (
        "  n{0}: {{command: 'echo ${{{{inputs.x}}}} > ${{{{outputs.o}}}}/f', environment: {{image: python}}, "
        "inputs: {{x: {1}}}, outputs: {{o: }}}}"
    )
    nodes = [node.format(at, 1 if at == 0 else f"'${{{{parent.jobs.n{at - 1}.outputs.o}}}}'") for at in range(8)]
    (folder / "part.yml").write_text("type: pipeline\noutputs: {}\njobs:\n" + "\n".join(nodes) + "\n")
    parts = "\n".join(f"  part{at}: {{type: pipeline, component: ./part.yml}}" for at in range(5))
    (folder / "pipeline.yml").write_text(f"type: pipeline\njobs:\n{parts}\n")
    return folder / "pipeline.yml"


def _log(folder: Path, python: str) -> None:
    (folder / "code").mkdir()
    (folder / "code" / "logs.py").write_text(LOGS)
    here = f"{python} logs.py {METRICS}"
    there = f"MLFLOW_ALLOW_FILE_STORE=true MLFLOW_RUN_ID= MLFLOW_TRACKING_URI=file:./mlruns {here}"
    (folder / "pipeline.yml").write_text(
        json.dumps(
            {"type": "pipeline", "jobs": {"log": {"command": f"{here} && {there}", "code": "./code", "environment": {"image": "any"}}}}
        )
    )
    (folder / "stepwell.yml").write_text("environments: {any: current}\n")
    stepwell = [sys.executable, "-m", "stepwell"]
    done = subprocess.run([*stepwell, "run", "pipeline.yml", "--json"], cwd=folder, capture_output=True, text=True, check=True)
    run = json.loads(done.stdout.splitlines()[-1])["run"]
    logs = subprocess.run([*stepwell, "logs", f"{run}/log"], cwd=folder, capture_output=True, text=True, check=True).stdout
    endpoint, file_store = (line.split()[1:] for line in logs.splitlines() if line.startswith("TOOK"))
    found = json.loads(
        subprocess.run([*stepwell, "metrics", f"{run}/log", "--json"], cwd=folder, capture_output=True, text=True, check=True).stdout
    )
    print(f"{METRICS} metrics by mlflow: {_seconds(endpoint)}; its file store: {_seconds(file_store)}")
    print(f"arrived: {_count(found)} (wanted: all of them, in at most twice the time of the file store)")


def _seconds(words: list[str]) -> str:
    return f"{float(words[0]):.2f} s ({float(words[1]):.2f} s of CPU)"


def _count(found: object) -> int:
    text = json.dumps(found)
    return text.count('"loss"') if text.count('"loss"') > 1 else max((len(one) for one in _lists(found)), default=0)


def _lists(found: object) -> list[list[object]]:
    if isinstance(found, list):
        return [found, *(inner for one in found for inner in _lists(one))]
    return [inner for one in found.values() for inner in _lists(one)] if isinstance(found, dict) else []


if __name__ == "__main__":
    sys.exit(main())
