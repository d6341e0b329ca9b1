"""From actions to Textual's bindings, and the keymap of a person's own."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from textual.binding import Binding, BindingType
from textual.keys import format_key

from stepwell_store.errors import UsageError
from stepwell_tui.actions import SCOPES, clashes, unknown


def bindings(scope: str) -> list[BindingType]:
    """The bindings of a place, by the ids that a keymap names."""
    return [Binding(action.keys, action.method, action.label, show=action.shown, id=action.id) for action in SCOPES[scope]]


_PLAIN = {"enter": "enter", "backspace": "backspace", "delete": "delete"}


def key_text(key: str) -> str:
    """A key as it stands on the keyboard: `question_mark` is `?`."""
    *modifiers, last = key.split("+") if key != "+" else [key]
    return "+".join([*modifiers, _PLAIN.get(last) or format_key(last)])


def config_path() -> Path:
    """Where a person's own settings are."""
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return Path(base) / "stepwell" / "config.toml"


def load_keymap(path: Path | None = None) -> dict[str, str]:
    """The table `[keys]` of the settings, action id → keys. UsageError for ids that do not exist and keys that clash."""
    path = path or config_path()
    try:
        data = tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"the settings cannot be read: {error}", where=str(path)) from error
    keymap = {str(name): str(keys) for name, keys in data.get("keys", {}).items()}
    problems = [f"there is no action {name}" for name in unknown(keymap)] + clashes(keymap)
    if problems:
        raise UsageError("the keys in the settings do not fit: " + "; ".join(problems), where=str(path),
                         todo="`stepwell ui --keys` lists every action with its keys")
    return keymap
