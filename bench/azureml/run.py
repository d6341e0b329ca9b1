"""What `from azureml.core import Run` adds to a step, in CPU time, for each Python that this machine has: `python bench/azureml/run.py`.

The interpreter that does nothing is measured in turn with the one that imports, and with one that also asks for its run; medians of
the differences. The bound is 30 ms.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from stepwell_runner.step import TRAVEL

BOUND_S = 0.030
VERSIONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
NOTHING = "pass"
IMPORT = "from azureml.core import Run"
CONTEXT = "from azureml.core import Dataset, Experiment, Model, Run, Workspace; Run.get_context().log('x', 1)"


def main() -> int:
    """Measure and print; 1 when the import costs more than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reps", type=int, default=21, help="how often each is measured (default: 21)")
    args = parser.parse_args()
    print(f"{'Python':8} {'import Run':>12} {'import and log':>16}   (bound {1000 * BOUND_S:.0f} ms, CPU)")
    worst = 0.0
    with TemporaryDirectory() as folder:
        variables = _step_of(Path(folder))
        for version, python in _interpreters().items():
            imported, used = _measured(python, variables, args.reps)
            worst = max(worst, imported)
            print(f"{version:8} {1000 * imported:9.1f} ms {1000 * used:13.1f} ms", flush=True)
    print("reached" if worst <= BOUND_S else "missed")
    return 0 if worst <= BOUND_S else 1


def _step_of(folder: Path) -> dict[str, str]:
    """The environment of a step's process."""
    context = {"format": 1, "run": "run", "step_run": "step-run", "step": "s", "name": "s", "experiment": "e", "pipeline": "p",
               "workspace": {"name": "w", "root": str(folder)}, "folder": str(folder), "reports": str(folder / "reports.jsonl"),
               "artifacts": str(folder), "parameters": {}, "inputs": {}, "outputs": {}, "tags": {}}  # fmt: skip
    (folder / "step.json").write_text(json.dumps(context))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "STEPWELL"))}
    return {**kept, "PYTHONPATH": TRAVEL, "STEPWELL_STEP": str(folder / "step.json")}


def _interpreters() -> dict[str, str]:
    """A path for each version that can be started: this one, those in PATH, and those kept beside this one's installation."""
    found = {}
    for version in VERSIONS:
        beside = sorted(Path(sys.base_prefix).parent.glob(f"{version}.*/bin/python{version}"))
        for python in [*map(str, beside), shutil.which(f"python{version}")]:
            if python and subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0:
                found[version] = python
                break
    return found


def _measured(python: str, variables: dict[str, str], times: int) -> tuple[float, float]:
    """Seconds of CPU that the import, and the import with a use, add."""
    for code in (IMPORT, CONTEXT):
        _cpu(python, code, variables)  # compiles, once
    rounds = [[_cpu(python, code, variables) for code in (NOTHING, IMPORT, CONTEXT)] for _ in range(times)]
    return median(one[1] - one[0] for one in rounds), median(one[2] - one[0] for one in rounds)


def _cpu(python: str, code: str, variables: dict[str, str]) -> float:
    process = subprocess.Popen([python, "-c", code], env=variables)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if status:
        raise SystemExit(f"{python} -c {code!r} ended with {status}")
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    sys.exit(main())
