"""A script as tokens, each with its line and column. `@@name@@` becomes the value of that name."""

import re

from stepwell.usql.errors import UsqlError

_TOKEN = re.compile(
    r"""
    (?P<blank>\s+|//[^\n]*|/\*.*?\*/)
  | (?P<placeholder>@@\w+@@)
  | (?P<verbatim>@"(?:[^"]|"")*")
  | (?P<system>@@\w+)
  | (?P<variable>@\w+)
  | (?P<string>"(?:[^"\\\n]|\\.)*")
  | (?P<char>'(?:[^'\\\n]|\\[^\n]+?)')
  | (?P<number>0[xX][0-9a-fA-F]+[uUlL]*|(?:\d+\.\d+|\.\d+|\d+)(?:[eE][+-]?\d+)?[fFdDmMuUlL]*)
  | (?P<name>[A-Za-z_]\w*|\[[^\]\n]+\])
  | (?P<operator>==|!=|<=|>=|&&|\|\||\?\?|<<|>>|=>|[-+*/%<>=!?:.,;(){}\[\]&|^~])
    """,
    re.VERBOSE | re.DOTALL,
)
_INDEX = re.compile(r"(?P<operator>\[)")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\\": "\\", '"': '"', "'": "'", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{1,4}|.)", re.DOTALL)
_INSIDE = re.compile(r"@@(\w+)@@")


class Token:
    """`kind`: name, variable, system, string, char, number, operator, end. `value` is the text, or what a literal means."""

    __slots__ = ("kind", "place", "text", "value")

    def __init__(self, kind, text, value, place):
        self.kind = kind
        self.text = text
        self.value = value
        self.place = place

    def __repr__(self):
        return "the end of the script" if self.kind == "end" else self.text


def tokens(text, values):
    """All tokens of a script, the last of kind `end`. `values` are those of `@@name@@`."""
    found = list(_scan(text, values, None))
    lines = text.split("\n")
    found.append(Token("end", "", "", (len(lines), len(lines[-1]) + 1)))
    return found


def _scan(text, values, fixed):
    position, line, start = 0, 1, 0
    after_value = False
    while position < len(text):
        place = fixed or (line, position - start + 1)
        match = _INDEX.match(text, position) if after_value else None
        match = match or _TOKEN.match(text, position)
        if match is None or (match.group() == "/" and text.startswith("/*", position)):
            raise UsqlError(_unreadable(text, position), place)
        kind, said = match.lastgroup, match.group()
        # `x[0]` is a part of x, while `[x]` by itself is a name.
        after_value = kind in ("name", "string", "variable") or said in (")", "]")
        if kind == "placeholder":
            for token in _scan(_value(said[2:-2], values, place), values, place):
                yield token
        elif kind != "blank":
            yield _token(kind, said, values, place)
        if "\n" in said:
            line += said.count("\n")
            start = position + said.rindex("\n") + 1
        position = match.end()


def _unreadable(text, position):
    if text[position] == '"' or text.startswith('@"', position):
        return "this text has no closing quote on its line"
    if text.startswith("/*", position):
        return "this comment has no end"
    if text[position] == "'":
        return "what is in single quotes is one character"
    return f"unexpected character {text[position]!r}"


def _value(name, values, place):
    if name not in values:
        known = ", ".join(sorted(values)) or "none"
        raise UsqlError(f"@@{name}@@ has no value; known are: {known}", place)
    return str(values[name])


def _token(kind, said, values, place):
    if kind == "string":
        return Token("string", said, _filled(_unescaped(said[1:-1], place), values, place), place)
    if kind == "verbatim":
        return Token("string", said, _filled(said[2:-1].replace('""', '"'), values, place), place)
    if kind == "char":
        value = _unescaped(said[1:-1], place)
        if len(value) != 1:
            raise UsqlError(f"{said} is not one character", place)
        return Token("char", said, value, place)
    if kind == "name" and said.startswith("["):
        return Token("name", said, said[1:-1], place)
    if kind == "variable":
        return Token("variable", said, said[1:], place)
    return Token(kind, said, said, place)


def _filled(text, values, place):
    return _INSIDE.sub(lambda match: _value(match.group(1), values, place), text)


def _unescaped(text, place):
    def one(match):
        code = match.group(1)
        if code[0] in "ux" and len(code) > 1:
            return chr(int(code[1:], 16))
        if code not in _ESCAPES:
            raise UsqlError(f"unknown escape \\{code}", place)
        return _ESCAPES[code]

    return _ESCAPE.sub(one, text)
