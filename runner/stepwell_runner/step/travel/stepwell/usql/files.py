"""The files that EXTRACT reads and OUTPUT writes: values between delimiters, a row a line."""

import datetime
import glob
import gzip
import os
import re

from stepwell.usql import formats
from stepwell.usql.compiling import constant
from stepwell.usql.errors import RowError, UsqlError
from stepwell.usql.types import parse, text

_DELIMITERS = {"Csv": ",", "Tsv": "\t", "Text": ","}
_ENCODINGS = {"UTF8": "utf-8", "ASCII": "ascii", "Unicode": "utf-16", "BigEndianUnicode": "utf-16-be", "UTF7": "utf-7", "UTF32": "utf-32"}
_READS = {
    "delimiter": "char",
    "encoding": "",
    "skipFirstNRows": "int",
    "silent": "bool",
    "quoting": "bool",
    "nullEscape": "string",
    "escapeCharacter": "char",
    "rowDelimiter": "string",
    "charFormat": "string",
}
WRITES = {
    "delimiter": "char",
    "encoding": "",
    "outputHeader": "bool",
    "quoting": "bool",
    "nullEscape": "string",
    "escapeCharacter": "char",
    "rowDelimiter": "string",
    "dateTimeFormat": "string",
    "charFormat": "string",
}
_HOLE = re.compile(r"\{(\*|\w+)(?::([^}]*))?\}")


def options_of(user, known, variables):
    """The arguments of an extractor or outputter by name; `delimiter` and `encoding` always."""
    _, form, given = user.parts
    found = {"delimiter": _DELIMITERS[form], "encoding": "utf-8"}
    for name, node, place in given:
        if name not in known:
            raise UsqlError(f"there is no argument {name}; there are: {', '.join(sorted(known))}", place)
        if name == "delimiter" and form != "Text":
            raise UsqlError(f"the delimiter of {form} is fixed; use Text", place)
        found[name] = _encoding(node) if name == "encoding" else _option(name, node, known[name], variables)
    return found


def _option(name, node, wanted, variables):
    value, kind = constant(node, variables)
    if kind.name != wanted and not (wanted == "char" and kind.name == "string" and len(value) == 1) and value is not None:
        raise UsqlError(f"{name} is {wanted} and not {kind!r}", node.place)
    return value


def _encoding(node):
    if node.kind == "member" and node.parts[1] in _ENCODINGS:
        return _ENCODINGS[node.parts[1]]
    raise UsqlError(f"the encoding is one of: {', '.join('Encoding.' + name for name in _ENCODINGS)}", node.place)


# --- reading


def extract(columns, paths, user, variables, place):
    """A function that gives the rows of the files. Columns whose names are in a path as `{name}` come from the path."""
    options = options_of(user, _READS, variables)
    virtual = {name for path in paths for name, _ in _HOLE.findall(path)} - {"*"}
    missing = virtual - {column.name for column in columns}
    if missing:
        raise UsqlError(f"the path names {min(missing)}, which is no column", place)

    def rows():
        for path in paths:
            for file, given in _files(path, columns, place):
                for row in _rows_of(file, columns, given, options, place):
                    yield row

    return rows


def _files(path, columns, place):
    """The files that a path means, each with the values that its name holds."""
    where = input_path(path)
    if not _HOLE.search(path):
        if not os.path.exists(where):
            raise UsqlError(f"there is no file {path}", place)
        inside = sorted(glob.glob(os.path.join(glob.escape(where), "**"), recursive=True)) if os.path.isdir(where) else [where]
        return [(file, {}) for file in inside if os.path.isfile(file) and not os.path.basename(file).startswith(("_", "."))]
    pieces = _HOLE.split(where)
    pattern = "".join(glob.escape(piece) if index % 3 == 0 else "*" if index % 3 == 1 else "" for index, piece in enumerate(pieces))
    shape = "".join(re.escape(piece) if index % 3 == 0 else "([^/]*)" if index % 3 == 1 else "" for index, piece in enumerate(pieces))
    holes = _HOLE.findall(where)
    found = []
    for file in sorted(glob.glob(pattern)):
        match = re.fullmatch(shape, file)
        if match:
            found.append((file, _from_name(holes, match.groups(), columns, place)))
    return found


def _from_name(holes, said, columns, place):
    kinds = {column.name: column.type.name for column in columns}
    parts = {}
    for (name, form), value in zip(holes, said):
        if name != "*":
            parts.setdefault(name, []).append((form, value))
    try:
        return {
            name: parse(found[0][1], kinds[name])
            if not found[0][0]
            else formats.read_exactly("-".join(value for _, value in found), "-".join(form for form, _ in found))
            for name, found in parts.items()
        }
    except RowError as error:
        raise UsqlError(f"the name of a file: {error}", place) from None


def input_path(path):
    """A path on this machine: as it is if it exists, else below the step's folder. `adl://` and the like lose their account."""
    plain = re.sub(r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/]*", "", path)
    if os.path.exists(re.split(r"\{", plain)[0]) and os.path.isabs(plain):
        return plain
    return plain.lstrip("/") if os.path.isabs(plain) and not os.path.exists(os.path.dirname(plain)) else plain


def _rows_of(file, columns, given, options, place):
    read = [column for column in columns if column.name not in given]
    order = [(given[column.name], None) if column.name in given else (None, read.index(column)) for column in columns]
    silent, escape = options.get("silent", False), options.get("nullEscape")
    split = _splitter(options)
    with _opened(file, options["encoding"]) as stream:
        for number, line in enumerate(_lines(stream, options.get("rowDelimiter")), 1):
            if number <= options.get("skipFirstNRows", 0):
                continue
            fields = split(line)
            if len(fields) != len(read):
                if silent or (not line and len(read) > 1):
                    continue
                many = f"{len(fields)} columns where {len(read)} are wanted (silent:true leaves such lines out)"
                raise UsqlError(f"{file}, line {number}: {many}", place)
            values = []
            for field, column in zip(fields, read):
                try:
                    values.append(_read_value(field, column.type, escape))
                except RowError as error:
                    if not silent:
                        raise UsqlError(f"{file}, line {number}, column {column.name}: {error}", place) from None
                    values.append(None if column.type.nullable else _SKIP)
            if _SKIP not in values:
                yield tuple([fixed if index is None else values[index] for fixed, index in order])


_SKIP = object()


class _Quoted(str):
    """A text that stood in quotes: even when empty it is a text, and no null."""


def _read_value(field, kind, escape):
    if not isinstance(field, _Quoted) and ((escape is not None and field == escape) or (escape is None and not field and kind.nullable)):
        if not kind.nullable:
            raise RowError(f"null cannot be {kind!r}")
        return None
    return str(field) if kind.name == "string" else parse(field, kind.name)


def _opened(file, encoding):
    opener = gzip.open if file.endswith(".gz") else open
    return opener(file, "rt", encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline=None)


def _lines(stream, delimiter):
    if delimiter in (None, "\n", "\r\n", "\r"):
        for line in stream:
            yield line.removesuffix("\n")
        return
    rest = stream.read()
    parts = rest.split(delimiter)
    for part in parts[:-1] if parts[-1] == "" else parts:
        yield part


def _splitter(options):
    delimiter, quoting, escape = options["delimiter"], options.get("quoting", True), options.get("escapeCharacter")

    def split(line):
        if (not quoting or '"' not in line) and (escape is None or escape not in line):
            return line.split(delimiter)
        return _split_carefully(line, delimiter, quoting, escape)

    return split


def _split_carefully(line, delimiter, quoting, escape):
    fields, field, inside, quoted, index = [], [], False, False, 0
    while index < len(line):
        letter = line[index]
        if escape is not None and letter == escape and index + 1 < len(line):
            index += 1
            field.append(line[index])
        elif quoting and letter == '"':
            if inside and line[index + 1 : index + 2] == '"':
                field.append('"')
                index += 1
            elif inside:
                inside = False
            elif not field:
                inside = quoted = True
            else:
                field.append(letter)
        elif letter == delimiter and not inside:
            fields.append(_Quoted("".join(field)) if quoted else "".join(field))
            field, quoted = [], False
        else:
            field.append(letter)
        index += 1
    fields.append(_Quoted("".join(field)) if quoted else "".join(field))
    return fields


# --- writing


def output(rowset, path, user, variables):
    """Write the rows; how many there were, and where."""
    options = options_of(user, WRITES, variables)
    where = output_path(path)
    end = options.get("rowDelimiter", "\r\n")
    columns = [column.type.name for column in rowset.columns]
    count = 0
    with open(where, "w", encoding=options["encoding"], newline="") as stream:
        if options.get("outputHeader", False):
            stream.write(options["delimiter"].join(_written(column.name, "string", options) for column in rowset.columns) + end)
        for row in rowset.rows():
            stream.write(options["delimiter"].join([_written(value, kind, options) for value, kind in zip(row, columns)]) + end)
            count += 1
    return count, where


def output_path(path):
    """Where a file goes: as it is where its folder exists, which is so for the step's outputs; else below `outputs/`."""
    plain = re.sub(r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/]*", "", path)
    if not (os.path.isabs(plain) and os.path.isdir(os.path.dirname(plain))):
        plain = os.path.join("outputs", os.path.normpath("/" + plain).lstrip("/"))
        os.makedirs(os.path.dirname(plain), exist_ok=True)
    return os.path.join(plain, "part.csv") if os.path.isdir(plain) else plain


def _written(value, kind, options):
    if value is None:
        return options.get("nullEscape") or ""
    if isinstance(value, datetime.datetime):
        return formats.moment(value, options.get("dateTimeFormat", "o"))
    said = text(value)
    escape = options.get("escapeCharacter")
    if escape is not None:
        for mark in (escape, options["delimiter"], "\n", "\r"):
            said = said.replace(mark, escape + mark)
    if options.get("quoting", True) and kind in ("string", "char"):
        return '"' + said.replace('"', '""') + '"'
    return said
