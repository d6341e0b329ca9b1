"""Learn to tell irises apart; a small C regularises strongly."""

import argparse
import os

import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from stepwell import Run

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", required=True, help="folder with train.csv")
parser.add_argument("--c", type=float, default=1.0, help="inverse strength of the regularisation")
parser.add_argument("--out", required=True, help="folder for model.joblib")
args = parser.parse_args()

run = Run.get_context()
rows = pd.read_csv(os.path.join(args.data, "train.csv"))
measures, species = rows.drop(columns="species"), rows["species"]
model = make_pipeline(StandardScaler(), LogisticRegression(C=args.c, max_iter=1000))

# What the model gains from more rows: a curve that `stepwell metrics --plot` draws.
for count in range(15, len(rows) + 1, 15):
    model.fit(measures[:count], species[:count])
    run.log("accuracy", model.score(measures, species))
model.fit(measures, species)

os.makedirs(args.out, exist_ok=True)
joblib.dump(model, os.path.join(args.out, "model.joblib"))

run.log("C", args.c)
run.tag("algorithm", "logistic regression")
print(f"C = {args.c:g}: {model.score(measures, species):.3f} of the training rows are right")
