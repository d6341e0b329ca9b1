import csv


def rows_of(path):
    with open(path) as file:
        return [(int(row["hour"]), float(row["level"])) for row in csv.DictReader(file)]
