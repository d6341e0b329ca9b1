"""Which names of v1 a driver uses, found without running it: imports, and the methods and attributes of what they lead to.

A light flow of types through assignments: `ws = Workspace.from_config()` makes `ws.get_default_datastore()` a use of
`Workspace.get_default_datastore`. What cannot be followed is left out; nothing is guessed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from stepwell.azureml import members
from stepwell.azureml.homes import HOMES
from stepwell.azureml.surface import MODULES

_ROOTS = ("azureml", "azureml_user", "msrest")


class Use(msgspec.Struct, frozen=True):
    """One use: a module, a name, or `Class.member`; `line` counts from 1 in its piece."""

    module: str
    name: str | None
    member: str | None
    line: int


class Kind(NamedTuple):
    """What an expression is: a class, an instance of one, a collection of instances, or a module."""

    form: str
    name: str


class Uses(ast.NodeVisitor):
    """Collects the uses of one driver, piece by piece."""

    def __init__(self) -> None:
        self.found: list[Use] = []
        self.packages: dict[str, int] = {}
        self._names: dict[str, Kind] = {}

    # --- imports

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._package(alias.name, node)
            if alias.name.partition(".")[0] in _ROOTS:
                self.found.append(Use(alias.name, None, None, node.lineno))
                name = alias.asname or alias.name.partition(".")[0]
                self._names[name] = Kind("module", alias.name if alias.asname else name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        if node.level == 0:
            self._package(module, node)
        if node.level or module.partition(".")[0] not in _ROOTS:
            return
        for alias in node.names:
            names = MODULES.get(module, ()) if alias.name == "*" else (alias.name,)
            for name in names:
                self._imported(module, name, alias.asname or name, node.lineno)

    def _imported(self, module: str, name: str, known_as: str, line: int) -> None:
        if f"{module}.{name}" in MODULES:
            self.found.append(Use(f"{module}.{name}", None, None, line))
            self._names[known_as] = Kind("module", f"{module}.{name}")
            return
        self.found.append(Use(module, name, None, line))
        self._names[known_as] = Kind("class", name)

    def _package(self, module: str, node: ast.stmt) -> None:
        self.packages.setdefault(module.partition(".")[0], node.lineno)

    # --- what is assigned

    def visit_Assign(self, node: ast.Assign) -> None:
        kind = self._kind(node.value)
        for target in node.targets:
            self._bind(target, kind, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        kind = self._annotated(node.annotation) or (self._kind(node.value) if node.value is not None else None)
        self._bind(node.target, kind, node.value)

    def visit_For(self, node: ast.For) -> None:
        self._bind(node.target, self._element(self._kind(node.iter)), None)
        self._statements([*node.body, *node.orelse])

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            kind = self._kind(item.context_expr)
            if item.optional_vars is not None:
                self._bind(item.optional_vars, kind, None)
        self._statements(node.body)

    def _bind(self, target: ast.expr, kind: Kind | None, value: ast.expr | None) -> None:
        if isinstance(target, ast.Name):
            self._names.pop(target.id, None)
            if kind is not None:
                self._names[target.id] = kind
        elif isinstance(target, ast.Tuple | ast.List):
            parts = value.elts if isinstance(value, ast.Tuple | ast.List) else [None] * len(target.elts)
            for one, part in zip(target.elts, parts, strict=False):
                self._bind(one, self._kind(part) if part is not None else self._element(kind), part)
        else:
            self._kind(target)

    # --- functions have names of their own

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        outer = dict(self._names)
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            self._names.pop(argument.arg, None)
            kind = self._annotated(argument.annotation) if argument.annotation is not None else None
            if kind is not None:
                self._names[argument.arg] = kind
        for default in (*node.args.defaults, *[one for one in node.args.kw_defaults if one is not None], *node.decorator_list):
            self._kind(default)
        self._statements(node.body)
        self._names = outer

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  the name that ast calls

    def _annotated(self, annotation: ast.expr) -> Kind | None:
        kind = self._kind(annotation)
        return Kind("instance", kind.name) if kind is not None and kind.form == "class" else None

    def _statements(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.visit(statement)

    # --- expressions

    def visit_Expr(self, node: ast.Expr) -> None:
        self._kind(node.value)

    def generic_visit(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self._kind(child)
            else:
                self.visit(child)

    def _kind(self, node: ast.expr) -> Kind | None:
        """What an expression is, noting every use in it."""
        if isinstance(node, ast.Name):
            return self._names.get(node.id)
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Subscript):
            self._kind(node.slice)
            return self._element(self._kind(node.value))
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            return self._comprehension(node)
        kinds = [self._kind(child) for child in _expressions(node)]
        return kinds[0] if isinstance(node, ast.Await | ast.NamedExpr) and kinds else None

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> Kind | None:
        outer = dict(self._names)
        for part in node.generators:
            self._bind(part.target, self._element(self._kind(part.iter)), None)
            for condition in part.ifs:
                self._kind(condition)
        values = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        kinds = [self._kind(value) for value in values]
        self._names = outer
        last = kinds[-1]
        return Kind("many", last.name) if last is not None and last.form == "instance" else None

    def _attribute(self, node: ast.Attribute) -> Kind | None:
        owner = self._kind(node.value)
        if owner is None:
            return None
        if owner.form == "module":
            return self._of_module(owner.name, node)
        if owner.form == "many" or owner.name not in HOMES:
            return None
        self.found.append(Use("", owner.name, node.attr, node.lineno))
        result = members.result_of(owner.name, node.attr)
        if result is None:
            return None
        name, many = result
        if members.class_named(owner.name) is not None and _is_class(owner.name, node.attr):
            return Kind("class", name)
        return Kind("many" if many else "instance", name)

    def _of_module(self, module: str, node: ast.Attribute) -> Kind | None:
        if f"{module}.{node.attr}" in MODULES:
            self.found.append(Use(f"{module}.{node.attr}", None, None, node.lineno))
            return Kind("module", f"{module}.{node.attr}")
        self.found.append(Use(module, node.attr, None, node.lineno))
        return Kind("class", node.attr)

    def _call(self, node: ast.Call) -> Kind | None:
        called = self._kind(node.func)
        for argument in (*node.args, *[word.value for word in node.keywords]):
            self._kind(argument)
        if called is None:
            return None
        if called.form == "class":
            return Kind("instance", called.name)
        # A method's kind is already that of its result.
        return called if isinstance(node.func, ast.Attribute) else None

    @staticmethod
    def _element(kind: Kind | None) -> Kind | None:
        return Kind("instance", kind.name) if kind is not None and kind.form == "many" else None


def _expressions(node: ast.AST) -> Iterator[ast.expr]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        else:
            yield from _expressions(child)


def _is_class(owner: str, member: str) -> bool:
    return isinstance(getattr(members.class_named(owner), member, None), type)
