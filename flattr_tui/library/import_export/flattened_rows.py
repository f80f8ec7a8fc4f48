"""Reads objects of the API that were flattened to rows: tables (CSV, TSV), and JSON with names such as `thing.id`.

`export` and converters (pandas, csvkit, Miller, json2csv) write the fields of nested objects as columns such as
`thing.owner.username`, with a dot, a slash or an underscore, and items of lists as `tags.0`. Spreadsheets save such
tables again. Some programs write a nested object into one cell, as JSON or as Python prints it.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import msgspec

from flattr_tui.library.import_export.decompression import UnreadableError
from flattr_tui.library.import_export.exporter import columns_of, unescape_formula
from flattr_tui.library.import_export.plain_json import to_json_text
from flattr_tui.model.entities import Activity, Flattr, Subscription, Thing, User
from flattr_tui.model.record_reader import to_timestamp
from flattr_tui.model.text_sanitizer import single_line

_NESTED: Final = re.compile(r"(thing|owner|actor|object)(?:[./:]|__?)(?=.)")
"""Matches the name of a nested object, and what separates it from the name of the object's field."""
_ITEM: Final = re.compile(r"(tags)(?:[./:_]|\[)\d{1,3}\]?")
"""Matches the name of an item of a list."""
_NESTED_CELLS: Final = frozenset({"thing", "owner", "actor", "object", "tags"})
"""The fields whose cells may contain an object or a list."""
_FLATTENED: Final = re.compile(rb'\s*(?:\[\s*)?\{[^{}\[\]]{0,2000}?"(?:thing|owner)[./]\w+(?:[./]\w+)?"\s*:')
"""Matches the beginning of JSON with flattened objects."""
_SEPARATOR_LINE: Final = re.compile(rb"\A\"?sep=.\"?[\r\n]+")
"""Matches the line that tells Excel how cells are separated."""
_SEPARATORS: Final = (",", ";", "\t")
_ABSENT: Final = frozenset({"", "0", "nan", "nat", "none", "null"})


def unflatten(data: bytes) -> bytes:
    """Convert a table, or JSON whose objects are flattened, to a JSON list of objects in the API's form.

    An object is flattened if its nested fields are on the top level, as `thing.title`. The content of any other file is
    returned unchanged. Raises `UnreadableError` for a table of flattened objects that can't be read.
    """
    if data.lstrip()[:1] in {b"{", b"["}:
        return _unflatten_json(data) if _FLATTENED.match(data) else data
    content = _SEPARATOR_LINE.sub(b"", data, count=1)
    line = content.lstrip()[:8192].splitlines()[0].decode("utf-8", "replace") if content.strip() else ""
    separator = max(_SEPARATORS, key=line.count)
    names = [name.strip('" ') for name in line.split(separator)]
    if not _is_header(names):
        return data
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")  # as spreadsheets save CSV on Windows
    try:
        return msgspec.json.encode(list(_read_table(text.lstrip(), names, separator)))
    except csv.Error as error:
        raise UnreadableError(f"a table that can't be read ({error})") from error


def _is_header(names: list[str]) -> bool:
    """Whether `names`, a table's column names, are fields of API objects. Nested fields are paths: `thing.title`."""
    paths = {".".join(path) for path in map(_split, names)}
    known = paths & (_COLUMNS | {"type", "thing"})
    return len(known) > 1 and any("." in path or path in {"type", "resource", "thing"} for path in known)


def _read_table(text: str, names: list[str], separator: str) -> Iterator[dict[str, Any]]:
    """Yield the object in each row of a table. `names` are the names of the columns, from the table's first line.

    Raises `UnreadableError` if the table can't be read, or leaves out what identifies the objects.
    """
    paths = {".".join(path) for path in map(_split, names)}
    if paths.isdisjoint({"id", "username", "resource", "thing", "thing.id", "thing.resource"}):
        raise UnreadableError("a table without the ids of the things: export it with all columns, or as json or jsonl")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    is_blank = True
    for cells in reader:
        if cells == names or (is_blank and _is_header(cells)):  # the first line, or that of another table after a blank
            names, is_blank = cells, False
            continue
        is_blank = not any(cells)
        if len(cells) > len(names) and any(cells[len(names) :]):
            raise UnreadableError(f"a table whose line {reader.line_num} has more cells than the first line")
        row = {
            name: value
            for name, cell in zip(names, cells, strict=False)
            if name and (value := _read_cell(_split(name)[-1], cell, reader.line_num)) != ""
        }
        if row:
            yield _add_type(_nest(row))


def _read_cell(name: str, cell: str, line: int) -> Any:
    """Return the value in a cell of a table. `name` is the name of the field in the cell's column.

    Raises `UnreadableError` for a date that can't be read; its message contains `line`, the number of the line.
    """
    if name.endswith("_at") or name == "published":
        if cell.strip().lower() in _ABSENT:
            return ""
        if (time := to_timestamp(cell)) is None:
            raise UnreadableError(
                f"a table with the date {single_line(cell)[:40]!r} in line {line}: write dates as 2013-05-06 07:08:09"
            )
        return time if name.endswith("_at") else cell
    if name in _NESTED_CELLS and cell[:1] in {"{", "["}:
        try:
            return msgspec.json.decode(to_json_text(cell))
        except (msgspec.DecodeError, RecursionError):
            return cell
    return unescape_formula(cell)


def _unflatten_json(data: bytes) -> bytes:
    try:
        rows = msgspec.json.decode(data) if data.lstrip()[:1] == b"[" else msgspec.json.Decoder().decode_lines(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return data
    return msgspec.json.encode([_add_type(_nest(row)) if isinstance(row, dict) else row for row in rows])


@lru_cache(4096)
def _split(name: str) -> tuple[str, ...]:
    """Return the path of a field that was flattened: `thing.owner.username` gives `thing`, `owner` and `username`."""
    path: list[str] = []
    name = name.strip()
    while found := _NESTED.match(name):
        path.append(found[1])
        name = name[found.end() :]
    return (*path, name)


def _nest(row: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in row.items():
        *path, leaf = _split(name)
        target = nested
        for part in path:
            inner = target.setdefault(part, {})
            target = inner if isinstance(inner, dict) else {}
        if item := _ITEM.fullmatch(leaf):
            target.setdefault(item[1], []).append(value)
        else:
            target["displayName" if path and path[-1] in {"actor", "object"} and leaf == "name" else leaf] = value
    return nested


def _add_type(row: dict[str, Any]) -> dict[str, Any]:
    """Return an API object with its field `type`. If the field is missing, the type follows from the other fields.

    Tables of `export` lack the field. An activity is returned unchanged, because it has no field `type`.
    """
    if row.get("type") or "verb" in row:
        return row
    is_subscription = "active" in row or "started_at" in row
    kind = "user" if "username" in row else "thing" if "thing" not in row else "flattr"
    return row | {"type": "subscription" if is_subscription else kind}


_COLUMNS: Final = frozenset(
    ".".join(_split(name)) for kind in (User, Thing, Flattr, Subscription, Activity) for name in columns_of(kind)
)
"""The paths of all fields of API objects."""
