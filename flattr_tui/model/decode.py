"""Bodies to entities: lenient, record by record.

A field of the wrong type counts as missing, an unknown field is ignored, a record without what identifies it is left
out: one bad record never costs the page. What had to be mended is told, not hidden.

How a field is read follows from its type in `model.entities`, so that a field is declared once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from flattr_tui.model import fast, reading
from flattr_tui.model.answers import Answer
from flattr_tui.model.entities import (
    Activity,
    Choice,
    Entity,
    Flattr,
    Lookup,
    RateLimit,
    Receipt,
    Subscription,
    Thing,
    User,
)
from flattr_tui.model.text import line

Json = Any
"""What JSON can hold; every use below asks for its type first."""

MAX_MENDS = 100
"""No more mends than these are told: a page of rubbish must not fill the memory with its description."""
_STREAMS = frozenset({"application/stream+json", "application/atom+xml"})
_SHORT = frozenset({"", "application/json", "text/json", "text/javascript", "text/plain"})
_MARKUP = frozenset({"text/xml", "application/xml", "application/atom+xml", "application/yaml", "text/yaml"})


class NotFlattrError(ValueError):
    """The body is no answer of a Flattr API (not JSON, an HTML page, another shape); the message says what it is."""


@dataclass(frozen=True, slots=True)
class Mend:
    """One thing in a body that was not as documented."""

    where: str
    """`Class.field` with the record's place, as in `3: Thing.created_at`."""
    what: str
    """What was there and what was made of it."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one body held, in the server's order."""

    entities: tuple[Entity, ...]
    total: int | None = None
    """How many there are in all, where the service says so (a search)."""
    mends: tuple[Mend, ...] = ()
    records: int = 0
    """How many records the body had, left-out ones included: an empty list is 0."""


@dataclass(slots=True)
class Mender:
    """Collects what had to be mended, with the place of the record that is being read."""

    place: int = 0
    mends: list[Mend] = field(default_factory=list)

    def __call__(self, where: str, what: str) -> None:
        """Note one mend."""
        if len(self.mends) < MAX_MENDS:
            self.mends.append(Mend(f"{self.place}: {where}", what))


def decode(answer: Answer, body: bytes, content_type: str = "application/json") -> Page:
    """Read a successful body of the given kind.

    Raises `NotFlattrError` when the whole body is something else.
    """
    if answer is Answer.NOTHING:
        return Page(())
    kind = media_type(content_type)
    if kind in _STREAMS:
        answer = Answer.ACTIVITIES  # whatever list it is, a stream's entries are activities
    elif kind in _SHORT and (read := fast.decode(answer, body)) is not None:
        return Page(read[0], read[1], (), len(read[0]))
    mend = Mender()
    data = parse(body, content_type, mend)
    return build(answer, data, mend)


def parse(body: bytes, content_type: str, mend: Mender | None = None) -> Json:
    """Read a body in any of the service's formats into plain values.

    Raises `NotFlattrError` for a body that is in none of them.
    """
    mend = mend or Mender()
    kind = media_type(content_type)
    if kind in _MARKUP:
        from flattr_tui.model import markup  # noqa: PLC0415 -- XML and YAML are the console's: not before the first paint

        return markup.parse(kind, body)
    text = _without_mark(body, mend)
    if not text.strip():
        raise NotFlattrError("an empty body, where an answer was due")
    try:
        return msgspec.json.decode(text)
    except RecursionError as error:
        raise NotFlattrError("a body nested too deeply to be an answer of Flattr") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _second_look(text, mend, error)


def media_type(content_type: str) -> str:
    """Return a content type without its parameters, in lower case (RFC 9110, 8.3.1)."""
    return content_type.partition(";")[0].strip().lower()


def _without_mark(body: bytes, mend: Mender) -> bytes:
    """Take off a byte order mark, and turn UTF-16, which only its mark gives away, into UTF-8 (RFC 8259, 8.1)."""
    if body[:3] == b"\xef\xbb\xbf":
        mend("body", "a byte order mark was taken off")
        return body[3:]
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        mend("body", "UTF-16, where UTF-8 was due")
        return body.decode("utf-16", errors="replace").encode("utf-8", errors="replace")
    return body


def _second_look(body: bytes, mend: Mender, first: Exception) -> Json:
    """Read what strict JSON refused but an odd server may mean: bytes that are not UTF-8, lone surrogates, NaN."""
    import json  # noqa: PLC0415 -- only odd bodies need the lenient parser

    head = body[:512].lstrip().lower()
    if head.startswith(b"<"):
        raise NotFlattrError(
            "an HTML page, not an answer of Flattr (a captive portal, or another site at this address?)"
            if b"<html" in head or b"<!doctype" in head
            else "markup, not an answer of Flattr"
        ) from first
    try:
        data = json.loads(body.decode("utf-8", errors="replace"), parse_int=_whole)
    except RecursionError as error:
        raise NotFlattrError("a body nested too deeply to be an answer of Flattr") from error
    except ValueError as error:
        raise NotFlattrError(f"no JSON ({line(str(first))[:120]})") from error
    mend("body", f"not strict JSON ({line(str(first))[:120]}); read all the same")
    return data


def _whole(digits: str) -> int | float:
    """Read a whole number; one of thousands of digits, which Python refuses, is as good as infinite."""
    return int(digits) if len(digits) < 20 else float(digits)


def build(answer: Answer, data: Json, mend: Mender) -> Page:
    """Turn plain values into entities.

    Raises `NotFlattrError` where the whole shape is another, or the body is an error in a successful answer.
    """
    if isinstance(data, Mapping) and isinstance(data.get("error"), str) and "type" not in data:
        code = line(data["error"])[:120].rstrip() or "one without a code"
        raise NotFlattrError(f"an error in a successful answer: {code}")
    total = None
    if answer is Answer.SEARCH and isinstance(data, Mapping):
        total = reading.integer(data.get("total_items"))
    records = _records(answer, data)
    build_one = _BUILDERS[answer]
    entities: list[Entity] = []
    for place, record in enumerate(records):
        mend.place = place
        if not isinstance(record, Mapping):
            mend(answer.value, f"a record that is {_named(record)}, left out")
            continue
        entity = build_one(record, mend)
        if entity is not None:
            entities.append(entity)
    if len(records) == 1 and not entities and answer in _SINGLE:
        raise NotFlattrError(f"no {answer.value}: what identifies one is missing")
    return Page(tuple(entities), total, tuple(mend.mends), len(records))


_SINGLE = frozenset({Answer.USER, Answer.THING, Answer.LOOKUP, Answer.RATE_LIMIT, Answer.RECEIPT})
_HOLDERS: Mapping[Answer, tuple[str, ...]] = {
    Answer.SEARCH: ("things", "items"),
    Answer.ACTIVITIES: ("items",),
    Answer.THINGS: ("things", "items"),
    Answer.FLATTRS: ("flattrs", "items"),
    Answer.SUBSCRIPTIONS: ("subscriptions", "items"),
    Answer.CHOICES: ("categories", "languages", "items"),
}


def _records(answer: Answer, data: Json) -> list[Json]:
    """Find the list of records in a body, whatever it was wrapped in."""
    if answer in _SINGLE:
        if isinstance(data, list) and len(data) == 1:
            data = data[0]
        if not isinstance(data, Mapping):
            raise NotFlattrError(f"{_named(data)} where one {answer.value} was due")
        return [data]
    if (records := _listed(data)) is not None:
        return records
    if isinstance(data, Mapping):
        for name in _HOLDERS.get(answer, ()):
            if (records := _listed(data.get(name))) is not None:
                return records
        if "type" in data or "id" in data:
            return [data]
        if answer is Answer.ACTIVITIES or (answer is Answer.SEARCH and "total_items" in data):
            return []  # an empty stream may come without its `items`, an empty result without its `things`
    raise NotFlattrError(f"{_named(data)} where a list of {answer.value} was due")


def _listed(value: Json) -> list[Json] | None:
    """Take a list, or an object keyed by number, as which PHP writes a list that something was taken out of."""
    if isinstance(value, Mapping) and value and all(isinstance(key, str) and key.isdecimal() for key in value):
        return list(value.values())
    return value if isinstance(value, list) else None


def _named(value: Json) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _user(record: Mapping[str, Json], mend: Mender) -> User | None:
    return reading.struct(User, record, mend, identity="username")


def _thing(record: Mapping[str, Json], mend: Mender) -> Thing | None:
    return reading.struct(Thing, record, mend, identity="id")


def _flattr(record: Mapping[str, Json], mend: Mender) -> Flattr | None:
    return reading.struct(Flattr, record, mend, identity="thing")


def _subscription(record: Mapping[str, Json], mend: Mender) -> Subscription | None:
    return reading.struct(Subscription, record, mend, identity="thing")


def _activity(record: Mapping[str, Json], mend: Mender) -> Activity | None:
    actor, target = (part if isinstance(part := record.get(name), Mapping) else {} for name in ("actor", "object"))
    published = reading.moment(record.get("published"))
    if published is None:
        mend("Activity.published", "no time, left out")
    verb, title = reading.text(record.get("verb")) or "", reading.text(record.get("title")) or ""
    key = reading.text(record.get("id"))
    if not key:
        if not (title and published):
            mend("Activity.id", "missing, the record was left out")
            return None
        key = f"{published}/{verb}/{title}"
        mend("Activity.id", "missing, made from time, verb and title")
    return Activity(
        id=key,
        published=published,
        title=title,
        verb=verb,
        actor_name=reading.text(actor.get("displayName")),
        actor_url=reading.text(actor.get("url")),
        object_name=reading.text(target.get("displayName")),
        object_url=reading.text(target.get("url")),
    )


def _choice(record: Mapping[str, Json], mend: Mender) -> Choice | None:
    key = reading.text(record.get("id"))
    if not key:
        mend("Choice.id", "missing, the record was left out")
        return None
    return Choice(key, reading.text(record.get("text")) or key)


def _lookup(record: Mapping[str, Json], mend: Mender) -> Lookup | None:
    location = reading.text(record.get("location"))
    if location is None and record.get("type") == "thing":
        location = reading.text(record.get("resource")) or reading.text(record.get("link"))  # its redirect was followed
    message = reading.text(record.get("message"))
    if location is None and message is None:
        mend("Lookup.message", "missing")
        return None
    found = location is not None and message != "not_found"
    return Lookup(found=found, location=location, description=reading.text(record.get("description")))


def _rate_limit(record: Mapping[str, Json], mend: Mender) -> RateLimit | None:
    limit, left = reading.integer(record.get("hourly_limit")), reading.integer(record.get("remaining_hits"))
    if limit is None or left is None:
        mend("RateLimit.hourly_limit", "missing")
        return None
    return RateLimit(
        limit=limit,
        remaining=left,
        current=reading.integer(record.get("current_hits")),
        reset=reading.integer(record.get("reset_time_in_seconds")),
    )


def _receipt(record: Mapping[str, Json], mend: Mender) -> Receipt | None:
    return reading.struct(Receipt, record, mend, identity=None)


_BUILDERS: Mapping[Answer, Any] = {
    Answer.USER: _user,
    Answer.THING: _thing,
    Answer.THINGS: _thing,
    Answer.SEARCH: _thing,
    Answer.FLATTRS: _flattr,
    Answer.SUBSCRIPTIONS: _subscription,
    Answer.ACTIVITIES: _activity,
    Answer.CHOICES: _choice,
    Answer.LOOKUP: _lookup,
    Answer.RATE_LIMIT: _rate_limit,
    Answer.RECEIPT: _receipt,
}
