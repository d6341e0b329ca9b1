"""Steps: what may stand in inputs, outputs, arguments and params, and what it becomes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from stepwell import (
    CommandStep,
    DataPath,
    DataPathComputeBinding,
    DataReference,
    Dataset,
    DatasetConsumptionConfig,
    Datastore,
    OutputFileDatasetConfig,
    Pipeline,
    PipelineData,
    PipelineParameter,
    PythonScriptStep,
    Workspace,
)
from stepwell_runner.graph.model import (
    Fact,
    FromData,
    FromParameter,
    FromStep,
    Graph,
    Input,
    InputRef,
    Joined,
    OutputRef,
    ParameterRef,
    PythonRef,
    Registration,
    Step,
    Text,
    Token,
)
from stepwell_store.data.definition import DatasetDefinition, DatastorePath, Transform
from stepwell_store.errors import UsageError

BLOB = "workspaceblobstore"


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace that is not made yet, and a current folder with a script."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STEPWELL_WORKSPACE", "")
    (tmp_path / "s.py").write_text("")
    return Workspace()


def script(*arguments: Any, **options: Any) -> PythonScriptStep:
    return PythonScriptStep("s.py", arguments=list(arguments), **options)


def graph(ws: Workspace, *steps: Any) -> Graph:
    return Pipeline(ws, list(steps)).graph


def arguments(step: Step) -> tuple[Token, ...]:
    assert step.command[:2] == (PythonRef(), Text("s.py"))
    return step.command[2:]


def compiled(ws: Workspace, step: Any) -> Step:
    """The step alone in a pipeline, which must need no other."""
    [one] = graph(ws, step).steps
    return one


def test_values_become_text(ws: Workspace) -> None:
    assert arguments(compiled(ws, script("--n", 5, 0.5, True, None, Path("a b"), "a: b", "$HOME", "input:x"))) == tuple(
        Text(text) for text in ("--n", "5", "0.5", "True", "None", "a b", "a: b", "$HOME", "input:x")
    )


def test_data_between_steps(ws: Workspace) -> None:
    data = PipelineData("data", output_name="port")
    made, used = graph(ws, script(data, inputs=[data]), script("--out", data, outputs=[data])).steps
    assert arguments(made) == (Text("--out"), OutputRef("port"))
    assert dict(made.variables)["AZUREML_DATAREFERENCE_port"] == OutputRef("port")
    assert used.inputs == (Input(name="data", binding=FromStep(made.key, "port")),)
    assert arguments(used) == (InputRef("data"),)
    assert dict(used.variables)["AZUREML_DATAREFERENCE_data"] == InputRef("data")


def test_an_input_may_have_its_own_name_and_mode(ws: Workspace) -> None:
    data = PipelineData("data")
    copy = data.as_download("copy", path_on_compute="there")
    _, used = graph(ws, script(outputs=[data]), script(copy, data, inputs=[copy])).steps
    assert used.inputs == (Input(name="copy", binding=FromStep("s", "data"), mode="download", path_on_compute="there"),)
    assert arguments(used) == (InputRef("copy"), InputRef("copy"))


def test_an_input_and_an_output_of_one_name(ws: Workspace) -> None:
    first, second = PipelineData("data"), PipelineData("data")
    _, used = graph(ws, script(outputs=[first]), script(first, second, f"{second}/x", inputs=[first], outputs=[second])).steps
    assert [given.name for given in used.inputs] == ["INPUT_data"]
    assert arguments(used) == (InputRef("INPUT_data"), OutputRef("data"), Joined((OutputRef("data"), Text("/x"))))


def test_references_inside_text(ws: Workspace) -> None:
    data, rate = PipelineData("data"), PipelineParameter("rate", 0.1)
    step = script(f"--out={data}/x", f"{data}_v1", f"{rate}", f"r={rate};{data}", "$AZUREML_DATAREFERENCE_other", rate, outputs=[data])
    assert arguments(compiled(ws, step)) == (
        Joined((Text("--out="), OutputRef("data"), Text("/x"))),
        Joined((OutputRef("data"), Text("_v1"))),
        ParameterRef("rate"),
        Joined((Text("r="), ParameterRef("rate"), Text(";"), OutputRef("data"))),
        Text("$AZUREML_DATAREFERENCE_other"),
        ParameterRef("rate"),
    )


def test_datasets_inside_text(ws: Workspace) -> None:
    given = Dataset.File.from_files((Datastore(ws), "a")).as_named_input("files").as_mount()
    out = OutputFileDatasetConfig("out")
    step = script(f"--in={given}", f"{out}/x", inputs=[given], outputs=[out])
    assert arguments(compiled(ws, step)) == (Joined((Text("--in="), InputRef("files"))), Joined((OutputRef("out"), Text("/x"))))


def test_annotated_references(ws: Workspace) -> None:
    data, rate = PipelineData("data"), PipelineParameter("rate", 0.1)
    step = script("output:data", "parameter:rate", "input:data", rate, outputs=[data])
    assert arguments(compiled(ws, step)) == (OutputRef("data"), ParameterRef("rate"), Text("input:data"), ParameterRef("rate"))


def test_parameters(ws: Workspace) -> None:
    rate, build = PipelineParameter("rate", 0.1), PipelineParameter("build id", "none", tracked=False)
    made = graph(ws, script("--rate", rate, params={"fixed": 3, "open": build}, environment_variables={"RATE": rate, "X": 1}))
    assert [(one.name, one.type, one.default, one.tracked) for one in made.parameters] == [
        ("rate", "number", 0.1, True),
        ("build id", "string", "none", False),
    ]
    variables = dict(made.steps[0].variables)
    assert variables["AML_PARAMETER_rate"] == variables["AZUREML_PARAMETER_rate"] == variables["RATE"] == ParameterRef("rate")
    assert variables["AML_PARAMETER_fixed"] == Text("3")
    assert variables["AML_PARAMETER_open"] == ParameterRef("build id")
    assert variables["X"] == Text("1")


@pytest.mark.parametrize(("default", "kind"), [("a", "string"), (1, "integer"), (1.0, "number"), (True, "boolean")])
def test_the_type_of_a_parameter_is_that_of_its_default(ws: Workspace, default: Any, kind: str) -> None:
    assert graph(ws, script(PipelineParameter("p", default))).parameters[0].type == kind


@pytest.mark.parametrize("default", [None, [], {}, object()])
def test_a_parameter_with_another_default(default: Any) -> None:
    with pytest.raises(ValueError, match="parameter 'p' cannot have a default of type"):
        PipelineParameter("p", default)


def test_a_parameter_declared_in_two_ways(ws: Workspace) -> None:
    assert graph(ws, script(PipelineParameter("p", 1)), script(PipelineParameter("p", 1))).parameters
    for other in (PipelineParameter("p", 2), PipelineParameter("p", True), PipelineParameter("p", 1, tracked=False)):
        with pytest.raises(ValueError, match="parameter 'p' is declared in two ways"):
            graph(ws, script(PipelineParameter("p", 1)), script(other))


def test_a_parameter_in_arguments_and_params(ws: Workspace) -> None:
    rate = PipelineParameter("rate", 0.1)
    with pytest.raises(ValueError, match="'rate' of a parameter is already in use"):
        graph(ws, script(rate, params={"rate": rate}))


def test_a_data_path_parameter(ws: Workspace) -> None:
    pair = (PipelineParameter("where", DataPath(Datastore(ws), "in/a.csv")), DataPathComputeBinding("download"))
    made = graph(ws, script("--in", pair, inputs=[pair]))
    assert made.parameters[0].default == DatasetDefinition(kind="file", places=(DatastorePath(BLOB, "in/a.csv"),), must_exist=False)
    assert made.steps[0].inputs == (Input(name="where", binding=FromParameter("where"), mode="download"),)
    assert arguments(made.steps[0]) == (Text("--in"), InputRef("where"))
    assert dict(made.steps[0].variables)["AZUREML_DATAREFERENCE_where"] == InputRef("where")


def test_a_dataset_parameter(ws: Workspace) -> None:
    parameter = PipelineParameter("which", Dataset.File.from_files((Datastore(ws), "a")))
    made = graph(ws, script(DatasetConsumptionConfig("files", parameter).as_mount(), parameter))
    assert made.parameters[0].type == "data"
    assert made.steps[0].inputs == (Input(name="files", binding=FromParameter("which")),)
    assert arguments(made.steps[0]) == (InputRef("files"), InputRef("files"))


def test_a_dataset_parameter_alone_in_arguments_becomes_an_input(ws: Workspace) -> None:
    parameter = PipelineParameter("which", Dataset.File.from_files((Datastore(ws), "a")))
    step = compiled(ws, script(parameter))
    assert (step.inputs, arguments(step)) == ((Input(name="which", binding=FromParameter("which")),), (InputRef("which"),))


def test_datasets_are_added_to_the_inputs_and_lists_are_left_alone(ws: Workspace) -> None:
    table = Dataset.Tabular.from_delimited_files((Datastore(ws), "iris.csv"))
    inputs: list[Any] = []
    step = compiled(ws, PythonScriptStep("s.py", arguments=[table.as_named_input("iris")], inputs=inputs))
    assert inputs == []
    assert step.inputs == (Input(name="iris", binding=FromData(table.definition), mode="direct"),)
    variables = dict(step.variables)
    for name in ("iris", "IRIS", "AZURE_ML_INPUT_iris", "AZUREML_DATAREFERENCE_iris"):
        assert variables[name] == InputRef("iris")
    assert variables["AZUREML_DATASET_ENVIRONMENT_VARS"] == Text("iris:direct")


def test_a_dataset_in_inputs_and_arguments_is_one_input(ws: Workspace) -> None:
    files = Dataset.File.from_files((Datastore(ws), "a/**"))
    given = files.as_named_input("files").as_mount()
    step = compiled(ws, script(given, inputs=[given]))
    assert [(one.name, one.mode) for one in step.inputs] == [("files", "mount")]


def test_data_in_params_must_be_an_input_or_output(ws: Workspace) -> None:
    data = PipelineData("d")
    assert dict(compiled(ws, script(params={"where": data}, outputs=[data])).variables)["AML_PARAMETER_where"] == OutputRef("d")
    with pytest.raises(ValueError, match="neither in its inputs nor in its outputs"):
        graph(ws, script(params={"where": data}))


@pytest.mark.parametrize("name", ["path", "PATH", "home"])
def test_a_dataset_does_not_take_the_variables_of_the_system(ws: Workspace, name: str) -> None:
    step = compiled(ws, script(Dataset.File.from_files((Datastore(ws), "a")).as_named_input(name).as_mount()))
    variables = dict(step.variables)
    assert f"AZURE_ML_INPUT_{name}" in variables
    assert not {name, name.upper()} & variables.keys()


def test_data_references(ws: Workspace) -> None:
    reference = DataReference(Datastore(ws, "workspacefilestore"), "raw", "in/raw").as_download()
    step = compiled(ws, script("--in", reference, f"{reference}/x", inputs=[reference]))
    place = DatastorePath("workspacefilestore", "in/raw")
    data = DatasetDefinition(kind="file", places=(place,), must_exist=False)
    assert step.inputs == (Input(name="raw", binding=FromData(data), mode="download"),)
    assert arguments(step) == (Text("--in"), InputRef("raw"), Joined((InputRef("raw"), Text("/x"))))


def test_output_datasets_are_added_to_the_outputs(ws: Workspace) -> None:
    out = OutputFileDatasetConfig("out", destination=(Datastore(ws), "kept/{run-id}")).as_upload(overwrite=True)
    made, used = graph(ws, script(out), script("--in", reader := out.as_input("made"), inputs=[reader])).steps
    [output] = made.outputs
    assert (output.kind, output.mode, output.datastore, output.path, output.overwrite) == ("folder", "upload", BLOB, "kept/{run-id}", True)
    assert dict(made.variables)["AZUREML_DATASET_FILE_OUTPUTS"] == Text("out")
    assert dict(made.variables)["AZURE_ML_OUTPUT_out"] == OutputRef("out")
    assert used.inputs == (Input(name="made", binding=FromStep(made.key, "out")),)


def test_copies_of_an_output_dataset_are_one_output(ws: Workspace) -> None:
    out = OutputFileDatasetConfig("out")
    made, used = graph(ws, script(out.as_upload()), script(inputs=[out])).steps
    assert made.outputs[0].path == "dataset/{run-id}/{output-name}"
    assert used.inputs[0].binding == FromStep(made.key, "out")


def test_an_output_dataset_is_registered_when_complete(ws: Workspace) -> None:
    out = OutputFileDatasetConfig("out")
    assert compiled(ws, script(out.register_on_complete("files", "all", {"a": "b"}))).outputs[0].register == Registration(
        name="files", description="all", tags={"a": "b"}
    )
    table = out.read_delimited_files(separator=";").keep_columns("a").register_on_complete("table")
    register = compiled(ws, script(table)).outputs[0].register
    assert register is not None
    assert register.definition is not None
    assert (register.definition.format, register.definition.options["separator"]) == ("delimited", ";")
    assert register.definition.transforms == (Transform("keep_columns", {"columns": ["a"]}),)


def test_where_pipeline_data_is_kept(ws: Workspace) -> None:
    shared = Datastore(ws, "workspacefilestore")
    own = PipelineData("own", shared, output_mode="upload", output_overwrite=True, is_directory=False)
    step = script(outputs=[PipelineData("plain"), own])
    [compiled_step] = Pipeline(ws, [step], default_datastore=Datastore(ws)).graph.steps
    plain, kept = compiled_step.outputs
    assert (plain.datastore, plain.path, plain.kind, plain.mode) == (BLOB, None, "any", "mount")
    assert (kept.datastore, kept.kind, kept.mode, kept.overwrite) == ("workspacefilestore", "file", "upload", True)
    assert compiled(ws, script(outputs=[PipelineData("plain")])).outputs[0].datastore is None


def test_every_step_knows_its_run(ws: Workspace) -> None:
    variables = dict(graph(ws, script()).variables)
    assert variables["AZUREML_RUN_ID"] == Fact("step_run")
    assert variables["AZUREML_ROOT_RUN_ID"] == Fact("run")
    assert variables["AZUREML_ARM_PROJECT_NAME"] == Fact("experiment")


def test_what_stepwell_adds(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "settings.ini").write_text("")
    first = script(name="first")
    step = script(
        name="second", retries=2, timeout_seconds=90, narrow=True, include=["*.sql"], hash_paths=["settings.ini"], after=first,
        allow_reuse=False, version="7",
    )  # fmt: skip
    made = graph(ws, step).steps[1]
    assert (made.retries, made.timeout_s, made.allow_reuse, made.version, made.after) == (2, 90, False, "7", ("first",))
    assert made.source is not None
    assert (made.source.narrow, made.source.include) == (True, ("*.sql",))
    assert made.hash_paths == (os.path.join(tmp_path, "settings.ini"),)


TABLE = Dataset.Tabular.from_delimited_files("/data/a.csv")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (lambda: PythonScriptStep(""), "needs the name of a script"),
        (lambda: PythonScriptStep(None), "needs the name of a script"),  # type: ignore[arg-type]
        (lambda: script(TABLE), "without a name"),
        (lambda: script(inputs=[TABLE]), "without a name"),
        (lambda: script(PipelineData("d")), "neither in its inputs nor in its outputs"),
        (lambda: script(PipelineData("d").as_input("x")), "neither in its inputs nor in its outputs"),
        (lambda: script(inputs=["text"]), "unexpected input of type str"),
        (lambda: script(outputs=["text"]), "unexpected output of type str"),
        (lambda: script(outputs=[PipelineData("d"), PipelineData("d")]), "two outputs named 'd'"),
        (lambda: script(inputs=[PipelineData("d"), PipelineData("d")]), "two inputs named 'd'"),
        (lambda: script(params={"a b": 1}), "parameter named 'a b'"),
        (lambda: script(runconfig_pipeline_params={"NodeCount": 2}), "runconfig_pipeline_params"),
        (lambda: script(retries=-1), "cannot have -1 retries"),
        (lambda: script(timeout_seconds=0), "timeout of 0 seconds"),
        (lambda: PipelineData("a-b"), "'a-b' cannot name"),
        (lambda: PipelineData("a", output_name="b c"), "'b c' cannot name"),
        (lambda: PipelineData("a", output_mode="link"), "output_mode 'link'"),
        (lambda: PipelineData("a").create_input_binding("b", "upload"), "mode 'upload'"),
        (lambda: OutputFileDatasetConfig("a", destination="folder"), "is a pair"),  # type: ignore[arg-type]
        (CommandStep, "needs a command"),
        (lambda: CommandStep([5]), "needs a command"),
    ],
)
def test_what_a_step_refuses(step: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        step()
    assert isinstance(caught.value, UsageError)


@pytest.mark.parametrize(
    "use",
    [lambda: TABLE.as_named_input("1x"), lambda: TABLE.as_named_input("a b"), lambda: OutputFileDatasetConfig("a b"),
     lambda: TABLE.as_named_input("x").as_mount(), lambda: TABLE.random_split(1.5)],
)  # fmt: skip
def test_what_datasets_refuse(use: Any) -> None:
    with pytest.raises(UsageError):
        use()


def test_an_unknown_keyword_is_a_type_error() -> None:
    with pytest.raises(TypeError, match=r"no keyword 'retrys'; Stepwell adds: retries, "):
        PythonScriptStep("s.py", retrys=3)  # type: ignore[call-arg]
