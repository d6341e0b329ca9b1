"""A notebook as cells: from a `.py` file as Databricks exports it, or from an `.ipynb` file."""

import json

_BREAK = "# COMMAND ----------"
_MAGIC = "# MAGIC "
_HEAD = "# Databricks notebook source"
_LANGUAGES = ("python", "sql", "md", "sh", "fs", "run", "scala", "r")


class Cell:
    """A cell: its number from 1, its language (python, sql, md, sh, fs, run, scala, r), and its text."""

    def __init__(self, number, language, text):
        self.number = number
        self.language = language
        self.text = text


def read(path):
    """The cells of a notebook, in order. ValueError when it is none."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    parts = _of_ipynb(text) if path.endswith(".ipynb") else _of_source(text)
    cells = [_cell(number, part) for number, part in enumerate(parts, 1)]
    return [cell for cell in cells if cell is not None]


def _of_source(text):
    lines = text.splitlines()
    if lines and lines[0].strip() == _HEAD:
        lines[0] = ""
    part, parts = [], []
    for line in lines:
        if line.strip() == _BREAK:
            parts.append("\n".join(part))
            part = []
        else:
            part.append(line)
    parts.append("\n".join(part))
    return [_without_marks(part) for part in parts]


def _without_marks(part):
    """Cells of other languages are comments in a source file."""
    lines = part.splitlines()
    if not any(line.startswith("# MAGIC") for line in lines):
        return part
    return "\n".join(line[len(_MAGIC) :] if line.startswith(_MAGIC) else "" for line in lines if line.startswith("# MAGIC"))


def _of_ipynb(text):
    book = json.loads(text)
    return ["".join(cell.get("source", "")) if cell.get("cell_type") == "code" else "" for cell in book["cells"]]


def _cell(number, text):
    stripped = text.strip()
    if not stripped:
        return None
    if not stripped.startswith("%"):
        return Cell(number, "python", text)
    word, _, rest = stripped[1:].partition("\n") if "\n" in stripped else (stripped[1:], "", "")
    name, _, same_line = word.lstrip("%").partition(" ")
    if name.lower() not in _LANGUAGES:
        return Cell(number, "python", text)
    return Cell(number, name.lower(), "\n".join(filter(None, [same_line.strip(), rest])))
