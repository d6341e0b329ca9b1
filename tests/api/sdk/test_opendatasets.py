"""Public data sets, read over the network from a stand-in for their publisher."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from addresses import standing_in
from commandline import Project

HOST = "https://azureopendatastorage.blob.core.windows.net"
GREEN = f"{HOST}/nyctlc/green/puYear=2016"
DAYS = pd.to_datetime(["2016-01-01", "2016-01-15", "2016-01-31"])
HEAD = "from datetime import datetime\nfrom azureml.opendatasets import *\n"


def parquet(**columns: object) -> bytes:
    """A table as the bytes of a file."""
    stream = io.BytesIO()
    pd.DataFrame(columns).to_parquet(stream)
    return stream.getvalue()


def test_they_are_read_from_where_they_are_published(tmp_path: Path) -> None:
    served = {
        f"{GREEN}/puMonth=1/part-0.parquet": parquet(lpepPickupDatetime=DAYS, tripDistance=[1.0, 2.0, 3.0], vendorID=[1, 1, 2]),
        f"{GREEN}/puMonth=2/part-0.parquet": parquet(lpepPickupDatetime=DAYS[:1] + pd.Timedelta(days=32), tripDistance=[9.0]),
        f"{GREEN}/puMonth=1/_SUCCESS": b"",
        f"{HOST}/holidaydatacontainer/Processed/part-0.parquet": parquet(date=DAYS, holidayName=["a", "b", "c"]),
        f"{HOST}/mnist/train-labels-idx1-ubyte.gz": b"labels",
        f"{HOST}/mnist/train-images-idx3-ubyte.gz": b"images",
    }
    project = Project(tmp_path / "project")
    project.write("driver.py", HEAD + """
frame = NycTlcGreen(datetime(2016, 1, 10), datetime(2016, 2, 20), cols=["tripDistance"]).to_pandas_dataframe()
print("green", list(frame.columns), sorted(frame["tripDistance"]))
print("holidays", len(PublicHolidays(datetime(2016, 1, 1), datetime(2016, 1, 20)).to_pandas_dataframe()))
print("yellow", NycTlcYellow(datetime(2016, 1, 1), datetime(2016, 1, 2)).to_pandas_dataframe())
print("dataset", len(NycTlcGreen.get_tabular_dataset(datetime(2016, 1, 1), datetime(2016, 1, 2)).to_pandas_dataframe()))
print("digits", sorted(path.rpartition("/")[2] for path in MNIST.get_file_dataset("train").download("got")))
""")
    with standing_in(served, tmp_path) as addresses:
        done = project.stepwell("exec", "driver.py", environment=addresses.variables)
    assert done.out.splitlines() == [
        "green ['tripDistance'] [2.0, 3.0, 9.0]", "holidays 2", "yellow None", "dataset 3",
        "digits ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz']",
    ]  # fmt: skip
    assert "NycTlcYellow: nothing is published for these dates" in done.err


def test_a_publisher_out_of_reach_is_none_and_said(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.write("driver.py", HEAD + "print(Diabetes().to_pandas_dataframe())")
    nowhere = dict.fromkeys(("https_proxy", "HTTPS_PROXY"), "http://127.0.0.1:9") | {"no_proxy": None, "NO_PROXY": None}
    done = project.stepwell("exec", "driver.py", environment=nowhere)
    assert done.out == "None\n"
    assert "Diabetes: the host refused the connection" in done.err
