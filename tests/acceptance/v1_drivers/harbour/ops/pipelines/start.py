import argparse

from azureml._restclient.constants import RunStatus
from azureml.core import Experiment, Workspace
from azureml.exceptions._azureml_exception import ActivityFailedException
from azureml.pipeline.core import PublishedPipeline

from ..util.settings import Settings

parser = argparse.ArgumentParser()
parser.add_argument("--steepest", type=int)
args = parser.parse_args()
e = Settings()
ws = Workspace.get(name=e.workspace, subscription_id=e.subscription, resource_group=e.group)
(published,) = [one for one in PublishedPipeline.list(ws) if one.name == e.pipeline and one.version == e.build]
given = {} if args.steepest is None else {"steepest": args.steepest}
run = Experiment(ws, "tides").submit(published, tags={"BuildId": e.build}, pipeline_parameters=given)
try:
    run.wait_for_completion(show_output=False)
except ActivityFailedException as error:
    print("failed", "Check Tides" in str(error))
print("ended", run.get_details()["status"] == RunStatus.COMPLETED, sorted(run.get_tags().items()), run.get_metrics())
for step in run.get_steps():
    print(step.name, "reused" if "azureml.reusedrunid" in step.get_properties() else "ran", step.get_status())
