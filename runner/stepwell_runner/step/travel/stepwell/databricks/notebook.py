"""Runs the cells of a notebook one after another, in one space of names."""

import ast
import os
import re
import subprocess
import sys

from stepwell.databricks import cells, surroundings

_LINE = re.compile(r"^(\s*)(%|!)(.*)$")


class Exit(Exception):
    """`dbutils.notebook.exit(value)`."""

    def __init__(self, value):
        Exception.__init__(self, value)
        self.value = value


class Notebook:
    """A notebook with its parameters, which its widgets show."""

    def __init__(self, path, parameters, names=None):
        self.path = path
        self.names = names if names is not None else {"__name__": "__main__"}
        if names is None:
            self.names.update(surroundings.install(parameters, self))

    def run(self):
        """Run every cell; the value that it exited with, or None. What a cell raises comes out as it is."""
        try:
            for cell in cells.read(self.path):
                self._run(cell)
        except Exit as ended:
            return ended.value
        return None

    def nested(self, path, parameters):
        """Another notebook, with parameters and names of its own."""
        return Notebook(_beside(self.path, path), parameters).run()

    def exit(self, value):
        """End here."""
        raise Exit(value)

    def _run(self, cell):
        action = getattr(self, "_in_" + cell.language, None)
        if action is None:
            raise NotImplementedError(f"cell {cell.number} of {self.path} is in {cell.language}, which cannot run here")
        action(cell)

    def _in_python(self, cell):
        text = "\n".join(self._line(line) for line in cell.text.splitlines())
        tree = ast.parse(text, filename=f"<cell {cell.number} of {os.path.basename(self.path)}>")
        name = f"<cell {cell.number} of {os.path.basename(self.path)}>"
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), self.names)  # noqa: S102  # running it is what we are for
        if last is not None:
            value = eval(compile(ast.Expression(last.value), name, "eval"), self.names)  # noqa: S307
            if value is not None:
                print(repr(value))

    def _line(self, line):
        """A line that is for the notebook and not for Python."""
        found = _LINE.match(line)
        if found is None:
            return line
        indent, mark, words = found.groups()
        if mark == "!":
            return f"{indent}__import__('subprocess').run({words!r}, shell=True, check=True)"
        return f"{indent}{_instead_of(words)}"

    def _in_md(self, cell):
        pass

    def _in_sql(self, cell):
        for statement in filter(str.strip, _statements(cell.text)):
            self.names["display"](self.names["spark"].sql(statement))

    def _in_sh(self, cell):
        sys.stdout.flush()
        subprocess.run(cell.text, shell=True, check=True)  # noqa: S602  # a notebook's own command

    def _in_fs(self, cell):
        words = cell.text.split()
        print(getattr(self.names["dbutils"].fs, words[0])(*words[1:]))

    def _in_run(self, cell):
        Notebook(_beside(self.path, cell.text.split()[0].strip("\"'")), {}, self.names).run()


def _instead_of(words):
    """What stands in for a line such as `%matplotlib inline` or `%pip install x`."""
    if words.split(" ")[0] not in ("pip", "conda"):
        return "pass"
    text = f"%{words}: packages are those of the step's environment; put them into pypi_libraries"
    return f"print({text!r})"


def _statements(text):
    """SQL apart at its semicolons, none of which is in quotes or in a comment."""
    return re.split(r";(?=(?:[^'\"]|'[^']*'|\"[^\"]*\")*$)", re.sub(r"--[^\n]*", "", text))


def _beside(path, other):
    """The file of a notebook that is named from another."""
    place = os.path.join(os.path.dirname(path), other)
    for ending in ("", ".py", ".ipynb"):
        if os.path.isfile(place + ending):
            return place + ending
    raise FileNotFoundError(f"there is no notebook {other} beside {path}")
