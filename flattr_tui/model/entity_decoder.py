"""Decodes response bodies to entities: pages in the documented form fast, all others leniently and record by record.

The fast way decodes with types, then checks and cleans all texts together: a page of 100 flattrs with one odd character
takes 2.5 ms instead of 10. A page with a wrong type or a number out of range is decoded the lenient way: a field of the
wrong type counts as missing, an unknown field is ignored, and a record without its identifying field is left out, so
that one bad record never makes the page unreadable. Every repair is recorded. How a field is read follows from its type
in `model.entities`, so that a field is declared once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import Any

import msgspec

from flattr_tui.model import record_reader
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.entities import (
    Activity,
    Choice,
    Count,
    Entity,
    Flattr,
    Json,
    Lookup,
    NotFlattrError,
    RateLimit,
    Receipt,
    Subscription,
    Thing,
    User,
)
from flattr_tui.model.record_reader import MAX_TAGS, MULTILINE, to_prose
from flattr_tui.model.response_body_parser import Repair, RepairLog, cut_long_lists, find_error, media_type, parse_body
from flattr_tui.model.text_sanitizer import LINE_LIMIT, TEXT_LIMIT, single_line

_Documented = User | Thing | Flattr | Subscription


class _SearchResult(msgspec.Struct):
    """The body of a search result. Source: content/api/resources/things.md, 'Search things'."""

    things: list[Thing]
    total_items: Count | None = None


def _single_line_names(kind: type[msgspec.Struct]) -> list[str]:
    """Return the names of the text fields of an entity type, except fields whose texts may have several lines."""
    return [
        field.name
        for field in msgspec.structs.fields(kind)
        if field.type in {str, str | None} and field.name not in MULTILINE
    ]


_DECODERS: dict[ResponseKind, msgspec.json.Decoder[Any]] = {
    # Not strict: numbers as strings, and 0 or 1 as booleans, are too common (seen) to be left to the slow decoder.
    answer: msgspec.json.Decoder(kind, strict=False)
    for answer, kind in {
        ResponseKind.USER: User,
        ResponseKind.THING: Thing,
        ResponseKind.THINGS: list[Thing],
        ResponseKind.FLATTRS: list[Flattr],
        ResponseKind.SUBSCRIPTIONS: list[Subscription],
        ResponseKind.SEARCH: _SearchResult,
    }.items()
}
_USER_LINES, _THING_LINES = _single_line_names(User), _single_line_names(Thing)
_USER_TEXTS: Callable[[User], tuple[str | None, ...]] = attrgetter(*_USER_LINES)  # all texts by one call of C code
_THING_TEXTS: Callable[[Thing], tuple[str | None, ...]] = attrgetter(*_THING_LINES)
_owner_of, _thing_of, _tags_of = attrgetter("owner"), attrgetter("thing"), attrgetter("tags")


def decode_documented(kind: ResponseKind, body: bytes) -> tuple[tuple[_Documented, ...], int | None] | None:
    """Return the entities in a body that has the documented form, and the total number of search results.

    The total is None for a response that is not a search. The whole result is None for a body in another form; the
    caller must then decode the body leniently. `kind` is the kind of the response.
    """
    decoder = _DECODERS.get(kind)
    if decoder is None:
        return None
    try:
        found = decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None  # lenient decoding reports what is wrong
    total = None
    if kind is ResponseKind.SEARCH:
        found, total = found.things, found.total_items
    items: tuple[_Documented, ...] = tuple(found) if isinstance(found, list) else (found,)
    return (items, total) if _clean_and_check(kind, items) else None


def _clean_and_check(kind: ResponseKind, items: Sequence[Any]) -> bool:
    """Clean the texts of entities in place, and return whether the entities can be used. Tags are not cleaned.

    `items` are the entities in a response of this `kind`. Returns False if a user name is empty, or if tags would need
    cleaning. The caller must then decode the body leniently.
    """
    things: Sequence[Thing] = ()
    users: list[User | None] = []
    if kind is ResponseKind.USER:
        users = list(items)
    elif kind in {ResponseKind.FLATTRS, ResponseKind.SUBSCRIPTIONS}:
        things = list(map(_thing_of, items))
        if kind is ResponseKind.FLATTRS:
            users = list(map(_owner_of, items))
    else:
        things = items
    users += map(_owner_of, things)
    whole = [user for user in users if user is not None]
    for user in whole:
        if user.about:
            _clean_prose(user, "about", user.about)
    for thing in things:
        if thing.description:
            _clean_prose(thing, "description", thing.description)
    _clean_lines(whole, _USER_TEXTS, _USER_LINES)
    _clean_lines(things, _THING_TEXTS, _THING_LINES)
    return all(user.username for user in whole) and _are_clean_tags(filter(None, map(_tags_of, things)))


def _clean_lines(
    entities: Sequence[msgspec.Struct], texts: Callable[[Any], tuple[str | None, ...]], names: Sequence[str]
) -> None:
    """Clean the fields `names` of entities in place, with `single_line`. `texts` returns the values of these fields.

    Few texts need cleaning. To find them, the texts of all entities are checked together. If one of them needs
    cleaning, the entities are split in half, and each half is checked in the same way. With one such text in 100
    entities, this takes a seventh of the time of checking each text.
    """
    if _are_clean_lines(chain.from_iterable(map(texts, entities))):
        return
    if len(entities) > 1:
        middle = len(entities) // 2
        _clean_lines(entities[:middle], texts, names)
        _clean_lines(entities[middle:], texts, names)
        return
    (entity,) = entities
    for name, text in zip(names, texts(entity), strict=True):
        if text and (cleaned := single_line(text)) is not text:
            msgspec.structs.force_setattr(entity, name, cleaned)  # frozen, but not handed out yet


def _are_clean_lines(texts: Iterable[str | None]) -> bool:
    """Whether all texts are clean already, so that `single_line` would return them unchanged.

    To save time, the texts are joined with blanks and checked at once. A text that begins or ends with a blank then
    causes a double blank. `str.isprintable` excludes control and format characters, and all white space except blanks.
    """
    kept = list(filter(None, texts))
    joined = " ".join(kept)
    return (
        joined.isprintable()
        and "  " not in joined
        and len(joined.strip()) == len(joined)
        and (len(joined) <= LINE_LIMIT or max(map(len, kept)) <= LINE_LIMIT)
    )


def _are_clean_tags(found: Iterable[tuple[str, ...]]) -> bool:
    lists = list(found)
    return (
        all(len(tags) <= MAX_TAGS and len(set(tags)) == len(tags) and "" not in tags for tags in lists)
        and _are_clean_lines(chain.from_iterable(lists))
    )  # fmt: skip


def _clean_prose(entity: msgspec.Struct, name: str, text: str) -> None:
    if text.isprintable() and len(text) <= TEXT_LIMIT and text[0] != " " and text[-1] != " ":
        return
    msgspec.structs.force_setattr(entity, name, to_prose(text))  # frozen, but not handed out yet


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
    unread_times: Sequence[str] = ()
    """The texts in place of times that could not be read. Their fields count as missing."""

    @property
    def is_unreadable(self) -> bool:
        """Whether the body contains records, but none of them could be decoded."""
        return self.records > 0 and not self.entities


def decode_page(kind: ResponseKind, body: bytes, content_type: str = "application/json") -> DecodedPage:
    """Return the entities in the body of a successful response of this kind.

    `content_type` is the content type of the body. Raises `NotFlattrError` if the body is not such a response.
    """
    if kind is ResponseKind.NOTHING:
        return DecodedPage(())
    if kind is ResponseKind.REVENUE:
        raise NotFlattrError("a revenue report, which the API never returns")
    media = media_type(content_type)
    is_cut = False
    if media in _SHORT:
        body, is_cut = cut_long_lists(body)
        if (read := decode_documented(kind, body)) is not None:
            return DecodedPage(read[0], read[1], (), len(read[0]), is_cut)
    repair = RepairLog(is_cut=is_cut)
    data = parse_body(body, content_type, repair)
    if media in STREAMS and kind in _STREAMED and isinstance(data, Mapping):
        kind = ResponseKind.ACTIVITIES  # whatever list it is, a stream's entries are activities
    return build_page(kind, data, repair)


def build_page(kind: ResponseKind, data: Json, repair: RepairLog) -> DecodedPage:
    """Return the entities in `data`, which is the parsed body of a response of this kind. `repair` records the repairs.

    Raises `NotFlattrError` if the body has another shape or describes an error.
    """
    refused = find_error(data)
    if refused is not None and "type" not in data:
        code = refused.code[:120].rstrip() or "one without a code"
        raise NotFlattrError(f"an error in a successful response: {code}")
    total = None
    records = record_reader.find_records(kind, data, repair)
    if kind is ResponseKind.SEARCH and isinstance(data, Mapping):
        total = record_reader.to_integer(data.get("total_items"))
    build_one = _BUILDERS[kind]
    entities: list[Entity] = []
    for place, found in enumerate(records):
        repair.record_number = place
        record = record_reader.unwrap_record(kind, found, repair)
        if not isinstance(record, Mapping):
            repair(kind.value, f"a record that is {record_reader.name_type(record)}, left out")
            continue
        entity = build_one(record, repair)
        if entity is not None:
            entities.append(entity)
    if len(records) == 1 and not entities and kind in record_reader.SINGLE:
        raise NotFlattrError(f"no {kind.value}: its identifying field is missing")
    return DecodedPage(tuple(entities), total, tuple(repair.repairs), len(records), repair.is_cut, repair.unread_times)


def _build_activity(record: Mapping[str, Json], repair: RepairLog) -> Activity | None:
    actor, target = (_parse_party(record.get(name), f"Activity.{name}", repair) for name in ("actor", "object"))
    published = record_reader.read_time(record.get("published"), "Activity.published", repair, dated=True)
    if published is None:
        repair("Activity.published", "no time, left out")
    verb, title = record_reader.to_line(record.get("verb")) or "", record_reader.to_line(record.get("title")) or ""
    key = record_reader.to_line(record.get("id"))
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
        actor_name=record_reader.to_line(actor.get("displayName")),
        actor_url=record_reader.to_line(actor.get("url")),
        object_name=record_reader.to_line(target.get("displayName")),
        object_url=record_reader.to_line(target.get("url")),
    )


def _parse_party(value: Json, where: str, repair: RepairLog) -> Mapping[str, Json]:
    """Return the actor or the object of an activity as a JSON object; {} if `value` can't be used.

    If `value` is a text, it becomes the `displayName` of the object. `repair` then records a repair of `where`, which
    is the name of the field that contained `value`.
    """
    if isinstance(value, str) and value.strip():
        repair(where, "a text, used as its name")
        return {"displayName": value}
    return value if isinstance(value, Mapping) else {}


def _build_choice(record: Mapping[str, Json], repair: RepairLog) -> Choice | None:
    key = record_reader.to_line(record.get("id"))
    if not key:
        repair("Choice.id", "missing, the record was left out")
        return None
    return Choice(key, record_reader.to_line(record.get("text")) or record_reader.to_line(record.get("name")) or key)


def _build_lookup(record: Mapping[str, Json], repair: RepairLog) -> Lookup | None:
    location = record_reader.to_line(record.get("location"))
    if location is None and record.get("type") == "thing":
        location = record_reader.to_line(record.get("resource")) or record_reader.to_line(
            record.get("link")
        )  # the redirect was followed: the body is the thing
    if location is None and isinstance(thing := record.get("thing"), Mapping):
        location = record_reader.to_line(thing.get("resource"))
    message = record_reader.to_line(record.get("message"))
    if location is None and message not in {"not_found", "flattrable"}:
        repair("Lookup.location", "missing")
        return None
    found = location is not None and message != "not_found"
    return Lookup(found=found, location=location, description=record_reader.to_line(record.get("description")))


def _build_rate_limit(record: Mapping[str, Json], repair: RepairLog) -> RateLimit | None:
    limit = record_reader.to_integer(record.get("hourly_limit"))
    left = record_reader.to_integer(record.get("remaining_hits"))
    if limit is None or left is None:
        repair("RateLimit.hourly_limit", "missing")
        return None
    return RateLimit(
        limit=limit,
        remaining=left,
        current=record_reader.to_integer(record.get("current_hits")),
        reset=record_reader.to_integer(record.get("reset_time_in_seconds")),
    )


_thing = partial(record_reader.read_record, Thing, identity="id")
_BUILDERS: Mapping[ResponseKind, Callable[[Mapping[str, Json], RepairLog], Entity | None]] = {
    ResponseKind.USER: partial(record_reader.read_record, User, identity="username"),
    ResponseKind.THING: _thing,
    ResponseKind.THINGS: _thing,
    ResponseKind.SEARCH: _thing,
    ResponseKind.FLATTRS: partial(record_reader.read_record, Flattr, identity="thing"),
    ResponseKind.SUBSCRIPTIONS: partial(record_reader.read_record, Subscription, identity="thing"),
    ResponseKind.ACTIVITIES: _build_activity,
    ResponseKind.CHOICES: _build_choice,
    ResponseKind.LOOKUP: _build_lookup,
    ResponseKind.RATE_LIMIT: _build_rate_limit,
    ResponseKind.RECEIPT: partial(record_reader.read_record, Receipt, identity=None),
}
