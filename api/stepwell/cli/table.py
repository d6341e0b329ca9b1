"""The verbs: where each is, and what it is for in one line."""

from __future__ import annotations

import msgspec


class Verb(msgspec.Struct, frozen=True):
    """A verb's module below `stepwell.cli.verbs`, and its line in `stepwell --help`."""

    module: str
    summary: str


GROUPS: dict[str, dict[str, Verb]] = {
    "Start": {
        "init": Verb("init", "make a workspace"),
        "demo": Verb("demo", "copy a sample project, run it, and run it again to see reuse"),
        "ui": Verb("ui", "open the dashboard, as `stepwell` alone does on a terminal"),
    },
    "Run": {
        "run": Verb("run", "run a pipeline file, or see what would run and why (--plan)"),
        "exec": Verb("exec", "run an unchanged Azure ML v1 driver or notebook against this workspace"),
        "watch": Verb("watch", "see live which steps edits make stale, and run them (--run)"),
        "rerun": Verb("rerun", "do an earlier run again"),
        "resume": Verb("resume", "go on from what an unfinished run completed"),
        "cancel": Verb("cancel", "stop a run"),
    },
    "Look": {
        "runs": Verb("runs", "list runs, newest first"),
        "show": Verb("show", "one run, or one of its steps"),
        "why": Verb("why", "why steps ran, were reused, or would run"),
        "logs": Verb("logs", "what a step wrote"),
        "metrics": Verb("metrics", "what a run or step measured"),
        "outputs": Verb("outputs", "what a step left, and copy it out"),
        "diff": Verb("diff", "two runs side by side"),
        "graph": Verb("graph", "draw a pipeline"),
    },
    "Data": {
        "snapshot": Verb("snapshot", "list, show, compare and restore snapshots of source"),
        "dataset": Verb("dataset", "list, register, look into and compare datasets"),
        "data": Verb("data", "register data from the YAML files of Azure ML v2, list and show it"),
        "model": Verb("model", "register models from the YAML files of Azure ML v2, list and show them"),
        "component": Verb("component", "register components from the YAML files of Azure ML v2, list and show them"),
        "datastore": Verb("datastore", "list datastores, put files in and get them out"),
    },
    "Machines": {
        "compute": Verb("compute", "list, define and test where steps run"),
        "env": Verb("env", "list and show what steps run in, and make it ahead of time"),
    },
    "Publish": {
        "export": Verb("export", "write a pipeline as Azure ML v2 YAML, for az ml job create"),
        "publish": Verb("publish", "keep a pipeline as it is now, to be run later by name"),
        "published": Verb("published", "list, show, run, enable and disable published pipelines"),
        "endpoint": Verb("endpoint", "names whose versions are published pipelines"),
        "schedule": Verb("schedule", "run published pipelines at certain times, or when data changes"),
        "token": Verb("token", "make, list and revoke tokens of the server"),
        "serve": Verb("serve", "let programs run published pipelines by REST, and schedules fire"),
        "queue": Verb("queue", "runs that wait for room on their compute target"),
    },
    "House": {
        "check": Verb("check", "verify what is stored"),
        "gc": Verb("gc", "remove what nothing needs any longer"),
        "backup": Verb("backup", "copy the workspace into one file, safely, while it is in use"),
        "doctor": Verb("doctor", "look at the machine and say what is missing"),
        "schema": Verb("schema", "print the JSON schema of pipeline YAML, for editors"),
        "completion": Verb("completion", "print the completion script for your shell"),
    },
}

VERBS: dict[str, Verb] = {name: verb for group in GROUPS.values() for name, verb in group.items()}
