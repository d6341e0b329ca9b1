"""What a script may ask of its run, and what it is told when it asks for too much."""

from __future__ import annotations

import os

import pytest

RUN = "from stepwell import Run, UserErrorException\nrun = Run.get_context()\n"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("run.log('a', [1])", "log_list"),
        ("run.log('a', range(2))", "log_list"),
        ("run.log('a', (x for x in 'ab'))", "log_list"),
        ("run.log('a', 1, step='x')", "whole number"),
        ("run.log_list('a', 'text')", "a list of values"),
        ("run.log_table('a', [1])", "dictionary"),
        ("run.log_image('a')", "either a path or a plot"),
        ("run.log_image('a', plot=3)", "figure of matplotlib"),
        ("run.log_image('a', path='nothing.png')", "No such file"),
        ("run.log_residuals('a', 'no json')", "not JSON"),
        ("run.upload_file('x', 'nothing')", "No such file"),
        ("run.upload_file('../x', __file__)", "cannot name a file"),
        ("run.upload_file('/x', __file__)", "cannot name a file"),
        ("run.upload_file('.run/x', __file__)", "cannot name a file"),
        ("run.upload_files(['a'], [])", "1 names for 0 paths"),
        ("run.upload_folder('a', 'nothing')", "not a folder"),
        ("run.create_children(101)", "100 at most"),
        ("run.add_properties({'a': 1}); run.add_properties({'b': 1, 'a': 2})", "cannot be changed"),
        ("run.log_list('a', ['x' * 1000] * 5000)", "use a file in outputs/"),
    ],
)
def test_mistakes_are_told(attempt, call, words):
    (attempt.work / "script.py").write_text(f"{RUN}try:\n    {call}\nexcept UserErrorException as e:\n    print(e)\n")
    told = attempt.ok("__file__ = 'script.py'\nexec(open('script.py').read())")
    assert words in told


def test_a_name_is_taken_only_once_and_a_broken_copy_leaves_nothing(attempt):
    attempt.ok(
        RUN
        + """
import io
run.upload_file("a/b.txt", io.BytesIO(b"one")); run.upload_file("text", io.StringIO("é"))
class Broken(io.BytesIO):
    def read(self, size=-1): raise OSError("gone")
for call in (lambda: run.upload_file("a/b.txt", io.BytesIO(b"two")), lambda: run.upload_file("a/b.txt/c", io.BytesIO(b"two")),
             lambda: run.upload_file("later", Broken())):
    try: call()
    except (UserErrorException, OSError): pass
    else: raise SystemExit("accepted")
run.upload_file("later", io.BytesIO(b"well"))
"""
    )
    assert [(report.name, report.path) for report in attempt.read()] == [(name, name) for name in ("a/b.txt", "text", "later")]
    assert (attempt.artifacts / "a/b.txt").read_bytes() == b"one"
    assert (attempt.artifacts / "text").read_text(encoding="utf-8") == "é"
    assert (attempt.artifacts / "a/b.txt").stat().st_mode & 0o777 == 0o600


def test_numbers_of_other_libraries_are_taken_through_item(attempt):
    attempt.ok(
        RUN
        + """
class Number:
    def __init__(self, value): self.value = value
    def item(self): return self.value
class Array:
    def tolist(self): return [1.5, Number(2)]
    shape = (2,)
class Strange:
    def __repr__(self): return "<strange>"
run.log("a", Number(1.25)); run.log("b", Strange()); run.log("c", 2**70); run.log("d", 10**400); run.log("e", "half \\ud800")
run.log_list("f", Array()); run.log_table("g", {"x": Array(), "y": Number(3)}); run.log_row("h", z=Number(True))
run.log("i", Number(4), step=Number(7))
"""
    )
    values = [report.value for report in attempt.read()]
    assert values == [1.25, "<strange>", float(2**70), float("inf"), "half ?", [1.5, 2], {"x": [1.5, 2], "y": 3}, {"z": True}, 4]
    assert attempt.read()[-1].step == 7


def test_a_plot_is_kept_as_a_picture_each_under_a_name_of_its_own(attempt):
    plot = "class Plot:\n    def savefig(self, to, format): to.write(format.encode())\n"
    attempt.ok(RUN + plot + "for _ in 'ab': run.log_image('a/b', plot=Plot())")
    assert sorted(os.listdir(attempt.artifacts)) == ["a_b.png", "a_b_1.png"]
    assert [report.value for report in attempt.read() if hasattr(report, "at")] == ["a_b.png", "a_b_1.png"]


def test_metrics_logged_again_grow(attempt):
    attempt.ok(
        RUN
        + """
for n in range(3): run.log("s", n); run.log_row("r", a=n, b="x")
run.log_list("l", [1]); run.log_list("l", [2, 3]); run.log_table("t", {"a": [1]}); run.log_table("t", {"a": [2], "b": [3]})
run.log("NaN", "NaN")
assert run.get_metrics() == {"s": [0, 1, 2], "r": {"a": [0, 1, 2], "b": ["x"] * 3}, "l": [1, 2, 3], "t": {"a": [1, 2], "b": [3]},
                             "NaN": "NaN"}, run.get_metrics()
assert run.get_metrics(name="l") == {"l": [1, 2, 3]} and run.parent.get_metrics() == {}
child = run.child_run("c"); child.log("s", 9); child.tag("k", "v")
assert child.get_metrics() == {"s": 9} and child.get_tags() == {"k": "v"} and run.get_metrics()["c/s"] == 9 and child.parent is run
"""
    )


def test_outside_a_step_it_prints(attempt):
    told = attempt.python(
        "from stepwell.run import Run, _OfflineRun\nrun = Run.get_context()\nassert isinstance(run, _OfflineRun)\n"
        "run.log('loss', 0.5); run.log_list('l', [1]); run.tag('a', 'b'); run.upload_file('x', 'nothing'); run.complete()\n"
        "run.log_image('p', path='p.png'); run.log_row('r', a=1)\n"
        "assert not any(hasattr(run, name) for name in ('parent', 'experiment', 'input_datasets', 'get_metrics'))\nprint(run.id)",
        STEPWELL_STEP="",
    )
    assert told.stdout.startswith("Attempted to log scalar metric loss:\n0.5\n"), told.stderr
    assert len(told.stdout.splitlines()[-1]) == len("OfflineRun_") + 36


def test_outside_a_step_it_can_refuse(attempt):
    told = attempt.python("from stepwell import Run\nRun.get_context(allow_offline=False)", STEPWELL_STEP="")
    assert "RunEnvironmentException: this process is not a step of a run" in told.stderr


@pytest.mark.parametrize("content", [None, "", "[]", '{"format": 2}'])
def test_a_context_that_cannot_be_read_is_never_taken_for_offline(attempt, content):
    if content is None:
        (attempt.folder / "step.json").unlink()
    else:
        (attempt.folder / "step.json").write_text(content)
    told = attempt.python("from stepwell import Run\nRun.get_context()")
    assert "RunEnvironmentException" in told.stderr


def test_names_for_authors_need_a_workspace_only_when_they_are_used(attempt):
    told = attempt.python("from stepwell import Workspace; print('imported'); Workspace.from_config()")
    assert (told.stdout, "cannot be reached" in told.stderr) == ("imported\n", True)
    assert "no attribute 'nonsense'" in attempt.python("import stepwell; stepwell.nonsense").stderr


def test_what_its_author_sees_of_its_data(attempt):
    from stepwell_runner.step.context import StepInput

    attempt.tell(inputs={"raw": StepInput(mode="mount", path="/data/raw")}, outputs={"out": "/data/out"})
    attempt.ok(
        RUN + "assert run.input_datasets == {'raw': '/data/raw'} and run.output_datasets == {'out': '/data/out'}\n"
        "assert run.get_details()['inputDatasets'][0]['dataset'] == '/data/raw' and run.number is None\n"
        "assert not hasattr(run.experiment.workspace, 'datastores')\n"
    )


def test_a_run_may_be_called_something_else(attempt):
    attempt.ok(RUN + "run.display_name = 'better'\nassert (run.display_name, run.name) == ('better', 'train model')\n"
               "assert run.get_tags()['display_name'] == 'better'")
