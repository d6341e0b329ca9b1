import argparse
import json
import os

import numpy as np
from azureml.core import Model, Run

parser = argparse.ArgumentParser()
parser.add_argument("--cleaned")
parser.add_argument("--limit", type=float, default=0.01)
args = parser.parse_args()
run = Run.get_context()
rows = [line.split(",") for line in open(os.path.join(args.cleaned, "visits.csv")).read().splitlines()[1:]]
run.log("ill", np.mean([row[2] in ("1", "True") for row in rows]))
run.log_list("ages", [int(row[1]) for row in rows[:3]])
run.log_row("line", x=1, y=2.0)
run.log_table("table", {"a": [1, 2], "b": [3, 4]})
os.makedirs("outputs", exist_ok=True)
with open("outputs/model.json", "w") as file:
    json.dump({"limit": args.limit}, file)
Model.register(
    workspace=run.experiment.workspace, model_path="outputs/model.json", model_name="clinic-model", tags={"from": "pipeline"}, properties={"ill": 0.5}
)
run.complete()
