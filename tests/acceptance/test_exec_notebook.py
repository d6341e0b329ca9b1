"""`stepwell exec notebook.ipynb`: cells run in order, magics and shell lines work, and the outputs are in an executed copy."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import nbformat
import pytest

from commandline import Meeting, Project, Result

SUBMIT = """\
from azureml.core import Workspace, Experiment
from azureml.pipeline.core import Pipeline
from azureml.pipeline.steps import PythonScriptStep
from azureml.widgets import RunDetails
ws = Workspace.from_config()
run = Experiment(ws, "noted").submit(Pipeline(ws, [PythonScriptStep("say.py", source_directory=".")]))
RunDetails(run).show()
run.wait_for_completion(show_output=True)"""


def write(project: Project, *cells: str, language: str = "python") -> Path:
    """A notebook of a heading and these code cells, written for a kernel that nobody here has."""
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python38-azureml", "display_name": "x", "language": language}})
    notebook.cells = [nbformat.v4.new_markdown_cell("# A heading"), *(nbformat.v4.new_code_cell(cell) for cell in cells)]
    path = project.folder / "notes" / "work.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


def run(project: Project, *words: str, code: int = 0) -> Result:
    """Run it; its cells' tracebacks are what some tests are about."""
    with project.start("exec", *words, "notes/work.ipynb", "an argument") as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == code, out.decode() + err.decode()
    return Result(process.returncode, out, err)


def outputs(path: Path) -> list[list[Any]]:
    """What each code cell of a notebook put out."""
    return [cell["outputs"] for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


def test_cells_that_install_the_sdk_install_the_rest(project: Project) -> None:
    write(project, "!pip install --upgrade azureml-sdk[notebooks]==1.0.74", "%pip install -U 'azureml-core' azureml_widgets",
          "if True:\n    !pip install azureml-sdk pip  # what is here already\nprint('went on')")  # fmt: skip
    done = run(project)
    assert done.out.count("there is nothing to install") == 2
    assert "Requirement already satisfied: pip" in done.out
    assert "went on" in done.out


def test_a_notebook_runs_unchanged_and_keeps_its_outputs_in_a_copy(project: Project) -> None:
    source = write(project, "import sys, os\nprint(os.path.basename(os.getcwd()), sys.argv)",
                   "%%writefile say.py\nprint('said by the step')", "!echo from the shell", "6 * 7", SUBMIT)  # fmt: skip
    before = source.read_bytes()
    done = run(project)
    assert source.read_bytes() == before
    for said in ("notes ['notes/work.ipynb', 'an argument']", "Writing say.py", "from the shell", "42", "Running", "said by the step"):
        assert said in done.out, said
    copy = Path(done.err.strip().splitlines()[-1].removeprefix("the notebook with its outputs is "))
    assert copy.parent == project.folder / "notes" / ".stepwell" / "executed"
    kept = outputs(copy)
    assert [len(one) > 0 for one in kept] == [True] * 5
    assert "".join(kept[3][0]["data"]["text/plain"]) == "42"
    assert nbformat.validate(nbformat.read(copy, as_version=4)) is None
    # The copy is no part of the notebook's own folder, so a second time nothing has changed for its step.
    run(project, "-o", str(project.folder / "again.ipynb"))
    assert len(outputs(project.folder / "again.ipynb")) == 5
    newest = Project(project.folder / "notes", new=False).stepwell("show", "@last", "--json").data
    assert newest["steps"][0]["reused_from"] is not None


def test_an_error_names_the_cell_and_shows_its_lines(project: Project) -> None:
    write(project, "def f():\n    return 1 / 0", "# the second\nprint('before')\nf()", "print('never')")
    done = run(project, "-o", "copy.ipynb", code=1)
    assert "work.ipynb failed in code cell 2 (cell 3 of 4): # the second" in done.err
    assert "ZeroDivisionError: division by zero" in done.err
    assert done.out == "before\n"
    kept = outputs(project.folder / "copy.ipynb")
    assert [output["output_type"] for output in kept[1]] == ["stream", "error"]
    assert kept[2] == []


def test_an_error_of_the_vocabulary_ends_at_the_authors_line(project: Project) -> None:
    write(project, "from azureml.core import Experiment, Workspace\nExperiment(Workspace.from_config(), 'a b')")
    done = run(project, code=2)
    assert "UserErrorException: 'a b' cannot name an experiment" in done.err
    assert "Experiment(Workspace.from_config(), 'a b')" in done.err
    assert "stepwell/sdk" not in done.err


def test_a_kernel_that_dies_is_told(project: Project) -> None:
    write(project, "import os; os._exit(3)")
    assert "died in code cell 1 (cell 2 of 2): import os" in run(project, code=1).err


def test_a_notebook_is_cancelled(project: Project, tmp_path: Path) -> None:
    meeting = Meeting(tmp_path / "there")
    write(project, f"import time\nopen({str(meeting.path)!r}, 'w').write('here')\ntime.sleep(600)")
    with project.start("exec", "notes/work.ipynb") as process:
        meeting.word()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    meeting.close()
    assert process.returncode == 130, err.decode()
    assert "cancelled in code cell 1" in err.decode()
    assert "the notebook with its outputs is" in err.decode()


@pytest.mark.parametrize(("text", "said"), [("{}", "no notebook"), ("not json", "no notebook"), ("[]", "no notebook")])
def test_what_is_no_notebook_is_said(project: Project, text: str, said: str) -> None:
    project.write("notes/work.ipynb", text)
    assert said in run(project, code=2).err


def test_a_notebook_in_another_language_is_said(project: Project) -> None:
    write(project, "library(dplyr)", language="R")
    assert "written in R" in run(project, code=2).err
