"""The public notebooks of Azure Machine Learning, unchanged. They are not part of this project: STEPWELL_NOTEBOOKS names a clone.

What they fetch from the Internet is served here under its original addresses, small and made for the purpose; containers of blobs that
they register are folders of this machine. What must come out is derived from the scripts of their steps.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from addresses import Addresses, standing_in
from commandline import Project, variables

CLONE = os.environ.get("STEPWELL_NOTEBOOKS", "")
PIPELINES = "how-to-use-azureml/machine-learning-pipelines"
LONGEST_S = 1200

pytestmark = pytest.mark.skipif(
    not os.path.isdir(os.path.join(CLONE, PIPELINES)),
    reason="STEPWELL_NOTEBOOKS names no clone of the repository Azure/MachineLearningNotebooks, whose notebooks these tests run",
)

TITANIC = "PassengerId,Survived,Name\n" + "".join(f"{number},{number % 2},Passenger {number}\n" for number in range(1, 60))
IRIS = "sepal.length,sepal.width,petal.length,petal.width,variety\n" + "5.1,3.5,1.4,0.2,Setosa\n" * 150
CRIME = "ID,Date,Primary Type,Beat,District,Ward\n" + "".join(f"{n},2015-07-0{1 + n % 9},THEFT,{n},{n % 5},{n % 7}\n" for n in range(40))
OJ_COLUMNS = ("WeekStarting,Store,Brand,Quantity,logQuantity,Advert,Price,Age60,COLLEGE,INCOME,Hincome150,Large HH,Minorities,WorkingWoman,"
              "SSTRDIST,SSTRVOL,CPDIST5,CPWVOL5")
OJ = f"{OJ_COLUMNS}\n" + "".join(
    f"1990-06-{14 + week},{store},{brand},{1000 + week},9.2,1,1.59,0.23,0.24,10.5,0.46,0.1,0.1,0.3,2.1,1.1,1.9,0.37\n"
    for store in (2, 5, 8) for brand in ("dominicks", "minute.maid", "tropicana") for week in range(4)
)
TUTORIAL = ("https://raw.githubusercontent.com/Azure/MachineLearningNotebooks/4e7b3784d50e81c313c62bcdf9a330194153d9cd/how-to-use-azureml/"
            "work-with-data/datasets-tutorial/train-with-datasets/train-dataset/iris.csv")
SERVED = {
    "https://dprepdata.blob.core.windows.net/demo/Titanic.csv": TITANIC.encode(),
    TUTORIAL: IRIS.encode(),
    "https://raw.githubusercontent.com/Azure/azureml-examples/main/sdk/python/jobs/automl-standalone-jobs/"
    "automl-forecasting-orange-juice-sales/data/dominicks_OJ.csv": OJ.encode(),
    "https://dprepdata.blob.core.windows.net/demo/crime0-random.csv": CRIME.encode(),
    "https://dprepdata.blob.core.windows.net/demo/crime0-test.csv": CRIME.encode(),
    "https://azureopendatastorage.blob.core.windows.net/nyctlc/README": b"",
}


class Notebooks:
    """A copy of one folder of the clone, as a project; `run` executes a notebook there and gives back what its cells printed."""

    def __init__(self, folder: Path, clone: str, addresses: Addresses) -> None:
        shutil.copytree(os.path.join(CLONE, PIPELINES, clone), folder)
        self.project = Project(folder, new=False)
        self._environment = variables({**addresses.variables, "PATH": os.pathsep.join([os.environ["PATH"], *_old_interpreters()])})

    def run(self, name: str, code: int = 0) -> str:
        """Execute, and wait for the runs that it left going on."""
        command = [sys.executable, "-m", "stepwell", "exec", name]
        done = subprocess.run(command, cwd=self.project.folder, env=self._environment, capture_output=True, text=True, timeout=LONGEST_S)
        assert done.returncode == code, done.stdout[-4000:] + done.stderr[-6000:]
        self.settled()
        return done.stdout + done.stderr

    def settled(self) -> list[dict[str, Any]]:
        """All runs, the newest first, once they have ended."""
        deadline = time.monotonic() + LONGEST_S
        while any(run["status"] in ("Running", "Queued", "NotStarted") for run in self.project.runs()):
            assert time.monotonic() < deadline, self.project.runs()
            time.sleep(0.2)
        return self.project.runs()

    def statuses(self) -> list[tuple[str, str]]:
        """(experiment, status) of every run, the oldest first."""
        return [(run["experiment"], run["status"]) for run in reversed(self.settled())]

    def outputs_named(self, name: str) -> list[str]:
        """The text of every file that was left as an output of this name."""
        return [path.read_text() for path in (self.project.root / "datastores" / "workspaceblobstore").glob(f"azureml/*/{name}")]


def _old_interpreters() -> list[str]:
    """Folders of further Python versions, where the machine keeps them beside the one that runs this."""
    return [str(path.parent) for path in Path(sys.base_prefix).parent.glob("3.*/bin/python3.8")]


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    with standing_in(SERVED, tmp_path_factory.mktemp("addresses")) as serving:
        yield serving


@pytest.fixture
def intro(tmp_path: Path, addresses: Addresses) -> Notebooks:
    """The folder of the introduction."""
    return Notebooks(tmp_path / "intro", "intro-to-pipelines", addresses)


@pytest.fixture
def parallel(tmp_path: Path, addresses: Addresses) -> Notebooks:
    """The folder about parallel runs."""
    return Notebooks(tmp_path / "parallel", "parallel-run", addresses)


def test_n01_getting_started_and_n09_data_dependencies(intro: Notebooks) -> None:
    intro.run("aml-pipelines-getting-started.ipynb")
    assert intro.statuses() == [("Hello_World1", "Completed"), ("Hello_World2", "Completed")]
    said = intro.run("aml-pipelines-with-data-dependency-steps.ipynb")  # it reads what the first one uploaded
    assert intro.statuses()[-1] == ("Data_dependency_sample", "Completed")
    assert said.count("path on datastore: azureml/") == 3
    store = intro.project.root / "datastores" / "workspaceblobstore"
    assert all(list(store.glob(f"azureml/*/processed_data{number}")) for number in (1, 2, 3))


def test_n02_modules(intro: Notebooks) -> None:
    intro.run("aml-pipelines-how-to-use-modulestep.ipynb")
    assert [status for _, status in intro.statuses()] == ["Completed"]
    assert sorted(map(int, intro.outputs_named("out_sum"))) == [19, 53, 699]
    assert sorted(map(int, intro.outputs_named("out_prod"))) == [34, 646, 34238]


def test_n03_drafts(intro: Notebooks) -> None:
    intro.run("aml-pipelines-how-to-use-pipeline-drafts.ipynb")
    assert {status for _, status in intro.statuses()} == {"Failed"}  # its script is run without the arguments that it needs


def test_n04_publish_and_rest(intro: Notebooks) -> None:
    intro.run("aml-pipelines-publish-and-run-using-rest-endpoint.ipynb")
    statuses = intro.statuses()
    assert len(statuses) == 2
    assert {status for _, status in statuses} == {"Completed"}
    copies = [path for path in (intro.project.root / "datastores").rglob("*") if path.is_file() and path.read_bytes() == TITANIC.encode()]
    assert copies


def test_n05_schedules(intro: Notebooks) -> None:
    said = intro.run("aml-pipelines-setup-schedule-for-a-published-pipeline.ipynb")
    assert "Disabled" in said
    assert "Active" in said


def test_n06_versioned_endpoints(intro: Notebooks) -> None:
    intro.run("aml-pipelines-setup-versioned-pipeline-endpoints.ipynb")
    statuses = intro.statuses()
    assert len(statuses) == 4
    assert {status for _, status in statuses} == {"Failed"}  # the script is run without the arguments that it needs


def test_n07_data_paths_as_parameters(intro: Notebooks) -> None:
    intro.run("aml-pipelines-showcasing-datapath-and-pipelineparameter.ipynb")
    statuses = intro.statuses()
    assert len(statuses) == 3
    assert {status for _, status in statuses} == {"Completed"}


def test_n08_datasets_as_parameters(intro: Notebooks) -> None:
    intro.run("aml-pipelines-showcasing-dataset-and-pipelineparameter.ipynb")
    statuses = intro.statuses()
    assert len(statuses) == 4
    assert {status for _, status in statuses} == {"Completed"}


def test_n10_notebook_steps(intro: Notebooks) -> None:
    intro.run("aml-pipelines-with-notebook-runner-step.ipynb")
    assert [status for _, status in intro.statuses()] == ["Completed"]
    assert intro.outputs_named("notebook_result")


@pytest.mark.parametrize(
    "name",
    [
        "aml-pipelines-how-to-use-azurebatch-to-run-a-windows-executable",
        "aml-pipelines-use-adla-as-compute-target",
        "aml-pipelines-use-databricks-as-compute-target",
        "aml-pipelines-use-kusto-as-compute-target",
        "aml-pipelines-with-automated-machine-learning-step",
    ],
)
def test_n15_to_n19_build_their_graphs(intro: Notebooks, name: str) -> None:
    wanted = ("matplotlib", "sklearn", "pkg_resources") if name.endswith("learning-step") else ()
    missing = [package for package in wanted if find_spec(package) is None]
    if missing:
        pytest.skip(f"the notebook imports {' and '.join(missing)}, which this environment does not have")
    said = _until_submit(intro, name)
    assert "Pipeline is built" in said or "graph built" in said, said


def test_n14_builds_a_graph_of_each_of_its_transfers(intro: Notebooks) -> None:
    """All of its transfers have one destination, which one pipeline of Stepwell's has one step for; each has a pipeline of its own here."""
    steps = ("transfer_sql_to_blob", "transfer_psql_to_blob", "transfer_mysql_to_blob", "transfer_adlsgen2_to_blob")
    each = f"for step in [{', '.join(steps)}]: print('built', Pipeline(workspace=ws, steps=[step]).validate())"
    said = _until_submit(intro, "aml-pipelines-data-transfer", supplied=(2, 7), instead=each)
    assert said.count("built []") == len(steps)


def _until_submit(intro: Notebooks, name: str, supplied: tuple[int, ...] = (), instead: str | None = None) -> str:
    """Run the cells of a notebook up to the first pipeline; its services are not there to run it.

    `supplied` are cells that are commented out in it; `instead` stands for the cell with the pipeline.
    """
    path = intro.project.folder / f"{name}.ipynb"
    notebook = json.loads(path.read_text())
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for number in supplied:
        cells[number]["source"] = re.sub(r"(?m)^# ?", "", "".join(cells[number]["source"]))
    last = next(number for number, cell in enumerate(cells) if re.search(r"(?m)^[^#\n]*Pipeline\(", "".join(cell["source"])))
    kept = cells[: last + 1]
    source = instead or "".join(kept[-1]["source"])
    lines = [line for line in source.splitlines() if not any(word in line for word in (".submit(", "wait_for_completion", "RunDetails"))]
    kept[-1]["source"] = "\n".join([*lines, "print('graph built')"])
    for cell in kept:
        # What the author of such a notebook is to fill in.
        cell["source"] = re.sub(r"<([\w -]+)>", lambda found: found[1].replace(" ", "-").replace("_", "-"), "".join(cell["source"]))
    notebook["cells"] = kept
    intro.project.write("my-databricks-notebook-path.py", "print('exported from Databricks')\n")
    intro.project.write("query-directory/query.kql", "print 1\n")
    (intro.project.folder / "graph.ipynb").write_text(json.dumps(notebook))
    return intro.run("graph.ipynb")


def test_n20_taxi_preparation_chain(tmp_path: Path, addresses: Addresses) -> None:
    taxi = Notebooks(tmp_path / "taxi", "nyc-taxi-data-regression-model-building", addresses)
    said = taxi.run("nyc-taxi-data-regression-model-building.ipynb", code=1)
    assert "AutoML" in said
    steps = {step["name"]: step["status"] for step in taxi.project.stepwell("show", "@last", "--json").data["steps"]}
    assert steps.pop("AutoML_Regression") == "Failed"
    assert set(steps.values()) == {"Completed"}
    assert len(steps) == 7


def test_n21_files_by_folder(parallel: Notebooks) -> None:
    assert "Prediction has 6 rows" in _squeezed(parallel.run("file-dataset-partition-per-folder.ipynb"))


def test_n22_tables_by_column(parallel: Notebooks) -> None:
    assert "Prediction has 36 rows" in _squeezed(parallel.run("tabular-dataset-partition-per-column.ipynb"))


def test_n23_iris(parallel: Notebooks, tmp_path: Path) -> None:
    old = shutil.which("python3.8", path=os.pathsep.join([*_old_interpreters(), os.environ["PATH"]]))
    if old is None:
        pytest.skip("the step's environment wants Python 3.8, which is not on this machine")
    parallel.project.stepwell("init", ".")
    data, model = tmp_path / "sampledata", tmp_path / "iris-model"
    (data / "iris").mkdir(parents=True)
    (data / "iris" / "iris.csv").write_text("\n".join(line.rpartition(",")[0] for line in IRIS.splitlines()) + "\n")
    model.mkdir()
    _old_model(old, tmp_path / "old", model / "iris_model.pkl")
    for container, folder in (("sampledata", data), ("iris-model", model)):
        parallel.project.stepwell("datastore", "map", f"https://pipelinedata.blob.core.windows.net/{container}", str(folder))
    assert "Prediction has 150 rows" in _squeezed(parallel.run("tabular-dataset-inference-iris.ipynb"))


def _old_model(python: str, folder: Path, path: Path) -> None:
    """A model as its library of that time pickles it."""
    from uv import find_uv_bin

    uv = [find_uv_bin(), "--quiet"]
    subprocess.run([*uv, "venv", "--python", python, str(folder)], check=True)
    wanted = ["numpy==1.19.5", "scikit-learn==0.22.2"]
    subprocess.run([*uv, "pip", "install", "--python", str(folder / "bin" / "python"), *wanted], check=True)
    code = ("import pickle, sys; from sklearn.linear_model import LogisticRegression as Model; "
            "rows = [[5.1, 3.5, 1.4, 0.2], [7, 3.2, 4.7, 1.4]];"
            "pickle.dump(Model().fit(rows * 5, ['Setosa', 'Versicolor'] * 5), open(sys.argv[1], 'wb'))")  # fmt: skip
    subprocess.run([str(folder / "bin" / "python"), "-c", code, str(path)], check=True)


def _squeezed(text: str) -> str:
    return " ".join(text.split())
