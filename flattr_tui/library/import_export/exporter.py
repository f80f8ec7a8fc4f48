"""Exports items: formats them as CSV, Markdown, JSON or JSON lines, piece by piece, and writes files.

CSV and Markdown have a column for each field, with fields of nested objects as `thing.title`. JSON contains the objects
as Flattr's API returns them. All but Markdown can be imported again.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain
from pathlib import Path
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints
from urllib.parse import quote

import msgspec
from msgspec import Struct

from flattr_tui.model.api_request import SINGLE_RESPONSES, ResponseKind
from flattr_tui.model.entities import Activity, Choice, Flattr, Lookup, RateLimit, Subscription, Thing, User
from flattr_tui.store.shared_files import open_replacement

ENTITY_OF: Final[dict[ResponseKind, type[Struct]]] = {
    ResponseKind.USER: User,
    ResponseKind.THING: Thing,
    ResponseKind.THINGS: Thing,
    ResponseKind.SEARCH: Thing,
    ResponseKind.FLATTRS: Flattr,
    ResponseKind.ACTIVITIES: Activity,
    ResponseKind.SUBSCRIPTIONS: Subscription,
    ResponseKind.CHOICES: Choice,
    ResponseKind.LOOKUP: Lookup,
    ResponseKind.RATE_LIMIT: RateLimit,
}
"""The class of the items in each kind of API response."""

_TIMES: Final = ("_at", "published", "reset")
"""What the name of a field that contains a time ends with."""
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Characters at which a spreadsheet may recognize a formula (OWASP, 'CSV Injection')."""
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")
_MARKUP: Final = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&$:@])")
"""Matches ASCII punctuation that Markdown may read as markup, and that can be escaped (CommonMark 0.31, 2.4)."""
_TYPES: dict[type[Struct], str] = {User: "user", Thing: "thing", Flattr: "flattr", Subscription: "subscription"}
"""The value of the field `type`, for classes of items that have this field in the API."""


def format_iso(seconds: int) -> str:
    """Return a time in Unix seconds as ISO 8601 in UTC; a time after the year 9999 as the number of seconds."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return str(seconds)


def to_api_object(entity: Struct) -> dict[str, Any]:
    """Return an item as a dictionary with the fields that the API returns. Fields that are None are left out.

    A struct that is not an item of the API is returned with its own fields.
    """
    match entity:
        case Activity():
            return _activity(entity)
        case Lookup():
            fields = {"location": entity.location, "description": entity.description}
            return _plain({"message": "found" if entity.found else "not_found", **fields})
        case RateLimit():
            return _plain(
                {
                    "hourly_limit": entity.limit,
                    "remaining_hits": entity.remaining,
                    "current_hits": entity.current,
                    "reset_time_in_seconds": entity.reset,
                }
            )
        case Choice():
            return {"id": entity.id, "text": entity.text}
    return _struct(entity)


def _struct(entity: Struct) -> dict[str, Any]:
    wire_type = {"type": _TYPES[type(entity)]} if type(entity) in _TYPES else {}
    return wire_type | _plain({name: getattr(entity, name) for name in entity.__struct_fields__})


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _struct(value) if isinstance(value, Struct) else list(value) if isinstance(value, tuple) else value
        for name, value in fields.items()
        if value is not None
    }


def _activity(activity: Activity) -> dict[str, Any]:
    """Return an activity in the form of Activity Streams 1.0. Source: content/api/resources/activities.md."""
    actor = _plain({"displayName": activity.actor_name, "url": activity.actor_url, "objectType": "person"})
    target = _plain({"displayName": activity.object_name, "url": activity.object_url, "objectType": "bookmark"})
    published = None if activity.published is None else format_iso(activity.published)
    return _plain(
        {
            "id": activity.id,
            "published": published,
            "title": activity.title,
            "verb": activity.verb,
            "actor": actor,
            "object": target,
        }
    )


class ExportFormat(StrEnum):
    """The file formats in which items can be exported. The values are the suffixes of the files' names."""

    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    MARKDOWN = "md"


def format_items(
    items: Iterable[Struct], form: ExportFormat, *, kind: ResponseKind | None = None, columns: Sequence[str] = ()
) -> Iterator[str]:
    """Yield the text of a file with the items in the format `form`, piece by piece.

    `kind` is the kind of API response that the items came in. It decides whether JSON is an object, an array or an
    activity stream, and which columns CSV and Markdown have. With None (mixed items, or not from the API), JSON is an
    array, and all items are read first to find their columns. `columns` are the names of the columns to write; empty
    for all columns. Raises `UnknownColumnError` if a column does not exist.
    """
    if form is ExportFormat.JSON:
        return _to_json(items, kind)
    if form is ExportFormat.JSONL:
        return (_to_text(item) + "\n" for item in items)
    if form is ExportFormat.CSV:
        return _to_csv(items, kind, columns)
    return _to_markdown(items, kind, columns)


class UnknownColumnError(ValueError):
    """Raised if a column to export does not exist. The message names the existing columns."""


# -- columns


def columns_of(kind: type[Struct]) -> tuple[str, ...]:
    """Return the names of the columns for items of a class: its fields, and nested ones such as `thing.title`."""
    return tuple(chain.from_iterable(_fields(kind)))


def _fields(kind: type[Struct]) -> Iterator[tuple[str, ...]]:
    hints = get_type_hints(kind)
    for name in kind.__struct_fields__:
        inner = _nested(hints[name])
        yield tuple(f"{name}.{column}" for column in columns_of(inner)) if inner is not None else (name,)


def _nested(hint: Any) -> type[Struct] | None:
    kinds = get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Struct)), None)


def _select_columns(
    items: Iterable[Struct], kind: ResponseKind | None, columns: Sequence[str]
) -> tuple[list[str], Iterable[Struct]]:
    """Return the names of the columns to write, and the items to write. The caller must no longer use `items`.

    `columns` are the wanted columns; if empty, all columns are written. `kind` is the kind of response that the items
    came in. If it is None, all items are read to find the columns. Raises `UnknownColumnError` if a wanted column does
    not exist.
    """
    if kind is None:
        items = list(items)
        kinds: Iterable[type[Struct]] = dict.fromkeys(type(item) for item in items)
    else:
        kinds = [ENTITY_OF[kind]]
    known = list(dict.fromkeys(chain.from_iterable(columns_of(kind) for kind in kinds)))
    unknown = [column for column in columns if column not in known]
    if unknown and known:
        raise UnknownColumnError(f"There is no column {unknown[0]!r}; there are: {', '.join(known)}.")
    return list(columns) or known, items


def format_cell(item: Struct, column: str) -> str:
    """Return the text for an item in a column: times in ISO 8601, tags comma-separated, booleans `true` or `false`.

    None becomes "", and so does a time of 0, by which Flattr means never.
    """
    value: Any = item
    for name in column.split("."):
        value = getattr(value, name, None)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if column.endswith(_TIMES):
            return format_iso(value) if value else ""
        return str(value)
    return ", ".join(value) if isinstance(value, tuple) else str(value)


# -- CSV


def escape_formula(text: str) -> str:
    """Return a text with an apostrophe in front, if a spreadsheet could run it as a formula; otherwise unchanged.

    Source: OWASP, 'CSV Injection'.
    """
    head = text.lstrip(" \u00a0")
    return f"'{text}" if head.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(text) else text


def unescape_formula(text: str) -> str:
    """Return a text without the apostrophe that `escape_formula` put in front; any other text unchanged."""
    return text[1:] if text.startswith("'") and escape_formula(text[1:]) == text else text


def _to_csv(items: Iterable[Struct], kind: ResponseKind | None, columns: Sequence[str]) -> Iterator[str]:
    chosen, items = _select_columns(items, kind, columns)

    def lines() -> Iterator[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer)  # RFC 4180
        for row in chain(
            [chosen], ([escape_formula(format_cell(item, column)) for column in chosen] for item in items)
        ):
            writer.writerow(row)
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()

    return lines()


# -- Markdown


def escape_markdown(text: str) -> str:
    """Return a text on one line, escaped so that Markdown shows the same characters. An address becomes a link."""
    text = " ".join(text.split())
    if re.fullmatch(r"https?://\S+", text) and text.isprintable():
        return f"<{quote(text, safe=_IN_LINKS)}>"
    return _MARKUP.sub(r"\\\1", text)


_IN_LINKS: Final = "%/:?#[]@!$&'()*+,;=~-._"


def _to_markdown(items: Iterable[Struct], kind: ResponseKind | None, columns: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a Markdown table of items. Columns that are empty for all items are left out."""
    chosen, items = _select_columns(items, kind, columns)
    rows = [[format_cell(item, column) for column in chosen] for item in items]
    used = [at for at, column in enumerate(chosen) if columns or any(row[at] for row in rows)]

    def lines() -> Iterator[str]:
        if not used:
            return
        yield _format_row(chosen[at] for at in used)
        yield _format_row("---" for _ in used)
        for row in rows:
            yield _format_row(escape_markdown(row[at]) for at in used)

    return lines()


def _format_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


# -- JSON


def _to_text(item: Struct) -> str:
    return msgspec.json.encode(to_api_object(item)).decode()


def _to_json(items: Iterable[Struct], kind: ResponseKind | None) -> Iterator[str]:
    """Yield items as JSON in the form of an API response of this kind: an object, an array or an activity stream.

    Results of a search become an array, and so do items without a `kind`.
    """
    if kind in SINGLE_RESPONSES:
        yield from (_to_text(item) + "\n" for item in items)
        return
    opening, closing = ('{"items":[', "]}") if kind is ResponseKind.ACTIVITIES else ("[", "]")
    yield opening
    yield from (f"{',' if number else ''}\n{_to_text(item)}" for number, item in enumerate(items))
    yield f"\n{closing}\n"


# -- files


def write_file(target: Path, pieces: Iterable[str], *, progress: Callable[[int], None] = lambda done: None) -> int:
    """Write pieces of text to a file. Returns the number of pieces.

    An existing file is replaced only when all pieces are written. A pipe or a device is written to directly. `progress`
    is called with the number of pieces written so far. Raises `OSError` if the file can't be written.
    """
    done = 0
    with open_replacement(target) as file:
        for done, piece in enumerate(pieces, 1):
            file.write(piece.encode())
            progress(done)
    return done
