"""Says how many of the test pictures the network reads right, and which digits it takes for which."""

import argparse
from pathlib import Path

import numpy as np
from sklearn.metrics import accuracy_score, classification_report, confusion_matrix

from stepwell import Run

parser = argparse.ArgumentParser()
parser.add_argument("--data", type=Path, required=True)
parser.add_argument("--network", type=Path, required=True)
parser.add_argument("--out", type=Path, required=True)
args = parser.parse_args()
args.out.mkdir(parents=True, exist_ok=True)

weights = {path.stem: np.load(path) for path in args.network.glob("*.npy")}
pictures, labels = np.load(args.data / "test.npy"), np.load(args.data / "test_labels.npy")
hidden = np.maximum(pictures @ weights["in"] + weights["in_bias"], 0)
read = (hidden @ weights["out"] + weights["out_bias"]).argmax(axis=1)

accuracy = float(accuracy_score(labels, read))
run = Run.get_context()
run.log("accuracy", accuracy)
text = classification_report(labels, read, digits=3)
(args.out / "report.txt").write_text(f"{text}\n{confusion_matrix(labels, read)}\n")
print(text)
