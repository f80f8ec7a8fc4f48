"""Bodies to entities: lenient, record by record.

A field of the wrong type counts as missing, an unknown field is ignored, a record without what identifies it is left
out: one bad record never costs the page. What had to be mended is told, not hidden.

How a field is read follows from its type in `model.entities`, so that a field is declared once.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from flattr_tui.model import coercion, envelopes, fast_decoder
from flattr_tui.model.body_parser import Mend, Mender, error_in, media_type, parse
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
from flattr_tui.model.errors import Json, NotFlattrError
from flattr_tui.model.response_kind import Answer

__all__ = ["Mend", "Mender", "NotFlattrError", "Page", "build", "decode", "media_type", "parse"]

_STREAMS = frozenset({"application/stream+json", "application/atom+xml"})
_STREAMED = frozenset({Answer.ACTIVITIES, Answer.FLATTRS, Answer.THINGS})
_SHORT = frozenset({"", "application/json", "text/json", "text/javascript", "text/plain"})


class Page(msgspec.Struct, frozen=True):
    """What one body held, in the server's order."""

    entities: tuple[Entity, ...]
    total: int | None = None
    """How many there are in all, where the service says so (a search)."""
    mends: tuple[Mend, ...] = ()
    records: int = 0
    """How many records the body had, left-out ones included: an empty list is 0."""


def decode(answer: Answer, body: bytes, content_type: str = "application/json") -> Page:
    """Read a successful body of the given kind.

    Raises `NotFlattrError` when the whole body is something else.
    """
    if answer is Answer.NOTHING:
        return Page(())
    if answer is Answer.REVENUE:
        raise NotFlattrError("a revenue report, which the API does not answer")
    kind = media_type(content_type)
    if kind in _SHORT and (read := fast_decoder.decode(answer, body)) is not None:
        return Page(read[0], read[1], (), len(read[0]))
    mend = Mender()
    data = parse(body, content_type, mend)
    if kind in _STREAMS and answer in _STREAMED and isinstance(data, Mapping):
        answer = Answer.ACTIVITIES  # whatever list it is, a stream's entries are activities
    return build(answer, data, mend)


def build(answer: Answer, data: Json, mend: Mender) -> Page:
    """Turn plain values into entities.

    Raises `NotFlattrError` where the whole shape is another, or the body is an error in a successful answer.
    """
    refused = error_in(data)
    if refused is not None and "type" not in data:
        code = refused.code[:120].rstrip() or "one without a code"
        raise NotFlattrError(f"an error in a successful answer: {code}")
    total = None
    records = envelopes.records(answer, data, mend)
    if answer is Answer.SEARCH and isinstance(data, Mapping):
        total = coercion.integer(data.get("total_items"))
    build_one = _BUILDERS[answer]
    entities: list[Entity] = []
    for place, found in enumerate(records):
        mend.place = place
        record = envelopes.record(answer, found, mend)
        if not isinstance(record, Mapping):
            mend(answer.value, f"a record that is {envelopes.named(record)}, left out")
            continue
        entity = build_one(record, mend)
        if entity is not None:
            entities.append(entity)
    if len(records) == 1 and not entities and answer in envelopes.SINGLE:
        raise NotFlattrError(f"no {answer.value}: what identifies one is missing")
    return Page(tuple(entities), total, tuple(mend.mends), len(records))


def _user(record: Mapping[str, Json], mend: Mender) -> User | None:
    return coercion.struct(User, record, mend, identity="username")


def _thing(record: Mapping[str, Json], mend: Mender) -> Thing | None:
    return coercion.struct(Thing, record, mend, identity="id")


def _flattr(record: Mapping[str, Json], mend: Mender) -> Flattr | None:
    return coercion.struct(Flattr, record, mend, identity="thing")


def _subscription(record: Mapping[str, Json], mend: Mender) -> Subscription | None:
    return coercion.struct(Subscription, record, mend, identity="thing")


def _activity(record: Mapping[str, Json], mend: Mender) -> Activity | None:
    actor, target = (_party(record.get(name), f"Activity.{name}", mend) for name in ("actor", "object"))
    published = coercion.time_of(record.get("published"), "Activity.published", mend, dated=True)
    if published is None:
        mend("Activity.published", "no time, left out")
    verb, title = coercion.text(record.get("verb")) or "", coercion.text(record.get("title")) or ""
    key = coercion.text(record.get("id"))
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
        actor_name=coercion.text(actor.get("displayName")),
        actor_url=coercion.text(actor.get("url")),
        object_name=coercion.text(target.get("displayName")),
        object_url=coercion.text(target.get("url")),
    )


def _party(value: Json, where: str, mend: Mender) -> Mapping[str, Json]:
    """Read who did it, or to what: an object, or its name alone."""
    if isinstance(value, str) and value.strip():
        mend(where, "a text, taken for its name")
        return {"displayName": value}
    return value if isinstance(value, Mapping) else {}


def _choice(record: Mapping[str, Json], mend: Mender) -> Choice | None:
    key = coercion.text(record.get("id"))
    if not key:
        mend("Choice.id", "missing, the record was left out")
        return None
    return Choice(key, coercion.text(record.get("text")) or coercion.text(record.get("name")) or key)


def _lookup(record: Mapping[str, Json], mend: Mender) -> Lookup | None:
    location = coercion.text(record.get("location"))
    if location is None and record.get("type") == "thing":
        location = coercion.text(record.get("resource")) or coercion.text(
            record.get("link")
        )  # its redirect was followed
    if location is None and isinstance(thing := record.get("thing"), Mapping):
        location = coercion.text(thing.get("resource"))
    message = coercion.text(record.get("message"))
    if location is None and message in {None, "found"}:
        mend("Lookup.location", "missing")
        return None
    found = location is not None and message != "not_found"
    return Lookup(found=found, location=location, description=coercion.text(record.get("description")))


def _rate_limit(record: Mapping[str, Json], mend: Mender) -> RateLimit | None:
    limit, left = coercion.integer(record.get("hourly_limit")), coercion.integer(record.get("remaining_hits"))
    if limit is None or left is None:
        mend("RateLimit.hourly_limit", "missing")
        return None
    return RateLimit(
        limit=limit,
        remaining=left,
        current=coercion.integer(record.get("current_hits")),
        reset=coercion.integer(record.get("reset_time_in_seconds")),
    )


def _receipt(record: Mapping[str, Json], mend: Mender) -> Receipt | None:
    return coercion.struct(Receipt, record, mend, identity=None)


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
