"""One parameter in a form: its name, what it takes, where its value is typed or chosen, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from stepwell_runner.graph.parameters import ParameterValue
from stepwell_store.errors import UsageError
from stepwell_tui.modals.values import Draft, facts, read, text_of
from stepwell_tui.render.text import safe_line


class Changed(Message):
    """Another value was typed or chosen in a field."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field


class Cycle(Widget, can_focus=True):
    """One of a few values on one line: space and the arrows go to the next. `chosen` is -1 as long as there is none."""

    class Turned(Message):
        """Another value was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space,l", "turn(1)", "Next value", show=False),
        Binding("left,h", "turn(-1)", "Value before", show=False),
    ]
    DEFAULT_CSS = """
    Cycle { height: 1; padding: 0 1; background: $panel; }
    Cycle:focus { background: $primary 25%; text-style: bold; }
    """

    chosen: reactive[int] = reactive(-1)

    def __init__(self, texts: Sequence[str], chosen: int) -> None:
        super().__init__()
        self._texts = [safe_line(text) for text in texts]
        self.set_reactive(Cycle.chosen, chosen)

    def render(self) -> Text:
        """The value between arrows, and which of how many it is."""
        value = self._texts[self.chosen] if self.chosen >= 0 else "choose one"
        return Text(f"‹ {value} ›  {self.chosen + 1}/{len(self._texts)}", no_wrap=True, overflow="ellipsis")  # noqa: RUF001

    def action_turn(self, by: int) -> None:
        """Go to another value, round and round."""
        self.chosen = (self.chosen + by) % len(self._texts) if self.chosen >= 0 else (0 if by > 0 else len(self._texts) - 1)
        self.post_message(self.Turned())


class Field(Vertical):
    """A parameter. Its value is read from the widgets only when it is asked for."""

    DEFAULT_CSS = """
    Field { height: auto; margin: 0 0 1 0; }
    Field Static { height: auto; }
    Field .about { color: $soft; }
    Field .wrong { color: $text-error; display: none; }
    """

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft = draft
        self._options: list[ParameterValue | None] = list(draft.options)
        if self._options and draft.parameter.optional:
            self._options.insert(0, None)

    @property
    def name_of(self) -> str:
        """The parameter's name."""
        return self._draft.parameter.name

    def compose(self) -> ComposeResult:
        """Name and type, the description, the value, and a line for what is wrong."""
        parameter = self._draft.parameter
        yield Static(Content.assemble((safe_line(parameter.name), "bold"), ("  " + facts(parameter), "$soft")))
        if parameter.description:
            yield Static(safe_line(parameter.description), classes="about", markup=False)
        if self._options:
            # By text: 1 is equal to True in Python.
            texts = ["none" if option is None else text_of(option) for option in self._options]
            start = "none" if self._draft.value is None else self._draft.text
            yield Cycle(texts, texts.index(start) if start in texts else -1)
        else:
            field = Input(self._draft.text, compact=True)
            field.cursor_blink = False
            yield field
        yield Static("", classes="wrong", markup=False)

    def value(self) -> ParameterValue | None:
        """What is typed or chosen; None for an optional parameter without one. UsageError when it does not fit."""
        if not self._options:
            return read(self._draft, self.query_one(Input).value)
        chosen = self.query_one(Cycle).chosen
        if chosen < 0:
            raise UsageError("it has no value yet")
        return self._options[chosen]

    def check(self, *, complete: bool) -> bool:
        """Show what is wrong with the value; whether nothing is. A missing value is wrong only when the form is `complete`."""
        try:
            self.value()
        except UsageError as error:
            self._say("" if self._is_empty() and not complete else f"{error.what}. {error.todo or ''}".strip())
            return False
        self._say("")
        return True

    def take_focus(self) -> None:
        """Go to where the value is typed or chosen."""
        self.query_one("Input, Cycle").focus()

    def _is_empty(self) -> bool:
        return not self._options and not self.query_one(Input).value

    def _say(self, text: str) -> None:
        line = self.query_one(".wrong", Static)
        line.update(f"✗ {safe_line(text)}" if text else "")
        line.display = bool(text)

    @on(Input.Changed)
    @on(Cycle.Turned)
    def _changed(self, event: Message) -> None:
        event.stop()
        self.post_message(Changed(self))
