"""What every place has: a line of context, a body, a filter, the line of keys, and reading in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual import on, work
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widget import Widget

from stepwell_store.errors import StepwellError
from stepwell_store.workspace import Workspace
from stepwell_tui.clipboard import copy
from stepwell_tui.keys import bindings
from stepwell_tui.widgets.contextbar import ContextBar
from stepwell_tui.widgets.filterbar import FilterBar
from stepwell_tui.widgets.keyline import KeyLine
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.table import VirtualTable

if TYPE_CHECKING:
    from stepwell_tui.app import Dashboard

Data = TypeVar("Data")
Result = TypeVar("Result")

TICK_S = 1.0
"""How often a place that moves is read again."""


class Place(Screen[None], Generic[Data]):
    """A place shows `Data`, which `read` gets from the workspace in a thread and `show` puts on the screen.

    It is read again whenever the workspace changes; only the newest reading counts. Textual calls the `on_` methods of all classes:
    those of a place do not call those of this class.
    """

    SCOPE: ClassVar[str | None] = None
    PLACE: ClassVar[str] = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - Textual's own declaration
    BINDINGS: ClassVar[list[BindingType]] = []
    _is_put_up = False
    _was_left = False

    def __init_subclass__(cls) -> None:
        if cls.SCOPE is not None and "BINDINGS" not in cls.__dict__:
            cls.BINDINGS = bindings(cls.SCOPE)
        super().__init_subclass__()

    @property
    def dashboard(self) -> Dashboard:
        """The application, by its own type."""
        from stepwell_tui.app import Dashboard

        app = self.app
        assert isinstance(app, Dashboard)
        return app

    def compose(self) -> ComposeResult:
        """The line of context, the body, the filter and the line of keys."""
        yield ContextBar(self.dashboard.facts)
        yield from self.body()
        yield FilterBar()
        yield KeyLine()

    def body(self) -> ComposeResult:
        """The widgets of this place."""
        yield Widget()

    def read(self, workspace: Workspace) -> Data:
        """What is to be shown; called in a thread."""
        raise NotImplementedError

    def show(self, data: Data) -> None:
        """Put it on the screen."""
        raise NotImplementedError

    def crumbs(self) -> tuple[str, ...]:
        """Where one is, for the line of context."""
        return (self.PLACE,)

    def on_mount(self) -> None:
        self._is_put_up = True
        self.query_one(ContextBar).crumbs = self.crumbs()
        self.reload()
        self.set_interval(TICK_S, self._tick)

    def moves(self) -> bool:
        """Whether what is shown changes by itself, as times do while a run goes on."""
        return False

    def _tick(self) -> None:
        if self.is_current and self.moves():
            self.reload()

    def on_screen_suspend(self) -> None:
        self._was_left = True

    def on_screen_resume(self) -> None:
        # Textual says so the first time, too, when it is being read already.
        if self._was_left:
            self.reload()

    def reload(self) -> None:
        """Read and show, in place of a reading that is still going on."""
        self._read_again()

    def reload_now(self) -> None:
        """The same because a person wants it, or changed something by their own hand."""
        self.reload()

    @work(exclusive=True, group="read")
    async def _read_again(self) -> None:
        await self._reload()

    async def _reload(self) -> None:
        data = await self.ask(self.read)
        if data is not None:
            self.show(data)

    @property
    def is_here(self) -> bool:
        """Whether there are widgets to show something: not yet while it is put up, no longer while it is taken down."""
        return self._is_put_up and self.is_attached and not self._pruning

    async def ask(self, question: Callable[[Workspace], Result]) -> Result | None:
        """Ask the workspace in a thread; an error that people can act on is shown, and the answer is None.

        None is also the answer when this place was left meanwhile, so nobody shows it there.
        """
        try:
            answer = await asyncio.to_thread(question, self.dashboard.workspace)
        except StepwellError as error:
            self.dashboard.complain(error)
            return None
        return answer if self.is_here else None

    def compare(self, runs: list[str]) -> None:
        """Compare two runs, or one with the one before it."""
        self.do(lambda: self._compare(runs))

    @work(group="doing")
    async def start(self, make: Callable[[], Awaitable[str | None]]) -> None:
        """Start a run, and show it once it exists."""
        run = await make()
        if run is not None and self.is_current:
            self.dashboard.open_run(run)

    @work(group="doing")
    async def do(self, make: Callable[[], Awaitable[object]]) -> None:
        """Do something that takes time, such as starting a run, while the screen goes on."""
        await make()

    async def _compare(self, runs: list[str]) -> None:
        from stepwell_tui import doing
        from stepwell_tui.screens.compare import CompareScreen

        pair = await doing.compare(self.dashboard, runs)
        if pair is not None:
            self.app.push_screen(CompareScreen(*pair))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - as in Textual
        """Whether a key does something: but for going back, not before there are widgets to do it to."""
        return self._is_put_up or action == "back"

    def action_copy_text(self) -> None:
        """Copy what is selected with the mouse, like everything else that is copied."""
        selected = self.get_selected_text()
        if selected is None:
            raise SkipAction
        copy(self.app, selected)

    def action_filter(self) -> None:
        """Open the filter for the list that has the keyboard."""
        table = self.table_at_hand
        self.query_one(FilterBar).open(self.focused, table.narrowed_to if table is not None else "")

    @property
    def table_at_hand(self) -> VirtualTable | None:
        """The list that has the keyboard, else the first one that is to be seen; None in a place without lists."""
        if isinstance(self.focused, VirtualTable):
            return self.focused
        return next((table for table in self.query(VirtualTable) if table.display), None)

    @on(FilterBar.Filtered)
    def _filtered(self, event: FilterBar.Filtered) -> None:
        self.narrow(event)

    def narrow(self, event: FilterBar.Filtered) -> None:
        """Show what has the text in the list for which it was typed."""
        of = event.of if isinstance(event.of, VirtualTable) else self.table_at_hand
        for table in self.query(ListTable):
            if event.of is None or table is of:
                table.narrow(event.text)

    def action_back(self) -> None:
        """Clear the filter, or go back to where one came from."""
        if self._is_put_up and (bar := self.query_one(FilterBar)).is_open:
            bar.close()
        else:
            self.dashboard.go_back()
