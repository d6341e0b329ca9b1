import json
import os
import tempfile

from azureml.core import Dataset, Environment, Experiment, Model, ScriptRunConfig, Workspace
from azureml.core.runconfig import DockerConfiguration
from azureml.data.data_reference import DataReference
from azureml.data.datapath import DataPath, DataPathComputeBinding
from azureml.data.dataset_consumption_config import DatasetConsumptionConfig
from azureml.pipeline.core import Pipeline, PipelineData, PipelineParameter, TrainingOutput
from azureml.pipeline.steps import HyperDriveStep, HyperDriveStepRun, ParallelRunConfig, ParallelRunStep, PythonScriptStep
from azureml.train.hyperdrive import BanditPolicy, HyperDriveConfig, PrimaryMetricGoal, RandomParameterSampling, choice, uniform

ws = Workspace.from_config()
target = ws.compute_targets["gpu-cluster"]
store = ws.get_default_datastore()
os.makedirs("pictures", exist_ok=True)
for n in range(6):
    with open(f"pictures/{n}.txt", "w") as file:
        file.write("x" * (n + 1))
store.upload("pictures", "pictures", overwrite=True, show_progress=False)
here = Environment("here")
here.python.user_managed_dependencies = True
here.python.interpreter_path = os.environ["STEP_PYTHON"]

trial = ScriptRunConfig(
    "steps", script="trial.py", arguments=["--fixed", 3], compute_target=target, environment=here,
    docker_runtime_config=DockerConfiguration(use_docker=False),
)
search = HyperDriveConfig(
    run_config=trial,
    hyperparameter_sampling=RandomParameterSampling({"--rate": uniform(0.1, 0.9), "size": choice(16, 32)}),
    policy=BanditPolicy(evaluation_interval=2, slack_factor=0.5),
    primary_metric_name="score",
    primary_metric_goal=PrimaryMetricGoal.MAXIMIZE,
    max_total_runs=3,
    max_concurrent_runs=2,
)
metrics = PipelineData("metrics", datastore=store, pipeline_output_name="metrics_output", training_output=TrainingOutput(type="Metrics"))
best_model = PipelineData("best_model", datastore=store, training_output=TrainingOutput("Model", model_file="outputs/model/m.txt"))
pictures = Dataset.File.from_files(store.path("pictures")).as_mount()
tune = HyperDriveStep(name="tune", hyperdrive_config=search, inputs=[pictures], outputs=[metrics, best_model])
keep = PythonScriptStep("keep.py", name="keep", arguments=["--model", best_model], inputs=[best_model], compute_target=target, source_directory="steps")
run = Experiment(ws, "tuning").submit(Pipeline(ws, [tune, keep]))
run.wait_for_completion(show_output=False)
left = run.get_pipeline_output("metrics_output")
left.download(".", show_progress=False)
print("metrics", len(json.load(open(left._path_on_datastore))))
tuned = HyperDriveStepRun(step_run=run.find_step_run("tune")[0])
best = tuned.get_best_run_by_primary_metric()
print("best", "--rate" in str(tuned.get_hyperparameters()[best.id]), best.get_metrics()["score"][0] > 0, Model(ws, "tuned").version)

scoring = ParallelRunConfig(
    source_directory="steps", entry_script="score.py", mini_batch_size=PipelineParameter("batch", "2"), error_threshold=2,
    output_action="append_row", environment=here, compute_target=target, node_count=2, process_count_per_node=1,
    run_invocation_timeout=60, append_row_file_name="scores.txt",
)
files = Dataset.File.from_files((store, "pictures/*.txt"), validate=False)
scores = PipelineData("scores", datastore=store)
score = ParallelRunStep(
    name="score", inputs=[DatasetConsumptionConfig("files", PipelineParameter("files", files)).as_mount()], output=scores,
    parallel_run_config=scoring, arguments=["--model", "tuned", "--loud"], allow_reuse=False,
)
batch = Pipeline(ws, [score]).submit("batch", pipeline_parameters={"batch": "3"})
batch.wait_for_completion(show_output=False)
output = batch.find_step_run("score")[0].get_output_data("scores")
folder = tempfile.mkdtemp()
output.download(folder)
with open(os.path.join(folder, output.path_on_datastore, scoring.append_row_file_name)) as file:
    print("scores", sorted(file.read().split()))

place = PipelineParameter("place", DataPath(datastore=store, path_on_datastore="pictures"))
bound = (place, DataPathComputeBinding(mode="mount"))
told = PipelineData("told", datastore=store)
tell = PythonScriptStep(
    "tell.py", name="tell", inputs=[bound], outputs=[told], params={"Q": "q", "PP": PipelineParameter("pp", 1)},
    arguments=["--in", bound, f"--out={told}", "--word", PipelineParameter("word", "default"), "--n", 5, "--blank", "a b"],
    compute_target=target, source_directory="steps",
)
one = DataReference(datastore=store, data_reference_name="one", path_on_datastore="pictures/1.txt")
read = PythonScriptStep(
    "tell.py", name="read", arguments=["--in", told, "--one", one], inputs=[told.as_input("renamed"), one], compute_target=target, source_directory="steps"
)
store.upload_files(["pictures/0.txt"], target_path="other", show_progress=False)
last = Experiment(ws, "telling").submit(Pipeline(ws, [read]), pipeline_parameters={"place": DataPath(store, "other"), "pp": 7})
last.wait_for_completion(show_output=False)
for step in last.get_steps():
    print(step.name, "said", step.get_stdout_log())
