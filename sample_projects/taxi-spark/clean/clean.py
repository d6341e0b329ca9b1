"""Leave out trips that cannot have been, and keep the rest in a form that is quick to read."""

import argparse

from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812

from stepwell import Run

COLUMNS = (
    "id long, started_at timestamp, from_zone int, to_zone int, riders int, kilometres double, minutes double, fare double, tip double"
)

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--trips", required=True, help="folder with CSV files")
parser.add_argument("--out", required=True, help="folder for Parquet files, which must not exist")
args = parser.parse_args()

spark = SparkSession.builder.getOrCreate()
trips = spark.read.csv(args.trips, header=True, schema=COLUMNS)
sound = trips.where((F.col("kilometres") > 0) & (F.col("minutes") > 0) & (F.col("fare") > 0))
sound.withColumn("hour", F.hour("started_at")).write.parquet(args.out)

everything, kept = trips.count(), spark.read.parquet(args.out).count()
Run.get_context().log("trips", kept)
Run.get_context().log("left_out", everything - kept)
print(f"kept {kept} of {everything} trips")
