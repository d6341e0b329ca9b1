"""Test every model on rows that none has seen; keep the best one and draw its confusion matrix."""

import argparse
import os

import joblib
import pandas as pd
from picture import draw_confusion
from sklearn.metrics import accuracy_score, confusion_matrix

from stepwell import Run

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", required=True, help="folder with test.csv")
parser.add_argument("--models", required=True, nargs="+", help="folders with a model.joblib each")
parser.add_argument("--out", required=True, help="folder for the best model.joblib")
args = parser.parse_args()

run = Run.get_context()
rows = pd.read_csv(os.path.join(args.data, "test.csv"))
measures, species = rows.drop(columns="species"), rows["species"]

models = [joblib.load(os.path.join(folder, "model.joblib")) for folder in args.models]
scores = [accuracy_score(species, model.predict(measures)) for model in models]
for model, score in zip(models, scores, strict=True):
    run.log_row("comparison", C=model[-1].C, accuracy=score)
    print(f"C = {model[-1].C:g}: {score:.3f} of the test rows are right")

best = models[scores.index(max(scores))]
run.log("best accuracy", max(scores))
run.log("best C", best[-1].C)

os.makedirs(args.out, exist_ok=True)
joblib.dump(best, os.path.join(args.out, "model.joblib"))

os.makedirs("outputs", exist_ok=True)
picture = os.path.join("outputs", "confusion_matrix.png")
draw_confusion(confusion_matrix(species, best.predict(measures)), list(best.classes_), picture)
run.log_image("confusion matrix", path=picture)
