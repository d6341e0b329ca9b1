"""What is wrong with a pipeline file, and what a person should know about it: gathered, so that all is told at once."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from stepwell_store.errors import UsageError

_SHOWN = 20


class Finding(msgspec.Struct, frozen=True):
    """One sentence about one place."""

    what: str
    where: str


class Findings:
    """Mistakes and notices of one load. With `lax`, what Azure's own client would let pass is a notice, else a mistake."""

    def __init__(self, lax: bool = False) -> None:
        self.lax = lax
        self.mistakes: list[Finding] = []
        self.notices: list[Finding] = []
        self._ignored: list[Finding] = []
        self._has_strict = False

    def error(self, what: str, where: str) -> None:
        """A mistake in any case."""
        self._add(self.mistakes, Finding(what, where))

    def strict(self, what: str, where: str) -> None:
        """A mistake that Azure's client lets pass."""
        self._has_strict |= not self.lax
        self._add(self.notices if self.lax else self.mistakes, Finding(what, where))

    def ignored(self, what: str, where: str) -> None:
        """Something that Azure ignores: a notice, but told with mistakes too, whose cause it may be."""
        self._ignored.append(Finding(what, where))
        self.notice(what, where)

    def notice(self, what: str, where: str) -> None:
        """Something that a person should know; once, however many places it is true of."""
        if all(one.what != what for one in self.notices):
            self.notices.append(Finding(what, where))

    @staticmethod
    def _add(to: list[Finding], finding: Finding) -> None:
        if finding not in to:
            to.append(finding)

    def settle(self) -> None:
        """UsageError that tells all mistakes, if there are some."""
        if not self.mistakes:
            return
        first, *others = self.mistakes
        told = [f"{one.what} ({one.where})" for one in others[: _SHOWN - 1]]
        if len(others) >= _SHOWN:
            told.append(f"... and {len(others) - _SHOWN + 1} more mistakes")
        told += [f"{one.what} ({one.where})" for one in self._ignored]
        if self._has_strict:
            told.append("Azure's own client would let some of this pass, and its service not; --lax does too, with warnings.")
        raise UsageError(first.what, where=first.where, todo="\n".join(told) or None)


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the known name that looks most like it, else the known names, else nothing."""
    from difflib import get_close_matches

    names = [str(one) for one in known]
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; there are: {', '.join(names[:25])}" if names else ""
