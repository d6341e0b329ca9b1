"""`stepwell schedule ls|show|add|create|enable|disable`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import msgspec

from stepwell.cli import exits
from stepwell.cli.actions import Action, add_actions
from stepwell.cli.common import (
    add_json,
    add_parameters,
    add_workspace,
    examples,
    open_root,
    open_workspace,
    parameters,
    print_json,
    print_table,
    root_for,
    say,
    short,
    words,
)
from stepwell.cli.printing import ago, moment, print_facts, print_heading
from stepwell.cli.publishing import configure_ls
from stepwell_runner.scheduling.firing import state_of, trigger_of
from stepwell_runner.scheduling.recurrence import describe
from stepwell_runner.scheduling.triggers import WEEK_DAYS, DataChange, Recurrence, Trigger
from stepwell_store.errors import UsageError
from stepwell_store.ledger import history, publishing, schedules
from stepwell_store.ledger.publishing import Status
from stepwell_store.workspace import Workspace
from stepwell_tui.render.tables import Column

_UNITS = {"minute": "Minute", "hour": "Hour", "day": "Day", "week": "Week", "month": "Month"}
_SHOWN = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """The arguments of the verb."""
    add_actions(parser, ACTIONS)
    parser.description = (f"{parser.description} Schedules fire while `stepwell serve` runs; what was missed meanwhile is made up for"
                          " by one run.")
    examples(parser, "stepwell schedule add nightly scoring --every day --at 22:30 --zone Europe/Berlin --start 2026-12-01T00:00:00",
             "stepwell schedule add often scoring --every '15 minutes' -p c=0.5",
             "stepwell schedule add arrivals scoring --datastore photos --path inbox --parameter-for-path input",
             "stepwell schedule create -f schedule.yml",
             "stepwell schedule show nightly", "stepwell schedule disable nightly")


def run(args: argparse.Namespace) -> int:
    """Do what the action says."""
    return ACTIONS[args.action].run(args)


def _ls(args: argparse.Namespace) -> int:
    workspace = open_workspace(args)
    found = schedules.list_schedules(workspace.database, active_only=not args.all)
    if args.json:
        print_json([_data(one) for one in found])
    elif found:
        print_table([Column("name"), Column("id", keep=True), Column("runs"), Column("when"), Column("next", keep=True),
                     Column("status", keep=True)],
                    [(one.name, short(one.id), _subject(workspace, one), trigger_words(trigger_of(one)), _next(one), one.status)
                     for one in found])
    else:
        say("there is no schedule: stepwell schedule add NAME PUBLISHED --every day")
    return exits.DONE


def _data(one: schedules.Schedule) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(one)
    return found


def _subject(workspace: Workspace, one: schedules.Schedule) -> str:
    if one.endpoint is not None:
        endpoint = publishing.get_endpoint(workspace.database, one.endpoint)
        return f"endpoint {endpoint.name}" if endpoint else ""
    published = publishing.get_published(workspace.database, one.published or "")
    return published.name if published else ""


def _next(one: schedules.Schedule) -> str:
    due = state_of(one).due
    return "" if one.status != "Active" or due is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(due))


def trigger_words(trigger: Trigger) -> str:
    """A trigger in words."""
    if not isinstance(trigger, DataChange):
        return describe(trigger)
    return f"on changes at {trigger.datastore}:{trigger.path or '/'}, looked at every {trigger.minutes:g} minutes"


def _configure_one(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="SCHEDULE", help="its name, or its id or the beginning of that")
    add_workspace(parser)


def _configure_show(parser: argparse.ArgumentParser) -> None:
    _configure_one(parser)
    add_json(parser)


def _show(args: argparse.Namespace) -> int:
    workspace = open_workspace(args)
    one = schedules.find_schedule(workspace.database, args.name)
    if args.json:
        print_json(_data(one))
        return exits.DONE
    state = state_of(one)
    print_facts([("name", one.name), ("id", one.id), ("status", one.status), ("description", one.description),
                 ("runs", _subject(workspace, one)), ("experiment", one.experiment), ("when", trigger_words(trigger_of(one))),
                 ("next", _next(one)), ("last", moment(state.last)), ("problem", state.problem)])
    fired = schedules.runs_of(workspace.database, one.id, _SHOWN)
    if fired:
        print_heading("Runs")
        records = [history.get_run(workspace.database, run) for run in fired]
        print_table([Column("run", keep=True), Column("status", keep=True), Column("started", keep=True)],
                    [(f"#{record.number} {short(record.id)}", record.status, ago(record.created_at)) for record in records])
    return exits.DONE


def _configure_add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what to call it")
    parser.add_argument("what", metavar="ENDPOINT|PUBLISHED", help="what to run: an endpoint or a published pipeline")
    parser.add_argument("--every", metavar="[N] UNIT", help="minute, hour, day, week or month, such as '2 days'")
    parser.add_argument("--at", metavar="HH:MM", nargs="+", default=[], help="times of day, for days and weeks")
    parser.add_argument("--on", metavar="DAY", nargs="+", default=[], choices=WEEK_DAYS, help="days of the week, for weeks")
    parser.add_argument("--start", metavar="TIME", help="not before this time of the time zone, such as 2026-12-24T18:30:00")
    parser.add_argument("--zone", metavar="ZONE", help="time zone, such as Europe/Berlin (default: UTC); needs --start")
    parser.add_argument("--datastore", metavar="NAME", help="run it when files there are new or modified")
    parser.add_argument("--path", metavar="PATH", default="", help="the folder on the datastore, without those in it (default: its top)")
    parser.add_argument("--look", metavar="MINUTES", type=float, default=5.0, help="how often to look there (default: 5)")
    parser.add_argument("--parameter-for-path", metavar="NAME", help="the data parameter that takes the path of what changed")
    add_parameters(parser)
    parser.add_argument("--experiment", metavar="NAME", help="the experiment to count its runs to (default: its own name)")
    parser.add_argument("--description", metavar="TEXT", help="what it is for")
    add_workspace(parser)
    add_json(parser)


def _add(args: argparse.Namespace) -> int:
    from stepwell_runner.verbs.schedule import create

    workspace = open_workspace(args)
    endpoint = publishing.endpoint_named(workspace.database, args.what) or publishing.get_endpoint(workspace.database, args.what)
    published = None if endpoint is not None else publishing.find_published(workspace.database, args.what)
    made = create(workspace, args.name, _trigger(args), args.experiment or args.name, description=args.description,
                  published=published.id if published else None, endpoint=endpoint.id if endpoint else None,
                  parameters=parameters(args.parameter))
    return _tell(args, made)


def _tell(args: argparse.Namespace, made: schedules.Schedule) -> int:
    if args.json:
        print_json(_data(made))
        return exits.DONE
    say(f"{words(made.name)} fires {trigger_words(trigger_of(made))}, while `stepwell serve` runs")
    print(made.id)
    return exits.DONE


def _trigger(args: argparse.Namespace) -> Trigger:
    if (args.every is None) == (args.datastore is None):
        raise UsageError("a schedule is triggered by time or by data", todo="say --every or --datastore, and not both")
    if args.datastore is not None:
        return DataChange(datastore=args.datastore, path=args.path, minutes=args.look, parameter=args.parameter_for_path)
    count, unit = _every(args.every)
    times = [_time(text) for text in args.at]
    hours, minutes = tuple(dict.fromkeys(hour for hour, _ in times)), tuple(dict.fromkeys(minute for _, minute in times))
    if len(times) != len(hours) * len(minutes):
        raise UsageError("these times cannot be one schedule, in which every hour goes with every minute", todo="make one for each")
    return Recurrence(frequency=unit, interval=count, start=args.start, zone=args.zone, hours=hours, minutes=minutes,  # type: ignore[arg-type]
                      week_days=tuple(args.on))


def _every(text: str) -> tuple[int, str]:
    number, _, unit = text.strip().rpartition(" ")
    found = _UNITS.get(unit.lower().removesuffix("s"))
    if found is None or (number and not number.strip().isdecimal()):
        raise UsageError(f"--every {text!r} is no interval", todo="for example: minute, '15 minutes', day, '2 weeks', month")
    return int(number or 1), found


def _time(text: str) -> tuple[int, int]:
    hour, colon, minute = text.partition(":")
    if not (colon and hour.isdecimal() and minute.isdecimal()):
        raise UsageError(f"--at {text!r} is no time of day", todo="for example: --at 22:30")
    return int(hour), int(minute)


def _configure_create(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-f", "--file", metavar="FILE", required=True, help="a schedule of Azure ML v2, in YAML")
    parser.add_argument("--lax", action="store_true", help="let pass with a warning what Azure's client lets pass and its service does not")
    add_workspace(parser)
    add_json(parser)


def _create(args: argparse.Namespace) -> int:
    from stepwell.jobs.schedule import load_schedule
    from stepwell_runner.verbs.publish import publish_graph
    from stepwell_runner.verbs.schedule import create_or_change

    path = Path(args.file).expanduser().absolute()
    root = root_for(args, path.parent)
    now = time.time()
    loaded = load_schedule(str(path), root, now, lax=args.lax)
    for notice in loaded.notices:
        say(notice)
    workspace = open_root(root)
    published = publish_graph(workspace, loaded.graph, name=loaded.graph.name, description=loaded.description, source=loaded.source)
    return _tell(args, create_or_change(workspace, loaded.name, loaded.trigger, loaded.graph.experiment or loaded.name,
                                        description=loaded.description, published=published.id, now=now))


def _enable(args: argparse.Namespace) -> int:
    return _switch(args, "Active", "fires from now on")


def _disable(args: argparse.Namespace) -> int:
    return _switch(args, "Disabled", "does not fire until it is enabled again")


def _switch(args: argparse.Namespace, status: Status, meaning: str) -> int:
    from stepwell_runner.verbs.schedule import change

    workspace = open_workspace(args)
    one = schedules.find_schedule(workspace.database, args.name)
    change(workspace, one, status=status)
    say(f"{words(one.name)} ({short(one.id)}) {meaning}")
    return exits.DONE


ACTIONS = {
    "ls": Action("list schedules", configure_ls, _ls),
    "show": Action("one schedule and what it fired", _configure_show, _show),
    "add": Action("run something at certain times, or when data changes", _configure_add, _add),
    "create": Action("publish a pipeline and run it as a schedule file of Azure ML v2 says, or change the schedule of that name",
                     _configure_create, _create),
    "enable": Action("let it fire", _configure_one, _enable),
    "disable": Action("let it not fire", _configure_one, _disable),
}
