"""Runs a script from its first statement to its last."""

from stepwell.usql.compiling import Compiled, Scope, compiled, constant, fitted
from stepwell.usql.errors import UsqlError
from stepwell.usql.files import WRITES, options_of, output
from stepwell.usql.lexer import tokens
from stepwell.usql.parser import parse
from stepwell.usql.rowsets import Rowset, World
from stepwell.usql.selecting import sort_key


def run(text, values, name, say=print, only_check=False):
    """Run the text of a script; `values` are those of `@@name@@`. UsqlError for what is wrong with it or with its data.

    With `only_check` no file is read or written: names, types and arguments are looked at.
    """
    world = World()
    world.only_check = only_check
    try:
        for statement in parse(tokens(text, values)):
            _RUNNERS[statement.kind](statement, world, say)
    except UsqlError as error:
        error.script = error.script or name
        raise


def _declare(node, world, say):  # noqa: ARG001
    name, kind, value, external = node.parts
    if name in world.variables and not external:
        raise UsqlError(f"@{name} is declared already", node.place)
    if external and name in world.variables:
        return
    found, own = constant(value, world.variables)
    if kind is not None:
        found = fitted(Compiled(own, lambda row: found), kind, value.place, f"the value of @{name}").run(())
    world.variables[name] = (found, kind or own)


def _assign(node, world, say):  # noqa: ARG001
    name, value = node.parts
    world.rowsets[name] = world.rowset(value)


def _output(node, world, say):
    source, target, order, fetch, user = node.parts
    if user.parts[0] != "Outputters":
        raise UsqlError("OUTPUT needs one of the Outputters", user.place)
    found = world.rowset(source)
    path, kind = constant(target, world.variables)
    if kind.name != "string":
        raise UsqlError(f"a path is a text, and this is {kind!r}", target.place)
    if order or fetch is not None:
        found = _ordered(found, order, None if fetch is None else constant(fetch, world.variables)[0], world)
    options_of(user, WRITES, world.variables)
    if world.only_check:
        return
    count, where = output(found, path, user, world.variables)
    say(f"wrote {count} rows to {where}")


def _ordered(found, order, fetch, world):
    scope = Scope(found.columns, world.variables)
    keys = [(sort_key(compiled(node, scope), node.place), descending) for node, descending in order]

    def rows():
        held = list(found.rows())
        for key, descending in reversed(keys):
            held.sort(key=key, reverse=descending)
        return iter(held if fetch is None else held[:fetch])

    return Rowset(found.columns, rows)


def _set(node, world, say):
    pass


_RUNNERS = {"declare": _declare, "assign": _assign, "output": _output, "set": _set}
