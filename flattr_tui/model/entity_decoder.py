"""Decodes response bodies to entities, leniently and record by record.

A field of the wrong type counts as missing, an unknown field is ignored, and a record without its identifying field is
left out: one bad record never makes the page unreadable. Every repair is recorded. How a field is read follows from its
type in `model.entities`, so that a field is declared once.
"""

from collections.abc import Callable, Mapping
from functools import partial

import msgspec

from flattr_tui.model import fast_entity_decoder, field_coercion, flattr_object_finder
from flattr_tui.model.api_request import ResponseKind
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
from flattr_tui.model.response_body_parser import Repair, RepairLog, cut_long_lists, find_error, media_type, parse_body

STREAMS = frozenset({"application/stream+json", "application/atom+xml"})
"""Content types of Activity Streams, which a server may also send for lists of things and flattrs."""
_STREAMED = frozenset({ResponseKind.ACTIVITIES, ResponseKind.FLATTRS, ResponseKind.THINGS})
_SHORT = frozenset({"", "application/json", "text/json", "text/javascript", "text/plain"})


class DecodedPage(msgspec.Struct, frozen=True):
    """The entities that were decoded from one response body, in the server's order."""

    entities: tuple[Entity, ...]
    total: int | None = None
    """Total number of results of a search; None if the body does not say."""
    repairs: tuple[Repair, ...] = ()
    records: int = 0
    """Number of records in the body, including those that were left out."""
    is_cut: bool = False
    """Whether the body was too long (`cut_long_lists`), so that its last records were not read."""

    @property
    def is_unreadable(self) -> bool:
        """Whether there are records, but none of them could be decoded."""
        return self.records > 0 and not self.entities


def decode_page(kind: ResponseKind, body: bytes, content_type: str = "application/json") -> DecodedPage:
    """Return the entities in the body of a successful response of this kind.

    Raises `NotFlattrError` if the body is something else.
    """
    if kind is ResponseKind.NOTHING:
        return DecodedPage(())
    if kind is ResponseKind.REVENUE:
        raise NotFlattrError("a revenue report, which the API never returns")
    media = media_type(content_type)
    is_cut = False
    if media in _SHORT:
        body, is_cut = cut_long_lists(body)
        if (read := fast_entity_decoder.decode_documented(kind, body)) is not None:
            return DecodedPage(read[0], read[1], (), len(read[0]), is_cut)
    repair = RepairLog(is_cut=is_cut)
    data = parse_body(body, content_type, repair)
    if media in STREAMS and kind in _STREAMED and isinstance(data, Mapping):
        kind = ResponseKind.ACTIVITIES  # whatever list it is, a stream's entries are activities
    return build_page(kind, data, repair)


def build_page(kind: ResponseKind, data: Json, repair: RepairLog) -> DecodedPage:
    """Return the entities of this kind in a parsed body. `repair` records the repairs.

    Raises `NotFlattrError` if the body has another shape or describes an error.
    """
    refused = find_error(data)
    if refused is not None and "type" not in data:
        code = refused.code[:120].rstrip() or "one without a code"
        raise NotFlattrError(f"an error in a successful response: {code}")
    total = None
    records = flattr_object_finder.find_records(kind, data, repair)
    if kind is ResponseKind.SEARCH and isinstance(data, Mapping):
        total = field_coercion.to_integer(data.get("total_items"))
    build_one = _BUILDERS[kind]
    entities: list[Entity] = []
    for place, found in enumerate(records):
        repair.record_number = place
        record = flattr_object_finder.unwrap_record(kind, found, repair)
        if not isinstance(record, Mapping):
            repair(kind.value, f"a record that is {flattr_object_finder.name_type(record)}, left out")
            continue
        entity = build_one(record, repair)
        if entity is not None:
            entities.append(entity)
    if len(records) == 1 and not entities and kind in flattr_object_finder.SINGLE:
        raise NotFlattrError(f"no {kind.value}: its identifying field is missing")
    return DecodedPage(tuple(entities), total, tuple(repair.repairs), len(records), repair.is_cut)


def _activity(record: Mapping[str, Json], repair: RepairLog) -> Activity | None:
    actor, target = (_parse_party(record.get(name), f"Activity.{name}", repair) for name in ("actor", "object"))
    published = field_coercion.read_time(record.get("published"), "Activity.published", repair, dated=True)
    if published is None:
        repair("Activity.published", "no time, left out")
    verb, title = field_coercion.to_line(record.get("verb")) or "", field_coercion.to_line(record.get("title")) or ""
    key = field_coercion.to_line(record.get("id"))
    if not key:
        if not (title and published):
            repair("Activity.id", "missing, the record was left out")
            return None
        key = f"{published}/{verb}/{title}"
        repair("Activity.id", "missing, made from time, verb and title")
    return Activity(
        id=key,
        published=published,
        title=title,
        verb=verb,
        actor_name=field_coercion.to_line(actor.get("displayName")),
        actor_url=field_coercion.to_line(actor.get("url")),
        object_name=field_coercion.to_line(target.get("displayName")),
        object_url=field_coercion.to_line(target.get("url")),
    )


def _parse_party(value: Json, where: str, repair: RepairLog) -> Mapping[str, Json]:
    """Return the actor or the object of an activity as a JSON object; {} if it is unusable.

    A bare name becomes an object whose `displayName` is that name.
    """
    if isinstance(value, str) and value.strip():
        repair(where, "a text, used as its name")
        return {"displayName": value}
    return value if isinstance(value, Mapping) else {}


def _choice(record: Mapping[str, Json], repair: RepairLog) -> Choice | None:
    key = field_coercion.to_line(record.get("id"))
    if not key:
        repair("Choice.id", "missing, the record was left out")
        return None
    return Choice(key, field_coercion.to_line(record.get("text")) or field_coercion.to_line(record.get("name")) or key)


def _lookup(record: Mapping[str, Json], repair: RepairLog) -> Lookup | None:
    location = field_coercion.to_line(record.get("location"))
    if location is None and record.get("type") == "thing":
        location = field_coercion.to_line(record.get("resource")) or field_coercion.to_line(
            record.get("link")
        )  # the redirect was followed: the body is the thing
    if location is None and isinstance(thing := record.get("thing"), Mapping):
        location = field_coercion.to_line(thing.get("resource"))
    message = field_coercion.to_line(record.get("message"))
    if location is None and message not in {"not_found", "flattrable"}:
        repair("Lookup.location", "missing")
        return None
    found = location is not None and message != "not_found"
    return Lookup(found=found, location=location, description=field_coercion.to_line(record.get("description")))


def _rate_limit(record: Mapping[str, Json], repair: RepairLog) -> RateLimit | None:
    limit = field_coercion.to_integer(record.get("hourly_limit"))
    left = field_coercion.to_integer(record.get("remaining_hits"))
    if limit is None or left is None:
        repair("RateLimit.hourly_limit", "missing")
        return None
    return RateLimit(
        limit=limit,
        remaining=left,
        current=field_coercion.to_integer(record.get("current_hits")),
        reset=field_coercion.to_integer(record.get("reset_time_in_seconds")),
    )


_thing = partial(field_coercion.read_record, Thing, identity="id")
_BUILDERS: Mapping[ResponseKind, Callable[[Mapping[str, Json], RepairLog], Entity | None]] = {
    ResponseKind.USER: partial(field_coercion.read_record, User, identity="username"),
    ResponseKind.THING: _thing,
    ResponseKind.THINGS: _thing,
    ResponseKind.SEARCH: _thing,
    ResponseKind.FLATTRS: partial(field_coercion.read_record, Flattr, identity="thing"),
    ResponseKind.SUBSCRIPTIONS: partial(field_coercion.read_record, Subscription, identity="thing"),
    ResponseKind.ACTIVITIES: _activity,
    ResponseKind.CHOICES: _choice,
    ResponseKind.LOOKUP: _lookup,
    ResponseKind.RATE_LIMIT: _rate_limit,
    ResponseKind.RECEIPT: partial(field_coercion.read_record, Receipt, identity=None),
}
