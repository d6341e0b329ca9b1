import argparse
import os

from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument("--raw", dest="raw_id")
parser.add_argument("--cleaned", dest="cleaned")
args = parser.parse_args()
run = Run.get_context()
table = run.input_datasets["raw"].to_pandas_dataframe()
run.log("raw_rows", len(table))
table = table[table["age"] < 60]
run.log("rows", len(table))
os.makedirs(args.cleaned, exist_ok=True)
table.to_csv(os.path.join(args.cleaned, "visits.csv"), index=False)
