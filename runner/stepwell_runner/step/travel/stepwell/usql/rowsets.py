"""Rowsets: columns, and rows that can be read as often as wanted. What reads them streams; what sorts or groups keeps what it must."""

from collections import Counter

from stepwell.usql.arithmetic import comparable
from stepwell.usql.compiling import Column, Compiled, Scope, common, compiled, constant, fitted
from stepwell.usql.errors import RowError, UsqlError
from stepwell.usql.files import extract


class Rowset:
    """`columns` and `rows`, a function that gives an iterator over tuples."""

    def __init__(self, columns, rows):
        self.columns = columns
        self.rows = rows

    def named(self, table, names=None):
        """The same under a name, its columns renamed if wanted."""
        shown = names or [column.name for column in self.columns]
        return Rowset([Column(name, column.type, table) for name, column in zip(shown, self.columns)], self.rows)


class World:
    """What the statements before have left: variables (value and type by name) and rowsets by name."""

    def __init__(self):
        self.variables = {}
        self.rowsets = {}
        self.only_check = False

    def rowset(self, node):
        """The rowset that a tree describes."""
        return _MAKERS[node.kind](node, self)


def _by_name(node, world):
    (name,) = node.parts
    if name not in world.rowsets:
        what = f"@{name} is a value and no rowset" if name in world.variables else f"there is no rowset @{name}"
        raise UsqlError(what, node.place)
    return world.rowsets[name]


def _extracted(node, world):
    columns, sources, user = node.parts
    if user.parts[0] != "Extractors":
        raise UsqlError("EXTRACT needs one of the Extractors", user.place)
    made = [Column(*one.parts) for one in columns]
    repeated = [name for name, count in Counter(column.name for column in made).items() if count > 1]
    if repeated:
        raise UsqlError(f"the column {repeated[0]} is there twice", node.place)
    paths = [_path(source, world) for source in sources]
    return Rowset(made, extract(made, paths, user, world.variables, node.place))


def _path(node, world):
    value, kind = constant(node, world.variables)
    if kind.name != "string":
        raise UsqlError(f"a path is a text, and this is {kind!r}", node.place)
    return value


def _named(node, world):
    inner, alias, names = node.parts
    found = world.rowset(inner)
    if names is not None and len(names) != len(found.columns):
        raise UsqlError(f"there are {len(names)} names for {len(found.columns)} columns", node.place)
    return found.named(alias, names)


def _values(node, world):
    (rows,) = node.parts
    scope = Scope((), world.variables)
    made = [[compiled(one, scope) for one in row] for row in rows]
    if len({len(row) for row in made}) != 1:
        raise UsqlError("the rows of VALUES are of different lengths", node.place)
    kinds = []
    for index in range(len(made[0])):
        kind = made[0][index]
        for row, nodes in zip(made[1:], rows[1:]):
            kind = Compiled(common(kind, row[index], nodes[index].place), None)
        kinds.append(kind.type)
    fit = [[fitted(one, kind, where.place, "this") for one, kind, where in zip(row, kinds, nodes)] for row, nodes in zip(made, rows)]
    columns = [Column(f"Column_{index}", kind) for index, kind in enumerate(kinds)]
    return Rowset(columns, lambda: (evaluated([one.run for one in row], (), nodes) for row, nodes in zip(fit, rows)))


def evaluated(runs, row, nodes):
    """All values of a row; an error names the place of the expression that it is in."""
    try:
        return tuple([run(row) for run in runs])
    except RowError as error:
        for run, node in zip(runs, nodes):
            try:
                run(row)
            except RowError as found:
                raise UsqlError(str(found), node.place) from None
        raise UsqlError(str(error)) from None


def checked(run, row, place):
    """One value."""
    try:
        return run(row)
    except RowError as error:
        raise UsqlError(str(error), place) from None


def _combined(node, world):
    word, every, first, second = node.parts
    left, right = world.rowset(first), world.rowset(second)
    if len(left.columns) != len(right.columns):
        raise UsqlError(f"{word} of {len(left.columns)} and {len(right.columns)} columns", node.place)
    columns, casts = [], ([], [])
    for index, (one, other) in enumerate(zip(left.columns, right.columns)):
        kind = common(_at(one, index), _at(other, index), node.place)
        columns.append(Column(one.name, kind))
        for side, column in zip(casts, (one, other)):
            side.append(fitted(_at(column, index), kind, node.place, f"column {column.name}").run)

    def rows():
        a, b = ((tuple([cast(row) for cast in side]) for row in rowset.rows()) for side, rowset in zip(casts, (left, right)))
        return _COMBINERS[word](a, b, every)

    return Rowset(columns, rows)


def _at(column, index):
    return Compiled(column.type, lambda row: row[index])


def distinct(rows):
    """Each row once, in the order of their first."""
    return iter(dict.fromkeys(rows))


def _union(a, b, every):
    both = (row for rows in (a, b) for row in rows)
    return both if every else distinct(both)


def _except(a, b, every):
    left = Counter(b)
    if not every:
        return (row for row in distinct(a) if row not in left)
    return _minus(a, left)


def _minus(a, left):
    for row in a:
        if left[row] > 0:
            left[row] -= 1
        else:
            yield row


def _intersect(a, b, every):
    left = Counter(b)
    if not every:
        return (row for row in distinct(a) if row in left)
    return _both(a, left)


def _both(a, left):
    for row in a:
        if left[row] > 0:
            left[row] -= 1
            yield row


_COMBINERS = {"UNION": _union, "EXCEPT": _except, "INTERSECT": _intersect}


# --- joins


def _joined(node, world):
    how, first, second, condition = node.parts
    left, right = world.rowset(first), world.rowset(second)
    tables = {column.table for column in left.columns} & {column.table for column in right.columns}
    if tables:
        raise UsqlError(f"two rowsets are named {min(tables)}; give one another name with AS", node.place)
    if how == "cross":
        return Rowset(left.columns + right.columns, lambda: _crossed(left, right))
    keys = _keys(condition, left, right, world)
    if how.endswith("join"):
        side, other, pairs = (left, right, keys) if how.startswith("left") else (right, left, [(b, a) for a, b in keys])
        return Rowset(side.columns, lambda: _semi(side, other, pairs, how.endswith("antisemijoin") or "anti" in how))
    columns = [Column(one.name, one.type.maybe(one.type.nullable or how in ("right", "full")), one.table) for one in left.columns]
    columns += [Column(one.name, one.type.maybe(one.type.nullable or how in ("left", "full")), one.table) for one in right.columns]
    return Rowset(columns, lambda: _hashed(left, right, keys, how))


def _crossed(left, right):
    others = list(right.rows())
    return (row + other for row in left.rows() for other in others)


def _keys(condition, left, right, world):
    """Pairs of functions whose values are equal where rows meet."""
    found = []
    for part in _conjuncts(condition):
        if part.kind != "binary" or part.parts[0] != "==":
            raise UsqlError("a join condition is made of comparisons with ==, joined by AND", part.place)
        found.append(_pair(part, left, right, world))
    return found


def _conjuncts(node):
    if node.kind == "binary" and node.parts[0] == "&&":
        return [*_conjuncts(node.parts[1]), *_conjuncts(node.parts[2])]
    return [node]


def _pair(part, left, right, world):
    _, one, other = part.parts
    sides = Scope(left.columns, world.variables), Scope(right.columns, world.variables)
    try:
        a, b = compiled(one, sides[0]), compiled(other, sides[1])
    except UsqlError as error:
        try:
            a, b = compiled(other, sides[0]), compiled(one, sides[1])
        except UsqlError:
            both = Scope(left.columns + right.columns, world.variables)
            compiled(part, both)  # says what is wrong, if it is more than the sides
            raise UsqlError(
                f"one side of this comparison must be of the left rowset and one of the right: {error.message}", part.place
            ) from None
    return comparable("==", a, b, part.place)


def _key(runs, row):
    """None, which meets nothing, where one of the values is null."""
    values = tuple([run(row) for run in runs])
    return None if None in values else values


def _hashed(left, right, keys, how):
    index, others = {}, list(right.rows())
    for number, row in enumerate(others):
        index.setdefault(_key([b for _, b in keys], row), []).append(number)
    met = set()
    nothing = (None,) * len(right.columns)
    for row in left.rows():
        key = _key([a for a, _ in keys], row)
        numbers = index.get(key, ()) if key is not None else ()
        for number in numbers:
            yield row + others[number]
        met.update(numbers)
        if not numbers and how in ("left", "full"):
            yield row + nothing
    if how in ("right", "full"):
        blank = (None,) * len(left.columns)
        for number, row in enumerate(others):
            if number not in met:
                yield blank + row


def _semi(side, other, keys, anti):
    there = {_key([b for _, b in keys], row) for row in other.rows()} - {None}
    return (row for row in side.rows() if (_key([a for a, _ in keys], row) in there) != anti)


def _selected(node, world):
    from stepwell.usql.selecting import select

    return select(node, world)


_MAKERS = {
    "rows": _by_name,
    "extract": _extracted,
    "named": _named,
    "values": _values,
    "set_operation": _combined,
    "join": _joined,
    "select": _selected,
}
