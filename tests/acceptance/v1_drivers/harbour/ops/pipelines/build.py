import os

from azureml.core import Dataset, Datastore, Environment, Workspace
from azureml.core.compute import ComputeTarget
from azureml.core.runconfig import RunConfiguration
from azureml.interpret import ExplanationClient
from azureml.pipeline.core import Pipeline, PipelineData, PipelineEndpoint
from azureml.pipeline.core.graph import PipelineParameter
from azureml.pipeline.steps import PythonScriptStep
from azureml.telemetry import set_diagnostics_collection
from ops.util.settings import Settings

set_diagnostics_collection(send_diagnostics=True)


def tides(ws, store):
    if "tides" not in ws.datasets:
        os.makedirs("made", exist_ok=True)
        for port in ("east", "west"):
            with open(f"made/{port}.csv", "w") as file:
                file.write("hour,level\n" + "".join(f"{h},{h * (2 if port == 'east' else 3)}\n" for h in range(24)))
        store.upload_files([f"made/{port}.csv" for port in ("east", "west")], target_path="tides", overwrite=True, show_progress=False)
        Dataset.File.from_files((store, "tides/*.csv")).register(ws, "tides", create_new_version=True)
    return Dataset.get_by_name(ws, "tides")


def endpoint(ws, name, published):
    try:
        found = PipelineEndpoint.get(workspace=ws, name=name)
        found.add_default(published)
    except Exception:
        found = PipelineEndpoint.publish(workspace=ws, name=name, pipeline=published, description="tides")
    return found


def main():
    e = Settings()
    ws = Workspace.get(name=e.workspace, subscription_id=e.subscription, resource_group=e.group)
    store = Datastore.get(ws, ws.get_default_datastore().name)
    cluster = ComputeTarget(workspace=ws, name=e.cluster)
    environment = Environment.from_conda_specification("tide-env", os.path.join(e.sources, "conda.yml"))
    config = RunConfiguration()
    config.environment = environment
    config.environment.environment_variables["STORE"] = store.name
    steepest = PipelineParameter(name="steepest", default_value=9)
    model = PipelineData("model", datastore=store)
    learn = PythonScriptStep(
        name="Learn Tides ", script_name="learn/learn_aml.py", compute_target=cluster, source_directory=e.sources, runconfig=config,
        arguments=["--tides", tides(ws, store).as_named_input("tides").as_mount(), "--model", model, "--steepest", steepest],
        outputs=[model], allow_reuse=True,
    )
    check = PythonScriptStep(
        name="Check Tides ", script_name="check/check.py", compute_target=cluster, source_directory=e.sources, runconfig=config,
        arguments=["--model", model], inputs=[model], allow_reuse=False,
    )
    check.run_after(learn)
    pipeline = Pipeline(workspace=ws, steps=[learn, check])
    pipeline._set_experiment_name
    pipeline.validate()
    old = [one for one in __import__("azureml.pipeline.core", fromlist=["x"]).PublishedPipeline.list(ws) if one.name == e.pipeline]
    published = pipeline.publish(name=e.pipeline, description="learns tides", version=e.build)
    for one in old:
        one.disable()
    print("published", published.name, published.version, "retired", len(old), endpoint(ws, e.endpoint, published).default_version)


if __name__ == "__main__":
    main()
