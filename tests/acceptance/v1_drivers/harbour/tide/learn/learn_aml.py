import argparse
import json
import os

from azureml.core.run import Run
from common.slopes import slope
from reading import rows_of

parser = argparse.ArgumentParser("learn")
parser.add_argument("--tides")
parser.add_argument("--model")
parser.add_argument("--steepest", type=int)
args = parser.parse_args()
run = Run.get_context()
with open("parameters.json") as file:
    for name, value in json.load(file)["learning"].items():
        run.log(name, value)
        run.parent.log(name, value)
found = {name: slope(rows_of(os.path.join(args.tides, name))) for name in sorted(os.listdir(args.tides))}
run.parent.log("slope", max(found.values()))
run.parent.tag("ports", value=str(len(found)))
os.makedirs(args.model, exist_ok=True)
with open(os.path.join(args.model, "slopes.json"), "w") as file:
    json.dump({"slopes": found, "steepest": args.steepest}, file)
run.complete()
