"""Split the irises into rows to learn from and rows to test with."""

import argparse
import os

import pandas as pd
from sklearn.model_selection import train_test_split

from stepwell import Run

TEST_SHARE = 0.4

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", required=True, help="iris.csv")
parser.add_argument("--out", required=True, help="folder for train.csv and test.csv")
args = parser.parse_args()

run = Run.get_context()
irises = pd.read_csv(args.data)
train, test = train_test_split(irises, test_size=TEST_SHARE, stratify=irises["species"], random_state=0)

os.makedirs(args.out, exist_ok=True)
train.to_csv(os.path.join(args.out, "train.csv"), index=False)
test.to_csv(os.path.join(args.out, "test.csv"), index=False)

run.log("train rows", len(train))
run.log("test rows", len(test))
means = irises.groupby("species").mean().round(3).reset_index()
run.log_table("means", means.to_dict("list"))
print(f"{len(train)} rows to learn from, {len(test)} to test with")
