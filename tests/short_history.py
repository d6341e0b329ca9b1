"""A workspace with a short history, made by really running a small pipeline, and commands that look at it."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
import termios
from pathlib import Path

import msgspec

from commandline import Result, finish, variables
from stepwell_runner.graph import model
from stepwell_runner.verbs.submit import Submission, execute, prepare
from stepwell_store import workspace as workspaces
from stepwell_store.data.definition import DatasetDefinition, LocalPath

STEPWELL = str(Path(sys.executable).parent / "stepwell")

CLEAN = """
import os, sys
from stepwell import Run
source, target = sys.argv[1:]
print("cleaning", os.path.basename(source))
text = open(source).read()
with open(target, "w") as file:
    file.write(text.strip().lower() + "\\n")
Run.get_context().log("characters", len(text))
"""

TRAIN = """
import os, sys
from stepwell import Run
source, target, rate = sys.argv[1:]
run = Run.get_context()
print("training at", rate)
print("a second line", end="")
for epoch in range(5):
    run.log("loss", 1 / (epoch + 1) / float(rate))
run.log("note", "first \\x1b[31mred")
run.log_row("scores", model="a", score=1.5)
run.log_row("scores", model="b", score=2.5)
run.log_list("list", [1, 2, 3])
if float(rate) > 5:
    sys.exit("the rate is too high: \\x1b]0;title\\x07")
os.makedirs(target + "/deep")
open(target + "/model.txt", "w").write(rate)
open(target + "/deep/weights.txt", "w").write("w" * 2000)
os.makedirs("outputs", exist_ok=True)
open("outputs/report.txt", "w").write("fine\\n")
"""


class Seeded(msgspec.Struct, frozen=True):
    """`runs` are ids: 1 all new, 2 all reused, 3 another parameter and another script, 4 failed, 5 another pipeline."""

    base: Path
    runs: list[str]


def stepwell(*words: str, cwd: Path, **changes: str) -> Result:
    """Run the command to its end with its output piped."""
    environment = variables({"PYTHONIOENCODING": "utf-8", "FORCE_COLOR": None, **changes})
    with subprocess.Popen([STEPWELL, *words], cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as process:
        return finish(process)


def on_terminal(*words: str, cwd: Path, columns: int = 80, **changes: str) -> Result:
    """Run the command on a terminal of this width; everything that the terminal got, with its line ends as they were written."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    attributes = termios.tcgetattr(slave)
    attributes[1] &= ~termios.OPOST
    termios.tcsetattr(slave, termios.TCSANOW, attributes)
    plain = {"COLUMNS": None, "NO_COLOR": None, "FORCE_COLOR": None}
    environment = variables({**plain, "TERM": "xterm", "PYTHONIOENCODING": "utf-8", **changes})
    with subprocess.Popen([STEPWELL, *words], cwd=cwd, env=environment, stdin=slave, stdout=slave, stderr=subprocess.PIPE) as process:
        os.close(slave)
        out = b"".join(iter(lambda: _read(master), b""))
        assert process.stderr is not None
        err = process.stderr.read()
    os.close(master)
    return Result(process.returncode, out, err)


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # the other side has closed
        return b""


def pipeline(base: Path) -> model.Graph:
    """clean -> train, with a parameter `rate`."""
    source = model.Source(path=str(base / "src"))
    data = model.FromData(data=DatasetDefinition(kind="file", places=(LocalPath(str(base / "data.txt")),)))
    clean = model.Step(
        key="clean", name="clean", kind="PythonScriptStep", script="clean.py", source=source,
        inputs=(model.Input(name="raw", binding=data),), outputs=(model.Output(name="text", kind="file"),),
        command=(model.PythonRef(), model.Text("clean.py"), model.InputRef("raw"), model.OutputRef("text")))
    train = model.Step(
        key="train", name="train", kind="PythonScriptStep", script="train.py", source=source,
        inputs=(model.Input(name="text", binding=model.FromStep(step="clean", output="text")),),
        outputs=(model.Output(name="model", kind="folder"),),
        command=(model.PythonRef(), model.Text("train.py"), model.InputRef("text"), model.OutputRef("model"), model.ParameterRef("rate")))
    after = model.Step(
        key="after", name="after", kind="CommandStep", after=("train",), allow_reuse=False,
        command=(model.PythonRef(), model.Text("-c"), model.Text("print('after')")))
    return model.Graph(name="words", steps=(clean, train, after), base=str(base),
                       parameters=(model.Parameter(name="rate", type="number", default=1.0),))


def make_source(base: Path) -> None:
    """The scripts and the data of the pipeline."""
    (base / "src").mkdir(parents=True)
    (base / "src" / "clean.py").write_text(CLEAN)
    (base / "src" / "train.py").write_text(TRAIN)
    (base / "data.txt").write_text("Some Words\n")


def lonely() -> model.Graph:
    """A pipeline of one step, that fails to say anything."""
    return model.Graph(name="alone", steps=(model.Step(key="only", name="only", kind="CommandStep", command=(
        model.PythonRef(), model.Text("-c"), model.Text("pass"))),))


def seed(base: Path) -> Seeded:
    """Run the pipeline four times in a new workspace, and another one once."""
    make_source(base)
    workspace = workspaces.open_workspace(workspaces.create(base))
    graph = pipeline(base)

    def execute_with(**parameters: float) -> str:
        return execute(workspace, prepare(workspace, Submission(graph=graph, parameters=parameters, experiment="first"))).run

    runs = [execute_with(), execute_with()]
    script = base / "src" / "train.py"
    script.write_text(script.read_text() + "\n# better\n")
    (base / "src" / "extra.py").write_text("X = 1\n")
    runs += [execute_with(rate=2.0), execute_with(rate=9.0)]
    runs.append(execute(workspace, prepare(workspace, Submission(graph=lonely()))).run)
    workspace.close()
    return Seeded(base, runs)
