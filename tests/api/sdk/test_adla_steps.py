"""AdlaStep: what it compiles to, what it refuses when the pipeline is put together, and a run of the notebook's script."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepwell import AdlaStep, DataReference, Experiment, Pipeline, PipelineData, PipelineParameter, Workspace
from stepwell.sdk.exceptions import PipelineError
from stepwell_runner.graph.model import InputRef, Joined, OutputRef, ParameterRef, PythonRef, Text

SCRIPT = """
@employees = EXTRACT EmpId int, EmpName string, DeptId int FROM "@@employee_data@@" USING Extractors.Csv();
OUTPUT (SELECT EmpName FROM @employees WHERE EmpId >= @@least@@) TO "@@sample_output@@" USING Outputters.Text();
"""


def step(made: Workspace, folder: Path, script: str = SCRIPT) -> AdlaStep:
    (folder / "adla").mkdir(exist_ok=True)
    (folder / "adla" / "script.usql").write_text(script)
    (folder / "data.csv").write_text("1, Noah, 100\n3, Liam, 100\n4, Emma, 100\n")
    store = made.get_default_datastore()
    store.upload_files([str(folder / "data.csv")], target_path="in", overwrite=True)
    return AdlaStep(script_name="script.usql", name="extract", source_directory=str(folder / "adla"),
                    inputs=[DataReference(store, "employee_data", path_on_datastore="in/data.csv")],
                    outputs=[PipelineData("sample_output", datastore=store)], params={"least": PipelineParameter("least", 3)},
                    degree_of_parallelism=4)


def test_it_compiles_to_the_program_that_runs_scripts(made: Workspace, tmp_path: Path) -> None:
    (compiled,) = Pipeline(made, steps=[step(made, tmp_path)]).graph.steps
    assert compiled.command == (
        PythonRef(), Text("-m"), Text("stepwell.usql"), Text("script.usql"), Joined((Text("employee_data="), InputRef("employee_data"))),
        Joined((Text("sample_output="), OutputRef("sample_output"))), Joined((Text("least="), ParameterRef("least"))))  # fmt: skip
    assert (compiled.target, compiled.script, compiled.spark) == ("local", "script.usql", None)


def test_a_run_gives_the_file(made: Workspace, tmp_path: Path) -> None:
    run = Experiment(made, "adla").submit(Pipeline(made, steps=[step(made, tmp_path)]))
    assert run.wait_for_completion(show_output=False) == "Finished"
    (one,) = run.get_steps()
    output = one.get_output_data("sample_output")
    output.download(str(tmp_path / "got"))
    (file,) = [path for path in (tmp_path / "got").rglob("*") if path.is_file()]
    assert file.read_bytes() == b'" Liam"\r\n" Emma"\r\n'


def test_what_cannot_run_is_refused_with_line_and_column_when_the_pipeline_is_put_together(made: Workspace, tmp_path: Path) -> None:
    wrong = step(made, tmp_path, SCRIPT.replace("EmpName FROM", "EmpNam FROM"))
    with pytest.raises(PipelineError, match=r"step 'extract': script\.usql\(3,16\): there is no column EmpNam; there are: EmpId, EmpName"):
        _ = Pipeline(made, steps=[wrong]).graph
