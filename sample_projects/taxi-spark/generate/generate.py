"""Make taxi trips up. The same seed and size give the same trips, however many machines make them."""

import argparse

from pyspark.sql import SparkSession
from pyspark.sql import functions as F  # noqa: N812

BYTES_PER_TRIP = 60  # of CSV, on average
ZONES = 60
BAD_PER_THOUSAND = 8

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--megabytes", type=int, default=10, help="how much CSV to make: 10 to 10000")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--out", required=True, help="folder for the CSV files, which must not exist")
args = parser.parse_args()

count = args.megabytes * 1_000_000 // BYTES_PER_TRIP
spark = SparkSession.builder.getOrCreate()


def drawn(what, choices):
    """A whole number below `choices`, drawn for each trip from its id alone, so that it does not matter who computes it."""
    return F.pmod(F.xxhash64(F.col("id"), F.lit(what), F.lit(args.seed)), F.lit(choices))


# More people ride in the evening: of two drawn hours the later one counts.
hour = F.greatest(drawn("hour", 24), drawn("other hour", 24))
kilometres = F.round(0.5 + (drawn("near", 1000) + drawn("far", 1000) * drawn("farther", 1000) / 1000) / 100, 2)
jam = F.when(hour.between(7, 9) | hour.between(16, 18), 1.6).otherwise(1.0)
minutes = F.round(3 + kilometres * (2 + drawn("traffic", 100) / 50) * jam, 1)
fare = F.round(3 + kilometres * 1.9 + minutes * 0.35, 2)
is_bad = drawn("bad", 1000) < BAD_PER_THOUSAND

trips = spark.range(count).select(
    "id",
    F.timestamp_seconds(1735689600 + drawn("day", 365) * 86400 + hour * 3600 + drawn("second", 3600)).alias("started_at"),
    (drawn("from", ZONES) + 1).alias("from_zone"),
    (drawn("to", ZONES) + 1).alias("to_zone"),
    (drawn("riders", 4) + 1).alias("riders"),
    F.when(is_bad, -kilometres).otherwise(kilometres).alias("kilometres"),
    minutes.alias("minutes"),
    fare.alias("fare"),
    F.when(drawn("cash", 3) == 0, 0.0).otherwise(F.round(fare * drawn("tip", 26) / 100, 2)).alias("tip"),
)
trips.write.option("header", "true").csv(args.out)
print(f"made {count} trips of seed {args.seed}")
