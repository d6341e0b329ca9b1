"""What steps get and leave: parameters, inputs, outputs, sources, logs, metrics."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from trial_runs import Trials, shell, told

from stepwell_runner.graph.model import (
    Fact,
    FromData,
    FromParameter,
    FromStep,
    Graph,
    Input,
    InputRef,
    Joined,
    Output,
    Parameter,
    ParameterRef,
    Source,
    Text,
)
from stepwell_runner.verbs.submit import Submission, execute, prepare
from stepwell_store.data.definition import DatasetDefinition, DatastorePath, LocalPath
from stepwell_store.errors import UsageError
from stepwell_store.ledger import definitions, events, history
from stepwell_store.ledger.records import metric_value


def of_file(path: Path | str) -> FromData:
    return FromData(data=DatasetDefinition(kind="file", places=(LocalPath(str(path)),)))


def test_parameters_reach_the_command_line_and_the_variables(trials: Trials) -> None:
    step = shell("a", "", command=(Text("sh"), Text("-c"), Text('printf "%s|" "$0" "$1" "$RATE" > $out'), ParameterRef("rate"),
                                   Joined((Text("--name="), ParameterRef("name"), Text("/"), Fact("step")))),
                 also={"RATE": Joined((Text("r="), ParameterRef("rate")))})
    parameters = (Parameter(name="rate", type="number", default=0.5), Parameter(name="name", type="string"))
    whole = Graph(name="p", steps=(step,), parameters=parameters)

    def text(**given: object) -> str:
        run = trials.submit(Submission(graph=whole, parameters=given))  # type: ignore[arg-type]
        return run.told()["a"] + " " + run.text("a")

    assert text(name="two words 'é") == "Completed 0.5|--name=two words 'é/a|r=0.5|"
    assert text(name="$HOME", rate="2") == "Completed 2.0|--name=$HOME/a|r=2.0|"
    assert text(name="$HOME", rate=2.0) == "Reused 2.0|--name=$HOME/a|r=2.0|"
    with pytest.raises(UsageError, match="'name' has no value"):
        text()


def test_an_untracked_parameter_changes_what_a_step_sees_and_not_whether_it_runs(trials: Trials) -> None:
    step = shell("a", "echo $build > $out", also={"build": ParameterRef("build")})
    whole = Graph(name="p", steps=(step,), parameters=(Parameter(name="build", type="string", tracked=False),))
    assert trials.submit(Submission(graph=whole, parameters={"build": "1"})).text("a") == "1\n"
    assert trials.submit(Submission(graph=whole, parameters={"build": "2"})).told() == {"a": "Reused"}


OUTPUTS = {
    "a file": (Output(name="out", kind="file"), "test ! -e $out; echo 1 > $out", "file"),
    "a folder": (Output(name="out", kind="folder"), "test -d $out; mkdir $out/deep; echo 1 > $out/deep/f; echo 2 > $out/g", "folder"),
    "any, a file": (Output(name="out"), "echo 1 > $out", "file"),
    "any, a folder": (Output(name="out"), "mkdir $out; echo 1 > $out/f", "folder"),
    "an empty folder": (Output(name="out", kind="folder"), "true", "folder"),
}


@pytest.mark.parametrize("what", OUTPUTS)
def test_an_output_goes_to_its_datastore_and_on_to_its_reader(trials: Trials, what: str) -> None:
    output, script, kind = OUTPUTS[what]
    steps = (shell("a", script, output=output), shell("b", "find $a -type f | wc -l > $out", "a"))
    run = trials.run(*steps)
    assert run.told() == {"a": "Completed", "b": "Completed"}, run.steps["a"].error
    record = history.outputs_of(trials.workspace.database, run.steps["a"].id)[0]
    assert (record.kind, record.path) == (kind, f"azureml/{run.steps['a'].id}/out")
    assert record.files == int(run.text("b"))
    assert stat.S_IMODE(run.place("a").parent.stat().st_mode) == 0o700
    assert set(trials.run(*steps).told().values()) == {"Reused"}


@pytest.mark.parametrize(("script", "output", "said"), [
    ("true", Output(name="out"), "did not write its output out"),
    ("true", Output(name="out", kind="file"), "did not write its output out"),
    ("mkdir $out", Output(name="out", kind="file"), "declared as a file and is a folder"),
    ("rmdir $out; : > $out", Output(name="out", kind="folder"), "declared as a folder and is a file"),
    ("ln -s /etc/passwd $out", Output(name="out"), "symbolic link to something outside of it: out → /etc/passwd"),
    ("ln -s ../../x $out/inner", Output(name="out", kind="folder"), "out/inner → ../../x"),
    ("ln -s nowhere $out/inner", Output(name="out", kind="folder"), "out/inner → nowhere"),
    ("echo 1 > f; ln -s $PWD/f $out/f", Output(name="out", kind="folder"), "symbolic link to something outside"),
])
def test_an_output_that_is_not_what_was_declared_fails_the_step(trials: Trials, script: str, output: Output, said: str) -> None:
    run = trials.run(shell("a", script, output=output), shell("b", "cat $a > $out", "a"))
    assert (run.status, run.told()) == ("Failed", {"a": "Failed", "b": "Skipped"})
    assert said in (run.steps["a"].error or "")
    assert "a" in [key for key, one in told(trials.plan(shell("a", script, output=output))).items() if one is not True]


def test_links_inside_an_output_are_kept(trials: Trials) -> None:
    run = trials.run(shell("a", "echo 1 > $out/f; mkdir $out/d; ln -s ../f $out/d/link", output=Output(name="out", kind="folder")))
    assert run.told() == {"a": "Completed"}
    assert (run.place("a") / "d/link").read_text() == "1\n"


def test_an_output_with_a_place_of_its_own_is_merged_into_what_is_there(trials: Trials) -> None:
    def step(number: int) -> object:
        return shell("a", f"echo {number} > $out/new{number}; echo {number} > $out/same",
                     output=Output(name="out", kind="folder", path="models/{output-name}"))

    trials.run(step(1))  # type: ignore[arg-type]
    run = trials.run(step(2))  # type: ignore[arg-type]
    assert sorted(path.name for path in run.place("a").iterdir()) == ["new1", "new2", "same"]
    assert (run.place("a") / "same").read_text() == "2\n"
    assert history.outputs_of(trials.workspace.database, run.steps["a"].id)[0].path == "models/out"


def test_an_output_goes_to_a_datastore_on_another_file_system(trials: Trials, tmp_path: Path) -> None:
    shared = Path("/dev/shm")
    if not shared.is_dir() or shared.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has no second file system to write to")
    folder = shared / f"stepwell-test-{os.getpid()}-{os.urandom(4).hex()}"
    folder.mkdir()
    try:
        definitions.add_datastore(trials.workspace.database, "far", folder)
        steps = [shell(f"s{number}", f"echo 1 > $out; exit {number}", output=Output(name="out", datastore="far")) for number in (0, 1)]
        fixed = shell("fixed", "echo 1 > $out", output=Output(name="out", datastore="far", path="there/{output-name}"))
        run = trials.run(*steps, fixed, jobs=1, continue_on_failure=True)
        assert run.told() == {"s0": "Completed", "s1": "Failed", "fixed": "Completed"}
        assert (folder / "there/out").read_text() == "1\n"
        assert [path.name for path in (folder / "azureml").iterdir()] == [run.steps["s0"].id]
    finally:
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        folder.rmdir()


def test_data_is_handed_over_where_it_is_or_as_a_private_copy(trials: Trials, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for name in ("1.csv", "2.csv", "3.txt"):
        (data / name).write_text(name)
    inputs = (Input(name="file", binding=of_file(data / "1.csv")), Input(name="folder", binding=of_file(data)),
              Input(name="some", binding=of_file(data / "*.csv")), Input(name="copy", binding=of_file(data / "1.csv"), mode="download"),
              Input(name="tree", binding=of_file(data), mode="download"), Input(name="made", binding=FromStep(step="m", output="out")),
              Input(name="own", binding=FromStep(step="m", output="out"), mode="download"))
    script = ('printf "%s\\n" "$file" "$folder" > $out; ls $some >> $out; '
              "echo spoilt > $copy; echo spoilt > $tree/2.csv; echo more >> $own; cat $own >> $out")
    step = shell("a", script, inputs=inputs, also={one.name: InputRef(one.name) for one in inputs})
    run = trials.run(step, shell("m", "echo made > $out"))
    assert run.told() == {"a": "Completed", "m": "Completed"}, run.steps["a"].error
    assert run.text("a").split() == [str(data / "1.csv"), str(data), "1.csv", "2.csv", "made", "more"]
    assert [path.read_text() for path in sorted(data.iterdir())] == ["1.csv", "2.csv", "3.txt"]
    assert run.text("m") == "made\n"


def test_data_of_a_datastore_and_of_a_parameter(trials: Trials) -> None:
    store = trials.workspace.root / "datastores/workspaceblobstore/in"
    store.mkdir(parents=True)
    (store / "a.txt").write_text("from the datastore")
    place = DatasetDefinition(kind="file", places=(DatastorePath("workspaceblobstore", "in/a.txt"),))
    step = shell("a", "cat $given > $out", inputs=(Input(name="given", binding=FromParameter(parameter="given")),),
                 also={"given": InputRef("given")})
    whole = Graph(name="p", steps=(step,), parameters=(Parameter(name="given", type="data", default=place),))
    assert trials.submit(Submission(graph=whole)).text("a") == "from the datastore"
    (store / "b.txt").write_text("another")
    other = "azureml://datastores/workspaceblobstore/paths/in/b.txt"
    assert trials.submit(Submission(graph=whole, parameters={"given": other})).text("a") == "another"
    assert trials.submit(Submission(graph=whole)).told() == {"a": "Reused"}


@pytest.mark.parametrize("mode", ["mount", "download"])
def test_data_that_is_edited_between_plan_and_run_makes_no_result_of_what_it_was(trials: Trials, tmp_path: Path, mode: str) -> None:
    data = tmp_path / "data.csv"
    data.write_text("old")
    step = shell("a", "cat $given > $out", inputs=(Input(name="given", binding=of_file(data), mode=mode),),  # type: ignore[arg-type]
                 also={"given": InputRef("given")})
    prepared = prepare(trials.workspace, trials.submission(step))
    data.write_text("new")
    finished = execute(trials.workspace, prepared)
    failed = history.find_step(trials.workspace.database, finished.run, "a")
    assert (finished.status, failed.status) == ("Failed", "Failed")
    assert "its input given changed" in (failed.error or "")
    assert trials.run(step).text("a") == "new"
    data.write_text("old")
    assert trials.run(step).text("a") == "old"


def source(tmp_path: Path, text: str) -> Source:
    folder = tmp_path / "source"
    folder.mkdir(exist_ok=True)
    (folder / "step.sh").write_text(text)
    return Source(path=str(folder))


def test_an_edit_of_the_source_after_the_submission_does_not_reach_the_run(trials: Trials, tmp_path: Path) -> None:
    place = source(tmp_path, "echo submitted > $out")
    steps = (shell("first", ": > $out"), shell("a", ". ./step.sh", "first", source=place))

    def edit(event: events.AnyEvent) -> None:
        if isinstance(event, events.RunStarted):
            source(tmp_path, "exit 1")

    run = trials.run(*steps, listener=edit)
    assert (run.told()["a"], run.text("a")) == ("Completed", "submitted\n")
    again = trials.run(*steps)
    assert (again.told()["a"], again.why("a")) == ("Failed", ["step.sh changed"])


def test_a_source_that_is_edited_between_plan_and_run_is_planned_anew(trials: Trials, tmp_path: Path) -> None:
    step = shell("a", ". ./step.sh", source=source(tmp_path, "echo first > $out"))
    prepared = prepare(trials.workspace, trials.submission(step))
    source(tmp_path, "echo second > $out")
    assert execute(trials.workspace, prepared).status == "Completed"
    again = trials.run(step)
    assert (again.told(), again.text("a")) == ({"a": "Reused"}, "second\n")
    source(tmp_path, "echo first > $out")
    assert trials.run(step).text("a") == "first\n"


def test_a_step_runs_in_a_private_copy_of_its_source(trials: Trials, tmp_path: Path) -> None:
    place = source(tmp_path, "echo spoilt > data; rm step.sh; ls > $out")
    (tmp_path / "source/data").write_text("mine")
    run = trials.run(shell("a", ". ./step.sh", source=place))
    assert run.text("a").split() == ["data", "logs", "outputs"]
    assert (tmp_path / "source/data").read_text() == "mine"
    assert trials.run(shell("a", ". ./step.sh", source=place)).told() == {"a": "Reused"}


def test_what_a_step_prints_is_kept_as_bytes(trials: Trials) -> None:
    run = trials.run(shell("a", "printf 'caf\\303\\251 \\377\\000\\033[31m'; printf 'err' >&2", output=None))
    assert run.told() == {"a": "Completed"}
    assert (run.attempt("a") / "logs/std_log.txt").read_bytes() == b"caf\xc3\xa9 \xff\x00\x1b[31merr"


METRIC = '{"kind":"metric","scope":"%s","name":"loss","type":"scalar","value":%s,"at":1.0}\\n'


def test_metrics_are_in_the_ledger_while_the_step_still_runs(trials: Trials, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    script = f"printf '{METRIC}' step 0.25 >> $folder/reports.jsonl; cat $fifo; printf '{METRIC}' step '\"NaN\"' >> $folder/reports.jsonl"
    seen: list[object] = []

    def see(event: events.AnyEvent) -> None:
        if isinstance(event, events.MetricsLogged) and not seen:
            running = history.steps_of(trials.workspace.database, event.run)[0]
            seen.extend([running.status, history.metrics_of(trials.workspace.database, running.id)[0].value])
            (tmp_path / "fifo").write_text("go")

    run = trials.run(shell("a", script, output=None, also={"fifo": Text(str(tmp_path / "fifo"))}), listener=see)
    assert (run.status, seen) == ("Completed", ["Running", "0.25"])
    values = [metric_value(one) for one in history.metrics_of(trials.workspace.database, run.steps["a"].id)]
    assert values[0] == 0.25
    assert values[1] != values[1]
    payloads = [row[0] for row in trials.workspace.database.read("SELECT payload FROM events WHERE kind = 'metrics_logged'")]
    assert all(json.loads(payload) for payload in payloads)


def test_metrics_tags_and_nonsense_of_a_step(trials: Trials) -> None:
    lines = [json.dumps({"kind": "tag", "scope": "run", "key": "best", "value": "a"}), "nonsense",
             json.dumps({"kind": "tag", "scope": "step", "key": "k", "value": "v"}), json.dumps({"kind": "note", "message": "half done"})]
    run = trials.run(shell("a", "".join(f"echo '{line}' >> $folder/reports.jsonl; " for line in lines), output=None))
    assert run.status == "Completed"
    assert history.get_run(trials.workspace.database, run.id).tags == {"best": "a"}
    assert run.steps["a"].tags == {"k": "v"}
    noted = [event.message for _, event in history.events_since(trials.workspace.database, 0) if isinstance(event, events.StepNoted)]
    assert noted[0] == "half done"
    assert len(noted) == 2


def test_what_a_step_leaves_in_outputs_and_logs_becomes_its_artifacts(trials: Trials) -> None:
    script = "echo 1 > outputs/model.pkl; mkdir outputs/deep; echo 2 > outputs/deep/x; echo 3 > logs/train.log"
    run = trials.run(shell("a", script, output=None))
    kept = history.artifacts_of(trials.workspace.database, run.steps["a"].id)
    assert [one.name for one in kept] == ["logs/train.log", "outputs/deep/x", "outputs/model.pkl"]
    assert (trials.workspace.root / kept[2].path).read_text() == "1\n"
    assert not (run.attempt("a") / "work").exists()


def test_a_failed_attempt_keeps_what_it_wrote_for_people_to_look_at(trials: Trials) -> None:
    run = trials.run(shell("a", "echo half > $out; echo 1 > outputs/partial; exit 1"))
    assert (run.attempt("a") / "unfinished/out").read_text() == "half\n"
    assert [one.name for one in history.artifacts_of(trials.workspace.database, run.steps["a"].id)] == ["outputs/partial"]
    assert history.outputs_of(trials.workspace.database, run.steps["a"].id) == []
