"""Finds the records (objects of Flattr) in a parsed body, and converts their values to the types of the entities.

Servers and converters (of XML, of PHP's arrays) put lists into objects, objects into lists, and values one level
deeper. No record is lost because of that. Conversion is lenient: each function returns None for a value that it can't
convert, and raises no error.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from urllib.parse import unquote

import msgspec

from flattr_tui.model.api_request import SINGLE_RESPONSES, ResponseKind
from flattr_tui.model.entities import MAX_INTEGER, MAX_TIMESTAMP, Json, NotFlattrError
from flattr_tui.model.lazy_pattern import lazy_pattern
from flattr_tui.model.response_body_parser import RepairLog
from flattr_tui.model.text_sanitizer import single_line, strip_controls

Value = Any
S = TypeVar("S", bound=msgspec.Struct)

MULTILINE = frozenset({"description", "about"})
"""Names of fields whose text may have several lines."""
MAX_TAGS = 200
"""Maximum number of tags of a thing that are read."""
_EARLIEST = 1_000_000_000
"""The earliest time in Unix seconds (2001) that a number in milliseconds or smaller units may mean."""
_FRACTION = lazy_pattern(r"\d{1,19}\.\d{1,9}", re.ASCII)
_NONZERO_DIGIT = lazy_pattern(r"[1-9]")
_ADDRESS = lazy_pattern(r"/(things|users)/([^/?#]+)/?$")
_RFC3339 = lazy_pattern(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


def to_line(value: Value) -> str | None:
    """Return a value as one line of sanitized text; None if the value is neither text nor an integer.

    Integers are accepted because some servers send them.
    """
    if isinstance(value, str):
        return single_line(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_INTEGER:
        return str(value)
    return None


def to_prose(value: Value) -> str | None:
    """Return a sanitized text with its line breaks; None if the value is not text."""
    return strip_controls(value).strip() if isinstance(value, str) else None


def to_integer(value: Value) -> int | None:
    """Return a value as an integer from 0 to `MAX_INTEGER`; None if that is impossible.

    A number as text is accepted, because servers sent `flattrs_user_count` in this form.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        digits = value.strip()
        if not digits.isascii() or len(digits) > 20:
            return None
        if digits.isdigit():
            value = int(digits)
        elif _FRACTION.fullmatch(digits):
            value = float(digits)
    if isinstance(value, float):
        value = int(value) if math.isfinite(value) and value.is_integer() else None
    return value if isinstance(value, int) and 0 <= value <= MAX_INTEGER else None


def to_boolean(value: Value) -> bool | None:
    """Return a value as a boolean; None if that is impossible.

    0, 1 and text are accepted, because servers sent `hidden` and `active_supporter` in these forms.
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, str)):
        return {"0": False, "1": True, "false": False, "true": True}.get(str(value).strip().lower())
    return None


def to_timestamp(value: Value) -> int | None:
    """Return a time as whole Unix seconds; None if the value is not a time.

    Accepts numbers, and text in RFC 3339 or another form of ISO 8601 (UTC if it has no offset), in the form of e-mail
    (RFC 2822) or of HTTP (RFC 9110, 5.6.7). Numbers beyond `MAX_TIMESTAMP` are milliseconds, micro- or nanoseconds.
    """
    if isinstance(value, datetime):
        return _unix_seconds(value)
    if isinstance(value, date):  # YAML has them
        return _unix_seconds(datetime(value.year, value.month, value.day, tzinfo=UTC))
    if isinstance(value, str):
        text = value.strip()
        if len(text) > 64:
            return None
        if not _FRACTION.fullmatch(text):
            return _to_seconds(to_integer(text)) if text.isascii() and text.isdigit() else _parse_date(text)
        value = float(text)
    if isinstance(value, float) and not value.is_integer():
        return _to_seconds(int(value)) if 0 <= value <= MAX_INTEGER else None
    return _to_seconds(to_integer(value))


def _to_seconds(number: int | None) -> int | None:
    """Convert a time to seconds. `number` is in seconds, milli-, micro- or nanoseconds, as its size shows.

    Returns None if `number` is None or not a time. A number is not a time if it is too large for seconds, but in a
    smaller unit is a time before 2001. An example is 253402300799, the last second of the year 9999, which stands for
    "never".
    """
    if number is None or number <= MAX_TIMESTAMP:
        return number
    while number > MAX_TIMESTAMP:
        number //= 1000
    return number if number >= _EARLIEST else None


def _parse_date(text: str) -> int | None:
    try:
        return _unix_seconds(datetime.fromisoformat(text))
    except ValueError:
        pass  # not ISO 8601: perhaps a date as in e-mail
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 -- only odd times need it

    try:
        return _unix_seconds(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _unix_seconds(when: datetime) -> int | None:
    try:
        seconds = int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
    except (OverflowError, ValueError):
        return None
    return seconds if 0 <= seconds <= MAX_TIMESTAMP else None


def read_time(value: Value, where: str, repair: RepairLog, *, dated: bool = False) -> int | None:
    """Return a time as whole Unix seconds; None if the value is not a time.

    The documentation says that the field `where` contains Unix seconds or, if `dated`, a time as in RFC 3339. A time in
    another form is accepted, and recorded as a repair. A text that can't be read is recorded in `repair.unread_times`,
    unless it stands for no time, like `0000-00-00` and `never`.
    """
    seconds = to_timestamp(value)
    text = value.strip() if isinstance(value, str) else str(value)
    documented = _RFC3339.fullmatch(text) if dated else text == str(seconds)
    if seconds is not None and not documented:
        repair(where, f"{single_line(text)[:60]!r}, read as {seconds} s")
    if seconds is None and isinstance(value, str) and _NONZERO_DIGIT.search(text):
        repair.unread_times.append(single_line(text)[:40])
    return seconds


def to_list(value: Value) -> list[Value] | None:
    """Return a value as a list; None unless it is a list, or an object with numbers as keys (a list of PHP)."""
    if isinstance(value, Mapping) and value and all(isinstance(key, str) and key.isdecimal() for key in value):
        return list(value.values())
    return value if isinstance(value, list) else None


def read_tags(value: Value, where: str, repair: RepairLog) -> tuple[str, ...] | None:
    """Return a tuple of tags without duplicates, at most `MAX_TAGS`; None if the value is not a list of tags.

    Values in the list that are neither texts nor integers are left out. A text with comma-separated tags is accepted,
    and so is a list inside an object. Both are recorded as repairs of the field `where`.
    """
    if isinstance(value, str):
        if value.strip():
            repair(where, "a text, split at its commas")
        value = value.split(",")
    elif isinstance(value, Mapping) and len(value) == 1 and to_list(value) is None:
        value = next(iter(value.values()))
        repair(where, "one level deeper than documented")
    found = to_list(value)
    if found is None:
        return None
    return tuple(dict.fromkeys(tag for item in found[:MAX_TAGS] if (tag := to_line(item))))


Reader = Callable[[Value, str, RepairLog], Any]
"""Converts the value of a field. Its arguments are the value, the field's name for repairs, and the log of repairs."""


def _ignoring_repairs(read: Callable[[Value], Any]) -> Reader:
    return lambda value, where, repair: read(value)


def _nested_reader(inner: type[msgspec.Struct]) -> Reader:
    """Return a `Reader` for a field that contains a thing or a user, depending on `inner`.

    The field may contain the whole object, or only its id or user name.
    """
    name, identity = inner.__name__.lower(), {"Thing": "id", "User": "username"}[inner.__name__]
    alone = {"Thing": to_integer, "User": _to_username}[inner.__name__]

    def read(value: Value, where: str, repair: RepairLog) -> Any:
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
            repair(where, f"a list of one {name}")
        if isinstance(value, Mapping) and isinstance(value.get(name), Mapping) and identity not in value:
            value = value[name]
            repair(where, "one level deeper than documented")
        if isinstance(value, Mapping):
            return read_record(inner, value, repair, identity=identity)
        key = alone(value)
        if not key:
            return None
        repair(where, f"{type(value).__name__} used as the {identity}")
        return inner(**{identity: key})

    return read


def _to_username(value: Value) -> str | None:
    """Return a value if it can be a user name; None otherwise.

    A number is no user name, because it may be an id, and neither is a web address.
    """
    return single_line(value) if isinstance(value, str) and "/" not in value else None


def _reader_for(name: str, hint: Any) -> Reader:
    """Return the `Reader` for a field with this name and the type `hint`."""
    arguments = [part for part in get_args(hint) if part is not type(None)]
    kind = arguments[0] if get_origin(hint) in {Union, UnionType} else hint
    if get_origin(kind) is tuple:
        return read_tags
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _nested_reader(kind)
    if kind is str:
        return _ignoring_repairs(to_prose if name in MULTILINE else to_line)
    return read_time if name.endswith("_at") else _ignoring_repairs({int: to_integer, bool: to_boolean}[kind])


@cache
def _readers(kind: type[msgspec.Struct]) -> tuple[tuple[str, Reader, bool], ...]:
    """Return, for each field of the entity type `kind`, its name, its `Reader`, and whether it can be None."""
    hints = get_type_hints(kind)
    return tuple((name, _reader_for(name, hints[name]), type(None) in get_args(hints[name])) for name in hints)


def read_record(kind: type[S], record: Mapping[str, Value], repair: RepairLog, *, identity: str | None) -> S | None:
    """Return an entity of type `kind`, made from a record field by field. Fields that can't be read count as missing.

    `identity` is the name of the field that the entity needs, such as `id`; None if it needs none. If that field is
    missing, its value is taken from the record's address. Returns None if the address does not contain the value
    either. `repair` records the repairs.
    """
    fields: dict[str, Any] = {}
    for name, read, nullable in _readers(kind):
        sent = record.get(name)
        if sent is None:
            if name in record and not nullable and name != identity:
                repair(f"{kind.__name__}.{name}", "null, treated as missing")
            continue
        value = read(sent, f"{kind.__name__}.{name}", repair)
        if value is None:
            if sent != "":
                repair(f"{kind.__name__}.{name}", f"{type(sent).__name__} could not be read, treated as missing")
            continue
        fields[name] = value
    if identity is not None and fields.get(identity) in {None, ""}:
        found = _identity_from_address(kind, fields)
        repair(
            f"{kind.__name__}.{identity}",
            "missing, " + ("taken from its address" if found else "the record was left out"),
        )
        if not found:
            return None
        fields[identity] = found
    return kind(**fields)


def _identity_from_address(kind: type[msgspec.Struct], fields: Mapping[str, Any]) -> int | str | None:
    """Return the id or user name at the end of a record's address; None if it is not an address of an entity of `kind`.

    The address is the field `resource` in `fields`, which are the fields that were read so far.
    """
    found = _ADDRESS.search(str(fields.get("resource", "")))
    if found is None or found[1] != f"{kind.__name__.lower()}s":
        return None
    return to_integer(found[2]) if found[1] == "things" else single_line(unquote(found[2]))


SINGLE = SINGLE_RESPONSES | {ResponseKind.RECEIPT}
"""Kinds of responses with a single record."""
_LIST_NAMES: Mapping[ResponseKind, tuple[str, ...]] = {
    ResponseKind.SEARCH: ("things", "items"),
    ResponseKind.ACTIVITIES: ("items", "activities"),
    ResponseKind.THINGS: ("things", "items"),
    ResponseKind.FLATTRS: ("flattrs", "items"),
    ResponseKind.SUBSCRIPTIONS: ("subscriptions", "items"),
    ResponseKind.CHOICES: ("categories", "languages", "items"),
}
_WRAPPER_NAMES: Mapping[ResponseKind, frozenset[str]] = {
    ResponseKind.USER: frozenset({"user"}),
    ResponseKind.THING: frozenset({"thing"}),
    ResponseKind.THINGS: frozenset({"thing"}),
    ResponseKind.SEARCH: frozenset({"thing"}),
    ResponseKind.FLATTRS: frozenset({"flattr"}),
    ResponseKind.SUBSCRIPTIONS: frozenset({"subscription"}),
    ResponseKind.ACTIVITIES: frozenset({"activity", "entry"}),
    ResponseKind.CHOICES: frozenset({"category", "language"}),
    ResponseKind.LOOKUP: frozenset({"lookup"}),
    ResponseKind.RATE_LIMIT: frozenset({"rate_limit"}),
    ResponseKind.RECEIPT: frozenset(),
}
"""For each kind, the names under which an object may contain a single record: `{"user": {…}}`."""
_EMPTY_MARKERS: Mapping[ResponseKind, frozenset[str]] = {
    ResponseKind.SEARCH: frozenset({"total_items"}),
    ResponseKind.ACTIVITIES: frozenset({"items", "title"}),
}
"""For each kind, keys that show that an object without a list stands for an empty list.

Activity Streams 1.0, 3.5 has `title`.
"""
_GENERIC_NAMES = ("data", "result", "results", "response", "item", "items")
_MAX_WRAPPERS = 4
"""Maximum number of objects or lists around a record that are removed."""


def find_records(kind: ResponseKind, data: Json, repair: RepairLog) -> list[Json]:
    """Return the records in `data`, the parsed body of a response of this kind. `repair` records the repairs.

    Other objects may be wrapped around each record: `unwrap_record` removes them. Raises `NotFlattrError` if the body
    does not have the shape that this kind of response has.
    """
    if kind in SINGLE:
        data = unwrap_record(kind, data, repair)
        if not isinstance(data, Mapping):
            raise NotFlattrError(f"{name_type(data)} instead of one {kind.value}")
        return [data]
    for _ in range(_MAX_WRAPPERS):
        if (found := to_list(data)) is not None:
            if len(found) == 1 and isinstance(found[0], list):
                repair("body", "a list within a list")
                data = found[0]
                continue
            return found
        if not isinstance(data, Mapping):
            break
        if (found := _find_list(kind, data)) is not None:
            return found
        inner = _unwrap(kind, data)
        if inner is None:
            return _records_without_list(kind, data, repair)
        repair("body", "one level deeper than documented")
        data = inner
    raise NotFlattrError(f"{name_type(data)} instead of a list of {kind.value}")


def _find_list(kind: ResponseKind, data: Mapping[str, Json]) -> list[Json] | None:
    for name in (*_LIST_NAMES.get(kind, ()), *_GENERIC_NAMES):
        if (found := to_list(data.get(name))) is not None:
            return found
    return None


def _records_without_list(kind: ResponseKind, data: Mapping[str, Json], repair: RepairLog) -> list[Json]:
    """Return the records in an object (`data`) that contains no list: one, several or none.

    An object with a type or an id is a record itself. An object that maps the ids of categories or languages to their
    names contains one record for each of them. An empty search result or activity stream contains none. `repair`
    records the repairs. Raises `NotFlattrError` for any other object.
    """
    if "type" in data or "id" in data:
        return [data]
    if kind in _EMPTY_MARKERS and (
        data.keys() & _EMPTY_MARKERS[kind] or (not data and kind is ResponseKind.ACTIVITIES)
    ):
        return []  # an empty stream may come without its `items`, an empty result without its `things`
    if kind is ResponseKind.CHOICES and data and all(isinstance(value, str) for value in data.values()):
        repair("body", "an object of ids and names instead of a list")
        return [{"id": key, "text": value} for key, value in data.items()]
    raise NotFlattrError(f"{name_type(data)} instead of a list of {kind.value}")


def unwrap_record(kind: ResponseKind, data: Json, repair: RepairLog) -> Json:
    """Return the record inside the objects and lists that wrap it. `data` is the record or its wrapper.

    `kind` is the kind of the response. If it is a list of categories or languages, a record may be a text; the text
    then becomes a record whose id it is. `repair` records the repairs.
    """
    for _ in range(_MAX_WRAPPERS):
        inner = data[0] if isinstance(data, list) and len(data) == 1 else None
        if isinstance(data, Mapping):
            inner = _unwrap(kind, data)
        if not isinstance(inner, Mapping | list):
            break
        repair(kind.value, "one level deeper than documented")
        data = inner
    if kind is ResponseKind.CHOICES and isinstance(data, str) and data.strip():
        repair("Choice.id", "a text, used as the id")
        return {"id": data}
    return data


def _unwrap(kind: ResponseKind, data: Mapping[str, Json]) -> Json:
    """Return the value inside an object that only wraps a value, as in `{"user": {…}}`; None for any other object."""
    if len(data) != 1:
        return None
    ((name, inner),) = data.items()
    is_wrapping = name in _WRAPPER_NAMES[kind] or name in _GENERIC_NAMES or name in _LIST_NAMES.get(kind, ())
    return inner if is_wrapping and isinstance(inner, Mapping | list) else None


def name_type(value: Json) -> str:
    """Return the type of a parsed value in words: `a list`, `an object`, `a number`."""
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
