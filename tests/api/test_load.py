"""Loading pipeline files: what they may do, and how their mistakes are told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from stepwell.load import load
from stepwell_store import workspace
from stepwell_store.errors import UsageError

PIPELINE = """
from stepwell import Pipeline, PythonScriptStep, Workspace
pipeline = Pipeline(Workspace.from_config(), [PythonScriptStep("train.py", name="train")])
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a script and blanks and unicode in its name."""
    made = tmp_path / "my pipelines ü"
    made.mkdir()
    (made / "train.py").write_text("")
    return made


def write(folder: Path, text: str, name: str = "flow.py") -> Path:
    path = folder / name
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def mistake(folder: Path, text: str, timeout_s: float = 60.0) -> UsageError:
    """The error that loading the text as a pipeline file gives, with nothing of it on the terminal."""
    with open(os.devnull, "w") as nothing, pytest.raises(UsageError) as caught:
        load(write(folder, text), timeout_s=timeout_s, noise=nothing.fileno())
    return caught.value


def test_a_module_level_pipeline_is_found_and_named_after_its_file(folder: Path) -> None:
    graph = load(write(folder, PIPELINE))
    assert (graph.name, graph.base) == ("flow", str(folder))
    assert [step.key for step in graph.steps] == ["train"]
    assert graph.steps[0].source is not None
    assert graph.steps[0].source.path == str(folder)


def test_a_function_gets_the_workspace(folder: Path) -> None:
    root = workspace.create(folder)
    text = """
        from stepwell import Pipeline, PythonScriptStep
        def pipeline(workspace):
            return Pipeline(workspace, [PythonScriptStep("train.py", name=workspace.name)], name="nightly")
    """
    graph = load(write(folder, text), root)
    assert (graph.name, graph.steps[0].name) == ("nightly", folder.name)


def test_the_default_datastore_is_the_workspaces(folder: Path) -> None:
    root = workspace.create(folder)
    text = PIPELINE + "assert Workspace().get_default_datastore().name == 'workspaceblobstore'\n"
    assert load(write(folder, text), root).steps


def test_the_file_sees_its_folder_as_current_and_its_neighbours_as_modules(folder: Path) -> None:
    write(folder, "def name():\n    return 'from a neighbour'\n", "neighbour.py")
    text = """
        import os, sys, neighbour
        from stepwell import Pipeline, PythonScriptStep, Workspace
        assert os.getcwd() == os.path.dirname(__file__) and sys.argv == [__file__] and __name__ == "__stepwell__"
        assert sys.stdin.read() == ""
        flow = Pipeline(Workspace(), [PythonScriptStep("train.py", name=neighbour.name())])
        if __name__ == "__main__":
            raise AssertionError("run as a program")
    """
    assert load(write(folder, text)).steps[0].name == "from a neighbour"


def test_what_the_file_prints_goes_where_it_is_told(folder: Path, tmp_path: Path) -> None:
    text = "import os, subprocess\nprint('from python')\nsubprocess.run(['echo', 'from a program'], check=True)\n" + PIPELINE
    with open(tmp_path / "noise", "w+") as noise:
        assert load(write(folder, text), noise=noise.fileno()).steps
        noise.seek(0)
        assert noise.read().splitlines() == ["from python", "from a program"]


def test_the_callers_folder_and_variables_stay(folder: Path) -> None:
    before = (os.getcwd(), dict(os.environ))
    load(write(folder, "import os\nos.environ['LEFT'] = 'behind'\n" + PIPELINE))
    assert (os.getcwd(), dict(os.environ)) == before


def test_no_such_file_names_near_ones(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"no file .*trian\.py\nDid you mean train\.py\?"):
        load(folder / "trian.py")


def test_a_folder_names_the_files_in_it(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"is a folder.*\n.*train\.py"):
        load(folder)


def test_no_pipeline(folder: Path) -> None:
    error = mistake(folder, "x = 1\n")
    assert error.what == "flow.py defines no pipeline"
    assert "pipeline(workspace)" in str(error.todo)


def test_two_pipelines_are_named_and_a_second_name_for_one_is_fine(folder: Path) -> None:
    again = PIPELINE + "same = pipeline\n"
    assert load(write(folder, again)).steps
    error = mistake(folder, again + "other = Pipeline(Workspace(), [PythonScriptStep('train.py')])\n")
    assert error.what == "flow.py defines 2 pipelines: same, other"


def test_a_function_that_returns_something_else(folder: Path) -> None:
    assert "returned list, not a Pipeline" in mistake(folder, "def pipeline(workspace):\n    return []\n").what


def test_an_exception_shows_the_authors_lines_only(folder: Path) -> None:
    write(folder, "import json\ndef settings():\n    return json.loads('{')\n", "config.py")
    error = mistake(folder, "import config\n\nconfig.settings()\n")
    assert error.what.startswith("flow.py failed with JSONDecodeError: ")
    assert error.where == "config.py, line 3"
    assert error.todo == "  flow.py, line 3\n    config.settings()\n  config.py, line 3, in settings\n    return json.loads('{')"


def test_an_endless_recursion_is_shortened(folder: Path) -> None:
    error = mistake(folder, "def again():\n    again()\nagain()\n")
    assert "RecursionError" in error.what
    assert "more calls" in str(error.todo)
    assert len(str(error).splitlines()) < 50


def test_an_exception_that_cannot_be_printed(folder: Path) -> None:
    text = """
        class Odd(Exception):
            def __str__(self):
                raise ValueError("no text")
        raise Odd
    """
    assert mistake(folder, text).what == "flow.py failed with Odd: (its text cannot be made)"


def test_a_mistake_in_the_pipeline_names_its_line(folder: Path) -> None:
    error = mistake(folder, PIPELINE.replace("train.py", "trian.py"))
    assert error.what == f"script trian.py of step 'train' is not found in {folder}"
    assert str(error.where).startswith("flow.py, line 3: pipeline = Pipeline(")
    assert "train.py" in str(error.todo)


def test_a_syntax_error_shows_the_place(folder: Path) -> None:
    error = mistake(folder, "x = 1\n    y = (]\n")
    assert error.what.startswith("flow.py is not valid Python: ")
    assert error.where == "flow.py, line 2"


def test_a_file_that_is_no_text(folder: Path) -> None:
    (folder / "flow.py").write_bytes(b"\0\xff\0")
    with pytest.raises(UsageError, match=r"flow\.py is not valid Python"):
        load(folder / "flow.py")


@pytest.mark.parametrize("leaving", ["import sys; sys.exit(3)", "raise SystemExit(3)"])
def test_a_file_that_exits(folder: Path, leaving: str) -> None:
    error = mistake(folder, PIPELINE + leaving)
    assert error.what == "flow.py ended itself (exit code 3) before its pipeline was complete"
    assert error.where == "flow.py, line 4"


def test_a_file_that_ends_its_process(folder: Path) -> None:
    assert mistake(folder, "import os\nos._exit(7)\n").what == "flow.py ended its process (exit code 7) before its pipeline was complete"


def test_a_file_that_is_killed(folder: Path) -> None:
    error = mistake(folder, f"import os\nos.kill(os.getpid(), {int(signal.SIGKILL)})\n")
    assert error.what == "flow.py was killed by SIGKILL (out of memory?) before its pipeline was complete"


def test_a_file_that_writes_into_every_descriptor(folder: Path) -> None:
    text = """
        import os
        for number in range(3, 200):
            try:
                os.write(number, b"garbage garbage garbage garbage")
            except OSError:
                pass
    """
    error = mistake(folder, text)
    assert "flow.py" in error.what


def test_a_file_that_hangs_says_where(folder: Path) -> None:
    text = """
        import threading
        def wait():
            threading.Event().wait()
        wait()
    """
    error = mistake(folder, text, timeout_s=1.5)
    assert error.what == "flow.py takes too long"
    assert error.where == "flow.py, line 4"


def test_a_file_that_will_not_stop_is_ended_with_all_that_it_started(folder: Path, tmp_path: Path, eventually: Callable[..., None]) -> None:
    text = f"""
        import os, signal, threading
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        read, write = os.pipe()
        child = os.fork()
        open({str(tmp_path / "pids")!r} + str(bool(child)), "w").write(str(os.getpid()))
        while True:
            threading.Event().wait()
    """
    assert mistake(folder, text, timeout_s=1.5).what == "flow.py was not loaded within 1.5 s"
    for which in ("True", "False"):
        pid = (tmp_path / f"pids{which}").read_text()
        eventually(lambda pid=pid: is_over(pid))


def is_over(pid: str) -> bool:
    """Whether a process has ended, be it that nobody has collected it yet."""
    try:
        return psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_process_that_the_file_leaves_behind_does_not_hold_the_caller(folder: Path) -> None:
    text = "import os, threading\nif os.fork() == 0:\n    threading.Event().wait()\n" + PIPELINE
    assert load(write(folder, text), timeout_s=30).steps


def test_a_slow_file_is_announced(folder: Path) -> None:
    said: list[str] = []
    graph = load(write(folder, "import threading\nthreading.Event().wait(0.3)\n" + PIPELINE), progress=said.append, hint_s=0.05)
    assert graph.steps
    assert said == ["flow.py is still being loaded after 0.05 s ..."]


CALLER = """
import sys, threading
if sys.argv[2] == "threads":
    threading.Thread(target=threading.Event().wait, daemon=True).start()
from stepwell.load import load
print(",".join(step.key for step in load(sys.argv[1]).steps), len(sys.argv))
"""


@pytest.mark.parametrize("way", ["threads", "alone"])
def test_both_ways_of_starting_the_child_keep_standard_output_clean(folder: Path, way: str) -> None:
    path = write(folder, "print('noise')\n" + PIPELINE)
    done = subprocess.run([sys.executable, "-c", CALLER, str(path), way], capture_output=True, text=True, check=True)
    assert done.stdout == "train 3\n"
    assert done.stderr == "noise\n"
