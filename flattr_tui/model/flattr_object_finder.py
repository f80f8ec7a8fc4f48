"""Finds the records (objects of Flattr) in a parsed body, even if servers have put them into other objects or lists.

Servers and converters (of XML, of PHP's arrays) put lists into objects, objects into lists, and values one level
deeper. No record is lost because of that.
"""

from collections.abc import Mapping

from flattr_tui.model import field_coercion
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.errors import Json, NotFlattrError
from flattr_tui.model.response_body_parser import RepairLog

SINGLE = frozenset(
    {ResponseKind.USER, ResponseKind.THING, ResponseKind.LOOKUP, ResponseKind.RATE_LIMIT, ResponseKind.RECEIPT}
)
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
    """Return the records in the parsed body of a response of this kind.

    Each record may still be inside another object, from which `unwrap_record` takes it. Raises `NotFlattrError` for a
    body of another shape.
    """
    if kind in SINGLE:
        data = unwrap_record(kind, data, repair)
        if not isinstance(data, Mapping):
            raise NotFlattrError(f"{name_type(data)} instead of one {kind.value}")
        return [data]
    for _ in range(_MAX_WRAPPERS):
        if (found := field_coercion.to_list(data)) is not None:
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
        if (found := field_coercion.to_list(data.get(name))) is not None:
            return found
    return None


def _records_without_list(kind: ResponseKind, data: Mapping[str, Json], repair: RepairLog) -> list[Json]:
    """Return the records in an object that contains no list: one record, none, or choices by id.

    Raises `NotFlattrError` for any other object.
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
    """Return one record without the objects and lists around it.

    In a list of choices, a bare text counts as an id, and becomes a record with that id.
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
    """Return the value in an object that only wraps it, as in `{"user": {…}}`; None for another object."""
    if len(data) != 1:
        return None
    ((name, inner),) = data.items()
    is_wrapping = name in _WRAPPER_NAMES[kind] or name in _GENERIC_NAMES or name in _LIST_NAMES.get(kind, ())
    return inner if is_wrapping and isinstance(inner, Mapping | list) else None


def name_type(value: Json) -> str:
    """Return the type of a parsed value in words: `a list`, `an object`, `a number`."""
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
