"""What a script says, as a tree. Nodes are equal when they say the same, wherever they stand."""


class Node:
    """`kind` and `parts` say it; `place` is its line and column."""

    __slots__ = ("kind", "parts", "place")

    def __init__(self, kind, place, *parts):
        self.kind = kind
        self.place = place
        self.parts = parts

    def __eq__(self, other):
        return isinstance(other, Node) and (self.kind, self.parts) == (other.kind, other.parts)

    def __hash__(self):
        return hash((self.kind, repr(self.parts)))

    def __repr__(self):
        return f"{self.kind}{self.parts!r}"
