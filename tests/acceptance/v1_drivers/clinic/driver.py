import os

import requests

import azureml.core
from azureml.core import Dataset, Environment, Experiment, Model, ScriptRunConfig, Workspace
from azureml.core.authentication import InteractiveLoginAuthentication
from azureml.core.compute import AmlCompute, ComputeTarget
from azureml.core.compute_target import ComputeTargetException
from azureml.core.runconfig import RunConfiguration
from azureml.data import OutputFileDatasetConfig
from azureml.pipeline.core import Pipeline, PipelineParameter, Schedule, ScheduleRecurrence, StepSequence
from azureml.pipeline.core.run import PipelineRun
from azureml.pipeline.steps import CommandStep, PythonScriptStep
from azureml.widgets import RunDetails

ws = Workspace.from_config()
print(azureml.core.VERSION, ws.name)
store = ws.get_default_datastore()
print("stores", {name: name == store.name for name in ws.datastores})

os.makedirs("visits", exist_ok=True)
for year in (2019, 2020):
    with open(f"visits/{year}.csv", "w") as file:
        file.write("patient,age,ill\n" + "".join(f"{n},{20 + n},{n % 2}\n" for n in range(50)))
if "clinic visits" not in ws.datasets:
    Dataset.File.upload_directory(src_dir="visits", target=(store, "clinic/"), show_progress=False)
    Dataset.Tabular.from_delimited_files(path=(store, "clinic/*.csv")).register(ws, "clinic visits", tags={"format": "csv"}, create_new_version=True)
files = Dataset.File.from_files(path=(store, "clinic/*.csv")).register(ws, "clinic files", create_new_version=True)
print("paths", files.to_path(), sorted((one, Dataset.get_by_name(ws, one).version) for one in list(ws.datasets.keys())))

try:
    target = ComputeTarget(workspace=ws, name="clinic-cluster")
except ComputeTargetException:
    target = ComputeTarget.create(ws, "clinic-cluster", AmlCompute.provisioning_configuration(vm_size="STANDARD_DS11_V2", max_nodes=2))
    target.wait_for_completion(show_output=True)

config = RunConfiguration()
config.target = target
config.environment.python.user_managed_dependencies = True
config.environment.python.interpreter_path = os.environ["STEP_PYTHON"]

cleaned = OutputFileDatasetConfig("cleaned").register_on_complete(name="cleaned visits")
limit = PipelineParameter("limit", 0.5)
clean = PythonScriptStep(
    name="Clean Data",
    source_directory="steps",
    script_name="clean.py",
    arguments=["--raw", ws.datasets.get("clinic visits").as_named_input("raw"), "--cleaned", cleaned],
    runconfig=config,
)
learn = PythonScriptStep(
    name="Learn",
    source_directory="steps",
    script_name="learn.py",
    arguments=["--cleaned", cleaned.as_input(), "--limit", limit],
    compute_target=target,
    runconfig=config,
)
show = CommandStep(
    name="show",
    command=["ls", cleaned.as_input("seen"), "&& echo limit is $AML_PARAMETER_limit"],
    params={"limit": limit},
    source_directory="steps",
    runconfig=config,
)
run = Experiment(ws, "clinic").submit(
    Pipeline(ws, StepSequence([clean, [learn, show]])), regenerate_outputs=True, pipeline_parameters={"limit": 0.25}
)
RunDetails(run).show()
run.wait_for_completion(show_output=False)
for step in run.get_children():
    print("step", step.name, step.get_metrics())
for model in Model.list(ws):
    print("model", model.name, model.version, model.tags, model.properties)
print("cleaned", ws.datasets["cleaned visits"].to_path(), run.find_step_run("show")[0].get_stdout_log().split())

published = run.publish_pipeline(name="clinic-pipeline", description="cleans and learns", version="1.0")
answer = requests.post(
    published.endpoint,
    headers=InteractiveLoginAuthentication().get_authentication_header(),
    json={"ExperimentName": "clinic", "ParameterAssignments": {"limit": 0.75}},
)
answer.raise_for_status()
by_rest = PipelineRun(ws.experiments["clinic"], answer.json()["Id"])
by_rest.wait_for_completion(show_output=False)
print("by rest", by_rest.get_status(), sorted(step.name for step in by_rest.get_steps()))
weekly = ScheduleRecurrence(frequency="Week", interval=1, week_days=["Monday"], time_of_day="00:00")
plan = Schedule.create(ws, name="weekly", pipeline_id=published.id, experiment_name="clinic", recurrence=weekly)
plan.disable()
print("schedules", len(Schedule.list(ws)), len(Schedule.list(ws, active_only=False)))

environment = Environment("here")
environment.python.user_managed_dependencies = True
environment.python.interpreter_path = os.environ["STEP_PYTHON"]
script = ScriptRunConfig(
    source_directory="steps",
    script="learn.py",
    arguments=["--cleaned", ws.datasets["cleaned visits"].as_named_input("c").as_mount()],
    environment=environment,
    compute_target="clinic-cluster",
)
single = Experiment(ws, "single").submit(script)
single.wait_for_completion(show_output=False)
single.download_file("outputs/model.json", "downloaded.json")
print("single", single.get_status(), single.get_metrics()["ill"], os.path.exists("downloaded.json"))
noted = Experiment(ws, "notes").start_logging(snapshot_directory=None)
noted.log("x", 1)
noted.upload_file("outputs/2019.csv", "visits/2019.csv")
noted.complete()
print("noted", noted.get_details()["status"], noted.get_metrics(), noted.get_file_names())
