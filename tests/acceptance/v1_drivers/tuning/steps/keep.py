import argparse

from azureml.core import Model, Run

parser = argparse.ArgumentParser()
parser.add_argument("--model")
args = parser.parse_args()
float(open(args.model).read())
Model.register(workspace=Run.get_context().experiment.workspace, model_path=args.model, model_name="tuned")
