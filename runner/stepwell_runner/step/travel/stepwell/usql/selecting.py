"""SELECT: which rows, which columns of them, in groups or one by one, in which order and how many."""

import itertools
from operator import itemgetter

from stepwell.usql import aggregates
from stepwell.usql.compiling import Column, Scope, compiled, condition, constant
from stepwell.usql.errors import UsqlError
from stepwell.usql.nodes import Node
from stepwell.usql.rowsets import Rowset, checked, distinct, evaluated


def select(node, world):
    """The rowset of a SELECT."""
    once, items, source, where, groups, having, order, offset, fetch = node.parts
    found = world.rowset(source)
    if where is not None:
        found = _filtered(found, where, world)
    scope = Scope(found.columns, world.variables)
    wanted = aggregates.of([item for item in items if item.kind == "item"] + [having] + [one for one, _ in order])
    if groups or wanted:
        found, scope = _grouped(found, groups, wanted, world)
    elif having is not None:
        raise UsqlError("HAVING needs a GROUP BY", having.place)
    if having is not None:
        found = _filtered(found, having, world, scope)
    return _shaped(found, scope, items, once, order, _count(offset, world), _count(fetch, world))


def _filtered(found, where, world, scope=None):
    holds = condition(where, scope or Scope(found.columns, world.variables))
    return Rowset(found.columns, lambda: (row for row in found.rows() if checked(holds, row, where.place)))


def _count(node, world):
    if node is None:
        return None
    value, kind = constant(node, world.variables)
    if not kind.is_integer or value < 0:
        raise UsqlError("this must be a whole number from 0", node.place)
    return value


def _grouped(found, groups, wanted, world):
    """One row per group: the values that it is made by, then those of the aggregates."""
    scope = Scope(found.columns, world.variables)
    keys = [compiled(one, scope) for one in groups]
    made = [aggregates.compiled(one, scope, bool(groups)) for one in wanted]
    columns = [_key_column(one, key, scope) for one, key in zip(groups, keys)] + [Column("", one.type) for one in made]
    replaced = {one: index for index, one in enumerate([*groups, *wanted])}

    def rows():
        held = {}
        for row in found.rows():
            key = evaluated([one.run for one in keys], row, groups)
            states = held.get(key)
            if states is None:
                states = held[key] = [one.begin() for one in made]
            for one, state, where in zip(made, states, wanted):
                checked(lambda given, one=one, state=state: one.add(state, given), row, where.place)
        if not held and not groups:
            held[()] = [one.begin() for one in made]
        for key, states in held.items():
            yield key + tuple([one.end(state) for one, state in zip(made, states)])

    return Rowset(columns, rows), Scope(columns, world.variables, replaced)


def _key_column(node, key, scope):
    name, table = "", None
    if node.kind == "name":
        (name,) = node.parts
        table = scope.columns[scope.find(None, name, node.place)].table
    elif node.kind == "member" and node.parts[0].kind == "name":
        table, name = node.parts[0].parts[0], node.parts[1]
    return Column(name, key.type, table)


def _shaped(found, scope, items, once, order, offset, fetch):
    """The columns that were asked for, ordered and cut."""
    nodes, names, runs, kinds = [], [], [], []
    for item in items:
        for node, name in _spread(item, scope):
            made = compiled(node, scope)
            nodes.append(node)
            names.append(name or f"Column_{len(names)}")
            runs.append(made.run)
            kinds.append(made.type)
    columns = [Column(name, kind) for name, kind in zip(names, kinds)]
    _check_names(columns, items)
    ordering = _ordering(order, columns, found.columns, scope, once)

    def rows():
        pairs = ((evaluated(runs, row, nodes), row) for row in found.rows())
        if once:
            pairs = ((row, ()) for row in distinct(row for row, _ in pairs))
        if ordering:
            pairs = ordering(pairs)
        shown = (row for row, _ in pairs)
        if offset is None and fetch is None:
            return shown
        begin = offset or 0
        return itertools.islice(shown, begin, None if fetch is None else begin + fetch)

    return Rowset(columns, rows)


def _spread(item, scope):
    """A `*` as the columns that it means."""
    if item.kind == "item":
        node, name = item.parts
        return [(node, name or _own_name(node))]
    (table,) = item.parts
    if scope.replaced is not None:
        raise UsqlError("* cannot be used with GROUP BY", item.place)
    chosen = [column for column in scope.columns if table in (None, column.table)]
    if not chosen:
        raise UsqlError(f"there is no rowset {table}", item.place)
    return [(_column_node(column, item.place), column.name) for column in chosen]


def _column_node(column, place):
    if column.table is None:
        return Node("name", place, column.name)
    return Node("member", place, Node("name", place, column.table), column.name)


def _own_name(node):
    if node.kind == "name":
        return node.parts[0]
    return node.parts[1] if node.kind == "member" and node.parts[0].kind == "name" else None


def _check_names(columns, items):
    seen = set()
    for column in columns:
        if column.name in seen:
            raise UsqlError(f"two columns are named {column.name}; name one with AS", items[0].place)
        seen.add(column.name)


def _ordering(order, columns, sources, scope, once):
    """What sorts pairs of a new row and the one that it was made of. Names of new columns come first."""
    if not order:
        return None
    fresh = {column.name for column in columns}
    known = [Column(column.name if column.name not in fresh else "", column.type, column.table) for column in sources] if not once else []
    replaced = None
    if scope.replaced is not None and not once:
        replaced = {node: index + len(columns) for node, index in scope.replaced.items()}
    both = Scope([*columns, *known], scope.variables, replaced)
    keys = [(sort_key(compiled(node, both), node.place), descending) for node, descending in order]

    def ordered(pairs):
        held = [(row + source, row, source) for row, source in pairs]
        for key, descending in reversed(keys):
            held.sort(key=lambda one, key=key: key(one[0]), reverse=descending)
        return map(itemgetter(1, 2), held)

    return ordered


def sort_key(made, place):
    """The function that sorts rows by a value; null comes first."""
    if made.type.name in ("byte[]", "null"):
        raise UsqlError(f"rows cannot be ordered by {made.type!r}", place)
    run = made.run

    def key(row):
        value = checked(run, row, place)
        return (value is not None, value)

    return key
