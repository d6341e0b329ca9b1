import argparse
import json
import os
import sys

from azureml.core import Run
from common.slopes import slope

run = Run.get_context()
parser = argparse.ArgumentParser()
parser.add_argument("--model")
args = parser.parse_args()
with open(os.path.join(args.model, "slopes.json")) as file:
    model = json.load(file)
assert slope([(0, 0.0), (1, 2.0)]) == 2.0 and os.environ["STORE"] == "workspaceblobstore"
told = run.parent.get_metrics()["slope"]
print("checked", told, "ports", run.parent.get_tags()["ports"])
if told > model["steepest"]:
    sys.exit(f"a slope of {told} is more than {model['steepest']}")
