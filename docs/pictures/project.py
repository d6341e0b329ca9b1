"""A small project to look at: six steps without dependencies, with metrics, logs and a step that may fail."""

from __future__ import annotations

from pathlib import Path

PIPELINE = """
from stepwell import Pipeline, PipelineData, PipelineParameter, PythonScriptStep, Workspace

ws = Workspace.from_config()
rate = PipelineParameter("rate", 0.1)
raw, clean, features = PipelineData("raw"), PipelineData("clean"), PipelineData("features")
linear, boosted, report = PipelineData("linear"), PipelineData("boosted"), PipelineData("report")


def step(name, inputs, output, *more):
    return PythonScriptStep("step.py", name=name, source_directory=name, inputs=inputs, outputs=[output],
                            arguments=[output, *inputs, *more])


pipeline = Pipeline(ws, description="churn", steps=[
    step("ingest", [], raw), step("clean", [raw], clean), step("features", [clean], features),
    step("train-linear", [features], linear, "--rate", rate), step("train-boosted", [features], boosted),
    step("evaluate", [linear, boosted], report),
])
"""

PLAIN = """
import sys
lines = ["customer,tenure,churned"] + [f"C-{number:04},{number % 73},{number % 5 == 0}" for number in range(400)]
open(sys.argv[1], "w").write("\\n".join(lines))
print("INFO", len(lines), "lines")
"""

TRAIN = """
import math, sys
from stepwell import Run
run = Run.get_context()
rate = float(sys.argv[sys.argv.index("--rate") + 1]) if "--rate" in sys.argv else 0.1
for epoch in range(60):
    loss = 0.05 + 0.95 * math.exp(-epoch * rate / 1.4) + 0.03 * math.sin(epoch * 1.7)
    run.log("loss", round(loss, 5))
    run.log("accuracy", round(0.97 - 0.4 * math.exp(-epoch * rate / 0.9), 5))
    print(f"INFO epoch={epoch:02} loss={loss:.5f}")
    if epoch % 20 == 9:
        print(f"WARNING epoch={epoch:02} the gradient is steep")
open(sys.argv[1], "w").write("weights")
"""


def make(base: Path) -> Path:
    """Write it into a folder; the path of its pipeline file."""
    for name in ("ingest", "clean", "features", "train-linear", "train-boosted", "evaluate"):
        (base / name).mkdir(parents=True)
        (base / name / "step.py").write_text(TRAIN if name.startswith("train") else PLAIN)
    (base / "churn.py").write_text(PIPELINE)
    return base / "churn.py"
