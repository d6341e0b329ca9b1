import argparse
import os

from azureml.core import Dataset, Environment, Experiment, Workspace
from azureml.core.authentication import ServicePrincipalAuthentication
from azureml.core.compute import AmlCompute, ComputeTarget
from azureml.core.model import Model
from azureml.core.runconfig import RunConfiguration
from azureml.exceptions import ComputeTargetException
from azureml.pipeline.core import Pipeline, PipelineData, PublishedPipeline
from azureml.pipeline.core.graph import PipelineParameter
from azureml.pipeline.steps import PythonScriptStep

HERE = os.path.dirname(os.path.abspath(__file__))


class Settings:
    cluster = "release-cluster"
    dataset = "rents"
    build = os.environ.get("BUILD_ID", "17")


def cluster(ws):
    if Settings.cluster in ws.compute_targets and type(ws.compute_targets[Settings.cluster]) is AmlCompute:
        return ws.compute_targets[Settings.cluster]
    try:
        return ComputeTarget(workspace=ws, name=Settings.cluster)
    except ComputeTargetException:
        wanted = AmlCompute.provisioning_configuration(vm_size="STANDARD_D2_V2", min_nodes="0", max_nodes="2")
        made = ComputeTarget.create(ws, Settings.cluster, wanted)
        made.wait_for_completion(show_output=False, min_node_count=None, timeout_in_minutes=10)
        return made


def rents(ws):
    if Settings.dataset not in ws.datasets:
        with open("rents.csv", "w") as file:
            file.write("rooms,size,rent\n" + "".join(f"{1 + n % 5},{20 + n},{300 + 9 * n}\n" for n in range(40)))
        store = ws.get_default_datastore()
        store.upload_files(files=["rents.csv"], target_path="rents/", overwrite=True, show_progress=False)
        table = Dataset.Tabular.from_delimited_files(path=(store, "rents/rents.csv"))
        table.register(workspace=ws, name=Settings.dataset, description="made up", tags={"format": "csv"}, create_new_version=True)
    return Settings.dataset


def environment(ws, name):
    known = Environment.list(workspace=ws)
    if name in known:
        return known[name]
    made = Environment(name)
    made.python.user_managed_dependencies = True
    made.python.interpreter_path = os.environ["STEP_PYTHON"]
    made.register(ws)
    return Environment.get(ws, name)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="rent-model")
    wanted = parser.parse_args()
    who = ServicePrincipalAuthentication(tenant_id="tenant", service_principal_id="id", service_principal_password="word")
    ws = Workspace.get(name="releases", subscription_id="sub", resource_group="group", auth=who)

    config = RunConfiguration()
    config.environment = environment(ws, "rent-env")
    config.environment.environment_variables["STORE"] = ws.get_default_datastore().name
    target = cluster(ws)
    model_name = PipelineParameter(name="model_name", default_value="unnamed")
    caller = PipelineParameter(name="caller", default_value="nobody")
    fitted = PipelineData("fitted", datastore=ws.get_default_datastore())
    common = dict(compute_target=target, runconfig=config, source_directory=os.path.join(HERE, "steps"))

    fit = PythonScriptStep(
        name="Fit",
        script_name="fit.py",
        arguments=["--dataset", rents(ws), "--model", model_name, "--caller", caller, "--out", fitted],
        outputs=[fitted],
        allow_reuse=False,
        **common,
    )
    judge = PythonScriptStep(name="Judge ", script_name="judge.py", arguments=["--model", model_name], allow_reuse=False, **common)
    keep = PythonScriptStep(
        name="Keep", script_name="keep.py", arguments=["--model", model_name, "--fitted", fitted], inputs=[fitted], allow_reuse=False, **common
    )
    judge.run_after(fit)
    keep.run_after(judge)
    pipeline = Pipeline(workspace=ws, steps=[fit, judge, keep])
    assert pipeline.validate() == []
    pipeline.publish(name="rent-pipeline", description="fits, judges, keeps", version=Settings.build)

    mine = [one for one in PublishedPipeline.list(ws) if one.name == "rent-pipeline" and one.version == Settings.build]
    run = Experiment(ws, "rents").submit(mine[0], tags={"BuildId": Settings.build}, pipeline_parameters={"model_name": wanted.model})
    run.wait_for_completion(show_output=True)
    print("END", run.get_status(), run.status, sorted(run.get_tags()), run.get_metrics())
    newest = Model(ws, name=wanted.model)
    print("MODEL", newest.name, newest.version, newest.tags["BuildId"], [one.id for one in Model.list(ws, tags=["BuildId"])])


if __name__ == "__main__":
    main()
