"""From pipeline YAML to the graph."""

from __future__ import annotations

from pathlib import Path

import pytest
from jobwords import HEAD, Load, command_of, step

from stepwell_runner.graph.model import FromData, FromParameter, FromStep, Input, OutputRef, PipelineOutput, Text
from stepwell_store.data.definition import DatastorePath, LocalPath, Url
from stepwell_store.errors import UsageError

TRAIN = """\
$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json
type: command
name: train
version: 1
inputs:
  data: {type: uri_folder}
  rate: {type: number, default: 5, min: 0, max: 10}
  small: {type: number, default: 1e-3}
  flag: {type: boolean, default: true}
  kind: {type: string, default: a, enum: [a, b]}
  extra: {type: integer, optional: true}
outputs:
  model: {type: mlflow_model}
environment: {image: python}
command: >-
  train ${{inputs.data}} ${{inputs.rate}} ${{inputs.small}} ${{inputs.flag}} ${{inputs.kind}} $[[--extra ${{inputs.extra}}]]
  ${{outputs.model}}
"""


def test_an_inline_node_needs_no_type_and_no_code(load: Load) -> None:
    graph = load(HEAD + """
  hello:
    command: echo hello && echo world
    environment: azureml:AzureML-x@latest
    compute: azureml:cpu-cluster
""").graph
    assert graph.name == "test"
    assert [one.key for one in graph.steps] == ["hello"]
    assert command_of(step(graph, "hello")) == "echo hello && echo world"
    assert step(graph, "hello").source is None
    assert step(graph, "hello").allow_reuse


def test_defaults_of_a_component_are_made_their_type_and_then_text(load: Load) -> None:
    graph = load(HEAD + """
  t:
    component: ./train.yml
    inputs: {data: {path: .}}
""", train=TRAIN).graph
    assert command_of(step(graph, "t")) == "train {input:data} 5.0 0.001 True a  {output:model}"


def test_literals_stay_what_they_are(load: Load) -> None:
    graph = load(HEAD + """
  t:
    component: ./train.yml
    inputs: {data: {path: .}, rate: 1, small: 1e-4, flag: false, kind: b, extra: 7}
""", train=TRAIN).graph
    assert command_of(step(graph, "t")) == "train {input:data} 1 1e-4 False b --extra 7 {output:model}"


@pytest.mark.parametrize(("given", "told"), [
    ("rate: 11", "input 'rate' is 11"), ("rate: x", "must be a number"), ("flag: maybe", "true or false"), ("kind: c", "there are: a, b"),
    ("extra: 1.5", "whole number"), ("rats: 1", "has no input 'rats', so it goes unused; did you mean 'rate'?")])
def test_of_literals_that_do_not_fit_a_person_is_told(load: Load, given: str, told: str) -> None:
    text = HEAD + f"""
  t:
    component: ./train.yml
    inputs:
      data: {{path: .}}
      {given}
"""
    (notice,) = load(text, train=TRAIN).notices
    assert told in notice
    assert "pipeline.yml:9:" in notice


def test_a_missing_input_is_told_where_the_inputs_are(load: Load) -> None:
    with pytest.raises(UsageError, match="does not give the input 'data'") as raised:
        load(HEAD + "\n  t:\n    component: ./train.yml\n    inputs:\n      rate: 1\n", train=TRAIN)
    assert str(raised.value).count("pipeline.yml:8:7")


def test_steps_are_bound_to_each_other(load: Load) -> None:
    graph = load(HEAD + """
  a:
    command: make ${{outputs.x}}
    environment: {image: python}
    outputs: {x: , y: {type: uri_file}}
  b:
    command: use ${{inputs.x}} ${{inputs.y}} ${{inputs.z}}
    environment: {image: python}
    inputs:
      x: ${{parent.jobs.a.outputs.x}}
      y: {type: uri_file, path: "${{parent.jobs.a.outputs.y}}", mode: download}
      z: ${{parent.jobs.a.outputs.x}}/part.csv
""").graph
    assert step(graph, "b").inputs == (
        Input(name="x", binding=FromStep("a", "x")),
        Input(name="y", binding=FromStep("a", "y"), mode="download"),
        Input(name="z", binding=FromStep("a", "x"), below="part.csv"),
    )
    assert [(one.name, one.kind) for one in step(graph, "a").outputs] == [("x", "folder"), ("y", "any")]


def test_inputs_of_the_job_are_parameters(load: Load) -> None:
    graph = load("""\
        type: pipeline
        display_name: test
        inputs:
          rate: 0.5
          name: x
          count: 3
          sure: true
          data: {type: uri_folder, path: .}
        jobs:
          a:
            command: go ${{inputs.rate}} ${{inputs.text}} ${{inputs.data}}
            environment: {image: python}
            inputs:
              rate: ${{parent.inputs.rate}}
              text: pre_${{parent.inputs.name}}_post
              data: ${{parent.inputs.data}}
        """).graph
    assert [(one.name, one.type) for one in graph.parameters] == [
        ("rate", "number"), ("name", "string"), ("count", "integer"), ("sure", "boolean"), ("data", "data")]
    assert command_of(step(graph, "a")) == "go {parameter:rate} pre_{parameter:name}_post {input:data}"
    assert step(graph, "a").inputs == (Input(name="data", binding=FromParameter("data")),)


def test_outputs_of_the_job_say_where_and_what(load: Load) -> None:
    graph = load("""\
        type: pipeline
        outputs:
          out: {type: uri_file, path: "azureml://datastores/workspaceblobstore/paths/${{name}}/hello.txt", mode: upload}
          model: {type: mlflow_model, name: my_model}
        jobs:
          a:
            command: go ${{outputs.o}} ${{outputs.m}}
            environment: {image: python}
            outputs:
              o: ${{parent.outputs.out}}
              m: ${{parent.outputs.model}}
        """).graph
    out, model = step(graph, "a").outputs
    assert (out.kind, out.mode, out.datastore, out.path) == ("any", "upload", "workspaceblobstore", "{run-id}/hello.txt")
    assert model.kind == "folder"
    assert model.register is not None
    assert model.register.name == "my_model"
    assert graph.outputs == (PipelineOutput(name="out", step="a", output="o"), PipelineOutput(name="model", step="a", output="m"))


def test_a_default_place_of_an_output(load: Load) -> None:
    graph = load(HEAD + """
  a:
    command: go ${{outputs.o}}
    environment: {image: python}
    outputs:
      o: {path: "azureml://datastores/${{default_datastore}}/paths/${{name}}/${{output_name}}/"}
""").graph
    (out,) = step(graph, "a").outputs
    assert (out.datastore, out.path) == (None, "{run-id}/{output-name}")


def test_the_output_artifacts_is_made_of_what_the_step_leaves(load: Load) -> None:
    graph = load(HEAD + """
  b:
    command: cat ${{inputs.x}}/outputs/f
    environment: {image: python}
    inputs: {x: "${{parent.jobs.a.outputs.artifacts}}"}
  a:
    command: echo > outputs/f
    environment: {image: python}
""").graph
    (out,) = step(graph, "a").outputs
    assert (out.name, out.artifacts) == ("artifacts", True)


def test_places_of_data(load: Load, tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    graph = load(HEAD + """
  a:
    command: go
    environment: {image: python}
    inputs:
      a: {path: ./d}
      b: {path: azureml://datastores/store/paths/x/y.csv, type: uri_file}
      c: {path: azureml://subscriptions/1/resourcegroups/2/workspaces/3/datastores/store/paths/x/}
      d: {path: "wasbs://box@account.blob.core.windows.net/iris.csv", type: uri_file}
      e: {path: https://example.com/x.csv, type: uri_file}
      f: {path: "file:./d"}
""").graph
    bindings = {one.name: one.binding for one in step(graph, "a").inputs}
    places = {name: one.data.places[0] for name, one in bindings.items() if isinstance(one, FromData)}
    here = LocalPath(str(tmp_path / "d"))
    assert places == {"a": here, "b": DatastorePath("store", "x/y.csv"), "c": DatastorePath("store", "x"),
                      "d": Url("https://account.blob.core.windows.net/box/iris.csv"), "e": Url("https://example.com/x.csv"), "f": here}


def test_paths_are_relative_to_the_file_that_holds_them(load: Load, tmp_path: Path) -> None:
    (tmp_path / "parts" / "src").mkdir(parents=True)
    graph = load(HEAD + "\n  a:\n    component: file:./parts/go.yml\n", parts__go="""\
        type: command
        code: ./src
        environment: {image: python}
        command: go
        """).graph
    source = step(graph, "a").source
    assert source is not None
    assert source.path == str(tmp_path / "parts" / "src")


def test_variables_of_a_step_name_its_ports(load: Load) -> None:
    graph = load(HEAD + """
  a:
    command: go
    environment: {image: python}
    environment_variables: {MINE: 3, OTHER: "<${{inputs.n}}>"}
    inputs: {n: 1, d: {path: .}}
    outputs: {o: }
""").graph
    variables = dict(step(graph, "a").variables)
    assert variables["AZUREML_PARAMETER_n"] == Text("1")
    assert variables["AZURE_ML_OUTPUT_o"] == OutputRef("o")
    assert {"AZURE_ML_INPUT_d", "AZUREML_DATAREFERENCE_d", "AZUREML_DATAREFERENCE_o"} <= variables.keys()
    assert (variables["MINE"], variables["OTHER"]) == (Text("3"), Text("<1>"))


def test_settings(load: Load) -> None:
    text = """\
        type: pipeline
        experiment_name: trials
        tags: {team: blue, n: 1}
        settings: {force_rerun: true, continue_on_step_failure: false, default_datastore: azureml:other}
        jobs:
          a:
            command: go
            environment: {image: python}
            outputs: {o: }
            limits: {timeout: 60}
        """
    graph = load(text).graph
    (one,) = graph.steps
    assert (graph.experiment, graph.tags, graph.continue_on_failure) == ("trials", {"team": "blue", "n": "1"}, False)
    assert (one.allow_reuse, one.version, one.outputs[0].datastore, one.timeout_s) == (False, "force_rerun", "other", 60.0)
    assert load(text, edits=("settings.force_rerun=false", "experiment_name=x")).graph.experiment == "x"


@pytest.mark.parametrize(("edit", "told"), [
    ("inputs", "NAME.NAME=VALUE"), ("display_name.x=1", "goes below what is"), ("force=1", "`force` is no part of a pipeline job")])
def test_edits_that_cannot_be(load: Load, edit: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        load(HEAD + "\n  a: {command: go, environment: {image: python}}\n", edits=(edit,))


def test_what_azure_ignores_is_told_and_ignored(load: Load) -> None:
    """Settings, components and nodes with a component take any key."""
    notices = load("""\
        type: pipeline
        settings: {default_datestore: azureml:other, force_rerun: false, force_rerun: true}
        jobs:
          t:
            component: ./train.yml
            inputs: {data: {path: .}}
            outputs: {modell: }
            colour: red
        """, train=f"{TRAIN}size: 3\n").notices
    for told in ("'default_datastore'", "here twice", "no output 'modell'; did you mean 'model'?", "`colour` is no part of a command node",
                 "`size` is no part of a command component"):
        assert any(told in notice for notice in notices), told


def test_an_input_without_a_path_is_given_at_submission(load: Load) -> None:
    graph = load("""\
        type: pipeline
        inputs: {data: {type: uri_folder}, rate: {value: 3}}
        jobs:
          a:
            command: go ${{inputs.data}} ${{inputs.rate}}
            environment: {image: python}
            inputs: {data: "${{parent.inputs.data}}", rate: "${{parent.inputs.rate}}"}
        """).graph
    assert [(one.name, one.type, one.default) for one in graph.parameters] == [("data", "data", None), ("rate", "integer", 3)]
    assert step(graph, "a").inputs == (Input(name="data", binding=FromParameter("data")),)


MISTAKES = [
    ("a: {comand: go, environment: {image: python}}", "`comand` is no part of a command node; did you mean 'command'?"),
    ("a: {type: commnd, command: go}", "no node of type 'commnd'; did you mean 'command'?"),
    ("Train: {command: go, environment: {image: python}}", "the name 'Train' in `jobs` is not allowed"),
    ("a: {command: 'go ${{inputs.x}}', environment: {image: python}}", "node 'a' has no input 'x'"),
    ("a: {command: 'go ${{outputs.x}}', environment: {image: python}}", "node 'a' has no output 'x'"),
    ("a: {command: go, inputs: {x: '${{parent.inputs.y}}'}, environment: {image: python}}", "the pipeline has no input 'y'"),
    ("a: {command: go, inputs: {x: '${{parent.jobs.b.outputs.y}}'}, environment: {image: python}}", "the pipeline has no node 'b'"),
    ("a: {command: go, inputs: {x: '${{inputs.y}}'}, environment: {image: python}}", "write ${{parent.inputs.y}}"),
    ("a: {command: go, code: ./none, environment: {image: python}}", "there is no code folder"),
    ("a: {command: go, environment: {image: python}, inputs: {x: {path: ./none}}}", "there is no file or folder"),
    ("a: {command: go, environment: {dependencies: []}}", "`dependencies` is no part of an environment; it belongs below `conda_file:`"),
    ("a: {component: ./none.yml}", "there is no component file"),
    ("a: {component: azureml:none:1}", "there is no component 'none:1'"),
    ("a: {component: azureml://registries/azureml/components/x/versions/1}", "in the registry 'azureml'"),
    ("a: {type: automl, task: classification}", "node 'a' cannot run on this machine: AutoML"),
    ("a: {command: go, environment: {image: python}, outputs: {o: {path: ./here}}}", "must be on a datastore"),
    ("a: {command: go}", "there is no `environment`"),
]


@pytest.mark.parametrize(("node", "told"), MISTAKES)
def test_mistakes_are_told_with_their_place(load: Load, node: str, told: str) -> None:
    with pytest.raises(UsageError) as raised:
        load(f"{HEAD}\n  {node}\n")
    assert told in str(raised.value)
    assert "pipeline.yml:" in str(raised.value)


def test_all_mistakes_are_told_at_once(load: Load) -> None:
    with pytest.raises(UsageError) as raised:
        load(HEAD + "\n  a: {comand: go}\n  b: {type: automl}\n  c: {component: ./none.yml}\n")
    assert str(raised.value).count("pipeline.yml:") >= 1


def test_a_literal_without_a_value_is_a_mistake(load: Load) -> None:
    with pytest.raises(UsageError, match="'rate' of type number has no value; write `rate: VALUE`"):
        load("type: pipeline\ninputs: {rate: {type: number}}\njobs: {a: {command: go, environment: {image: x}}}\n")


def test_code_from_elsewhere_is_a_folder_that_the_project_file_names(load: Load, tmp_path: Path) -> None:
    text = HEAD + """
  a: {command: go, environment: {image: python}, code: "git+https://git.example/team/steps.git@v1#subdirectory=train"}
"""
    with pytest.raises(UsageError, match="code from 'git") as raised:
        load(text)
    assert "stepwell.yml:  git+https://git.example/team/steps.git" in str(raised.value)
    (tmp_path / "steps").mkdir()
    (tmp_path / "stepwell.yml").write_text('data: {"git+https://git.example/team/steps.git@v1#subdirectory=train": steps}')
    source = step(load(text).graph, "a").source
    assert source is not None
    assert source.path == str(tmp_path / "steps")


def test_a_circle_is_told_with_the_whole_way(load: Load) -> None:
    with pytest.raises(UsageError, match="circle"):
        load(HEAD + """
  a: {command: go, environment: {image: python}, outputs: {o: }, inputs: {x: "${{parent.jobs.b.outputs.o}}"}}
  b: {command: go, environment: {image: python}, outputs: {o: }, inputs: {x: "${{parent.jobs.a.outputs.o}}"}}
""")


@pytest.mark.parametrize(("text", "told"), [
    ("name: x\npath: y\n", "is no job but something else"),
    ("$schema: https://azuremlschemas.azureedge.net/latest/data.schema.json\nname: x\npath: y\n", "is no job but data"),
    ("type: command\nversion: 1\ncommand: echo\n", "pipeline.yml describes a component"),
    ("$schema: https://x/commandComponent.schema.json\ncommand: echo\n", "pipeline.yml describes a component"),
    ("$schema: https://x/pipelineComponent.schema.json\ntype: pipeline\njobs: {}\n", "pipeline.yml describes a component"),
    ("$schema: https://x/pipelineJob.schema.json\n", "does not say that it is a pipeline"),
    ("jobs: {}\n", "does not say that it is a pipeline"),
    ("type: pipeline\nendpoint_name: x\n", "batch endpoint"),
    ("- a\n", "a mapping that begins"),
    ("type: pipeline\n", "needs `jobs`"),
    ("type: pipeline\njobs: {}\nschedule: {}\n", "`schedule` is no part of a pipeline job"),
])
def test_files_that_are_no_pipeline(load: Load, text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        load(text)


def test_distribution_starts_the_command_once_per_process(load: Load) -> None:
    graph = load(HEAD + """
  a:
    command: echo $RANK
    environment: {image: python}
    distribution: {type: pytorch, process_count_per_instance: 2}
    resources: {instance_count: 2, shm_size: 3g}
""").graph
    one = step(graph, "a")
    assert dict(one.variables)["WORLD_SIZE"] == Text("4")
    assert one.command[4:] == (Text("4"), Text("2"), Text("echo $RANK"))
    assert one.resources.shm == 3 << 30
