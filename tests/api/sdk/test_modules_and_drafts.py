"""Modules in versions that keep their files, steps that run them; drafts."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepwell import Experiment, Pipeline, PipelineData, PipelineParameter, PythonScriptStep, RunConfiguration, Workspace
from stepwell.sdk.draft import PipelineDraft
from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.graph_parts import InputPortDef, OutputPortDef
from stepwell.sdk.module import Module, ModuleVersion
from stepwell.sdk.steps.module import ModuleStep

SUM = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--numbers")
parser.add_argument("--file")
parser.add_argument("--out")
given = parser.parse_args()
total = sum(map(int, (given.numbers or "").split(","))) if given.numbers else int(open(given.file).read()) * 2
open(given.out, "w").write(str(total))
"""


@pytest.fixture
def module(made: Workspace) -> Module:
    """A module with two versions, of which the second is the default; the folder that they came from has changed since."""
    folder = made.open().base / "calc"
    folder.mkdir()
    (folder / "calc.py").write_text(SUM)
    found = Module.create(made, name="calc", description="sums")
    found.publish_python_script("calc.py", "first", inputs=[], outputs=[OutputPortDef("out")], params={"numbers": "1,2"}, version="1",
                                source_directory=str(folder), arguments=["--numbers", "parameter:numbers", "--out", "output:out"])
    found.publish_python_script("calc.py", "second", inputs=[InputPortDef("file", is_optional=False)], outputs=[OutputPortDef("out")],
                                is_default=True, source_directory=str(folder), arguments=["--file", "input:file", "--out", "output:out"])
    (folder / "calc.py").write_text("raise SystemExit('this is not what was published')")
    return found


def test_versions(made: Workspace, module: Module) -> None:
    assert [one.version for one in module.module_version_list()] == ["1", "2"]
    assert (module.get_default_version(), module.resolve().version, module.resolve("1").description) == ("2", "2", "first")
    module.set_default_version("1")
    assert Module.get(made, name="calc").get_default().version == "1"
    found = ModuleVersion.get(made, module.resolve("2").module_version_id)
    assert ([one.name for one in found.inputs], found.module().id) == (["file"], module.id)
    for wrong in (lambda: module.resolve("3"), lambda: Module.create(made, "calc", ""), lambda: Module.get(made, name="x"),
                  lambda: module.set_default_version("9")):  # fmt: skip
        with pytest.raises(UserErrorException):
            wrong()
    module.deprecate()
    assert Module.get(made, module_id=module.id).status == "Deprecated"


def test_steps_run_what_was_published(made: Workspace, module: Module) -> None:
    first, second = PipelineData("first_sum"), PipelineData("second_sum", is_directory=False)
    numbers = PipelineParameter("numbers_given", "3,4")
    one = ModuleStep(module, version="1", outputs_map={"out": first}, params={"numbers": numbers}, runconfig=RunConfiguration())
    two = ModuleStep(module_version=module.resolve("2"), inputs_map={"file": first}, outputs_map={"out": second},
                     arguments=["--file", first, "--out", second], name="doubling")
    run = Experiment(made, "modules").submit(Pipeline(made, [one, two]))
    assert run.wait_for_completion(show_output=False) == "Finished", [step.get_stdout_log() for step in run.get_steps()]
    reference = run.find_step_run("doubling")[0].get_output_data("out")
    assert Path(reference.datastore.open().resolve(reference.path_on_datastore)[0]).read_text() == "14"


def test_what_does_not_fit_a_module(made: Workspace, module: Module) -> None:
    with pytest.raises(ValueError, match="no input data"):
        ModuleStep(module, inputs_map={"data": PipelineData("x")})
    with pytest.raises(ValueError, match="leaves input file of its module open"):
        ModuleStep(module)
    with pytest.raises(ValueError, match="and not both"):
        ModuleStep()


def test_drafts(made: Workspace) -> None:
    (made.open().base / "s.py").write_text("import sys; print(*sys.argv[1:])")
    pipeline = Pipeline(made, [PythonScriptStep("s.py", name="s", arguments=[PipelineParameter("word", "x")])])
    with pytest.raises(UserErrorException, match="needs a name and an experiment_name"):
        PipelineDraft.create(made, pipeline)
    draft = PipelineDraft.create(made, pipeline, name="d", description="try", experiment_name="drafts", tags={"dev": "true"},
                                 pipeline_parameters={"word": "y"}, continue_on_step_failure=True)
    assert [one.id for one in PipelineDraft.list(made, tags={"dev": "true"})] == [draft.id]
    assert PipelineDraft.list(made, tags={"dev": "false"}) == []
    found = PipelineDraft.get(made, id=draft.id)
    found.update(name="e", pipeline_parameters={"word": "z"}, tags={"dev": "no"})
    assert (PipelineDraft.get(made, draft.id).name, found.experiment_name, found.continue_on_step_failure) == ("e", "drafts", True)
    for run in (found.submit_run(), Experiment(made, "drafts").submit(found)):
        assert run.wait_for_completion(show_output=False) == "Finished"
        assert (run.find_step_run("s")[0].get_stdout_log(), run.get_tags()) == ("z\n", {"dev": "no"})
    assert found.publish().name == "e"
    copy = PipelineDraft.create(made, run)
    assert copy.get_graph().steps == found.get_graph().steps
    copy.delete()
    with pytest.raises(UserErrorException, match="no draft"):
        PipelineDraft.get(made, copy.id)
