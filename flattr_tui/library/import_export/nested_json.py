"""Finds objects of the API in other JSON: in what a script or a database saved around them, at any depth.

Examples are `{"flattrs": [...], "user": {...}}`, documents of Elasticsearch (`hits.hits[]._source`), CouchDB
(`rows[].doc`), TinyDB and Firebase, responses of GraphQL, and JSON in a text of JSON.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from flattr_tui.library.import_export.api_url_matcher import ROOT
from flattr_tui.model.text_sanitizer import single_line

_MAX_DEPTH: Final = 12
"""Number of levels that are searched below the outermost value."""
_TYPES: Final = frozenset({"user", "thing", "flattr", "subscription"})
_OWN_FIELDS: Final = frozenset(
    {"type", "error", "message", "title", "username", "thing", "verb", "items", "total_items"}
)
"""Names of fields that the API's own objects have. `flattr/developers.flattr.net`, content/api/resources/."""
_level: Final = msgspec.json.Decoder(list[msgspec.Raw] | dict[str, msgspec.Raw] | str)


class NestedValue(NamedTuple):
    """An object of the API, or a list of them, in other JSON."""

    place: str
    """The names and positions that lead to the value, for users: `hits.hits.3._source`."""
    url: str
    """The address of the value, if its name is one; otherwise ""."""
    text: bytes


def is_foreign(value: Any) -> bool:
    """Whether a decoded value, or the first item of a list, is an object without any field of the API's own objects."""
    value = value[0] if isinstance(value, list) and value else value
    return isinstance(value, Mapping) and _OWN_FIELDS.isdisjoint(value)


def find_nested(text: bytes | msgspec.Raw, place: str = "", url: str = "", depth: int = 0) -> Iterator[NestedValue]:
    """Yield the objects of the API, and the lists of them, in a JSON value, in their order.

    In an object of the API, only lists are searched: the objects in it are parts of it.
    """
    if depth > _MAX_DEPTH or bytes(memoryview(text)[:2]).lstrip(b'"')[:1] not in {b"[", b"{"}:
        return
    try:
        value = _level.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    if isinstance(value, str):
        yield from find_nested(value.encode("utf-8", "replace"), place, url, depth + 1)
        return
    is_typed = _is_typed(value)
    if is_typed:
        yield NestedValue(place, url, bytes(text))
    if isinstance(value, list):
        members = [] if is_typed else enumerate(value)
    else:
        members = (
            (name, inner) for name, inner in value.items() if not is_typed or bytes(memoryview(inner)[:1]) == b"["
        )
    for name, inner in members:
        shown = single_line(str(name))
        within = shown if ROOT in shown else ""
        yield from find_nested(inner, f"{place}.{shown}"[-80:] if place else shown[:80], within, depth + 1)


def _is_typed(value: list[msgspec.Raw] | dict[str, msgspec.Raw]) -> bool:
    if isinstance(value, list):
        try:
            first = _level.decode(value[0]) if value else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        return isinstance(first, dict) and _is_typed(first)
    return bytes(value.get("type", b"")).strip(b'"').decode("ascii", "replace") in _TYPES
