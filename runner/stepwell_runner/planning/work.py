"""What of a step's work counts for its result, as ingredients. How many work at once, and how much is logged, does not."""

from __future__ import annotations

import msgspec

from stepwell_runner.graph.parallel import Parallel
from stepwell_runner.graph.sweep import Sweep
from stepwell_runner.graph.tokens import Token, Value

PREFIX = "work/"

_IGNORED = frozenset(("nodes", "workers", "logging", "concurrent"))
_encode = msgspec.json.Encoder(order="deterministic").encode


def work_ingredients(work: Parallel | Sweep) -> dict[str, str]:
    """`work/<setting>` to JSON for every setting that is not what it is by default."""
    told: dict[str, msgspec.Raw] = msgspec.json.decode(_encode(work), type=dict[str, msgspec.Raw])
    return {PREFIX + name: bytes(value).decode() for name, value in told.items() if name not in _IGNORED}


def work_tokens(work: Parallel | Sweep) -> tuple[Token, ...]:
    """The tokens that are written in the work itself, those that do not count left out."""
    if isinstance(work, Sweep):
        return ()
    counting = msgspec.structs.replace(work, **{name: None for name in _IGNORED if hasattr(work, name)})
    return counting.tokens()


class _Worded(Value, frozen=True):
    """The forms in which the value of a setting says what it is."""

    type: str | None = None
    text: str | None = None
    name: str | None = None


def setting_words(encoded: str | None) -> str | None:
    """A stored setting as people read it: the text of a token, else the JSON without its quotes."""
    if encoded is None:
        return None
    try:
        found = msgspec.json.decode(encoded, type=_Worded)
    except msgspec.MsgspecError:
        return encoded.strip('"')
    if found.type == "text" and found.text is not None:
        return found.text
    return f"{{{found.type}:{found.name}}}" if found.type == "parameter" else encoded
