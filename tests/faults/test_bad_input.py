"""What a person gets wrong: exit code 2, a message that names it and what would be right, and nothing kept of the attempt."""

from __future__ import annotations

import os

import pytest

from commandline import CHAIN, Project, processes_with

ONE = """\
step = CommandStep(["echo", PipelineParameter("rate", 1.0)], name="alpha", source_directory="source")
pipeline = Pipeline(ws, [step])
"""
PIPELINES = {
    "cycle by order": (
        'a, b = (CommandStep("true", name=name, source_directory="source") for name in ("alpha", "beta"))\n'
        "a.run_after(b)\nb.run_after(a)\npipeline = Pipeline(ws, [a, b])",
        "depend on each other in a circle: beta → alpha → beta", "pipeline.py, line 6"),
    "cycle by data": (
        'x, y = PipelineData("x"), PipelineData("y")\n'
        'a = CommandStep(["cp", x, y], name="alpha", inputs=[x], outputs=[y], source_directory="source")\n'
        'b = CommandStep(["cp", y, x], name="beta", inputs=[y], outputs=[x], source_directory="source")\n'
        "pipeline = Pipeline(ws, [a])",
        "depend on each other in a circle", "alpha", "beta", "pipeline.py, line 6"),
    "two producers": (
        'x = PipelineData("x")\n'
        'steps = [CommandStep(["touch", x], name=name, outputs=[x], source_directory="source") for name in ("alpha", "beta")]\n'
        "pipeline = Pipeline(ws, steps)",
        "output 'x' is left by two steps: 'alpha' and 'beta'", "pipeline.py, line 5", "Give each step an output of its own"),
    "wrong type of input": (
        'pipeline = Pipeline(ws, [CommandStep("true", name="alpha", inputs=[3], source_directory="source")])',
        "unexpected input of type int in step 'alpha'", "pipeline.py, line 3", "Inputs may be"),
    "missing script": (
        'pipeline = Pipeline(ws, [PythonScriptStep("tran.py", name="alpha", source_directory="source")])',
        "script tran.py of step 'alpha' is not found", "source", "train.py"),
    "missing source folder": (
        'pipeline = Pipeline(ws, [PythonScriptStep("train.py", name="alpha", source_directory="sauce")])',
        "source_directory of step 'alpha' is not a folder", "sauce"),
    "missing local data": (
        'data = Dataset.File.from_files("iris.csw").as_named_input("data").as_mount()\n'
        'pipeline = Pipeline(ws, [CommandStep(["cat", data], name="alpha", inputs=[data], source_directory="source")])',
        "there is no file or folder", "iris.csw", "iris.csv"),
    "missing data on a datastore": (
        'data = Dataset.File.from_files((ws.get_default_datastore(), "in/iris.csv")).as_named_input("data").as_mount()\n'
        'pipeline = Pipeline(ws, [CommandStep(["cat", data], name="alpha", inputs=[data], source_directory="source")])',
        "there is no file or folder 'in/iris.csv' on datastore 'workspaceblobstore'", "upload"),
    "raises": (
        "def share(count):\n    return 1 / count\nshare(0)",
        "ZeroDivisionError: division by zero", "pipeline.py, line 4", "return 1 / count"),
    "not python": ("def train(:\n    pass", "not valid Python", "pipeline.py, line 3", "def train(:"),
    "ends itself": ("import sys; sys.exit(9)", "ended itself (exit code 9)", "pipeline.py, line 3"),
    "ends its process": ("import os; os._exit(9)", "ended its process (exit code 9)", "pipeline.py"),
    "crashes": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "was killed by SIGSEGV", "pipeline.py"),
    "no pipeline": ("steps = []", "defines no pipeline", "Define one `Pipeline`"),
    "no such target": (
        'pipeline = Pipeline(ws, [CommandStep("true", name="alpha", compute_target="lokal", source_directory="source")])',
        "there is no compute target named 'lokal'", "Did you mean local?"),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_a_pipeline_that_is_wrong(project: Project, name: str) -> None:
    text, *told = PIPELINES[name]
    project.write("source/train.py", "")
    project.write("iris.csv", "")
    project.pipeline(text)
    result = project.run(code=2)
    assert result.err.count("stepwell: ") == 1
    assert all(part in result.err for part in told), result
    assert result.out == ""
    assert project.runs() == []
    project.works()


WORDS = {
    "unknown parameter": (("-p", "rat=2"), "there is no parameter 'rat'; did you mean 'rate'?", "Parameters are: rate"),
    "wrong type of parameter": (("-p", "rate=fast"), "parameter 'rate' takes a number, not 'fast'"),
    "parameter without a value": (("-p", "rate"), "-p rate is not of the form NAME=VALUE", "-p c=0.5"),
    "unknown step": (("--only", "alfa"), "no step alfa; did you mean alpha?", "its steps are: alpha"),
    "unknown target": (("--target", "lokal"), "there is no compute target named 'lokal'", "Did you mean local?"),
    "wrong number": (("-j", "two"), "a whole number, 1 or more, not 'two'", "stepwell run --help"),
    "wrong seconds": (("--load-timeout", "-1"), "a number of seconds above 0, not '-1'", "stepwell run --help"),
    "unknown option": (("--fast",), "unrecognized arguments: --fast", "stepwell run --help"),
}


@pytest.mark.parametrize("name", WORDS)
def test_a_command_that_is_wrong(project: Project, name: str) -> None:
    words, *told = WORDS[name]
    project.pipeline(ONE)
    result = project.run(*words, code=2)
    assert all(part in result.err for part in told), result
    project.works()
    assert len(project.runs()) == 1


def test_a_pipeline_file_that_is_not_there(project: Project) -> None:
    project.pipeline(ONE, "pipelines.py")
    result = project.run(code=2)
    assert f"there is no file {project.folder / 'pipeline.py'}" in result.err
    assert "Did you mean pipelines.py?" in result.err


def test_a_verb_that_is_not_there_and_a_workspace_that_is_not_there(project: Project) -> None:
    assert "there is no verb rum; did you mean run?" in project.stepwell("rum", code=2).err
    result = project.stepwell("runs", code=2)
    assert f"there is no workspace in {project.folder} or above it" in result.err
    assert "stepwell init" in result.err


@pytest.mark.parametrize("temper", ["SIG_DFL", "SIG_IGN"], ids=["meek", "stubborn"])
def test_a_pipeline_file_that_hangs_is_ended_with_all_that_it_started(project: Project, temper: str) -> None:
    sleeper = f"sleep 1000.{os.getpid()}"
    project.pipeline(f"import signal, subprocess\nsignal.signal(signal.SIGTERM, signal.{temper})\n"
                     f"subprocess.run(['sh', '-c', '{sleeper}; true'])")
    result = project.run("--load-timeout", "0.6", code=2)
    assert "pipeline.py" in result.err
    assert "within 0.6 s" in result.err or "takes too long" in result.err, result
    assert list(processes_with(sleeper)) == []
    assert project.runs() == []
    project.works()


def test_a_pipeline_file_that_prints_garbage_runs_all_the_same(project: Project) -> None:
    project.pipeline("import os, sys\nos.write(1, bytes(range(256)) * 999)\nos.write(2, b'\\xff\\xfe')\nprint('{\"run\": 1}')\n" + CHAIN)
    result = project.run("--json")
    assert result.data["status"] == "Completed"
    assert len(result.out.splitlines()) == 1  # data, and nothing of what the file printed
    project.works()


def test_a_pipeline_file_that_writes_to_every_descriptor(project: Project) -> None:
    project.pipeline("import os\nfor number in range(3, 256):\n    try:\n        os.write(number, b'garbage' * 9)\n"
                     "    except OSError:\n        pass\n" + CHAIN)
    result = project.run(code=2)
    assert "pipeline.py" in result.err
    project.works()
