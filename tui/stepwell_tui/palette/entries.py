"""Things by name, and which of them some words mean; without a screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, get_args

import msgspec

Kind = Literal["place", "action", "run", "pipeline", "dataset", "datastore", "snapshot", "environment", "published", "endpoint", "theme"]

_SHORT: dict[str, Kind] = {
    "go": "place", "runs": "run", "pl": "pipeline", "ds": "dataset", "store": "datastore", "snap": "snapshot", "env": "environment",
    "pub": "published", "ep": "endpoint",
}
KINDS: dict[str, Kind] = {**{kind: kind for kind in get_args(Kind)}, **_SHORT}
"""What one can type before a name, such as `run 42` or `ds churn`."""

MOST = 500
WEAK = 5
"""The score of letters that are only somewhere in a name, in this order: they count where nothing fits better."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A thing of a kind: `key` tells it from the others, `also` is found by but not shown, `keys` do the same without all this.

    `name` and `detail` may be foreign text; `colour`, one of `render.status`, is that of the detail.
    """

    kind: Kind
    key: str
    name: str
    detail: str = ""
    colour: str = "dim"
    also: str = ""
    keys: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """What tells it from all others."""
        return f"{self.kind} {self.key}"


def ranked(entries: Iterable[Entry], text: str) -> list[Entry]:
    """Those that all words of a text fit, best first; all of them, in their own order, when there is no word.

    A first word that names a kind, as in `run 42`, leaves only things of that kind.
    """
    words = text.split()
    kind = KINDS.get(words[0].casefold()) if words and (len(words) > 1 or text.endswith(" ")) else None
    if kind is not None:
        entries, words = (one for one in entries if one.kind == kind), words[1:]
    scored = [([_score(one, word) for word in words], one) for one in entries]
    found = [pair for pair in scored if min(pair[0], default=WEAK + 1) > WEAK] or [pair for pair in scored if min(pair[0])]
    return [one for _, one in sorted(found, key=lambda pair: -sum(pair[0]))[:MOST]]


def subject(text: str) -> str:
    """The word that tells most of what is looked for: the first that does not name its kind."""
    words = text.split()
    if words and words[0].casefold() in KINDS:
        words = words[1:]
    return words[0] if words else ""


def _score(one: Entry, word: str) -> int:
    """How well a word fits; 0 for not at all."""
    if word in one.keys:
        return 100
    word = word.casefold()
    return next((score for score, fits in _signs(one, word) if fits), 0)


def _signs(one: Entry, word: str) -> Iterator[tuple[int, bool]]:
    name, rest = one.name.casefold(), f"{one.detail} {one.also}".casefold()
    yield 95, name == word
    yield 90, word in [part.lstrip("#") for part in name.split()]
    yield 70, name.lstrip("#").startswith(word)
    yield 50, _begins(name, word)
    yield 40, word in name
    yield 30, KINDS.get(word) == one.kind or one.kind.startswith(word)
    yield 20, _begins(rest, word)
    yield 15, word in rest
    yield WEAK, len(word) > 1 and _has_in_order(name, word)


def _begins(text: str, word: str) -> bool:
    """Whether a part of the text begins with it: of words, and of names with hyphens, dots and slashes in them."""
    at = text.find(word)
    while at >= 0:
        if at == 0 or not text[at - 1].isalnum():
            return True
        at = text.find(word, at + 1)
    return False


def _has_in_order(text: str, word: str) -> bool:
    letters = iter(text)
    return all(letter in letters for letter in word)
