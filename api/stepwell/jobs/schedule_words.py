"""The words of schedule files."""

from __future__ import annotations

from stepwell.jobs.shapes import ByType, Either, Field, ListOf, Number, Object, Text
from stepwell.jobs.words import COMMON, COUNT, LABELS, PORTS, SETTINGS, TEXT, fields


def _times() -> Object:
    def several(minimum: int, maximum: int) -> Field:
        number = Number(whole=True, minimum=minimum, maximum=maximum)
        return Field(Either((number, ListOf(number))))

    days = Text(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
    week_days = Field(Either((days, ListOf(days))))
    return Object(
        "schedule of a recurrence",
        {
            "hours": several(0, 23),
            "minutes": several(0, 59),
            "week_days": week_days,
            "weekdays": week_days,
            "month_days": several(1, 31),
        },
        "closed",
    )


def schedule() -> Object:
    """The shape of a schedule file."""
    span = fields(type=TEXT, start_time=TEXT, end_time=TEXT, time_zone=TEXT)
    every = fields(frequency=Text(("minute", "hour", "day", "week", "month")), interval=COUNT)
    trigger = ByType(
        "trigger",
        {
            "recurrence": Object("recurrence", {**span, **every, "schedule": Field(_times())}, "closed"),
            "cron": Object("cron trigger", {**span, "expression": Field(TEXT)}, "closed"),
        },
        "recurrence",
    )
    job = Object(
        "job of a schedule",
        {
            **COMMON,
            "type": Field(Text(("pipeline", "command", "sweep", "spark"))),
            "job": Field(TEXT, required=True),
            "settings": Field(SETTINGS),
            **PORTS,
        },
        misplaced=dict.fromkeys(("jobs", "command", "trial"), "put the job into a file of its own and name that with `job:`"),
    )
    return Object(
        "schedule",
        {
            **fields(schema_=TEXT, display_name=TEXT, description=TEXT, tags=LABELS, properties=LABELS),
            "name": Field(TEXT, required=True),
            "trigger": Field(trigger, required=True),
            "create_job": Field(Either((TEXT, job)), required=True),
        },
        misplaced={
            "create_monitor": "monitoring is a service of Azure",
            "import_data": "imports from databases go through Azure's connections",
        },
    )
