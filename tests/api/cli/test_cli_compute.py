"""`stepwell compute`."""

from __future__ import annotations

import os
from pathlib import Path

from commandline import Project
from short_history import stepwell
from stepwell_store.locks import FileLock


def test_ls_shows_kinds_and_what_was_added_with_their_slots(empty: Path) -> None:
    assert stepwell("compute", "add", "small", "--kind", "local", "--max-steps", "3", "--set", "grace=1", cwd=empty).code == 0
    (empty / ".stepwell" / "locks" / "slots").mkdir()
    with FileLock(empty / ".stepwell" / "locks" / "slots" / "small-1.lock"):
        found = {target["name"]: target for target in stepwell("compute", "ls", "--json", cwd=empty).data}
        assert "1/3" in stepwell("compute", "ls", cwd=empty).out
    assert found["local"]["max_steps"] == os.cpu_count()
    assert not found["local"]["defined"]
    small = found["small"]
    assert (small["kind"], small["max_steps"], small["taken"], small["settings"]) == ("local", 3, 1, {"grace": "1"})
    assert [slot["taken"] for slot in small["slots"]] == [False, True, False]
    assert small["slots"][1]["holder"]["pid"] == os.getpid()


def test_slots_beyond_the_limit_count_while_they_are_held(empty: Path) -> None:
    folder = empty / ".stepwell" / "locks" / "slots"
    folder.mkdir()
    with FileLock(folder / "local-99.lock"):
        local = stepwell("compute", "ls", "--json", cwd=empty).data[0]
        assert (local["slots"][-1]["number"], local["taken"]) == (99, 1)
    assert stepwell("compute", "ls", "--json", cwd=empty).data[0]["taken"] == 0


def test_add_says_what_is_wrong(empty: Path) -> None:
    for words, said in [
        (("a", "--kind", "lcal"), "Did you mean local"), (("a",), "what kind"), (("a/b", "--kind", "local"), "cannot be the name"),
        (("a", "--kind", "local", "--set", "grace=long"), "not a number"),
        (("a", "--kind", "local", "--set", "image=x"), "no setting 'image'"),
        (("a", "--kind", "local", "--set", "grace"), "NAME=VALUE"), (("a", "--kind", "local", "--max-steps", "0"), "0 steps at once"),
    ]:
        done = stepwell("compute", "add", *words, cwd=empty)
        assert (done.code, said in done.err) == (2, True), done


def test_add_replace_and_rm(empty: Path) -> None:
    assert stepwell("compute", "add", "local", "--max-steps", "1", cwd=empty).code == 0
    again = stepwell("compute", "add", "local", "--max-steps", "2", cwd=empty)
    assert (again.code, "--replace" in again.err) == (2, True)
    assert stepwell("compute", "add", "local", "--max-steps", "2", "--replace", cwd=empty).code == 0
    assert stepwell("compute", "ls", "--json", cwd=empty).data[0]["max_steps"] == 2
    assert stepwell("compute", "rm", "local", cwd=empty).code == 0
    gone = stepwell("compute", "rm", "local", cwd=empty)
    assert (gone.code, "always there" in gone.err) == (2, True)


def test_test_looks_at_the_machine(empty: Path) -> None:
    found = stepwell("compute", "test", "--json", cwd=empty).data
    assert found["ready"]
    assert {"processors", "memory", "disk"} <= {finding["topic"] for finding in found["findings"]}
    assert "steps can run on local" in stepwell("compute", "test", "local", cwd=empty).err
    assert stepwell("compute", "test", "nowhere", cwd=empty).code == 2


ONE_AT_A_TIME = """
x = PipelineParameter("x", 0)
a = CommandStep(["true", x, "; echo a >> $SHARED; sleep 0.1; echo a >> $SHARED"], name="a", compute_target="one", source_directory="source")
b = CommandStep(["true", x, "; echo b >> $SHARED; sleep 0.1; echo b >> $SHARED"], name="b", compute_target="one", source_directory="source")
pipeline = Pipeline(ws, [a, b])
"""


def test_the_limit_of_a_target_holds_within_a_run_and_across_processes(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.pipeline(ONE_AT_A_TIME)
    stepwell("init", cwd=project.folder)
    unknown = project.stepwell("run", "pipeline.py", "--target", "locl", code=2)
    assert "compute add locl --kind" in unknown.err
    stepwell("compute", "add", "one", "--kind", "local", "--max-steps", "1", cwd=project.folder)
    shared = tmp_path / "shared.txt"
    environment = {"SHARED": str(shared)}
    runs = [project.start("run", "pipeline.py", "--jobs", "8", "-p", f"x={number}", environment=environment) for number in range(2)]
    for run in runs:
        out, err = run.communicate()
        assert run.returncode == 0, (out, err)
    lines = shared.read_text().split()
    assert len(lines) == 8
    assert lines[::2] == lines[1::2]
