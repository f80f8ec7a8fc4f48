"""Where the records are in a body, whatever they were wrapped in, and what a record is that is no object.

Servers and converters (of XML, of PHP's arrays) put lists into objects, objects into lists, and what one looks for one
level deeper: none of that costs a record.
"""

from collections.abc import Mapping

from flattr_tui.model import coercion
from flattr_tui.model.body_parser import Mender
from flattr_tui.model.errors import Json, NotFlattrError
from flattr_tui.model.response_kind import Answer

SINGLE = frozenset({Answer.USER, Answer.THING, Answer.LOOKUP, Answer.RATE_LIMIT, Answer.RECEIPT})
"""Answers of one record."""
_HOLDERS: Mapping[Answer, tuple[str, ...]] = {
    Answer.SEARCH: ("things", "items"),
    Answer.ACTIVITIES: ("items", "activities"),
    Answer.THINGS: ("things", "items"),
    Answer.FLATTRS: ("flattrs", "items"),
    Answer.SUBSCRIPTIONS: ("subscriptions", "items"),
    Answer.CHOICES: ("categories", "languages", "items"),
}
_OWN: Mapping[Answer, frozenset[str]] = {
    Answer.USER: frozenset({"user"}),
    Answer.THING: frozenset({"thing"}),
    Answer.THINGS: frozenset({"thing"}),
    Answer.SEARCH: frozenset({"thing"}),
    Answer.FLATTRS: frozenset({"flattr"}),
    Answer.SUBSCRIPTIONS: frozenset({"subscription"}),
    Answer.ACTIVITIES: frozenset({"activity", "entry"}),
    Answer.CHOICES: frozenset({"category", "language"}),
    Answer.LOOKUP: frozenset({"lookup"}),
    Answer.RATE_LIMIT: frozenset({"rate_limit"}),
    Answer.RECEIPT: frozenset(),
}
"""By what name a record of each kind may be wrapped in an object of its own."""
_EMPTY_BY: Mapping[Answer, frozenset[str]] = {
    Answer.SEARCH: frozenset({"total_items"}),
    Answer.ACTIVITIES: frozenset({"items", "title"}),
}
"""By what else an object shows that it holds a list, if an empty one. Activity Streams 1.0, 3.5 has `title`."""
_ANY = ("data", "result", "results", "response", "item", "items")
_DEEPEST = 4
"""Levels of wrapping that are taken off."""


def records(answer: Answer, data: Json, mend: Mender) -> list[Json]:
    """Find the list of records in a body. Raises `NotFlattrError` for a body of another shape."""
    if answer in SINGLE:
        data = record(answer, data, mend)
        if not isinstance(data, Mapping):
            raise NotFlattrError(f"{named(data)} where one {answer.value} was due")
        return [data]
    for _ in range(_DEEPEST):
        if (found := coercion.listed(data)) is not None:
            if len(found) == 1 and isinstance(found[0], list):
                mend("body", "a list within a list")
                data = found[0]
                continue
            return found
        if not isinstance(data, Mapping):
            break
        if (found := _held(answer, data)) is not None:
            return found
        inner = _unwrapped(answer, data)
        if inner is None:
            return _without_holder(answer, data, mend)
        mend("body", "one level deeper than documented")
        data = inner
    raise NotFlattrError(f"{named(data)} where a list of {answer.value} was due")


def _held(answer: Answer, data: Mapping[str, Json]) -> list[Json] | None:
    for name in (*_HOLDERS.get(answer, ()), *_ANY):
        if (found := coercion.listed(data.get(name))) is not None:
            return found
    return None


def _without_holder(answer: Answer, data: Mapping[str, Json], mend: Mender) -> list[Json]:
    if "type" in data or "id" in data:
        return [data]
    if answer in _EMPTY_BY and (data.keys() & _EMPTY_BY[answer] or (not data and answer is Answer.ACTIVITIES)):
        return []  # an empty stream may come without its `items`, an empty result without its `things`
    if answer is Answer.CHOICES and data and all(isinstance(value, str) for value in data.values()):
        mend("body", "an object of ids and names, where a list was due")
        return [{"id": key, "text": value} for key, value in data.items()]
    raise NotFlattrError(f"{named(data)} where a list of {answer.value} was due")


def record(answer: Answer, data: Json, mend: Mender) -> Json:
    """Take one record out of what it was wrapped in; an id or a name alone stands for a record of them."""
    for _ in range(_DEEPEST):
        inner = data[0] if isinstance(data, list) and len(data) == 1 else None
        if isinstance(data, Mapping):
            inner = _unwrapped(answer, data)
        if not isinstance(inner, Mapping | list):
            break
        mend(answer.value, "one level deeper than documented")
        data = inner
    if answer is Answer.CHOICES and isinstance(data, str) and data.strip():
        mend("Choice.id", "a text, taken for the id")
        return {"id": data}
    return data


def _unwrapped(answer: Answer, data: Mapping[str, Json]) -> Json:
    """What an object holds that holds nothing else; None where it is more than a wrapping."""
    if len(data) != 1:
        return None
    ((name, inner),) = data.items()
    is_wrapping = name in _OWN[answer] or name in _ANY or name in _HOLDERS.get(answer, ())
    return inner if is_wrapping and isinstance(inner, Mapping | list) else None


def named(value: Json) -> str:
    """Say what kind of value it is."""
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
