"""The repository of the project: what is not committed, and which runs saw which commit."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from stepwell_store.content.worktree import DirtyFile, Worktree
from stepwell_store.ledger.uses import CommitUse
from stepwell_store.workspace import Workspace
from stepwell_tui.clipboard import copy
from stepwell_tui.render.text import safe_line
from stepwell_tui.screens.lists import ListPlace, ago, since
from stepwell_tui.screens.runs import RunsScreen
from stepwell_tui.screens.texts import TextScreen
from stepwell_tui.views.git import Git, difference, git, state_words
from stepwell_tui.views.texts import Shown
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.rows import Cell, Column, Row, status_cell
from stepwell_tui.widgets.tablemessages import Selected
from stepwell_tui.widgets.textview import TextView, pair_lines, plain_lines

SHOWN_DIGITS = 7
DIRTY = (Column("state", width=16), Column("file"))
COMMITS = (Column("commit", width=8), Column("branch", share=1, hidden_below=50), Column("runs", width=5, right=True),
           Column("uncommitted", width=11, right=True), Column("newest", width=7, right=True), Column("status", width=12),
           Column("when", width=12, right=True, hidden_below=70))
_CLEAN = ("Everything is committed.", "")
_NO_REPOSITORY = ("This project is in no Git repository.", "git init makes one; runs then say which commit they saw")


class GitScreen(ListPlace[Git]):
    """Enter shows how a file differs, or the runs that saw a commit."""

    SCOPE: ClassVar[str | None] = "git"
    PLACE: ClassVar[str] = "Git"
    DEFAULT_CSS = """
    GitScreen #repository { height: 6; }
    GitScreen #dirty { height: 1fr; }
    GitScreen #commits { height: 1fr; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._tree: Worktree | None = None

    def body(self) -> ComposeResult:
        """The repository, what is not committed, the commits that runs saw."""
        view = TextView(id="repository", classes="panel")
        view.border_title = "9 Git"
        yield view
        yield ListTable(DIRTY, title="Not committed", id="dirty", empty=_CLEAN)
        yield ListTable(COMMITS, title="Commits that runs saw", id="commits", empty=(
            "No run saw a commit yet.", "A run of a pipeline file in a Git repository records its commit"))

    def read(self, workspace: Workspace) -> Git:
        """The repository and the runs of its commits."""
        return git(workspace)

    def show(self, data: Git) -> None:
        """Put it on the screen."""
        self._tree = data.tree
        lines = pair_lines(list(_facts(data.tree))) if data.tree else plain_lines("none")
        self.query_one("#repository", TextView).put(lines, from_top=False)
        dirty = data.tree.dirty if data.tree else ()
        self.listing.say_empty(*(_CLEAN if data.tree else _NO_REPOSITORY))
        self.listing.put(map(_file, dirty), f"the first {len(dirty)}" if data.tree and data.tree.more else "")
        self.query_one("#commits", ListTable).put(map(_commit, data.commits))

    @on(Selected, "#dirty")
    def open_file(self, event: Selected) -> None:
        """Show how a file differs from the commit."""
        file = self._dirty(event.key)
        if self._tree is not None and file is not None:
            where = (*self.crumbs(), file.path)
            question = partial(_difference, top=self._tree.top, file=file)
            self.app.push_screen(TextScreen(where, "code" if file.is_untracked else "diff", question))

    def _dirty(self, path: str | None) -> DirtyFile | None:
        return next((one for one in self._tree.dirty if one.path == path), None) if self._tree else None

    @on(Selected, "#commits")
    def open_runs(self, event: Selected) -> None:
        """Show the runs that saw a commit."""
        commit = event.key.partition("/")[0]
        self.app.push_screen(RunsScreen(text=commit[:SHOWN_DIGITS], of=commit[:SHOWN_DIGITS]))

    def action_copy(self) -> None:
        """Copy the commit or the path of the file under the cursor."""
        commits = self.query_one("#commits", ListTable)
        key = (commits.key or "").partition("/")[0] if commits.has_focus else self.listing.key
        if text := key or (self._tree and self._tree.commit):
            copy(self.app, text)


def _difference(workspace: Workspace, top: str, file: DirtyFile) -> Shown:
    del workspace
    return difference(top, file)


def _facts(tree: Worktree) -> Iterator[tuple[str, str]]:
    yield "repository", safe_line(tree.address or tree.top)
    yield "branch", safe_line(tree.branch) if tree.branch else "none: a commit is checked out by itself"
    if tree.commit is None:
        yield "commit", "none yet"
    else:
        yield "commit", f"{tree.commit[:10]} {safe_line(tree.subject)}"
        yield "by", f"{safe_line(tree.author)}, {ago(tree.committed_at)}"


def _file(file: DirtyFile) -> Row:
    words = state_words(file)
    colour = {"untracked": "dim", "deleted": "red", "conflict": "red"}.get(words, "yellow")
    return Row(file.path, (Cell(words, colour), file.path))


def _commit(use: CommitUse) -> Row:
    return Row(f"{use.commit}/{use.run}", (
        use.commit[:SHOWN_DIGITS], use.branch or "", str(use.runs), str(use.dirty or ""), f"#{use.number}", status_cell(use.status),
        since(use.at)))


PLACE = GitScreen
