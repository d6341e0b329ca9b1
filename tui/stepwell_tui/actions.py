"""Everything that a key can do: an id, the keys that do it, and how it is called. Bindings, help and `ui --keys` come from here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec


class Action(msgspec.Struct, frozen=True):
    """`method` is the name of the action method of whoever has it; `shown` puts it in the line at the bottom."""

    id: str
    keys: str
    label: str
    method: str
    shown: bool = False


PLACES: tuple[tuple[str, str, str], ...] = (
    ("1", "home", "Home"), ("2", "pipelines", "Pipelines"), ("3", "runs", "Runs"), ("4", "datasets", "Datasets"),
    ("5", "datastores", "Datastores"), ("6", "snapshots", "Snapshots"), ("7", "environments", "Environments"), ("8", "compute", "Compute"),
    ("9", "git", "Git"), ("0", "published", "Published"),
)
"""Digit, name and title of every place."""

SCOPES: dict[str, tuple[Action, ...]] = {
    "everywhere": (
        *(Action(f"go.{name}", digit, title, f"go('{name}')") for digit, name, title in PLACES),
        Action("palette", "colon,ctrl+p", "Go to", "palette", shown=True),
        Action("filter", "slash", "Filter", "screen.filter", shown=True),
        Action("help", "question_mark,f1", "Help", "help", shown=True),
        Action("back", "escape", "Back", "screen.back"),
        Action("previous", "minus", "Previous place", "previous"),
        Action("reload", "ctrl+r", "Reload", "reload"),
        Action("theme", "ctrl+t", "Theme", "next_theme"),
        Action("messages", "exclamation_mark", "Messages", "messages"),
        Action("suspend", "ctrl+z", "Suspend", "suspend_process"),
        Action("quit", "q", "Quit", "leave", shown=True),
        Action("quit.now", "ctrl+q", "Quit at once", "quit"),
    ),
    "home": (
        Action("home.pipelines", "r", "Run a pipeline", "app.go('pipelines')", shown=True),
        Action("home.logs", "l", "Logs", "logs", shown=True),
        Action("home.why", "d", "Why", "why"),
        Action("home.cancel", "x", "Cancel", "cancel", shown=True),
        Action("home.compare", "c", "Compare", "compare", shown=True),
        Action("home.copy", "y", "Copy id", "copy", shown=True),
    ),
    "runs": (
        Action("runs.rerun", "r", "Rerun", "rerun", shown=True),
        Action("runs.cancel", "x", "Cancel", "cancel", shown=True),
        Action("runs.logs", "l", "Logs", "logs", shown=True),
        Action("runs.why", "d", "Why", "why"),
        Action("runs.compare", "c", "Compare", "compare", shown=True),
        Action("runs.publish", "p", "Publish", "publish", shown=True),
        Action("runs.copy", "y", "Copy id", "copy", shown=True),
    ),
    "run": (
        Action("run.rerun", "r", "Rerun", "rerun", shown=True),
        Action("run.rerun.from", "R", "From here", "rerun_from", shown=True),
        Action("run.resume", "u", "Resume", "resume"),
        Action("run.cancel", "x", "Cancel", "cancel", shown=True),
        Action("run.logs", "l", "Logs", "show_logs", shown=True),
        Action("run.metrics", "m", "Metrics", "show_metrics", shown=True),
        Action("run.graph", "v", "Graph", "show_graph", shown=True),
        Action("run.why", "d", "Why", "show_why", shown=True),
        Action("run.facts", "i", "Facts", "show_facts"),
        Action("run.outputs", "a", "Outputs", "show_outputs"),
        Action("run.compare", "c", "Compare with the one before", "compare"),
        Action("run.snapshot", "b", "Browse the code of the step", "snapshot"),
        Action("run.publish", "p", "Publish", "publish", shown=True),
        Action("run.newer", "right_square_bracket", "Newer run", "newer"),
        Action("run.older", "left_square_bracket", "Older run", "older"),
        Action("run.pager", "o", "Log in pager", "pager"),
        Action("run.copy", "y", "Copy id", "copy"),
        Action("run.copy.what", "Y", "Copy", "copy_what"),
    ),
    "pipelines": (
        Action("pipelines.run", "r", "Run", "run_pipeline", shown=True),
        Action("pipelines.force", "F", "Run all steps", "force", shown=True),
        Action("pipelines.watch", "w", "Run on save", "toggle_watch", shown=True),
        Action("pipelines.publish", "p", "Publish", "publish", shown=True),
        Action("pipelines.graph", "v", "Graph", "show_graph", shown=True),
        Action("pipelines.edit", "e", "Edit", "edit", shown=True),
    ),
    "datasets": (
        Action("datasets.copy", "y", "Copy name", "copy", shown=True),
    ),
    "dataset": (
        Action("dataset.profile", "d", "Profile", "profile", shown=True),
        Action("dataset.copy", "y", "Copy name", "copy", shown=True),
    ),
    "datastores": (
        Action("datastores.copy", "y", "Copy folder", "copy", shown=True),
    ),
    "folder": (
        Action("folder.upload", "u", "Upload", "upload", shown=True),
        Action("folder.save", "w", "Save", "save", shown=True),
        Action("folder.copy", "y", "Copy path", "copy", shown=True),
    ),
    "snapshots": (
        Action("snapshots.diff", "d", "Diff", "diff", shown=True),
        Action("snapshots.save", "w", "Restore", "save", shown=True),
        Action("snapshots.copy", "y", "Copy digest", "copy", shown=True),
    ),
    "snapshot": (
        Action("snapshot.save", "w", "Restore", "save", shown=True),
        Action("snapshot.copy", "y", "Copy path", "copy", shown=True),
    ),
    "difference": (
        Action("difference.copy", "y", "Copy diff", "copy", shown=True),
    ),
    "environments": (
        Action("environments.copy", "y", "Copy path", "copy", shown=True),
    ),
    "compute": (),
    "git": (
        Action("git.copy", "y", "Copy", "copy", shown=True),
    ),
    "published": (
        Action("published.run", "r", "Run", "run", shown=True),
        Action("published.switch", "e", "Enable/disable", "switch", shown=True),
        Action("published.add", "a", "To endpoint", "add", shown=True),
        Action("published.default", "d", "Default version", "default", shown=True),
        Action("published.runs", "l", "Its runs", "runs", shown=True),
        Action("published.copy", "y", "Copy curl", "copy", shown=True),
    ),
    "compare": (
        Action("compare.different", "equals_sign", "Differences", "toggle_different", shown=True),
        Action("compare.curves", "m", "Curves", "curves", shown=True),
        Action("compare.swap", "x", "Swap", "swap", shown=True),
        Action("compare.copy", "y", "Copy line", "copy", shown=True),
    ),
    "text": (
        Action("text.copy", "y", "Copy all", "copy", shown=True),
    ),
}


def clashes(keymap: Mapping[str, str]) -> list[str]:
    """Keys that would do two things in one place once a keymap (id → keys) is applied, in words."""
    found = []
    everywhere = _by_key(SCOPES["everywhere"], keymap)
    for scope, actions in SCOPES.items():
        taken: dict[str, str] = {}
        for key, action in _by_key(actions, keymap):
            if key in taken:
                found.append(f"{key} is both {taken[key]} and {action} in {scope}")
            taken[key] = action
        if scope != "everywhere":
            found += [f"{key} is {taken[key]} in {scope} and {action} everywhere" for key, action in everywhere if key in taken]
    return found


def unknown(keymap: Mapping[str, str]) -> list[str]:
    """Ids in a keymap that no action has."""
    known = {action.id for actions in SCOPES.values() for action in actions}
    return [name for name in keymap if name not in known]


def _by_key(actions: Iterable[Action], keymap: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(key.strip(), action.id) for action in actions for key in keymap.get(action.id, action.keys).split(",")]
