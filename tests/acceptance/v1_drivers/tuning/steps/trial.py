import argparse
import os

from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument("--fixed", type=int)
parser.add_argument("--rate", type=float)
parser.add_argument("--size", type=int)
args = parser.parse_args()
run = Run.get_context()
for epoch in range(3):
    run.log("score", args.rate * (epoch + 1))
os.makedirs("outputs/model", exist_ok=True)
with open("outputs/model/m.txt", "w") as file:
    file.write(str(args.rate))
