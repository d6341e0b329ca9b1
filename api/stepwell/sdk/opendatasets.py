"""Public data sets that v1 names, read from where they are published. What is out of reach is said, and gives None."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from stepwell_store.errors import MachineError

if TYPE_CHECKING:
    from stepwell.sdk.datasets import FileDataset, TabularDataset

HOST = "https://azureopendatastorage.blob.core.windows.net"
_PATIENCE_S = 30.0
_LONGEST_LISTING = 16 << 20

Moment = datetime.datetime


class OpenDataset:
    """A published table, in Parquet files by month or all in one folder; rows between `start_date` and `end_date`."""

    container = ""
    folder = ""
    time_column: str | None = None
    months: tuple[str, str] | None = None
    """How the folders of a year and of a month begin; None when the files are not kept by month."""

    def __init__(
        self, start_date: Moment | None = None, end_date: Moment | None = None, cols: Sequence[str] | None = None,
        enable_telemetry: bool = True, **_: Any,  # noqa: ARG002
    ) -> None:  # fmt: skip
        self.start_date = start_date
        self.end_date = end_date
        self.cols = list(cols) if cols is not None else None

    def to_pandas_dataframe(self) -> Any:
        """The rows as a DataFrame; None, said on stderr, when there are none or the publisher is out of reach."""
        import pandas as pd  # type: ignore[import-untyped]

        from stepwell.sdk.workspace import Workspace
        from stepwell_store.data.fetch import fetch

        try:
            kept = str(Workspace.from_config().open().cache / "downloads")
            frames = [self._wanted(pd.read_parquet(fetch(url, kept))) for url in self.addresses()]
        except MachineError as error:
            print(f"{type(self).__name__}: {error}", file=sys.stderr)
            return None
        if not frames:
            print(f"{type(self).__name__}: nothing is published for these dates", file=sys.stderr)
            return None
        return pd.concat(frames, ignore_index=True)

    def _wanted(self, frame: Any) -> Any:
        if self.time_column is not None:
            for bound, method in ((self.start_date, "ge"), (self.end_date, "le")):
                if bound is not None:
                    frame = frame[getattr(frame[self.time_column], method)(bound)]
        return frame if self.cols is None else frame[[name for name in frame.columns if name in self.cols]]

    @classmethod
    def get_tabular_dataset(
        cls, start_date: Moment | None = None, end_date: Moment | None = None, cols: Sequence[str] | None = None,
        enable_telemetry: bool = True,  # noqa: ARG003
    ) -> TabularDataset:  # fmt: skip
        """The files as a dataset, read when it is used. MachineError when the publisher is out of reach."""
        from stepwell.sdk.dataset_factory import Dataset

        made = Dataset.Tabular.from_parquet_files(list(cls(start_date, end_date).addresses()), validate=False)
        return made if cols is None else made.keep_columns(list(cols))

    def addresses(self) -> list[str]:
        """The addresses of the Parquet files that may hold rows of these dates."""
        names = [name for prefix in self._prefixes() for name in _listed(self.container, prefix)]
        return [f"{HOST}/{self.container}/{quote(name, safe='/=')}" for name in names]

    def _prefixes(self) -> Iterator[str]:
        if self.months is None or self.start_date is None or self.end_date is None:
            yield self.folder
            return
        year, month = self.months
        for number in range(self.start_date.year * 12 + self.start_date.month - 1, self.end_date.year * 12 + self.end_date.month):
            yield f"{self.folder}{year}={number // 12}/{month}={number % 12 + 1}/"


class NycTlcGreen(OpenDataset):
    """Green taxis of New York."""

    container, folder, time_column, months = "nyctlc", "green/", "lpepPickupDatetime", ("puYear", "puMonth")


class NycTlcYellow(OpenDataset):
    """Yellow taxis of New York."""

    container, folder, time_column, months = "nyctlc", "yellow/", "tpepPickupDateTime", ("puYear", "puMonth")


class NoaaIsdWeather(OpenDataset):
    """Hourly weather of many stations."""

    container, folder, time_column, months = "isdweatherdatacontainer", "ISDWeather/", "datetime", ("year", "month")


class PublicHolidays(OpenDataset):
    """Public holidays of many countries."""

    container, folder, time_column = "holidaydatacontainer", "Processed/", "date"


class Diabetes(OpenDataset):
    """A study of diabetes, as regression tutorials use it."""

    container, folder = "mlsamples", "diabetes/"


class MNIST:
    """Pictures of digits, as files."""

    @staticmethod
    def get_file_dataset(dataset_filter: str = "all", enable_telemetry: bool = True) -> FileDataset:  # noqa: ARG004
        """The four files, or those whose name has the filter (`train`, `test`) in it; fetched when they are used."""
        from stepwell.sdk.dataset_factory import Dataset

        parts = {"train": ("train",), "test": ("t10k",)}.get(dataset_filter, ("train", "t10k"))
        names = [f"{part}-{what}.gz" for part in parts for what in ("images-idx3-ubyte", "labels-idx1-ubyte")]
        return Dataset.File.from_files([f"{HOST}/mnist/{name}" for name in names], validate=False)


class OjSalesSimulated:
    """Simulated sales of orange juice, a file for each store and brand."""

    @staticmethod
    def get_file_dataset(enable_telemetry: bool = True) -> FileDataset:  # noqa: ARG004
        """The files, fetched when they are used. MachineError when the publisher is out of reach."""
        from stepwell.sdk.dataset_factory import Dataset

        names = _listed("ojsales-simulatedcontainer", "oj_sales_data/", ".csv")
        return Dataset.File.from_files([f"{HOST}/ojsales-simulatedcontainer/{quote(name)}" for name in names], validate=False)


def _listed(container: str, prefix: str, ending: str = ".parquet") -> Iterator[str]:
    """The files of a public container below a prefix whose names end so."""
    from xml.etree import ElementTree

    from stepwell_store.data.http import opened

    marker = ""
    while True:
        words = {"restype": "container", "comp": "list", "prefix": prefix, **({"marker": marker} if marker else {})}
        answer = opened(f"{HOST}/{container}?{urlencode(words)}", {}, _PATIENCE_S)
        try:
            page = ElementTree.fromstring(answer.read(_LONGEST_LISTING))  # noqa: S314  the publisher's own listing, bounded
        finally:
            answer.close()
        yield from (name.text for name in page.iter("Name") if name.text and name.text.endswith(ending))
        marker = page.findtext("NextMarker") or ""
        if not marker:
            return
