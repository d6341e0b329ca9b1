"""Everything that a key can do: an id, the keys that do it, and how it is called. Bindings, help and `ui --keys` come from here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec
from textual.binding import Binding


class Action(msgspec.Struct, frozen=True):
    """`method` is the name of the action method of whoever has it; `shown` puts it in the line at the bottom.

    What works `always` does so while one types or is asked something, too.
    """

    id: str
    keys: str
    label: str
    method: str
    shown: bool = False
    always: bool = False


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
        Action("suspend", "ctrl+z", "Suspend", "suspend_process", always=True),
        Action("quit", "q", "Quit", "leave", shown=True),
        Action("quit.now", "ctrl+q", "Quit at once", "quit", always=True),
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


WIDGETS: dict[str, tuple[Action, ...]] = {
    "list": (
        Action("list.down", "j,down", "Down", "cursor_by(1)"),
        Action("list.up", "k,up", "Up", "cursor_by(-1)"),
        Action("list.first", "g,home", "First", "cursor_first"),
        Action("list.last", "G,end", "Last", "cursor_last"),
        Action("list.page.down", "pagedown", "Page down", "cursor_page(1)"),
        Action("list.page.up", "pageup", "Page up", "cursor_page(-1)"),
        Action("list.mark", "space", "Mark", "toggle_mark"),
        Action("list.clear", "ctrl+backslash", "Clear marks", "clear_marks"),
        Action("list.sort", "s", "Sort by next column", "sort"),
        Action("list.turn", "S", "Sort the other way", "turn"),
        Action("list.open", "enter", "Open", "select"),
    ),
    "graph": (
        Action("graph.next", "j,down", "Next", "node_by(1)"),
        Action("graph.before", "k,up", "Before", "node_by(-1)"),
        Action("graph.along", "right", "Along", "along(True)"),
        Action("graph.back", "left", "Back", "along(False)"),
        Action("graph.first", "g,home", "First", "node_by(-100000)"),
        Action("graph.last", "G,end", "Last", "node_by(100000)"),
        Action("graph.lanes", "V", "Lanes", "lanes"),
        Action("graph.open", "enter", "Open", "select"),
    ),
    "log": (
        Action("log.down", "j,down", "Down", "move(1)"),
        Action("log.up", "k,up", "Up", "move(-1)"),
        Action("log.top", "g,home", "Begin", "top"),
        Action("log.end", "G,end", "End", "end"),
        Action("log.page.down", "pagedown", "Page down", "page(1)"),
        Action("log.page.up", "pageup", "Page up", "page(-1)"),
        Action("log.left", "left", "Left", "sideways(-1)"),
        Action("log.right", "right", "Right", "sideways(1)"),
        Action("log.follow", "f", "Follow", "follow", shown=True),
        Action("log.wrap", "w", "Wrap", "wrap", shown=True),
        Action("log.search", "slash", "Search", "search", shown=True),
        Action("log.next", "n", "Next match", "again(True)"),
        Action("log.before", "N", "Match before", "again(False)"),
        Action("log.error", "E", "Next error", "error", shown=True),
        Action("log.copy", "y", "Copy line", "copy"),
    ),
    "filter": (
        Action("filter.keep", "enter", "Keep the filter", "submit", shown=True),
        Action("filter.drop", "escape", "Drop it", "screen.back", shown=True),
    ),
    "search": (
        Action("log.search.end", "escape", "End search", "end_search"),
    ),
    "lines": (
        Action("text.down", "j", "Down", "scroll_down"),
        Action("text.up", "k", "Up", "scroll_up"),
        Action("text.first", "g", "First line", "scroll_home"),
        Action("text.last", "G", "Last line", "scroll_end"),
        Action("text.page", "space", "Page down", "page_down"),
    ),
}
"""What keys do in a part of a place while it has the keyboard. There they come before those of the place."""

PARTS: dict[str, tuple[str, ...]] = {
    name: ("filter", *parts) for name, parts in {
        "home": ("list",), "runs": ("list",), "run": ("list", "graph", "log", "search"), "pipelines": ("list", "graph"),
        "datasets": ("list",), "dataset": ("list", "lines"), "datastores": ("list",), "folder": ("list",), "snapshots": ("list",),
        "snapshot": ("list",), "difference": ("list", "lines"), "environments": ("list", "lines"), "compute": ("list", "lines"),
        "git": ("list", "lines"), "published": ("list",), "compare": ("list",), "text": ("lines",),
    }.items()
}
"""Which parts a place has."""


def clashes(keymap: Mapping[str, str]) -> list[str]:
    """Keys that would do two things in one place once a keymap (id → keys) is applied, in words; but for those that do so without one."""
    meant = _doubled({})
    return [f"{key} is both {first} and {second} in {place}" for (key, first, second), place in _doubled(keymap).items()
            if (key, first, second) not in meant]


def unknown(keymap: Mapping[str, str]) -> list[str]:
    """Ids in a keymap that no action has."""
    known = {action.id for actions in (*SCOPES.values(), *WIDGETS.values()) for action in actions}
    return [name for name in keymap if name not in known]


def _doubled(keymap: Mapping[str, str]) -> dict[tuple[str, str, str], str]:
    """A key with two actions that it would do, and the first place where it would."""
    keys = {name: list(_by_key(actions, keymap)) for name, actions in (SCOPES | WIDGETS).items()}
    found: dict[tuple[str, str, str], str] = {}
    for place, parts in PARTS.items():
        for part in parts:
            taken: dict[str, str] = {}
            for key, action in (*keys[part], *keys[place], *keys["everywhere"]):
                if taken.setdefault(key, action) != action:
                    found.setdefault((key, taken[key], action), place)
    return found


def _by_key(actions: Iterable[Action], keymap: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Keys by their long names, as `?` and `question_mark` are one."""
    for action in actions:
        for one in Binding.make_bindings([Binding(keymap.get(action.id) or action.keys, "")]):
            yield one.key, action.id
