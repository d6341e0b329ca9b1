"""Which of two regularisations tells the irises apart better? prepare -> train, twice -> compare."""

from pathlib import Path

from stepwell import Dataset, Environment, Pipeline, PipelineData, PipelineParameter, PythonScriptStep, Workspace

here = Path(__file__).parent
ws = Workspace.from_config()

# The environment of the steps: made once, from pinned packages, apart from the one that Stepwell itself runs in.
packages = Environment.from_pip_requirements("iris", str(here / "requirements.txt"))

iris = Dataset.File.from_files(str(here / "data" / "iris.csv")).as_named_input("iris").as_mount()
prepared = PipelineData("prepared", is_directory=True)
prepare = PythonScriptStep(
    "prepare.py",
    name="prepare",
    arguments=["--data", iris, "--out", prepared],
    inputs=[iris],
    outputs=[prepared],
    source_directory="prepare",
    environment=packages,
)


def train(name: str, c: PipelineParameter) -> tuple[PythonScriptStep, PipelineData]:
    """A training step with its own strength of regularisation, and the model that it leaves."""
    model = PipelineData(f"{name}_model", is_directory=True)
    step = PythonScriptStep(
        "train.py",
        name=name,
        arguments=["--data", prepared, "--c", c, "--out", model],
        inputs=[prepared],
        outputs=[model],
        source_directory="train",
        environment=packages,
    )
    return step, model


train_low, low_model = train("train_low", PipelineParameter("c_low", 0.01))
train_high, high_model = train("train_high", PipelineParameter("c_high", 10.0))

best_model = PipelineData("best_model", is_directory=True, pipeline_output_name="best_model")
compare = PythonScriptStep(
    "compare.py",
    name="compare",
    arguments=["--data", prepared, "--models", low_model, high_model, "--out", best_model],
    inputs=[prepared, low_model, high_model],
    outputs=[best_model],
    source_directory="compare",
    environment=packages,
)

pipeline = Pipeline(ws, steps=[compare], description="Two classifiers of irises, and the better one")
