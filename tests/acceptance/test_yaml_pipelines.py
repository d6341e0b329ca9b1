"""`stepwell run pipeline.yml`: pipelines as people of Azure ML v2 write them, run as they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commandline import Project

HELLO = """\
$schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json
type: pipeline
display_name: hello
inputs:
  greeting: hello
  text: {type: uri_file, path: ./source/text.txt}
outputs:
  all: {type: uri_file, path: "azureml://datastores/workspaceblobstore/paths/${{name}}/all.txt"}
jobs:
  say:
    command: >-
      echo "${{inputs.word}}" > ./outputs/world.txt && cat ${{inputs.text}} > ${{outputs.copy}}/t
      && echo $AZURE_ML_INPUT_text
    environment: azureml://registries/azureml/environments/sklearn-1.5/labels/latest
    compute: azureml:cpu-cluster
    inputs: {word: "${{parent.inputs.greeting}}", text: "${{parent.inputs.text}}"}
    outputs: {copy: , artifacts: }
  join:
    component: ./parts/join.yml
    inputs: {first: "${{parent.jobs.say.outputs.artifacts}}", second: "${{parent.jobs.say.outputs.copy}}"}
    outputs: {joined: "${{parent.outputs.all}}"}
"""
JOIN = """\
$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json
type: command
name: join
version: 1
inputs: {first: {type: uri_folder}, second: {type: uri_folder}}
outputs: {joined: {type: uri_file}}
code: ./src
environment: {image: python}
command: python join.py ${{inputs.first}}/outputs/world.txt ${{inputs.second}}/t ${{outputs.joined}}
"""
COUNT = """\
$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json
command: wc -l < ${{inputs.text}} > ${{outputs.lines}} && python say.py ${{inputs.word}}
code: src
environment: azureml://registries/azureml/environments/sklearn-1.5/labels/latest
inputs:
  text: {type: uri_file, path: text.txt}
  word: hello
outputs:
  lines: {type: uri_file}
"""
SCRIPT = "import sys\nopen(sys.argv[3], 'w').write(''.join(open(path).read() for path in sys.argv[1:3]))\n"


@pytest.fixture
def hello(project: Project) -> Project:
    """Two nodes, one of them a component with code of its own."""
    project.write("pipeline.yml", HELLO)
    project.write("parts/join.yml", JOIN)
    project.write("parts/src/join.py", SCRIPT)
    return project


def test_a_pipeline_runs_as_it_is_and_is_reused(hello: Project) -> None:
    first = hello.stepwell("run", "pipeline.yml", "--json").data
    assert first["status"] == "Completed", first
    assert Path(first["outputs"]["all"]).read_text() == "hello\nhello\n"
    assert Path(first["outputs"]["all"]).name == "all.txt"
    again = hello.stepwell("run", "pipeline.yml", "--json").data
    assert [step["reused"] for step in again["steps"]] == [True, True]
    other = hello.stepwell("run", "pipeline.yml", "-p", "greeting=bye", "--json").data
    assert Path(other["outputs"]["all"]).read_text() == "bye\nhello\n"
    assert "greeting" in json.dumps(other["steps"][0]["reasons"])


def test_a_job_in_a_file_of_its_own_runs_and_is_reused(project: Project) -> None:
    project.write("count.yml", COUNT)
    project.write("src/say.py", "import sys; print(sys.argv[1])")
    project.write("text.txt", "a\nb\n")
    first = project.stepwell("run", "count.yml", "--json").data
    assert Path(first["outputs"]["lines"]).read_text().strip() == "2"
    again = project.stepwell("run", "count.yml", "--json").data
    assert [(step["name"], step["reused"]) for step in again["steps"]] == [("count", True)]
    other = project.stepwell("run", "count.yml", "-p", "word=bye", "--json").data
    assert project.stepwell("logs", f"{other['run']}/count").out.strip().endswith("bye")


def test_every_door_reads_it(hello: Project) -> None:
    assert "say" in hello.stepwell("graph", "pipeline.yml").out
    hello.stepwell("run", "pipeline.yml", "--set", "settings.force_rerun=true")
    assert "say" in hello.stepwell("show", "@last").out
    assert "join" in hello.stepwell("why", "pipeline.yml", "join").out
    assert hello.stepwell("run", "pipeline.yml", "--plan").code == 0


def test_paths_with_blanks_are_one_word(tmp_path: Path) -> None:
    project = Project(tmp_path / "my project's folder")
    project.write("pipeline.yml", HELLO)
    project.write("parts/join.yml", JOIN)
    project.write("parts/src/join.py", SCRIPT)
    assert project.stepwell("run", "pipeline.yml", "--json").data["status"] == "Completed"


def test_distributed_processes_know_who_they_are(project: Project) -> None:
    project.write("pipeline.yml", """\
type: pipeline
jobs:
  torch:
    command: echo "rank $RANK of $WORLD_SIZE local $LOCAL_RANK node $NODE_RANK" > ${{outputs.o}}/$RANK
    environment: {image: python}
    distribution: {type: pytorch, process_count_per_instance: 2}
    resources: {instance_count: 2}
    outputs: {o: }
  flow:
    command: echo "$TF_CONFIG" > ${{outputs.o}}/$RANK
    environment: {image: python}
    distribution: {type: tensorflow, worker_count: 2, parameter_server_count: 1}
    outputs: {o: }
  fails:
    command: test $RANK != 1
    environment: {image: python}
    distribution: {type: mpi, process_count_per_instance: 2}
""")
    data = project.stepwell("run", "pipeline.yml", "--json", code=1).data
    assert {step["name"]: step["status"] for step in data["steps"]} == {"torch": "Completed", "flow": "Completed", "fails": "Failed"}
    torch = sorted(path.read_text().strip() for path in Path(data["outputs"]["torch/o"]).iterdir())
    assert torch == [f"rank {rank} of 4 local {rank % 2} node {rank // 2}" for rank in range(4)]
    tasks = [json.loads(path.read_text()) for path in sorted(Path(data["outputs"]["flow/o"]).iterdir())]
    assert [one["task"] for one in tasks] == [{"type": "worker", "index": 0}, {"type": "worker", "index": 1}, {"type": "ps", "index": 0}]
    assert len(tasks[0]["cluster"]["worker"]) == 2


def test_mistakes_name_line_and_column_and_run_nothing(project: Project) -> None:
    project.write("pipeline.yml", "type: pipeline\njobs:\n  a: {comand: go, environment: {image: python}}\n")
    failed = project.stepwell("run", "pipeline.yml", code=2)
    assert "pipeline.yml:3:7" in failed.err
    assert "did you mean 'command'?" in failed.err


def test_what_a_pipeline_writes_itself_is_found_and_no_reason_to_run_again(project: Project) -> None:
    project.write("pipeline.yml", """\
type: pipeline
outputs: {written: {path: azureml://datastores/workspaceblobstore/paths/azureml/shared}}
jobs:
  write:
    command: ls ${{inputs.all}} && echo hello > ${{outputs.o}}/hello.txt
    environment: {image: python}
    inputs: {all: {type: uri_folder, path: azureml://datastores/workspaceblobstore/paths/azureml}}
    outputs: {o: "${{parent.outputs.written}}"}
  read:
    command: cp ${{inputs.file}} ${{outputs.copy}}
    environment: {image: python}
    inputs:
      file: {type: uri_file, path: azureml://datastores/workspaceblobstore/paths/azureml/shared/hello.txt, mode: download}
      after: ${{parent.jobs.write.outputs.o}}
    outputs: {copy: {type: uri_file}}
""")
    first = project.stepwell("run", "pipeline.yml", "--json").data
    assert Path(first["outputs"]["read/copy"]).read_text() == "hello\n"
    assert [step["reused"] for step in project.stepwell("run", "pipeline.yml", "--json").data["steps"]] == [True, True]


def test_code_may_have_files_from_elsewhere_beside_it(project: Project) -> None:
    project.write("shared/lib/words.py", "WORD = 'shared'\n")
    project.write("shared/one.txt", "one")
    project.write("code/main.py", "import sys\nsys.path[:0] = ['lib', 'packed.zip']\nimport words\nfrom packed import more\n"
                                  "open(sys.argv[1], 'w').write(words.WORD + open('one.txt').read() + more.MORE)\n")
    project.write("shared/packed/__init__.py", "")
    project.write("shared/packed/more.py", "MORE = 'zip'\n")
    project.write("part.yml", """\
type: command
code: ./code
additional_includes: [./shared/lib, ./shared/one.txt, ./shared/packed.zip]
outputs: {o: {type: uri_file}}
environment: {image: python}
command: python main.py ${{outputs.o}}
""")
    project.write("pipeline.yml", "type: pipeline\njobs:\n  go: {component: ./part.yml}\n")
    data = project.stepwell("run", "pipeline.yml", "--json").data
    assert Path(data["outputs"]["go/o"]).read_text() == "sharedonezip"
    assert project.stepwell("run", "pipeline.yml", "--json").data["steps"][0]["reused"]
    project.write("shared/one.txt", "two")
    assert not project.stepwell("run", "pipeline.yml", "--json").data["steps"][0]["reused"]


def test_a_python_that_is_not_here_is_served_by_the_nearest_one(project: Project) -> None:
    project.write("pipeline.yml", """\
type: pipeline
jobs:
  go:
    command: python -c "import sys; print(sys.version_info[:2])"
    environment: {conda_file: {dependencies: [python=3.99]}}
""")
    done = project.stepwell("run", "pipeline.yml", "--json")
    assert "Python 3.99 is not on this machine" in done.err
    assert done.data["status"] == "Completed"


GIVEN = """\
type: pipeline
inputs:
  words: {type: uri_folder}
jobs:
  read:
    command: cat ${{inputs.words}}/*
    environment: {image: python}
    inputs: {words: "${{parent.inputs.words}}"}
"""


def test_data_is_given_by_a_path_from_here_or_by_its_name(project: Project) -> None:
    project.stepwell("init")
    project.write("jobs/read.yml", GIVEN)
    project.write("near/a.txt", "from a path")
    project.write("far/a.txt", "from a name")
    project.write("far.yml", "name: far\nversion: 1\ntype: uri_folder\npath: far\n")
    assert "-p words=VALUE" in project.stepwell("run", "jobs/read.yml", code=2).err
    project.stepwell("data", "register", "far.yml")
    for given, told in (("near", "from a path"), ("azureml:far:1", "from a name"), ("azureml:far@latest", "from a name")):
        project.stepwell("run", "jobs/read.yml", "-p", f"words={given}")
        assert project.stepwell("logs", "@last/read").out.strip() == told
    assert "is fresh" in project.stepwell("why", "jobs/read.yml", "-p", "words=near").out
    for wrong, told in (("nowhere", "there is no file or folder"), ("azureml:gone:1", "there is no data 'gone:1'")):
        assert told in project.stepwell("run", "jobs/read.yml", "-p", f"words={wrong}", code=2).err
