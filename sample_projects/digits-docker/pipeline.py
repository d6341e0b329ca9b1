"""Which digit is in the picture? prepare -> train -> judge, each in a container, training on a GPU where there is one."""

from pathlib import Path

from stepwell import Environment, Pipeline, PipelineData, PipelineParameter, PythonScriptStep, Workspace

here = Path(__file__).parent
ws = Workspace.from_config()

# On top of the image of the compute target: built once, kept under the digest of what is in it.
packages = Environment.from_pip_requirements("digits", str(here / "requirements.txt"))

digits = PipelineData("digits", is_directory=True)
prepare = PythonScriptStep(
    "prepare.py",
    name="prepare",
    arguments=["--out", digits],
    outputs=[digits],
    source_directory="prepare",
    environment=packages,
    compute_target="docker",
)

network = PipelineData("network", is_directory=True)
train = PythonScriptStep(
    "train.py",
    name="train",
    arguments=[
        "--data", digits, "--hidden", PipelineParameter("hidden", 96), "--epochs", PipelineParameter("epochs", 40), "--out", network,
    ],
    inputs=[digits],
    outputs=[network],
    source_directory="train",
    environment=packages,
    compute_target="docker",
    resources={"gpus": "all", "gpus_optional": True, "memory": "2g"},
)

report = PipelineData("report", is_directory=True, pipeline_output_name="report")
judge = PythonScriptStep(
    "judge.py",
    name="judge",
    arguments=["--data", digits, "--network", network, "--out", report],
    inputs=[digits, network],
    outputs=[report],
    source_directory="judge",
    environment=packages,
    compute_target="docker",
)

pipeline = Pipeline(ws, [judge])
