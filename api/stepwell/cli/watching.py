"""What a watcher says, on a terminal, in lines, or as JSON."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from stepwell.cli.common import say, terminal
from stepwell.cli.printing import plain
from stepwell_runner.watch.linecounts import MINUS
from stepwell_runner.watch.news import Looked, Notice, Trouble
from stepwell_runner.watch.states import States, StepState, in_words
from stepwell_tui.render.status import paint
from stepwell_tui.render.text import pad, safe_line, safe_text, truncate

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

NAME_CELLS = 16
MANY = 8
"""More fresh steps than this are told in one line."""

_LOOKS = {"fresh": ("✓", "+", "green"), "stale": ("●", ">", "yellow"), "follows": ("◌", ".", "dim"), "unknown": ("·", "?", "dim")}


class View(Protocol):
    """Shows what a watcher says."""

    def looked(self, news: Looked) -> None:
        """A plan said something new."""
        ...

    def notice(self, notice: Notice) -> None:
        """Something about the watching itself."""
        ...

    def ran(self, run: dict[str, Any]) -> None:
        """A run for the last edits has ended; in the shape of `run --json`."""
        ...

    def pause(self) -> None:
        """Somebody else writes to the terminal from here on."""
        ...

    def go_on(self) -> None:
        """The terminal is free again."""
        ...


class Json:
    """A JSON object a line; `type` says which. Of a plan only what is new."""

    def looked(self, news: Looked) -> None:
        data: dict[str, Any] = msgspec.to_builtins(news)
        del data["states"]
        self._write(data)

    def notice(self, notice: Notice) -> None:
        self._write(msgspec.to_builtins(notice))

    def ran(self, run: dict[str, Any]) -> None:
        self._write({"type": "ran", **run})

    def pause(self) -> None:
        pass

    def go_on(self) -> None:
        pass

    def _write(self, data: dict[str, Any]) -> None:
        sys.stdout.buffer.write(msgspec.json.encode(data) + b"\n")
        sys.stdout.buffer.flush()


class Lines:
    """The time and what is new, a line each. With several pipelines (`many`) each step is named after its file."""

    def __init__(self, *, many: bool) -> None:
        self._many = many

    def looked(self, news: Looked) -> None:
        clock = time.strftime("%H:%M:%S", time.localtime(news.at))
        for line in self._lines(news):
            print(f"{clock} {line}", flush=True)

    def notice(self, notice: Notice) -> None:
        say(safe_text(notice.text))

    def ran(self, run: dict[str, Any]) -> None:
        pass

    def pause(self) -> None:
        pass

    def go_on(self) -> None:
        pass

    def _lines(self, news: Looked) -> Iterator[str]:
        file = safe_line(os.path.basename(news.pipeline))
        if news.trouble is not None:
            yield f"{file} is broken: {safe_text(_told(news.trouble))}"
            return
        if news.mended:
            yield f"{file} is mended" + ("" if news.changed or news.gone else ", and nothing changed")
        fresh = [one for one in news.changed if one.state == "fresh"]
        if len(fresh) > MANY:
            yield self._line(file, f"{len(fresh)} steps", "fresh", "")
        for one in news.changed:
            if one.state != "fresh" or len(fresh) <= MANY:
                yield self._line(file, one.step, one.state, in_words(one))
        for step in news.gone:
            yield self._line(file, step, "gone", "")

    def _line(self, file: str, step: str, state: str, why: str) -> str:
        name = f"{file}: {safe_line(step)}" if self._many else safe_line(step)
        return f"{pad(name, NAME_CELLS)} {state:8} {_shown(why)}".rstrip()


class List:
    """All steps as they are, below each other, renewed in place. Notices and what a run says are above it."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.text import Text

        out = terminal()
        self._text = Text
        self._console = Console(highlight=False, markup=False, no_color=not out.colour)
        self._pipelines: dict[str, Looked] = {}
        self._live: Live | None = None

    def looked(self, news: Looked) -> None:
        self._pipelines[news.pipeline] = news
        self.go_on()

    def notice(self, notice: Notice) -> None:
        self._console.print(self._text(safe_text(notice.text)), soft_wrap=True)

    def ran(self, run: dict[str, Any]) -> None:
        pass

    def pause(self) -> None:
        if self._live is not None:
            self._live.stop()
        self._live = None

    def go_on(self) -> None:
        from rich.live import Live

        if self._live is None:
            # What stands in for a redirected stdout does not say that it takes Unicode.
            self._live = Live(console=self._console, auto_refresh=False, vertical_overflow="ellipsis", redirect_stdout=False)
            self._live.start()
        self._live.update(self._content(), refresh=True)

    def _content(self) -> Text:
        lines = [line for news in self._pipelines.values() for line in list_lines(news)]
        return self._text.from_ansi("\n".join(lines), no_wrap=True)


def list_lines(news: Looked) -> Iterator[str]:
    """A pipeline and its steps, a line each, for a terminal."""
    out = terminal()
    clock = time.strftime("%H:%M:%S", time.localtime(news.at))
    head = paint(safe_line(os.path.basename(news.pipeline)), "bold", out.colour)
    yield f"{head}  {_counts(news.states) if news.trouble is None else paint('broken', 'red', out.colour)}  {clock}"
    if news.trouble is not None:
        yield from (paint(line, "red", out.colour) for line in safe_text(_told(news.trouble)).splitlines())
    for one in news.states:
        yield _list_line(one, out.width, colour=out.colour, unicode=out.unicode)


def _list_line(one: StepState, width: int, *, colour: bool, unicode: bool) -> str:
    glyph, ascii_glyph, shade = _LOOKS[one.state]
    head = f"{glyph if unicode else ascii_glyph} {one.state:8}"
    rest = f"{pad(safe_line(one.step), NAME_CELLS)} {_shown(in_words(one))}".rstrip()
    return f"{paint(head, shade, colour)} {truncate(rest, max(20, width - 12))}"


def _counts(states: States) -> str:
    counts = Counter[str](one.state for one in states)
    return ", ".join(f"{counts[state]} {word}" for state, word in (("stale", "stale"), ("follows", "may follow"), ("fresh", "fresh"))
                     if counts[state])


def _shown(why: str) -> str:
    text = plain(safe_line(why))
    return text if terminal().unicode else text.replace(MINUS, "-")


def _told(trouble: Trouble) -> str:
    place = f" ({trouble.where})" if trouble.where else ""
    return trouble.what + place + (f"\n{trouble.todo}" if trouble.todo else "")


def view_for(*, as_json: bool, many: bool) -> View:
    """The view that suits stdout."""
    if as_json:
        return Json()
    return List() if terminal().is_terminal and os.environ.get("TERM") != "dumb" else Lines(many=many)
