import argparse
import traceback

from azureml.core import Model, Run

parser = argparse.ArgumentParser("judge")
parser.add_argument("--run_id")
parser.add_argument("--model")
args = parser.parse_args()
run = Run.get_context()
ws = run.experiment.workspace
try:
    kept = Model.list(ws, name=args.model, latest=True)
    new = float(run.parent.get_metrics()["mse"])
    if kept and new >= float(Model(ws, name=args.model).tags["mse"]):
        print("no better than what is kept")
        run.parent.cancel()
    print("judged", len(kept), new)
except Exception:
    traceback.print_exc()
    raise
