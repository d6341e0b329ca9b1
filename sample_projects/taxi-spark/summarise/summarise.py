"""What taxis earn in an hour of driving, by hour of the day and by zone."""

import argparse
import csv
import os

from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812

from stepwell import Run

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--trips", required=True, help="folder with Parquet files")
parser.add_argument("--out", required=True, help="folder for by_hour.csv and by_zone.csv")
args = parser.parse_args()

run = Run.get_context()
spark = SparkSession.builder.getOrCreate()
trips = spark.read.parquet(args.trips)
measures = [
    F.count("*").alias("trips"),
    F.round(F.sum("fare") + F.sum("tip"), 2).alias("earned"),
    F.round(60 * (F.sum("fare") + F.sum("tip")) / F.sum("minutes"), 2).alias("per_hour"),
    F.round(60 * F.sum("kilometres") / F.sum("minutes"), 1).alias("speed"),
]

os.makedirs(args.out, exist_ok=True)
for name, column in (("by_hour", "hour"), ("by_zone", "from_zone")):
    rows = trips.groupBy(column).agg(*measures).orderBy(column).collect()
    with open(os.path.join(args.out, f"{name}.csv"), "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(rows[0].asDict())
        table.writerows(rows)
    best = max(rows, key=lambda row: row["per_hour"])
    run.log(f"best_{column}", best[column])
    print(f"best {column}: {best[column]}, {best['per_hour']} an hour")
    if name == "by_hour":
        for row in rows:
            run.log("earned_per_hour", row["per_hour"])
