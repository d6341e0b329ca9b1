import argparse
import os

from azureml.core import Model
from azureml_user.parallel_run import EntryScript


def init():
    global model
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    parser.add_argument("--loud", action="store_true")
    args, _ = parser.parse_known_args()
    model = Model.get_model_path(args.model)
    EntryScript().logger.info("the model is %s", model)


def run(mini_batch):
    return [f"{os.path.basename(path)}:{os.path.getsize(path)}:{os.path.exists(model)}" for path in mini_batch]
