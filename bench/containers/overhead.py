"""What a step in a container costs beside a plain `docker run` of the same image, both measured in one run, turn by turn.

    python bench/containers/overhead.py --host unix:///path/docker.sock --image IMAGE [--reps 5] [--steps 6]

Stepwell's figure is what one more step of a chain takes: the longer chain less the shorter one, divided by the steps between them. So it
holds all that a step needs - its folder, its snapshot, the container, its output collected and sealed, two durable records - and not the
start of the command.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

GOAL = 1.25
PIPELINE = """
from stepwell import CommandStep, Pipeline, PipelineData, Workspace
ws = Workspace.from_config()
steps, before = [], None
for number in range({count}):
    out = PipelineData(f"out{{number}}")
    steps.append(CommandStep(["true >", out], name=f"step{{number}}", outputs=[out], inputs=[before] if before else [],
                             source_directory="source", compute_target="box"))
    before = out
pipeline = Pipeline(ws, steps)
"""


def main() -> int:
    """Measure and print; 1 when the goal was missed."""
    args = _arguments()
    with TemporaryDirectory(prefix="stepwell-bench-") as name:
        folder = Path(name)
        _prepare(folder, args)
        plain, steps = [], []
        for turn in range(args.reps):
            plain.append(_plain(args, folder))
            steps.append(_step(folder, args.steps))
            print(f"turn {turn + 1}: docker run {plain[-1]:.3f} s, step {steps[-1]:.3f} s", file=sys.stderr)
    usual, ours = statistics.median(plain), statistics.median(steps)
    ratio = ours / usual
    print(f"plain docker run   {usual:.3f} s (median of {args.reps} x {args.steps})")
    print(f"step in container  {ours:.3f} s (median of {args.reps}, slope over {args.steps} steps)")
    print(f"ratio              {ratio:.2f} (goal: at most {GOAL}); load average {os.getloadavg()[0]:.1f}")
    return 0 if ratio <= GOAL else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default=os.environ.get("STEPWELL_TEST_DOCKER_HOST") or os.environ.get("DOCKER_HOST")
                        or "unix:///var/run/docker.sock")
    image = os.environ.get("STEPWELL_TEST_DOCKER_IMAGE")
    parser.add_argument("--image", default=image, required=image is None)
    parser.add_argument("--reps", type=int, default=5)
    parser.add_argument("--steps", type=int, default=6)
    args = parser.parse_args()
    if shutil.which("docker") is None:
        parser.error("the command docker is not there, beside which to measure")
    return args


def _prepare(folder: Path, args: argparse.Namespace) -> None:
    (folder / "source").mkdir()
    (folder / "source" / "a.txt").write_text("a")
    for count in (1, args.steps + 1):
        (folder / f"chain{count}.py").write_text(PIPELINE.format(count=count))
    _stepwell(folder, "init")
    _stepwell(folder, "compute", "add", "box", "--kind", "docker", "--set", f"host={args.host}", "--set", f"image={args.image}")
    _stepwell(folder, "run", "chain1.py")


def _plain(args: argparse.Namespace, folder: Path) -> float:
    """Seconds of one `docker run` that does what a step is given: a folder of its own, no network, an init process."""
    command = ["docker", "--host", args.host, "run", "--rm", "--init", "--network", "none", "--volume", f"{folder}:{folder}", args.image,
               "/bin/sh", "-c", f"true > {folder}/out"]
    started = time.monotonic()
    for _ in range(args.steps):
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return (time.monotonic() - started) / args.steps


def _step(folder: Path, steps: int) -> float:
    """Seconds of one more step."""
    seconds = []
    for count in (1, steps + 1):
        started = time.monotonic()
        _stepwell(folder, "run", f"chain{count}.py", "--force")
        seconds.append(time.monotonic() - started)
    return (seconds[1] - seconds[0]) / steps


def _stepwell(folder: Path, *words: str) -> None:
    subprocess.run([sys.executable, "-m", "stepwell", *words], cwd=folder, check=True, stdin=subprocess.DEVNULL, capture_output=True)


if __name__ == "__main__":
    sys.exit(main())
