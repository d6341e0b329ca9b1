"""Tables with a column of times: saying which it is, and taking the rows of a span of time. Bounds count to the second."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from stepwell.errors import DatasetTimestampMissingError, UserErrorException


class Timed:
    """What tables have for times."""

    _transforms: list[dict[str, Any]]

    def _with(self, operation: str, **options: Any) -> Any:
        raise NotImplementedError

    def with_timestamp_columns(self, timestamp: str | None = None, partition_timestamp: str | None = None, validate: bool = False,
                               **named: Any) -> Any:  # fmt: skip
        """The same table, with the columns that hold times named."""
        del validate
        return self._with("with_timestamp_columns", timestamp=timestamp or named.get("fine_grain_timestamp"),
                          partition_timestamp=partition_timestamp or named.get("coarse_grain_timestamp"))  # fmt: skip

    @property
    def timestamp_columns(self) -> tuple[str | None, str | None]:
        """The names of the column of times and of that of coarser times in the paths of the files."""
        for transform in reversed(self._transforms):
            if transform["name"] == "with_timestamp_columns":
                return transform["options"]["timestamp"], transform["options"]["partition_timestamp"]
        return None, None

    def time_before(self, end_time: datetime, include_boundary: bool = True, validate: bool = True) -> Any:
        """Rows up to a time."""
        del validate
        return self._between(None, end_time, include_boundary)

    def time_after(self, start_time: datetime, include_boundary: bool = True, validate: bool = True) -> Any:
        """Rows from a time on."""
        del validate
        return self._between(start_time, None, include_boundary)

    def time_between(self, start_time: datetime, end_time: datetime, include_boundary: bool = True, validate: bool = True) -> Any:
        """Rows between two times."""
        del validate
        return self._between(start_time, end_time, include_boundary)

    def time_recent(self, time_delta: timedelta, include_boundary: bool = True, validate: bool = True) -> Any:
        """Rows of the last so much time, counted from now."""
        del validate
        now = datetime.now()  # noqa: DTZ005  (times of tables have no zone)
        return self._between(now - time_delta, now, include_boundary)

    def _between(self, start: datetime | None, end: datetime | None, included: bool) -> Any:
        names = [name for name in self.timestamp_columns if name]
        if not names:
            raise DatasetTimestampMissingError("the table has no column of times; name it with with_timestamp_columns('column')")
        return self._with("time_between", column=names[0], start=_text(start), end=_text(end), included=included)


def _text(moment: datetime | None) -> str | None:
    if moment is not None and not isinstance(moment, datetime):
        raise UserErrorException(f"a time is a datetime, not a {type(moment).__name__}")
    return None if moment is None else moment.replace(microsecond=0, tzinfo=None).isoformat()


def apply(frame: Any, name: str, options: dict[str, Any]) -> Any:
    """The frame after an operation on times; UserErrorException for an operation that there is not."""
    if name == "with_timestamp_columns":
        return frame
    if name != "time_between":
        raise UserErrorException(f"this dataset is made with {name!r}, which a step cannot do")
    import pandas as pd

    column = options["column"]
    if column not in frame.columns:
        raise UserErrorException(f"the table has no column {column!r} of times; it has {', '.join(map(str, frame.columns))}")
    times = pd.to_datetime(frame[column], errors="coerce")
    kept = times.notna()
    for bound, sign in ((options["start"], 1), (options["end"], -1)):
        if bound is not None:
            moment = pd.Timestamp(bound)
            beyond = times > moment if sign > 0 else times < moment
            kept &= (beyond | (times == moment)) if options["included"] else beyond
    return frame[kept].reset_index(drop=True)
