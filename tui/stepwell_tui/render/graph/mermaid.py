"""A graph as Mermaid text, which many Markdown viewers draw."""

from __future__ import annotations

from collections.abc import Sequence

from stepwell_tui.render.graph.model import Edge, Node, link
from stepwell_tui.render.status import LOOKS, look_of
from stepwell_tui.render.text import safe_line

FILLS = {"green": "#d3f9d8", "red": "#ffe3e3", "yellow": "#fff3bf", "blue": "#dbe4ff", "cyan": "#c5f6fa", "dim": "#f1f3f5"}
"""A light background for each colour of a status."""


def render_mermaid(nodes: Sequence[Node], edges: Sequence[Edge], status: bool = True) -> str:
    """A flow chart; with `status` its nodes say how they stand. ValueError for an edge to a node that is not there."""
    links = link(nodes, edges)
    lines = ["flowchart LR"]
    for number, node in enumerate(nodes):
        shown = f":::{node.status.lower()}" if status and node.status in LOOKS else ""
        lines.append(f'    n{number}["{_text(node, status)}"]{shown}')
    lines += [f"    n{source} --> n{target}" for source, targets in enumerate(links.after) for target in targets]
    used = sorted({node.status for node in nodes if node.status in LOOKS}) if status else []
    lines += [f"    classDef {word.lower()} fill:{FILLS[look_of(word).colour]},color:#212529" for word in used]
    return "".join(f"{line}\n" for line in lines)


def _text(node: Node, status: bool) -> str:
    said = [part for part in (node.status, node.note) if part] if status else []
    return "<br>".join([_escaped(node.label), *map(_escaped, said)])


def _escaped(text: str) -> str:
    """Every ASCII sign but letters, digits, blanks and `_-.` as Mermaid's `#code;`, so that none of it is markup."""
    return "".join(
        character if character.isalnum() or character in " _-." or ord(character) > 127 else f"#{ord(character)};"
        for character in safe_line(text)
    )
