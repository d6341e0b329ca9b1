"""What a person has set for the dashboard, in `~/.config/stepwell/config.toml`: `[ui]` for the look, `[keys]` for the keys."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
from textual.theme import BUILTIN_THEMES

from stepwell_store.errors import UsageError
from stepwell_tui.actions import clashes, unknown
from stepwell_tui.theme import THEMES

Way = Literal["auto", "native", "osc52"]
"""How to copy: both ways; by programs only; by the terminal only."""

THEME_NAMES = (*(theme.name for theme in THEMES), *BUILTIN_THEMES)
"""All that there are, our own first."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`theme` is empty for the one chosen last; `ascii` draws without characters beyond ASCII; `keys` has action id → keys."""

    theme: str = ""
    ascii: bool = False
    mouse: bool = True
    clipboard: Way = "auto"
    keys: Mapping[str, str] = {}


DEFAULTS = Settings()
"""Of who set nothing."""


def config_path() -> Path:
    """Where a person's own settings are."""
    base = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return Path(base) / "stepwell" / "config.toml"


def load(path: Path | None = None) -> Settings:
    """Read them; UsageError says in which line of the file something is wrong, and what would be right."""
    path = path or config_path()
    try:
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except FileNotFoundError:
        return DEFAULTS
    except (OSError, ValueError) as error:
        raise UsageError(f"the settings cannot be read: {error}", where=str(path)) from error
    return _File(path, text).settings(tables)


class _File(msgspec.Struct, frozen=True):
    path: Path
    text: str

    def settings(self, tables: Mapping[str, Any]) -> Settings:
        for name, table in tables.items():
            if name not in _TABLES:
                raise self._error("", name, f"there is no table {name} in the settings", _instead(name, _TABLES))
            if not isinstance(table, dict):
                raise self._error("", name, f"{name} is a table", f"[{name}], and below it a line for each setting")
        for name, value in tables.get("ui", {}).items():
            if name not in _RULES:
                raise self._error("ui", name, f"there is no setting {name} in [ui]", _instead(name, _RULES))
            fits, right = _RULES[name]
            if not fits(value):
                raise self._error("ui", name, f"{name} cannot be {msgspec.json.encode(value).decode()}", _right(name, value, right))
        return Settings(**tables.get("ui", {}), keys=self._keys(tables.get("keys", {})))

    def _keys(self, table: Mapping[str, Any]) -> dict[str, str]:
        for name, keys in table.items():
            if not isinstance(keys, str):
                raise self._error("keys", name, f"{name} has no keys", f'"{name}" = "f5", in quotes; several with commas between them')
        problems = [f"there is no action {name}" for name in unknown(table)] + clashes(table)
        if problems:
            raise UsageError("the keys in the settings do not fit: " + "; ".join(problems), where=str(self.path),
                             todo="`stepwell ui --keys` lists every action with its keys")
        return dict(table)

    def _error(self, table: str, name: str, what: str, todo: str) -> UsageError:
        line = line_of(self.text, table, name)
        return UsageError(what, where=f"{self.path}, line {line}" if line else str(self.path), todo=todo)


def line_of(text: str, table: str, name: str) -> int | None:
    """The line, from 1 on, that sets a name in a table, or begins the table of that name at the top; None when it cannot be told."""
    at = ""
    for number, line in enumerate(text.splitlines(), 1):
        if head := re.match(r"\s*\[+\s*[\"']?([\w.-]+)[\"']?\s*\]", line):
            at = head[1]
            if not table and at.split(".")[0] == name:
                return number
        elif at == table and re.match(rf"\s*[\"']?{re.escape(name)}[\"']?\s*[.=]", line):
            return number
    return None


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


_TABLES = ("ui", "keys")
_SWITCH = (_is_bool, "true or false, without quotes")
_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "theme": (lambda value: value in THEME_NAMES, f"one of {', '.join(THEME_NAMES)}"),
    "ascii": _SWITCH,
    "mouse": _SWITCH,
    "clipboard": (lambda value: value in get_args(Way), f"one of {', '.join(get_args(Way))}"),
}
"""For each setting of `[ui]` whether a value fits, and what would be right."""


def _right(name: str, value: object, right: str) -> str:
    near = difflib.get_close_matches(value, THEME_NAMES, 1) if name == "theme" and isinstance(value, str) else []
    return (f"did you mean {near[0]}? " if near else "") + f"{name} is {right}"


def _instead(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
