"""`stepwell export`: pipelines as Azure ML v2 YAML, which Stepwell runs and Azure's own client loads."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from commandline import CHAIN, Project
from stepwell.jobs.export import as_yaml, export
from stepwell.jobs.loading import load_job
from stepwell_runner.environments.provide import provide
from stepwell_runner.graph.check import check
from stepwell_runner.graph.model import (
    FromParameter,
    FromStep,
    Graph,
    Input,
    InputRef,
    Joined,
    Output,
    OutputRef,
    Packages,
    Parameter,
    ParameterRef,
    PipelineOutput,
    PythonRef,
    Sampled,
    Source,
    Step,
    Text,
)
from stepwell_runner.graph.parallel import AppendRows, Parallel, parallel_command
from stepwell_runner.graph.sweep import Bandit, Choice, Sweep, Uniform
from stepwell_store.data.definition import DatasetDefinition, LocalPath
from stepwell_store.errors import MachineError

LOADED_BY_AZURE = """\
import sys
from azure.ai.ml import load_job

for path in sys.argv[1:]:
    job = load_job(path)
    result = job._validate()
    assert result.passed, (path, result.error_messages)
    print(path, sorted(job.jobs))
"""


def everything(folder: Path) -> Graph:
    """A graph with every kind of step, input, output and parameter."""
    for name in ("code", "data"):
        (folder / name).mkdir()
        (folder / name / "main.py").write_text("import yaml\n")
    source = Source(path=str(folder / "code"))
    made = Step(
        key="Make.it",
        name="Make it",
        kind="command",
        source=source,
        environment=Packages(requirements=("pandas<3",), python="3.11"),
        command=(
            PythonRef(),
            Text("main.py"),
            Text("--say"),
            Text("it's $HOME"),
            Joined((Text("--rate="), ParameterRef("rate"))),
            OutputRef("o-1"),
        ),
        inputs=(Input(name="data", binding=FromParameter("data")),),
        outputs=(Output(name="o-1", kind="folder"),),
        timeout_s=60.0,
        variables=(("MINE", Text("1")), ("AZUREML_X", Text("2"))),
    )
    return Graph(
        name="everything",
        base=str(folder),
        parameters=(
            Parameter(name="rate", type="number", default=0.5),
            Parameter(name="data", type="data", default=DatasetDefinition(kind="file", places=(LocalPath(str(folder / "data")),))),
        ),
        outputs=(PipelineOutput(name="best", step="search", output="model"),),
        continue_on_failure=True,
        experiment="trials",
        steps=(
            made,
            Step(
                key="shell",
                name="shell",
                kind="command",
                command=(Text("bash"), Text("-c"), Joined((Text("cat "), InputRef("x"), Text("/* > f")))),
                inputs=(Input(name="x", binding=FromStep("Make.it", "o-1"), mode="download"),),
                allow_reuse=False,
                after=("Make.it",),
            ),
            Step(
                key="batches",
                name="batches",
                kind="parallel",
                source=source,
                command=parallel_command((Text("--m"), InputRef("x"))),
                inputs=(Input(name="x", binding=FromStep("Make.it", "o-1")),),
                outputs=(Output(name="rows", kind="file"),),
                work=Parallel(
                    entry="main.py",
                    split=("x",),
                    batch_size=Text("10"),
                    workers=Text("2"),
                    tries=Text("3"),
                    timeout_s=Text("60"),
                    append=AppendRows(output="rows"),
                ),
            ),
            Step(
                key="search",
                name="search",
                kind="sweep",
                source=source,
                command=(PythonRef(), Text("main.py"), InputRef("x"), Sampled("c"), OutputRef("model")),
                inputs=(Input(name="x", binding=FromStep("Make.it", "o-1")),),
                outputs=(Output(name="model", kind="folder"),),
                work=Sweep(
                    space=(("c", Uniform(0.1, 0.9)), ("k", Choice(("a", "b")))),
                    metric="loss",
                    goal="minimize",
                    total=4,
                    concurrent=2,
                    policy=Bandit(factor=0.1),
                ),
            ),
        ),
    )


def test_what_is_exported_loads_as_the_same_pipeline(tmp_path: Path) -> None:
    graph = everything(tmp_path)
    check(graph)
    target = tmp_path / "azure" / "pipeline.yml"
    target.parent.mkdir()
    target.write_text(as_yaml(export(graph, str(target.parent), "azureml:cpu").document))
    (tmp_path / "azure" / "stepwell.yml").write_text("environments: {'*': current}\n")
    loaded = load_job(str(target)).graph
    check(loaded)
    assert [one.key for one in loaded.steps] == ["make_it", "shell", "batches", "search"]
    steps = {one.key: one for one in loaded.steps}
    assert steps["make_it"].command[2] == Joined(
        (Text("python main.py --say 'it'\"'\"'s $HOME' --rate="), ParameterRef("rate"), Text(" "), *steps["make_it"].command[2].parts[-1:])
    )
    assert steps["shell"].inputs[0].binding == FromStep("make_it", "o_1")
    assert (steps["shell"].allow_reuse, steps["make_it"].timeout_s) == (False, 60.0)
    assert dict(steps["make_it"].variables)["MINE"] == Text("1")
    assert isinstance(steps["batches"].work, Parallel)
    assert steps["batches"].work.append == AppendRows(output="rows")
    searched = steps["search"].work
    assert isinstance(searched, Sweep)
    assert (dict(searched.space)["k"], searched.policy, searched.total) == (Choice(("a", "b")), Bandit(factor=0.1), 4)
    assert loaded.outputs == (PipelineOutput(name="best", step="search", output="model"),)


def test_a_pipeline_in_python_becomes_one_in_yaml_that_does_the_same(project: Project) -> None:
    project.pipeline(CHAIN)
    assert "may be a file or a folder" in project.stepwell("export", "pipeline.py").err
    first = project.stepwell("run", "pipeline.py", "--json").data
    done = project.stepwell("export", first["run"], "-o", "azure/pipeline.yml")
    assert "az ml job create" in done.err
    again = project.stepwell("run", "azure/pipeline.yml", "-w", ".", "--json").data
    assert Path(again["outputs"]["use/second"]).read_text() == Path(first["outputs"]["use/second"]).read_text()
    assert "no pipeline" in project.stepwell("export", f"{first['run']}/make", code=2).err


def test_the_client_of_azure_loads_it(tmp_path: Path) -> None:
    try:
        python = provide(Packages(requirements=("azure-ai-ml>=1.26", "setuptools<81")), str(tmp_path / "envs"), lambda _: None).python
    except MachineError as error:
        pytest.skip(f"azure-ai-ml cannot be installed here: {error.what} {error.todo}")
    graph = everything(tmp_path)
    target = tmp_path / "pipeline.yml"
    target.write_text(as_yaml(export(graph, str(tmp_path), "azureml:cpu").document))
    done = subprocess.run([python, "-W", "ignore", "-c", LOADED_BY_AZURE, str(target)], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "batches" in done.stdout
