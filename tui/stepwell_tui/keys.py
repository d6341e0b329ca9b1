"""From actions to Textual's bindings, and keys as people read them."""

from __future__ import annotations

from textual.binding import Binding, BindingType
from textual.keys import format_key

from stepwell_tui.actions import SCOPES, WIDGETS


def bindings(scope: str) -> list[BindingType]:
    """The bindings of a place or of a part of one, by the ids that a keymap names."""
    actions = SCOPES.get(scope) or WIDGETS.get(scope, ())
    return [Binding(action.keys, action.method, action.label, show=action.shown, priority=action.always, id=action.id)
            for action in actions]


_PLAIN = {"enter": "enter", "backspace": "backspace", "delete": "delete"}


def key_text(key: str) -> str:
    """A key as it stands on the keyboard: `question_mark` is `?`."""
    *modifiers, last = key.split("+") if key != "+" else [key]
    return "+".join([*modifiers, _PLAIN.get(last) or format_key(last)])
