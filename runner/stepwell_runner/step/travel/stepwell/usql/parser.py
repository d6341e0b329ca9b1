"""From tokens to a tree: the statements of a script, and the expressions in them."""

from stepwell.usql.errors import UsqlError
from stepwell.usql.expressions import ExpressionParser
from stepwell.usql.nodes import Node
from stepwell.usql.types import COLUMN_TYPES

_JOINS = {
    ("INNER",): "inner",
    (): "inner",
    ("LEFT",): "left",
    ("LEFT", "OUTER"): "left",
    ("RIGHT",): "right",
    ("RIGHT", "OUTER"): "right",
    ("FULL",): "full",
    ("FULL", "OUTER"): "full",
    ("CROSS",): "cross",
}
_NO_STATEMENTS = (
    "CREATE",
    "DROP",
    "ALTER",
    "TRUNCATE",
    "INSERT",
    "UPDATE",
    "DELETE",
    "USE",
    "REFERENCE",
    "DEPLOY",
    "IF",
    "EXPORT",
    "IMPORT",
    "USING",
)
_NO_ROWSETS = ("PROCESS", "REDUCE", "COMBINE", "PRODUCE", "IMPORT", "CALL")


def parse(tokens):
    """The statements of a script, in order."""
    return Parser(tokens).script()


class Parser(ExpressionParser):
    """Reads statements."""

    def script(self):
        """All of them."""
        found = []
        while self.at.kind != "end":
            if self.take_operator(";"):
                continue
            found.append(self._statement())
            if self.at.kind != "end":
                self.need_operator(";")
        return found

    def _statement(self):
        token = self.at
        if token.kind == "variable":
            return self._assignment()
        if token.kind == "name":
            if token.text == "DECLARE":
                return self._declaration()
            if token.text == "OUTPUT":
                return self._output()
            if token.text == "SET":
                return self._setting()
            if token.text in _NO_STATEMENTS:
                raise UsqlError(f"{token.text} is outside the part of U-SQL that runs here", token.place)
        raise self.unexpected("a statement: DECLARE, @name = ..., OUTPUT")

    def _setting(self):
        place = self.next().place
        while self.at.kind != "end" and self.at.text != ";":
            self.next()
        return Node("set", place)

    def _declaration(self):
        place = self.next().place
        external = bool(self.take_name("EXTERNAL"))
        self.take_name("CONST")
        name = self.need("variable", "the name of a variable, such as @start").value
        kind = None if self.at.text == "=" else self.type()
        self.need_operator("=")
        return Node("declare", place, name, kind, self.expression(), external)

    def _assignment(self):
        token = self.next()
        self.need_operator("=")
        return Node("assign", token.place, token.value, self.rowset())

    def _output(self):
        place = self.next().place
        source = self._source_of_output()
        self.need_name("TO")
        target = self.expression()
        order = self._order() if self.take_name("ORDER") else ()
        fetch = self._fetch()
        self.need_name("USING")
        return Node("output", place, source, target, order, fetch, self._user())

    def _source_of_output(self):
        if self.take_operator("("):
            found = self.rowset()
            self.need_operator(")")
            return found
        token = self.need("variable", "a rowset, such as @rows, or a query in parentheses")
        return Node("rows", token.place, token.value)

    # --- rowsets

    def rowset(self):
        """What gives rows: EXTRACT, SELECT, a rowset by name, and these put together."""
        found = self._rowset_term()
        while self.at.kind == "name" and self.at.text in ("UNION", "EXCEPT", "INTERSECT"):
            token = self.next()
            every = bool(self.take_name("ALL"))
            if not every:
                self.take_name("DISTINCT")
            found = Node("set_operation", token.place, token.text, every, found, self._rowset_term())
        return found

    def _rowset_term(self):
        token = self.at
        if token.kind == "variable":
            self.next()
            return Node("rows", token.place, token.value)
        if self.take_operator("("):
            found = self.rowset()
            self.need_operator(")")
            return found
        if token.text == "EXTRACT":
            return self._extract()
        if token.text == "SELECT":
            return self._select()
        if token.text in _NO_ROWSETS:
            raise UsqlError(f"{token.text} is outside the part of U-SQL that runs here", token.place)
        raise self.unexpected("EXTRACT, SELECT or a rowset such as @rows")

    def _extract(self):
        place = self.next().place
        columns = [self._column()]
        while self.take_operator(","):
            columns.append(self._column())
        self.need_name("FROM")
        sources = [self.expression()]
        while self.take_operator(","):
            sources.append(self.expression())
        self.need_name("USING")
        return Node("extract", place, tuple(columns), tuple(sources), self._user())

    def _column(self):
        token = self.need("name", "the name of a column")
        kind_place = self.at.place
        kind = self.type()
        if kind.name not in COLUMN_TYPES:
            raise UsqlError(f"a column cannot have the type {kind!r}", kind_place)
        return Node("column", token.place, token.value, kind)

    def _user(self):
        """`Extractors.Csv(skipFirstNRows:1)`: the kind, the format, its arguments by name."""
        token = self.need("name", "Extractors or Outputters")
        if token.text == "new" or token.text not in ("Extractors", "Outputters"):
            raise UsqlError(f"{token.text} is code of somebody's own, which cannot run here; use Extractors or Outputters", token.place)
        self.need_operator(".")
        form = self.need("name", "Csv, Tsv or Text")
        if form.text not in ("Csv", "Tsv", "Text"):
            raise UsqlError(f"{token.text}.{form.text} is outside the part of U-SQL that runs here: Csv, Tsv and Text", form.place)
        self.need_operator("(")
        given = []
        while not self.take_operator(")"):
            name = self.need("name", "the name of an argument")
            self.need_operator(":")
            given.append((name.text, self.expression(), name.place))
            if self.at.text != ")":
                self.need_operator(",")
        return Node("user", token.place, token.text, form.text, tuple(given))

    def _select(self):
        place = self.next().place
        distinct = bool(self.take_name("DISTINCT"))
        if not distinct:
            self.take_name("ALL")
        items = [self._item()]
        while self.take_operator(","):
            items.append(self._item())
        self.need_name("FROM")
        source = self._joined()
        where = self.expression() if self.take_name("WHERE") else None
        groups = self._groups() if self.take_name("GROUP") else ()
        having = self.expression() if self.take_name("HAVING") else None
        order, fetch, offset = (), None, None
        if self.at.text == "ORDER":
            order_place = self.next().place
            order = self._order()
            offset = self._offset()
            fetch = self._fetch()
            if fetch is None and offset is None:
                raise UsqlError("ORDER BY in a SELECT needs a FETCH; order a file with ORDER BY in its OUTPUT", order_place)
        self._refuse_rest()
        return Node("select", place, distinct, tuple(items), source, where, groups, having, order, offset, fetch)

    def _refuse_rest(self):
        if self.at.kind == "name" and self.at.text in ("OVER", "CROSS", "OPTION", "WITHIN", "OUTER", "PIVOT", "UNPIVOT", "SAMPLE"):
            raise UsqlError(f"{self.at.text} here is outside the part of U-SQL that runs here", self.at.place)

    def _item(self):
        token = self.at
        if self.take_operator("*"):
            return Node("star", token.place, None)
        if token.kind == "name" and self.peek(1).text == "." and self.peek(2).text == "*":
            self.next(), self.next(), self.next()
            return Node("star", token.place, token.value)
        value = self.expression()
        name = self.need("name", "the name of a column").value if self.take_name("AS") else None
        return Node("item", token.place, value, name)

    def _groups(self):
        self.need_name("BY")
        found = [self.expression()]
        while self.take_operator(","):
            found.append(self.expression())
        return tuple(found)

    def _order(self):
        self.need_name("BY")
        found = []
        while True:
            value = self.expression()
            descending = bool(self.take_name("DESC"))
            if not descending:
                self.take_name("ASC")
            found.append((value, descending))
            if not self.take_operator(","):
                return tuple(found)

    def _offset(self):
        if not self.take_name("OFFSET"):
            return None
        found = self.expression()
        self.take_name("ROW") or self.take_name("ROWS")
        return found

    def _fetch(self):
        if not self.take_name("FETCH"):
            return None
        self.take_name("FIRST") or self.take_name("NEXT")
        found = self.expression()
        self.take_name("ROW") or self.take_name("ROWS")
        self.take_name("ONLY")
        return found

    # --- what a SELECT reads

    def _joined(self):
        found = self._source()
        while True:
            place = self.at.place
            join = self._join_word()
            if join is None:
                return found
            right = self._source()
            condition = None
            if join != "cross":
                self.need_name("ON")
                condition = self.expression()
            found = Node("join", place, join, found, right, condition)

    def _join_word(self):
        words = []
        while self.at.kind == "name" and self.at.text in ("INNER", "LEFT", "RIGHT", "FULL", "OUTER", "CROSS"):
            words.append(self.next())
        if self.at.text in ("SEMIJOIN", "ANTISEMIJOIN"):
            kind = self.next().text
            side = words[0].text.lower() if words else "left"
            return f"{side}_{kind.lower()}"
        if self.take_name("JOIN"):
            key = tuple(word.text for word in words)
            if key in _JOINS:
                return _JOINS[key]
            raise UsqlError(f"there is no {' '.join(key)} JOIN", words[0].place)
        if words:
            raise UsqlError(f"{words[0].text} here is outside the part of U-SQL that runs here", words[0].place)
        return None

    def _source(self):
        token = self.at
        if token.kind == "variable":
            self.next()
            alias = self.need("name", "a name").value if self.take_name("AS") else token.value
            return Node("named", token.place, Node("rows", token.place, token.value), alias, None)
        if self.take_operator("("):
            inner = self._values() if self.at.text == "VALUES" else self.rowset()
            self.need_operator(")")
            self.need_name("AS")
            alias = self.need("name", "a name").value
            return Node("named", token.place, inner, alias, self._names())
        if token.kind == "name":
            raise UsqlError(f"{token.text}: tables and views of a database do not exist here; read a file with EXTRACT", token.place)
        raise self.unexpected("a rowset such as @rows, or a query in parentheses")

    def _names(self):
        if not self.take_operator("("):
            return None
        found = [self.need("name", "the name of a column").value]
        while self.take_operator(","):
            found.append(self.need("name", "the name of a column").value)
        self.need_operator(")")
        return tuple(found)

    def _values(self):
        place = self.next().place
        rows = []
        while True:
            self.need_operator("(")
            row = [self.expression()]
            while self.take_operator(","):
                row.append(self.expression())
            self.need_operator(")")
            rows.append(tuple(row))
            if not self.take_operator(","):
                return Node("values", place, tuple(rows))
