"""The form in which the parameters of a pipeline are set before it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from stepwell_runner.graph.model import Parameter
from stepwell_runner.graph.parameters import ParameterValue
from stepwell_tui.modals.box import Box
from stepwell_tui.modals.fields import Changed, Field
from stepwell_tui.modals.values import drafts

Values = dict[str, ParameterValue]


class Form(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The fields; it scrolls to the one that has the focus, so the arrows are free to go from field to field."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "app.focus_previous", "Field before", show=False),
        Binding("down", "app.focus_next", "Next field", show=False),
    ]
    DEFAULT_CSS = "Form { height: auto; max-height: 75vh; scrollbar-size-vertical: 1; }"


class Parameters(Box[Values | None]):
    """Answers the values of all parameters that have one, None when it was left. `last` are the values of an earlier run."""

    AUTO_FOCUS: ClassVar[str | None] = "Input, Cycle"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "accept", "Run", show=False)]

    def __init__(self, parameters: Sequence[Parameter], last: Mapping[str, Any] | None = None, *, title: str = "Run") -> None:
        super().__init__(title, "enter runs · ↑↓ next field · esc cancels")
        self._drafts = drafts(parameters, last or {})

    def content(self) -> ComposeResult:
        """A field for each parameter."""
        with Form():
            for draft in self._drafts:
                yield Field(draft)
            if not self._drafts:
                yield Static("This pipeline has no parameters.")

    @on(Changed)
    def look(self, event: Changed) -> None:
        """Say at once what does not fit."""
        event.field.check(complete=False)

    @on(Input.Submitted)
    def action_accept(self) -> None:
        """Answer, or go to the first field whose value does not fit."""
        fields = list(self.query(Field))
        wrong = [field for field in fields if not field.check(complete=True)]
        if wrong:
            wrong[0].take_focus()
        else:
            self.dismiss({field.name_of: value for field in fields if (value := field.value()) is not None})
