"""Tables with a column of times: saying which it is, and taking the rows of a span of time. Bounds count to the second."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from stepwell.sdk.exceptions import DatasetTimestampMissingError, UserErrorException

if TYPE_CHECKING:
    from stepwell_store.data.definition import DatasetDefinition


class Times:
    """What tables have for times."""

    definition: DatasetDefinition

    if TYPE_CHECKING:

        def transformed(self, name: str, **options: Any) -> Self:
            """This dataset with one more operation at its end."""

    def with_timestamp_columns(
        self, timestamp: str | None = None, partition_timestamp: str | None = None, validate: bool = False, **named: Any  # noqa: ARG002
    ) -> Self:  # fmt: skip
        """The same table, with the columns that hold times named; names of None take them back."""
        return self.transformed(
            "with_timestamp_columns",
            timestamp=timestamp or named.get("fine_grain_timestamp"),
            partition_timestamp=partition_timestamp or named.get("coarse_grain_timestamp"),
        )

    @property
    def timestamp_columns(self) -> tuple[str | None, str | None]:
        """The names of the column of times, and of that of coarser times in the paths of the files."""
        for transform in reversed(self.definition.transforms):
            if transform.name == "with_timestamp_columns":
                return transform.options["timestamp"], transform.options["partition_timestamp"]
        return None, None

    def time_before(self, end_time: datetime, include_boundary: bool = True, validate: bool = True) -> Self:  # noqa: ARG002
        """Rows up to a time; DatasetTimestampMissingError without a column of times, as for the three below."""
        return self._between(None, end_time, include_boundary)

    def time_after(self, start_time: datetime, include_boundary: bool = True, validate: bool = True) -> Self:  # noqa: ARG002
        """Rows from a time on."""
        return self._between(start_time, None, include_boundary)

    def time_between(
        self, start_time: datetime, end_time: datetime, include_boundary: bool = True, validate: bool = True  # noqa: ARG002
    ) -> Self:  # fmt: skip
        """Rows between two times."""
        return self._between(start_time, end_time, include_boundary)

    def time_recent(self, time_delta: timedelta, include_boundary: bool = True, validate: bool = True) -> Self:  # noqa: ARG002
        """Rows of the last so much time, counted from now."""
        now = datetime.now()  # noqa: DTZ005  times of tables have no zone
        return self._between(now - time_delta, now, include_boundary)

    def _between(self, start: datetime | None, end: datetime | None, included: bool) -> Self:
        names = [name for name in self.timestamp_columns if name]
        if not names:
            raise DatasetTimestampMissingError(
                "the table has no column of times", todo="Name it: dataset.with_timestamp_columns(timestamp='column')."
            )
        return self.transformed("time_between", column=names[0], start=_text(start), end=_text(end), included=included)


def _text(moment: datetime | None) -> str | None:
    if moment is not None and not isinstance(moment, datetime):
        raise UserErrorException(f"a time is a datetime, not a {type(moment).__name__}")
    return None if moment is None else moment.replace(microsecond=0, tzinfo=None).isoformat()
