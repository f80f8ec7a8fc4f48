"""Single values as a server may send them, read leniently: what cannot be read is None, never an error."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints
from urllib.parse import unquote

import msgspec

from flattr_tui.model.sanitizer import clean, line

if TYPE_CHECKING:
    from flattr_tui.model.body_parser import Mender

Value = Any
S = TypeVar("S", bound=msgspec.Struct)

BIGGEST = 2**63 - 1
"""The largest integer that SQLite keeps."""
MULTILINE = frozenset({"description", "about"})
"""Fields whose text has lines of its own."""
MAX_TAGS = 200
_FRACTION = re.compile(r"\d{1,19}\.\d{1,9}", re.ASCII)
_ADDRESS = re.compile(r"/(things|users)/([^/?#]+)/?$")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


def text(value: Value) -> str | None:
    """Read a text of one line; a number is taken for its digits, as some servers send ids."""
    if isinstance(value, str):
        return line(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= BIGGEST:
        return str(value)
    return None


def prose(value: Value) -> str | None:
    """Read a text of several lines."""
    return clean(value).strip() if isinstance(value, str) else None


def integer(value: Value) -> int | None:
    """Read a whole number that is not negative; digits in a text count (*seen*: `flattrs_user_count`)."""
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
    return value if isinstance(value, int) and 0 <= value <= BIGGEST else None


def boolean(value: Value) -> bool | None:
    """Read true or false; 0 and 1, as numbers or texts, count (*seen*: `hidden`, `active_supporter`)."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, str)):
        return {"0": False, "1": True, "false": False, "true": True}.get(str(value).strip().lower())
    return None


def moment(value: Value) -> int | None:
    """Read a time to Unix seconds, a fraction of one left out.

    A number of them, or a text: RFC 3339 or another form of ISO 8601 (without an offset it is UTC), or the form of
    mails (RFC 2822) and of HTTP (RFC 9110, 5.6.7).
    """
    if isinstance(value, datetime):
        return _seconds(value)
    if isinstance(value, date):  # YAML has them
        return _seconds(datetime(value.year, value.month, value.day, tzinfo=UTC))
    if isinstance(value, str):
        told = value.strip()
        if len(told) > 64:
            return None
        if not _FRACTION.fullmatch(told):
            return integer(told) if told.isascii() and told.isdigit() else _dated(told)
        value = float(told)
    if isinstance(value, float) and not value.is_integer():
        return int(value) if 0 <= value <= BIGGEST else None
    return integer(value)


def _dated(told: str) -> int | None:
    try:
        return _seconds(datetime.fromisoformat(told))
    except ValueError:
        pass  # no ISO 8601: a mail's form, below
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 -- only odd times need it

    try:
        return _seconds(parsedate_to_datetime(told))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _seconds(when: datetime) -> int | None:
    try:
        seconds = int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
    except (OverflowError, ValueError):
        return None
    return seconds if seconds >= 0 else None


def time_of(value: Value, where: str, mend: "Mender", *, dated: bool = False) -> int | None:
    """Read a time as `moment` does, and tell where it has not the documented form: seconds, or RFC 3339 (`dated`)."""
    seconds = moment(value)
    told = value.strip() if isinstance(value, str) else str(value)
    documented = _RFC3339.fullmatch(told) if dated else told.isdigit()
    if seconds is not None and not documented:
        mend(where, f"{line(told)[:60]!r}, read as {seconds} s")
    return seconds


def listed(value: Value) -> list[Value] | None:
    """Take a list, or an object keyed by number, as which PHP writes a list that something was taken out of."""
    if isinstance(value, Mapping) and value and all(isinstance(key, str) and key.isdecimal() for key in value):
        return list(value.values())
    return value if isinstance(value, list) else None


def tags(value: Value, where: str, mend: "Mender") -> tuple[str, ...] | None:
    """Read an array of tags; what is no text in it is left out, as is a tag's second mention.

    Tags in one text, parted by commas as a request has them, count, and so does a list one level deeper.
    """
    if isinstance(value, str):
        if value.strip():
            mend(where, "a text, parted at its commas")
        value = value.split(",")
    elif isinstance(value, Mapping) and len(value) == 1 and listed(value) is None:
        value = next(iter(value.values()))
        mend(where, "one level deeper than documented")
    found = listed(value)
    if found is None:
        return None
    return tuple(dict.fromkeys(tag for item in found[:MAX_TAGS] if (tag := text(item))))


Reader = Callable[[Value, str, "Mender"], Any]


def _plain(read: Callable[[Value], Any]) -> Reader:
    return lambda value, where, mend: read(value)


def _nested(inner: type[msgspec.Struct]) -> Reader:
    name, identity = inner.__name__.lower(), {"Thing": "id", "User": "username"}[inner.__name__]
    alone = {"Thing": integer, "User": _name}[inner.__name__]

    def read(value: Value, where: str, mend: "Mender") -> Any:
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
            mend(where, f"a list of one {name}")
        if isinstance(value, Mapping) and isinstance(value.get(name), Mapping) and identity not in value:
            value = value[name]
            mend(where, "one level deeper than documented")
        if isinstance(value, Mapping):
            return struct(inner, value, mend, identity=identity)
        key = alone(value)
        if not key:
            return None
        mend(where, f"{type(value).__name__} taken for the {identity}")
        return inner(**{identity: key})

    return read


def _name(value: Value) -> str | None:
    """Read a user name that stands alone; a number may be anything, and an address is none."""
    return line(value) if isinstance(value, str) and "/" not in value else None


def _reader(name: str, hint: Any) -> Reader:
    arguments = [part for part in get_args(hint) if part is not type(None)]
    kind = arguments[0] if get_origin(hint) in {Union, UnionType} else hint
    if get_origin(kind) is tuple:
        return tags
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _nested(kind)
    if kind is str:
        return _plain(prose if name in MULTILINE else text)
    return time_of if name.endswith("_at") else _plain({int: integer, bool: boolean}[kind])


@cache
def _readers(kind: type[msgspec.Struct]) -> tuple[tuple[str, Reader, bool], ...]:
    """Say how each field is read, and whether it may be null."""
    hints = get_type_hints(kind)
    return tuple((name, _reader(name, hints[name]), type(None) in get_args(hints[name])) for name in hints)


def struct(kind: type[S], record: Mapping[str, Value], mend: "Mender", *, identity: str | None) -> S | None:
    """Read a record into an entity, field by field; None without what identifies it."""
    fields: dict[str, Any] = {}
    for name, read, nullable in _readers(kind):
        sent = record.get(name)
        if sent is None:
            if name in record and not nullable and name != identity:
                mend(f"{kind.__name__}.{name}", "null, taken as missing")
            continue
        value = read(sent, f"{kind.__name__}.{name}", mend)
        if value is None:
            if sent != "":
                mend(f"{kind.__name__}.{name}", f"{type(sent).__name__} could not be read, taken as missing")
            continue
        fields[name] = value
    if identity is not None and fields.get(identity) in {None, ""}:
        told = _told(kind, fields)
        mend(
            f"{kind.__name__}.{identity}", "missing, " + ("read off its address" if told else "the record was left out")
        )
        if not told:
            return None
        fields[identity] = told
    return kind(**fields)


def _told(kind: type[msgspec.Struct], fields: Mapping[str, Any]) -> int | str | None:
    """Say whose record it is by its address in the API, which ends in what identifies it."""
    found = _ADDRESS.search(str(fields.get("resource", "")))
    if found is None or found[1] != f"{kind.__name__.lower()}s":
        return None
    return integer(found[2]) if found[1] == "things" else line(unquote(found[2]))
