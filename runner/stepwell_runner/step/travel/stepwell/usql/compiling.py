"""From the tree of an expression to a function of a row, with its type; what C# would refuse is refused with its place."""

from stepwell.usql import classes, members
from stepwell.usql.arithmetic import arithmetic, comparison, promoted
from stepwell.usql.errors import RowError, UsqlError
from stepwell.usql.types import Type, convert, text

BOOL = Type("bool")
_WIDER = {
    "sbyte": "short int long float double decimal",
    "byte": "short ushort int uint long ulong float double decimal",
    "short": "int long float double decimal",
    "ushort": "int uint long ulong float double decimal",
    "int": "long float double decimal",
    "uint": "long ulong float double decimal",
    "long": "float double decimal",
    "ulong": "float double decimal",
    "char": "ushort int uint long ulong float double decimal",
    "float": "double",
}


class Compiled:
    """`run` takes a row, a tuple, and gives a value of `type`."""

    __slots__ = ("run", "type")

    def __init__(self, kind, run):
        self.type = kind
        self.run = run


class Column:
    """A column of rows: its name, its type, and the name of the rowset that it is from, if any."""

    __slots__ = ("name", "table", "type")

    def __init__(self, name, kind, table=None):
        self.name = name
        self.type = kind
        self.table = table


class Scope:
    """The columns of a row and the variables of the script; `replaced` maps trees to columns, for rows that were grouped."""

    def __init__(self, columns, variables, replaced=None):
        self.columns = columns
        self.variables = variables
        self.replaced = replaced

    def find(self, table, name, place):
        """The position of a column; UsqlError when there is none, or more than one."""
        found = [index for index, column in enumerate(self.columns) if column.name == name and table in (None, column.table)]
        if len(found) == 1:
            return found[0]
        if found:
            raise UsqlError(f"the column {name} is in more than one rowset; write the name of its rowset before it", place)
        known = ", ".join(column.name for column in self.columns) or "none"
        raise UsqlError(f"there is no column {name}; there are: {known}", place)

    def has_table(self, name):
        """Whether a rowset of this name is there."""
        return any(column.table == name for column in self.columns)

    def has(self, name):
        """Whether a column of this name is there."""
        return any(column.name == name for column in self.columns)


def compiled(node, scope):
    """The expression as a function."""
    if scope.replaced is not None and node in scope.replaced:
        index = scope.replaced[node]
        return Compiled(scope.columns[index].type, lambda row: row[index])
    return _COMPILERS[node.kind](node, scope)


def condition(node, scope):
    """An expression that is true or false; null counts as false."""
    made = compiled(node, scope)
    if made.type.name != "bool":
        raise UsqlError(f"this must be true or false, and is {made.type!r}", node.place)
    return made.run


def constant(node, variables):
    """The value of an expression without columns, and its type."""
    made = compiled(node, Scope((), variables))
    try:
        return made.run(()), made.type
    except RowError as error:
        raise UsqlError(str(error), node.place) from None


def fitted(made, target, place, what):
    """The same as another type, where C# does that by itself; UsqlError where it wants a cast."""
    source = made.type
    if source == target or (source.name == target.name and target.nullable):
        return Compiled(target, made.run)
    if source.name == "null" and target.nullable:
        return Compiled(target, made.run)
    if (not source.nullable or target.nullable) and target.name in _WIDER.get(source.name, "").split():
        run = made.run
        return Compiled(target, lambda row: convert(run(row), source.name, target.name))
    raise UsqlError(f"{what} is {source!r} and not {target!r}; write a cast", place)


def common(first, second, place):
    """The type that two values can both have."""
    a, b = first.type, second.type
    if a == b:
        return a
    if "null" in (a.name, b.name):
        other = b if a.name == "null" else a
        if not other.nullable:
            raise UsqlError(f"null and {other!r} have no type in common; write ({other!r}?)null", place)
        return other
    nullable = a.nullable or b.nullable
    if a.name == b.name or b.name in _WIDER.get(a.name, "").split():
        return b.maybe(nullable)
    if a.name in _WIDER.get(b.name, "").split():
        return a.maybe(nullable)
    raise UsqlError(f"{a!r} and {b!r} have no type in common", place)


# --- the kinds of nodes


def _literal(node, _):
    value, kind = node.parts
    return Compiled(kind, lambda row: value)


def _variable(node, scope):
    (name,) = node.parts
    if name not in scope.variables:
        raise UsqlError(f"there is no variable @{name}; DECLARE it before", node.place)
    value, kind = scope.variables[name]
    return Compiled(kind, lambda row: value)


def _name(node, scope):
    (name,) = node.parts
    index = scope.find(None, name, node.place)
    return Compiled(scope.columns[index].type, lambda row: row[index])


def _member(node, scope):
    target, name = node.parts
    if target.kind == "name":
        (owner,) = target.parts
        if scope.has_table(owner) and not scope.has(owner):
            index = scope.find(owner, name, node.place)
            return Compiled(scope.columns[index].type, lambda row: row[index])
        if not scope.has(owner) and classes.is_class(owner):
            return Compiled(*classes.static_value(owner, name, node.place))
    if target.kind == "member" and target.parts[0].kind == "name" and target.parts[0].parts == ("System",):
        return Compiled(*classes.static_value(target.parts[1], name, node.place))
    made = compiled(target, scope)
    return Compiled(*members.instance_value(made, name, node.place))


def _call(node, scope):
    target, name, given = node.parts
    arguments = [compiled(one, scope) for one in given]
    if target is None:
        raise UsqlError(f"there is no function {name} in the part of U-SQL that runs here", node.place)
    if target.kind == "name" and not scope.has(target.parts[0]) and classes.is_class(target.parts[0]):
        return Compiled(*classes.static_call(target.parts[0], name, arguments, node.place))
    if target.kind == "member" and target.parts[0].kind == "name" and target.parts[0].parts == ("System",):
        return Compiled(*classes.static_call(target.parts[1], name, arguments, node.place))
    return Compiled(*members.instance_call(compiled(target, scope), name, arguments, node.place))


def _new(node, scope):
    kind, given = node.parts
    return Compiled(*classes.constructed(kind, [compiled(one, scope) for one in given], node.place))


def _index(node, scope):
    target, at = (compiled(one, scope) for one in node.parts)
    return Compiled(*members.indexed(target, at, node.place))


def _unary(node, scope):
    operator, operand = node.parts
    made = compiled(operand, scope)
    run, kind = made.run, made.type
    if operator == "!":
        if kind != BOOL:
            raise UsqlError(f"NOT needs true or false, and gets {kind!r}", node.place)
        return Compiled(BOOL, lambda row: not run(row))
    if not (kind.is_number or kind.name == "char") or (operator == "~" and not kind.is_integer):
        raise UsqlError(f"{operator} cannot be used with {kind!r}", node.place)
    if operator == "+":
        return Compiled(promoted(kind, Type("int")), run)
    target = promoted(kind, Type("int")) if kind.name != "uint" else Type("long", kind.nullable)
    zero = Compiled(target, lambda row: convert(0, "int", target.name) if operator == "-" else -1)
    return _binary_of("-", zero, Compiled(target, lambda row: convert(run(row), kind.name, target.name)), node.place)


def _binary(node, scope):
    operator, first, second = node.parts
    return _binary_of(operator, compiled(first, scope), compiled(second, scope), node.place)


def _binary_of(operator, left, right, place):
    if operator in ("&&", "||"):
        return _logical(operator, left, right, place)
    if operator in ("==", "!=", "<", ">", "<=", ">="):
        return Compiled(BOOL, comparison(operator, left, right, place))
    if operator == "+" and "string" in (left.type.name, right.type.name):
        a, b = left.run, right.run
        return Compiled(Type("string"), lambda row: text(a(row)) + text(b(row)))
    return Compiled(*arithmetic(operator, left, right, place))


def _logical(operator, left, right, place):
    for side in (left, right):
        if side.type != BOOL:
            raise UsqlError(f"{operator} needs true or false on both sides, and gets {side.type!r}", place)
    a, b = left.run, right.run
    return Compiled(BOOL, (lambda row: a(row) and b(row)) if operator == "&&" else (lambda row: a(row) or b(row)))


def _choice(node, scope):
    test, first, second = node.parts
    holds = condition(test, scope)
    one, other = compiled(first, scope), compiled(second, scope)
    kind = common(one, other, node.place)
    a, b = fitted(one, kind, first.place, "this").run, fitted(other, kind, second.place, "this").run
    return Compiled(kind, lambda row: a(row) if holds(row) else b(row))


def _coalesce(node, scope):
    first, second = (compiled(one, scope) for one in node.parts)
    if not first.type.nullable:
        raise UsqlError(f"?? needs something that may be null before it, and gets {first.type!r}", node.place)
    plain = Compiled(first.type.maybe(second.type.nullable), first.run)
    kind = common(plain, second, node.place)
    source, run, b = first.type.name, first.run, fitted(second, kind, node.place, "this").run

    def coalesce(row):
        value = run(row)
        return b(row) if value is None else convert(value, source, kind.name) if source != kind.name else value

    return Compiled(kind, coalesce)


def _cast(node, scope):
    kind, operand = node.parts
    made = compiled(operand, scope)
    run, source = made.run, made.type
    if source.name in ("null", kind.name):
        if source.name == "null" and not kind.nullable:
            raise UsqlError(f"null cannot be {kind!r}", node.place)
        return Compiled(kind, run if kind.nullable or not source.nullable else lambda row: _must(run(row), kind))
    if source.name == "DayOfWeek" and kind.is_integer:
        return Compiled(kind, lambda row: members.day_number(run(row)))
    if not ((kind.is_number or kind.name == "char") and (source.is_number or source.name == "char")):
        raise UsqlError(f"{source!r} cannot be cast to {kind!r}", node.place)

    def cast(row):
        value = run(row)
        if value is None:
            return _must(value, kind)
        return convert(value, source.name, kind.name)

    return Compiled(kind, cast)


def _must(value, kind):
    if value is None and not kind.nullable:
        raise RowError(f"null cannot be {kind!r}")
    return value


def _in(node, scope):
    value, options = node.parts
    made = compiled(value, scope)
    tests = [comparison("==", made, compiled(option, scope), option.place) for option in options]
    return Compiled(BOOL, lambda row: any(test(row) for test in tests))


def _aggregate(node, _):
    raise UsqlError(f"{node.parts[0]} needs the rows of a SELECT and cannot stand here", node.place)


_COMPILERS = {
    "literal": _literal,
    "variable": _variable,
    "name": _name,
    "member": _member,
    "call": _call,
    "new": _new,
    "index": _index,
    "unary": _unary,
    "binary": _binary,
    "choice": _choice,
    "coalesce": _coalesce,
    "cast": _cast,
    "in": _in,
    "aggregate": _aggregate,
}
