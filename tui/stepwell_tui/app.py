"""The dashboard: places behind digits, themes, keys, and what is common to all of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import ScreenError
from textual.binding import BindingType
from textual.css.query import NoMatches
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.theme import Theme

from stepwell_store.errors import StepwellError
from stepwell_store.workspace import Workspace
from stepwell_tui import keys, memory, theme
from stepwell_tui.actions import PLACES
from stepwell_tui.configured import Configured
from stepwell_tui.feed import Changed, Feed
from stepwell_tui.render.text import safe_text
from stepwell_tui.screens.place import Place
from stepwell_tui.services import Services
from stepwell_tui.settings import DEFAULTS, Settings
from stepwell_tui.views.context import Facts, context
from stepwell_tui.widgets.contextbar import ContextBar

if TYPE_CHECKING:
    from stepwell_tui.palette.entries import Entry


def _screen(name: str) -> Callable[[], Screen[Any]]:
    def make() -> Screen[Any]:
        made: Screen[Any] = import_module(f"stepwell_tui.screens.{name}").PLACE()
        return made

    return make

PARENT_S = 2.0


class Dashboard(Configured):
    """The application over one workspace. `services` is what the door above hands in; `kept` is where it remembers, if it shall."""

    TITLE = "Stepwell"
    CSS_PATH = "dashboard.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("everywhere")
    MODES: ClassVar[dict[str, Any]] = {name: _screen(name) for _, name, _ in PLACES}
    DEFAULT_MODE = "home"
    ENABLE_COMMAND_PALETTE = False  # ours is another one

    def __init__(self, workspace: Workspace, services: Services, settings: Settings = DEFAULTS, *, kept: Path | None = None) -> None:
        super().__init__(settings)
        self.workspace = workspace
        self.services = services
        self.facts = Facts(workspace.name)
        self.complaints: list[str] = []
        self._kept = kept
        self._feed = Feed(workspace, self.post_message)
        self._remembered = self.theme = self._first_theme()
        self._before: str | None = None
        self._of: int | None = None
        self.animation_level = "none"

    def _first_theme(self) -> str:
        for one in theme.THEMES:
            self.register_theme(one)
        remembered = memory.recall(self._kept).theme if self._kept else ""
        return theme.first_theme(self.available_themes, os.environ.get("TEXTUAL_THEME"), self.settings.theme, remembered)

    def _handle_exception(self, error: Exception) -> None:
        # A screen that was just opened may find its widgets gone while all is taken down: of no matter to anybody any more.
        if self.is_running or not isinstance(error, (NoMatches, ScreenError)):
            super()._handle_exception(error)

    def ends_with(self, parent: int) -> None:
        """End when this process is no longer a child of that one, such as of the server of a page that was killed."""
        self._of = parent

    def _look_for_parent(self) -> None:
        if os.getppid() != self._of:
            self.exit()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What our own style sheets need of any theme."""
        return theme.DEFAULTS

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self._remember)
        self.set_keymap(self.settings.keys)
        # Textual repaints after a program that it handed the terminal to, not after the shell had it.
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))
        self._feed.start()
        if self._of is not None:
            self.set_interval(PARENT_S, self._look_for_parent)
        self.refresh_context()

    def on_unmount(self) -> None:
        self._feed.stop()

    def _remember(self, chosen: Theme) -> None:
        if self._kept is not None and chosen.name != self._remembered:
            self._remembered = chosen.name
            with suppress(OSError):  # next time it is the one before
                memory.remember(self._kept, memory.Memory(chosen.name))

    # --- what changes

    def on_changed(self, event: Changed) -> None:
        event.stop()
        self.refresh_context()
        if isinstance(self.screen, Place):
            self.screen.reload()

    def refresh_context(self) -> None:
        """Read what the top line shows."""
        self._read_context()

    @work(exclusive=True, group="context")
    async def _read_context(self) -> None:
        self.facts = await asyncio.to_thread(context, self.workspace)
        if self.is_running and self.screen_stack:
            for bar in self.screen.query(ContextBar):
                bar.facts = self.facts

    def complain(self, error: StepwellError | str) -> None:
        """Show an error and keep it in the list of messages."""
        self.notify(safe_text(str(error)), severity="error", markup=False, timeout=8)

    def notify(self, message: str, *, title: str = "", severity: SeverityLevel = "information", timeout: float | None = None,
               markup: bool = True) -> None:
        """Say it in a toast; an error is also kept in the list of messages, whoever says it."""
        if severity == "error":
            self.complaints.append(message)
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)

    # --- going about

    async def action_go(self, name: str) -> None:
        """Go to a place."""
        if name != self.current_mode:
            self._before = self.current_mode
            await self.switch_mode(name)

    async def action_previous(self) -> None:
        """Go to the place before this one."""
        if self._before is not None:
            await self.action_go(self._before)

    def go_back(self) -> None:
        """Leave what was drilled into; at the root of a place nothing happens."""
        if len(self.screen_stack) > 1:
            self.pop_screen()

    def action_leave(self) -> None:
        """Leave what was drilled into; at the root of a place end the dashboard. Runs go on."""
        if len(self.screen_stack) > 1:
            self.pop_screen()
        else:
            self.exit()

    def action_reload(self) -> None:
        """Read everything again."""
        self.refresh_context()
        if isinstance(self.screen, Place):
            self.screen.reload_now()

    def action_filter(self) -> None:
        """A place that can be filtered has its own."""

    def action_next_theme(self) -> None:
        """Take the next of our own themes."""
        names = [one.name for one in theme.THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)] if self.theme in names else names[0]

    def action_help(self) -> None:
        """Show every key that works here."""
        from stepwell_tui.modals.help import Help

        self.push_screen(Help(self.screen))

    def action_palette(self) -> None:
        """Go to anything, or do anything, by name."""
        from stepwell_tui.modals.palette import Palette
        from stepwell_tui.palette import going, sources

        bindings = list(self.screen.active_bindings.values())
        known = [*sources.places(), *sources.doings(bindings)]
        more = [partial(source, self.workspace) for source in sources.sources(self.services)]
        doings = {one.binding.id: one for one in bindings if one.binding.id is not None}

        def chosen(entry: Entry | None) -> None:
            if entry is not None:
                self.run_worker(going.go(self, entry, doings))

        self.push_screen(Palette(known, more, partial(sources.runs_like, self.workspace)), chosen)

    def action_messages(self) -> None:
        """Show the errors so far."""
        from stepwell_tui.modals.messages import Messages

        self.push_screen(Messages(self.complaints))

    def open_run(self, run: str, panel: str = "log") -> None:
        """Show one run, at first with this panel of it."""
        from stepwell_tui.screens.run import RunScreen

        self.push_screen(RunScreen(run, panel))

    @property
    def base(self) -> Path:
        """The project's folder."""
        return self.workspace.base
