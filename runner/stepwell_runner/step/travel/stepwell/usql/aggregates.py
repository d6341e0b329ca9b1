"""COUNT, SUM, AVG, MIN, MAX and their like, added up row by row."""

import math

from stepwell.usql import compiling
from stepwell.usql.arithmetic import arithmetic
from stepwell.usql.compiling import Compiled
from stepwell.usql.errors import UsqlError
from stepwell.usql.nodes import Node
from stepwell.usql.types import FLOATS, Type, convert


class Aggregate:
    """`begin` makes a state, `add` takes a row into it, `end` gives the value. Nulls do not count."""

    def __init__(self, kind, argument, distinct, start, step, finish):
        self.type = kind
        self._argument = argument
        self._distinct = distinct
        self._start = start
        self._step = step
        self._finish = finish

    def begin(self):
        """A state for a new group."""
        return [self._start(), set() if self._distinct else None]

    def add(self, state, row):
        """Take in a row."""
        value = True if self._argument is None else self._argument(row)
        if value is None:
            return
        if self._distinct:
            if value in state[1]:
                return
            state[1].add(value)
        state[0] = self._step(state[0], value)

    def end(self, state):
        """The value of the group."""
        return self._finish(state[0])


def of(nodes):
    """The aggregates in these trees, each once."""
    found = {}
    for node in nodes:
        _collect(node, found)
    return list(found)


def _collect(node, found):
    if isinstance(node, tuple):
        for one in node:
            _collect(one, found)
    elif isinstance(node, Node):
        if node.kind == "aggregate":
            found[node] = None
        else:
            _collect(node.parts, found)


def compiled(node, scope, grouped):
    """The aggregate that a tree names."""
    name, argument, distinct = node.parts
    if argument is None:
        if name != "COUNT":
            raise UsqlError(f"{name}(*) is not known; only COUNT(*) is", node.place)
        return Aggregate(Type("long"), None, False, int, lambda count, _: count + 1, lambda count: count)
    if name not in _MAKERS:
        raise UsqlError(f"there is no {name} in the part of U-SQL that runs here; there are: {', '.join(sorted(_MAKERS))}", node.place)
    made = compiling.compiled(argument, scope)
    kind, start, step, finish = _MAKERS[name](made.type, not grouped or made.type.nullable, node.place)
    return Aggregate(kind, made.run, distinct, start, step, finish)


def _count(kind, nullable, place):  # noqa: ARG001
    return Type("long"), int, lambda count, _: count + 1, lambda count: count


def _numeric(kind, place):
    if not kind.is_number:
        raise UsqlError(f"this needs numbers, and gets {kind!r}", place)


def _sum(kind, nullable, place):
    _numeric(kind, place)
    wide = "double" if kind.name in FLOATS else kind.name if kind.name in ("decimal", "ulong") else "long"
    result = Type(wide, nullable)
    plus = _plus(result, place)
    return result, lambda: None, lambda total, value: plus(total, convert(value, kind.name, result.name)), lambda total: total


def _plus(kind, place):
    one, other = Compiled(kind, lambda pair: pair[0]), Compiled(kind, lambda pair: pair[1])
    _, add = arithmetic("+", one, other, place)
    return lambda total, value: value if total is None else add((total, value))


def _avg(kind, nullable, place):
    _numeric(kind, place)
    result = Type("decimal" if kind.name == "decimal" else "double", nullable)
    plus = _plus(result, place)

    def step(state, value):
        return plus(state[0], convert(value, kind.name, result.name)), state[1] + 1

    return result, lambda: (None, 0), step, lambda state: None if state[1] == 0 else state[0] / state[1]


def _extreme(better):
    def make(kind, nullable, place):
        if kind.name in ("byte[]", "bool", "null"):
            raise UsqlError(f"{kind!r} has no order", place)

        def step(held, value):
            return value if held is None or better(value, held) else held

        return kind.maybe(nullable), lambda: None, step, lambda held: held

    return make


def _first(kind, nullable, place):  # noqa: ARG001
    return kind.maybe(nullable), lambda: None, lambda held, value: value if held is None else held, lambda held: held


def _last(kind, nullable, place):  # noqa: ARG001
    return kind.maybe(nullable), lambda: None, lambda _, value: value, lambda held: held


def _spread(sample, root):
    """Variance and deviation, by the way of Welford, which loses no digits."""

    def make(kind, nullable, place):  # noqa: ARG001
        _numeric(kind, place)

        def step(state, value):
            count, mean, squares = state
            number = convert(value, kind.name, "double")
            count, ahead = count + 1, number - mean
            mean += ahead / count
            return count, mean, squares + ahead * (number - mean)

        def finish(state):
            count, _, squares = state
            if count <= sample:
                return None
            variance = squares / (count - sample)
            return math.sqrt(variance) if root else variance

        return Type("double", True), lambda: (0, 0.0, 0.0), step, finish

    return make


_MAKERS = {
    "COUNT": _count,
    "SUM": _sum,
    "AVG": _avg,
    "MIN": _extreme(lambda a, b: a < b),
    "MAX": _extreme(lambda a, b: a > b),
    "FIRST": _first,
    "LAST": _last,
    "ANY_VALUE": _first,
    "VAR": _spread(1, False),
    "VARP": _spread(0, False),
    "STDEV": _spread(1, True),
    "STDEVP": _spread(0, True),
}
