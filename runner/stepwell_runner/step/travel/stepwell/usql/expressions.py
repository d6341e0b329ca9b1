"""Expressions in C# notation, and U-SQL's own words in them, as a tree."""

import decimal

from stepwell.usql.errors import UsqlError
from stepwell.usql.nodes import Node
from stepwell.usql.types import ALIASES, NUMBERS, OTHERS, Type, single

_LEVELS = (
    ("||", "OR"),
    ("&&", "AND"),
    ("|",),
    ("^",),
    ("&",),
    ("==", "!="),
    ("<", ">", "<=", ">="),
    ("<<", ">>"),
    ("+", "-"),
    ("*", "/", "%"),
)
_WORDS = {"OR": "||", "AND": "&&"}
_NO_WORDS = ("LIKE", "EXISTS", "OVER", "typeof", "stackalloc", "await")
# Words of U-SQL that end an expression and name no column.
_RESERVED = frozenset(
    (
        "SELECT",
        "FROM",
        "WHERE",
        "GROUP",
        "BY",
        "HAVING",
        "ORDER",
        "FETCH",
        "OFFSET",
        "UNION",
        "EXCEPT",
        "INTERSECT",
        "JOIN",
        "INNER",
        "LEFT",
        "RIGHT",
        "FULL",
        "OUTER",
        "CROSS",
        "ON",
        "AS",
        "TO",
        "USING",
        "EXTRACT",
        "OUTPUT",
        "DISTINCT",
        "AND",
        "OR",
        "NOT",
        "IN",
        "BETWEEN",
        "ASC",
        "DESC",
        "ROWS",
        "DECLARE",
        "OVER",
        "SEMIJOIN",
        "ANTISEMIJOIN",
        "VALUES",
    )
)


class ExpressionParser:
    """Reads tokens one by one. A tree is made by the rules of C#: `?:` binds least, then `??`, `||`, ... and `.` most."""

    def __init__(self, tokens):
        self._tokens = tokens
        self._index = 0

    @property
    def at(self):
        """The token that comes next."""
        return self._tokens[self._index]

    def peek(self, ahead):
        """One that comes later."""
        return self._tokens[min(self._index + ahead, len(self._tokens) - 1)]

    def next(self):
        """Go on; the token that was next."""
        token = self.at
        if token.kind != "end":
            self._index += 1
        return token

    def need(self, kind, what):
        """A token of this kind, or an error that says what was expected."""
        if self.at.kind != kind or (kind == "name" and self.at.text in _RESERVED):
            raise self.unexpected(what)
        return self.next()

    def take_operator(self, text):
        """Go on if this operator is next."""
        if self.at.kind == "operator" and self.at.text == text:
            return self.next()
        return None

    def need_operator(self, text):
        """Go on over this operator."""
        return self.take_operator(text) or self._fail(text)

    def take_name(self, text):
        """Go on if this word is next."""
        if self.at.kind == "name" and self.at.text == text:
            return self.next()
        return None

    def need_name(self, text):
        """Go on over this word."""
        return self.take_name(text) or self._fail(text)

    def _fail(self, text):
        raise self.unexpected(text)

    def unexpected(self, what):
        """The error for a token that cannot be here."""
        hint = ""
        if self.at.kind == "name" and self.at.text.upper() in _RESERVED and self.at.text not in _RESERVED:
            hint = "; words of U-SQL are written in capitals"
        return UsqlError(f"expected {what}, not {self.at!r}{hint}", self.at.place)

    # --- types

    def type(self):
        """A type such as `int?` or `string`."""
        token = self.need("name", "a type")
        name = ALIASES.get(token.text, token.text)
        if token.text == "System" and self.take_operator("."):
            return self.type()
        if name in ("SQL", "List", "Dictionary") or name not in (*NUMBERS, *OTHERS, "byte"):
            raise UsqlError(f"there is no type {token.text} in the part of U-SQL that runs here", token.place)
        if name == "byte" and self.at.text == "[" and self.peek(1).text == "]":
            self.next(), self.next()
            name = "byte[]"
        return Type(name, bool(self.take_operator("?")))

    # --- expressions

    def expression(self):
        """A whole expression."""
        condition = self._coalescing()
        question = self.take_operator("?")
        if question is None:
            return condition
        first = self.expression()
        self.need_operator(":")
        return Node("choice", question.place, condition, first, self.expression())

    def _coalescing(self):
        left = self._binary(0)
        token = self.take_operator("??")
        return left if token is None else Node("coalesce", token.place, left, self._coalescing())

    def _binary(self, level):
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while True:
            token = self.at
            if level == 5 and self._is_test():
                left = self._test(left)
                continue
            if token.kind not in ("operator", "name") or token.text not in _LEVELS[level]:
                return left
            self.next()
            left = Node("binary", token.place, _WORDS.get(token.text, token.text), left, self._binary(level + 1))

    def _is_test(self):
        token = self.at
        if token.kind == "name" and token.text in _NO_WORDS:
            raise UsqlError(f"{token.text} is outside the part of U-SQL that runs here", token.place)
        word = self.peek(1) if token.text == "NOT" else token
        return token.kind == word.kind == "name" and word.text in (("IN", "BETWEEN") if word is not token else ("IN", "BETWEEN", "IS"))

    def _test(self, left):
        """`x IN (...)`, `x BETWEEN a AND b`, `x IS NULL`, each with NOT."""
        place = self.at.place
        negative = bool(self.take_name("NOT"))
        word = self.next().text
        if word == "IS":
            negative = bool(self.take_name("NOT"))
            self.take_name("NULL") or self.need_name("null")
            found = Node("binary", place, "==", left, Node("literal", place, None, Type("null")))
        elif word == "IN":
            self.need_operator("(")
            options = [self.expression()]
            while self.take_operator(","):
                options.append(self.expression())
            self.need_operator(")")
            found = Node("in", place, left, tuple(options))
        else:
            low = self._binary(6)
            self.need_name("AND")
            found = Node("binary", place, "&&", Node("binary", place, ">=", left, low), Node("binary", place, "<=", left, self._binary(6)))
        return Node("unary", place, "!", found) if negative else found

    def _unary(self):
        token = self.at
        if token.kind == "operator" and token.text in ("-", "+", "!", "~"):
            self.next()
            if token.text == "-" and self.at.kind == "number":
                return self._postfix(self._number(self.next(), negative=True))
            return Node("unary", token.place, token.text, self._unary())
        if self.take_name("NOT"):
            return Node("unary", token.place, "!", self._binary(5))
        if token.text == "(" and self._is_cast():
            self.next()
            kind = self.type()
            self.need_operator(")")
            return Node("cast", token.place, kind, self._unary())
        return self._postfix(self._primary())

    def _is_cast(self):
        name = ALIASES.get(self.peek(1).text, self.peek(1).text)
        if name not in NUMBERS and name not in OTHERS:
            return False
        return self.peek(2).text == ")" or (self.peek(2).text == "?" and self.peek(3).text == ")")

    def _primary(self):
        token = self.next()
        if token.text == "(":
            found = self.expression()
            self.need_operator(")")
            return found
        if token.kind in ("string", "char"):
            return Node("literal", token.place, token.value, Type(token.kind))
        if token.kind == "number":
            return self._number(token)
        if token.kind == "variable":
            return Node("variable", token.place, token.value)
        if token.kind == "name" and token.text not in _RESERVED and token.text not in _NO_WORDS:
            return self._named(token)
        self._index -= 0 if token.kind == "end" else 1
        raise self.unexpected("an expression")

    def _named(self, token):
        constants = {"true": (True, "bool"), "false": (False, "bool"), "null": (None, "null")}
        if token.text in constants:
            value, kind = constants[token.text]
            return Node("literal", token.place, value, Type(kind))
        if token.text == "new":
            kind = self.type()
            self.need_operator("(")
            return Node("new", token.place, kind, self._arguments())
        if self.take_operator("("):
            return self._call(None, token)
        return Node("name", token.place, token.value)

    def _call(self, target, token):
        if target is None and self.take_operator("*"):
            self.need_operator(")")
            return Node("aggregate", token.place, token.value, None, False)
        if target is None and (token.text.isupper() or "_" in token.text):
            distinct = bool(self.take_name("DISTINCT"))
            given = self._arguments()
            if self.at.text == "OVER":
                raise UsqlError("OVER is outside the part of U-SQL that runs here", self.at.place)
            if len(given) != 1:
                raise UsqlError(f"{token.text} takes one argument", token.place)
            return Node("aggregate", token.place, token.value, given[0], distinct)
        return Node("call", token.place, target, token.value, self._arguments())

    def _arguments(self):
        found = []
        while not self.take_operator(")"):
            found.append(self.expression())
            if self.at.text != ")":
                self.need_operator(",")
        return tuple(found)

    def _postfix(self, found):
        while True:
            if self.take_operator("."):
                token = self.next()
                if token.kind != "name":
                    raise UsqlError(f"expected the name of a member, not {token!r}", token.place)
                found = self._call(found, token) if self.take_operator("(") else Node("member", token.place, found, token.value)
            elif self.at.text == "[" and self.at.kind == "operator":
                place = self.next().place
                found = Node("index", place, found, self.expression())
                self.need_operator("]")
            else:
                return found

    def _number(self, token, negative=False):
        said = token.text
        body, suffix = said, ""
        if not said.lower().startswith("0x"):
            body = said.rstrip("fFdDmMuUlL")
            suffix = said[len(body) :].lower()
        else:
            body = said.rstrip("uUlL")
            suffix = said[len(body) :].lower()
        sign = "-" if negative else ""
        if suffix in ("f", "d", "m"):
            name, make = _SUFFIXES[suffix]
            return Node("literal", token.place, make(sign + body), Type(name))
        if "." in body or ("e" in body.lower() and not body.lower().startswith("0x")):
            return Node("literal", token.place, float(sign + body), Type("double"))
        value = int(sign + body, 0) if body.lower().startswith("0x") else int(sign + body)
        return Node("literal", token.place, value, Type(_integer_type(value, suffix, token)))


_SUFFIXES = {"f": ("float", lambda said: single(float(said))), "d": ("double", float), "m": ("decimal", decimal.Decimal)}


def _integer_type(value, suffix, token):
    from stepwell.usql.types import INTEGERS

    wanted = {"": ("int", "uint", "long", "ulong"), "u": ("uint", "ulong"), "l": ("long", "ulong"), "ul": ("ulong",), "lu": ("ulong",)}
    for name in wanted.get(suffix, ()):
        if INTEGERS[name][0] <= value <= INTEGERS[name][1]:
            return name
    raise UsqlError(f"the number {token.text} is too large", token.place)
