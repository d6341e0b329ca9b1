"""The layered drawing: layers from left to right, one row per line, arrows at the steps."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stepwell_tui.render.graph.canvas import Canvas
from stepwell_tui.render.graph.labels import Label
from stepwell_tui.render.graph.layers import Layering
from stepwell_tui.render.graph.routing import Conflict, Track, route
from stepwell_tui.render.graph.rows import Rows
from stepwell_tui.render.text import display_width

_FEW_TRACKS, _PATIENCE = 6, 100


class _Column(msgspec.Struct, frozen=True):
    """Where a layer is, in cells: lines join at `join`, words begin at `words` and end before `end`; then the tracks."""

    join: int
    words: int
    end: int
    tracks: list[Track]
    spacing: int

    def x(self, track: Track) -> int:
        return self.end + 1 + track.column * self.spacing

    @property
    def next(self) -> int:
        """Where the next layer begins."""
        last = max((self.x(track) for track in self.tracks), default=self.end)
        return last + 1


def draw(layering: Layering, labels: Sequence[Label], width: int) -> Canvas | None:
    """The drawing, or None when it would be wider than so many cells."""
    if not _could_fit(layering, labels, width):
        return None
    rows = Rows(layering)
    columns: list[_Column] = []
    for index, layer in enumerate(layering.layers):
        tracks = _routed(layering, rows, index)
        columns.append(_column(layering, layer, labels, columns[-1].next if columns else -2, tracks))
        if columns[-1].end > width:
            return None
    top = min(rows.first, default=0)
    bottom = max((rows.first[item] + rows.height(item) for item in range(len(rows.first))), default=0)
    canvas = Canvas(max((column.end for column in columns), default=0) + 1, bottom - top)
    for index, layer in enumerate(layering.layers):
        _draw_layer(canvas, layering, rows, labels, layer, columns[index], -top)
        if index + 1 < len(columns):
            _draw_channel(canvas, layering, rows, layer, columns[index], columns[index + 1].join, -top)
    return canvas


def _could_fit(layering: Layering, labels: Sequence[Label], width: int) -> bool:
    """A quick look, before the work: labels and the least room between layers."""
    widest = (max((labels[item].width for item in layer if item < layering.nodes), default=0) for layer in layering.layers)
    return sum(widest) + 4 * (len(layering.layers) - 1) <= width


def _routed(layering: Layering, rows: Rows, index: int) -> list[Track]:
    """Place the layer after this one, making room in it until the lines can be drawn; the tracks between the two."""
    if index + 1 == len(layering.layers):
        return []
    layer, after = layering.layers[index], layering.layers[index + 1]
    rows.follow(after)
    for attempt in range(_PATIENCE + 1):
        lines = {
            item: (rows.first[item], [rows.arrival(item, target) for target in layering.after[item]])
            for item in layer
            if layering.after[item]
        }
        try:
            return route(lines)
        except Conflict as conflict:
            if attempt < _PATIENCE - 1:
                rows.push_down(after, conflict.row)
            else:
                least = min(rows.first[item] for item in after)
                rows.push_down(after, least, max(rows.first[item] for item in layer) - least + 1)
    raise AssertionError("lines to rows below all others always have tracks")


def _column(layering: Layering, layer: Sequence[int], labels: Sequence[Label], join: int, tracks: list[Track]) -> _Column:
    words = join + 2
    end = words + max((labels[item].width for item in layer if item < layering.nodes), default=0)
    return _Column(join, words, end, tracks, 2 if len({track.column for track in tracks}) <= _FEW_TRACKS else 1)


def _draw_layer(
    canvas: Canvas, layering: Layering, rows: Rows, labels: Sequence[Label], layer: Sequence[int], column: _Column, shift: int
) -> None:
    for item in layer:
        row = rows.first[item] + shift
        if item >= layering.nodes:
            canvas.horizontal(row, column.join, column.end)
            continue
        if layering.before[item]:
            canvas.vertical(column.join, row, row + rows.height(item) - 1)
            canvas.horizontal(row, column.join, column.join + 1)
        _write(canvas, row, column, labels[item], bool(layering.before[item]))
        if layering.after[item]:
            canvas.horizontal(row, column.words + labels[item].width, column.end)


def _write(canvas: Canvas, row: int, column: _Column, label: Label, arrow: bool) -> None:
    if arrow:
        canvas.arrow(row, column.words - 1)
    at = column.words
    for text, colour in ((label.glyph, label.colour), (label.name, None), (label.rest, "dim")):
        if text:
            canvas.write(row, at, text, colour)
            at += display_width(text)


def _draw_channel(
    canvas: Canvas, layering: Layering, rows: Rows, layer: Sequence[int], column: _Column, join: int, shift: int
) -> None:
    tracks: dict[int, list[Track]] = {}
    for track in column.tracks:
        tracks.setdefault(track.source, []).append(track)
        canvas.vertical(column.x(track), track.low + shift, track.high + shift)
    for item in layer:
        row = rows.first[item]
        own = tracks.get(item, [])
        for arrival in (rows.arrival(item, target) for target in layering.after[item]):
            # A line that goes straight on begins at its source, the others at their track.
            start = column.end if arrival == row else next(column.x(one) for one in own if one.low <= arrival <= one.high)
            canvas.horizontal(arrival + shift, start, join)
        if own:
            canvas.horizontal(row + shift, column.end, max(map(column.x, own)))
