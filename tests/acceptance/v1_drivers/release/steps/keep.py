import argparse
import json
import os

from azureml.core import Dataset, Run
from azureml.core.model import Model as Registry

parser = argparse.ArgumentParser("keep")
parser.add_argument("--model")
parser.add_argument("--fitted")
args = parser.parse_args()
run = Run.get_context()
if run.id.startswith("OfflineRun"):
    raise SystemExit("not meant to run by itself")
ws = run.experiment.workspace
path = os.path.join(args.fitted, args.model)
assert json.load(open(path))["rows"] == 40
tags = run.parent.get_tags()
told = {"run_id": run.parent.id, "experiment": run.experiment.name, "BuildId": tags.get("BuildId"), "mse": run.parent.get_metrics()["mse"]}
data = Dataset.get_by_id(ws, tags["dataset_id"])
model = Registry.register(workspace=ws, model_name=args.model, model_path=path, tags=told, datasets=[("training data", data)])
fit = run.parent.find_step_run("Fit")[0]
again = fit.register_model(model_name=args.model + "-of-run", model_path="outputs/" + args.model)
print("kept", model.id, again.id, again.run_id == fit.id, fit.get_metrics(), Registry.get_model_path(args.model, _workspace=ws))
