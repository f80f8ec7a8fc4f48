"""Single values as a server may send them, read leniently: what cannot be read is None, never an error."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from flattr_tui.model.text import clean, line

if TYPE_CHECKING:
    from flattr_tui.model.decode import Mender

Value = Any
S = TypeVar("S", bound=msgspec.Struct)

BIGGEST = 2**63 - 1
"""The largest integer that SQLite keeps."""
MULTILINE = frozenset({"description", "about"})
"""Fields whose text has lines of its own."""
MAX_TAGS = 200


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
    if isinstance(value, float):
        value = int(value) if math.isfinite(value) and value.is_integer() else None
    elif isinstance(value, str):
        digits = value.strip()
        value = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None
    return value if isinstance(value, int) and 0 <= value <= BIGGEST else None


def boolean(value: Value) -> bool | None:
    """Read true or false; 0 and 1, as numbers or texts, count (*seen*: `hidden`, `active_supporter`)."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, str)):
        return {"0": False, "1": True, "false": False, "true": True}.get(str(value).strip().lower())
    return None


def moment(value: Value) -> int | None:
    """Read a time to Unix seconds: a number of them, or RFC 3339 with an offset (without one it is UTC)."""
    if not isinstance(value, str) or (value.isascii() and value.isdigit()):
        return integer(value)
    try:
        parsed = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    try:
        seconds = int((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp())
    except (OverflowError, ValueError):
        return None
    return seconds if seconds >= 0 else None


def tags(value: Value) -> tuple[str, ...] | None:
    """Read an array of tags; what is no text in it is left out, as is a tag's second mention."""
    if not isinstance(value, list):
        return None
    found = dict.fromkeys(tag for item in value[:MAX_TAGS] if (tag := text(item)))
    return tuple(found)


Reader = Callable[[Value, str, "Mender"], Any]


def _plain(read: Callable[[Value], Any]) -> Reader:
    return lambda value, where, mend: read(value)


def _nested(inner: type[msgspec.Struct]) -> Reader:
    identity = {"Thing": "id", "User": "username"}[inner.__name__]

    def read(value: Value, where: str, mend: "Mender") -> Any:
        return struct(inner, value, mend, identity=identity) if isinstance(value, Mapping) else None

    return read


def _reader(name: str, hint: Any) -> Reader:
    arguments = [part for part in get_args(hint) if part is not type(None)]
    kind = arguments[0] if get_origin(hint) in {Union, UnionType} else hint
    if get_origin(kind) is tuple:
        return _plain(tags)
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _nested(kind)
    if kind is str:
        return _plain(prose if name in MULTILINE else text)
    return _plain({int: integer, bool: boolean}[kind])


@cache
def _readers(kind: type[msgspec.Struct]) -> tuple[tuple[str, Reader], ...]:
    hints = get_type_hints(kind)
    return tuple((name, _reader(name, hints[name])) for name in kind.__struct_fields__)


def struct(kind: type[S], record: Mapping[str, Value], mend: "Mender", *, identity: str | None) -> S | None:
    """Read a record into an entity, field by field; None without what identifies it."""
    fields: dict[str, Any] = {}
    for name, read in _readers(kind):
        sent = record.get(name)
        if sent is None:
            continue
        value = read(sent, name, mend)
        if value is None:
            if sent != "":
                mend(f"{kind.__name__}.{name}", f"{type(sent).__name__} could not be read, taken as missing")
            continue
        fields[name] = value
    if identity is not None and fields.get(identity) in {None, ""}:
        mend(f"{kind.__name__}.{identity}", "missing, the record was left out")
        return None
    return kind(**fields)
