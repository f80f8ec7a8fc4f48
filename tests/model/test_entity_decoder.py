"""Tests that a page is decoded without its bad records and fields, and that other bodies are errors."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.entities import (
    Activity,
    Choice,
    Flattr,
    Lookup,
    NotFlattrError,
    RateLimit,
    Receipt,
    Subscription,
    Thing,
    User,
)
from flattr_tui.model.entity_decoder import DecodedPage, build_page, decode_page
from flattr_tui.model.response_body_parser import RepairLog, parse_body
from flattr_tui.model.text_sanitizer import single_line

ADA = {"type": "user", "resource": "https://x/users/ada", "link": "https://x/profile/ada", "username": "ada"}
THING: dict[str, Any] = {
    "type": "thing",
    "id": 7,
    "url": "https://example.com/",
    "title": "Engines",
    "description": "Line one\nline two",
    "tags": ["audio", "library"],
    "flattrs": 12,
    "created_at": 1323614098,
    "hidden": False,
    "owner": ADA,
}


def decode(answer: ResponseKind, data: Any) -> DecodedPage:
    return decode_page(answer, json.dumps(data).encode())


def decode_thing(**changes: Any) -> Thing:
    (thing,) = decode(ResponseKind.THINGS, [{**THING, **changes}]).entities
    assert isinstance(thing, Thing)
    return thing


def test_a_documented_thing_is_decoded_completely() -> None:
    page = decode(ResponseKind.THINGS, [THING])
    owner = User(username="ada", resource="https://x/users/ada", link="https://x/profile/ada")
    assert page.entities == (
        Thing(
            id=7,
            url="https://example.com/",
            title="Engines",
            description="Line one\nline two",
            tags=("audio", "library"),
            flattrs=12,
            created_at=1323614098,
            hidden=False,
            owner=owner,
        ),
    )
    assert (page.repairs, page.records, page.total) == ((), 1, None)


@pytest.mark.parametrize(
    ("name", "sent", "expected"),
    [
        ("flattrs", "12", 12),
        ("flattrs", 12.0, 12),
        ("flattrs", 12.5, None),
        ("flattrs", -1, None),
        ("flattrs", True, None),
        ("flattrs", 2**63, None),
        ("flattrs", 10**400, None),
        ("flattrs", [1], None),
        ("created_at", -5, None),
        ("created_at", "yesterday", None),
        ("created_at", None, None),
        ("hidden", 0, False),
        ("hidden", "1", True),
        ("hidden", 2, None),
        ("hidden", "", None),
        ("url", 5.5, None),
        ("title", None, ""),
        ("title", {"a": 1}, ""),
        ("tags", ["a", 1, None, "a", ["b"]], ("a", "1")),
        ("tags", "audio, library,,audio ", ("audio", "library")),
        ("tags", "", ()),
        ("tags", {"tag": ["a", "b"]}, ("a", "b")),
        ("tags", {"0": "a", "2": "b"}, ("a", "b")),
        ("tags", {"a": "b"}, None),
        ("tags", 5, None),
        ("owner", "ada", User(username="ada")),
        ("owner", "", None),
        ("owner", 7, None),
        ("owner", "https://flattr.com/profile/ada", None),
        ("owner", [ADA], User(username="ada", resource=ADA["resource"], link=ADA["link"])),
        ("owner", {"user": {"username": "ada"}}, User(username="ada")),
        ("flattrs", "12.0", 12),
        ("flattrs", "12.5", None),
        ("created_at", 1323614098.75, 1323614098),
        ("created_at", "1323614098.75", 1323614098),
        ("created_at", "1323614098", 1323614098),
        ("created_at", "2011-12-11T14:34:58Z", 1323614098),
        ("created_at", "2011-12-11T15:34:58.5+01:00", 1323614098),
        ("created_at", "2011-12-11 14:34:58", 1323614098),
        ("created_at", "2011-12-11", 1323561600),
        ("created_at", "Sun, 11 Dec 2011 15:34:58 +0100", 1323614098),
        ("created_at", "0000-00-00 00:00:00", None),
        ("created_at", "9999-99-99T00:00:00Z", None),
        ("created_at", "1" * 400, None),
        ("created_at", 1323614098123, 1323614098),
        ("created_at", "1323614098123", 1323614098),
        ("created_at", 1323614098123456.0, 1323614098),
        ("created_at", 1323614098123456789, 1323614098),
        ("created_at", 253402300799, None),  # the year 9999 in seconds, which is no time in milliseconds
        ("created_at", True, None),
        ("owner", {"type": "user"}, None),
        ("image", "", ""),
    ],
)
def test_a_field_of_the_wrong_type_is_converted_or_missing(name: str, sent: Any, expected: Any) -> None:
    thing = decode_thing(**{name: sent})
    assert getattr(thing, name) == expected
    assert type(getattr(thing, name)) is type(expected)
    assert thing.description == THING["description"]


@pytest.mark.parametrize("number", [b"1e400", b"NaN", b"-Infinity", b"9" * 6000, b"1" + b"0" * 30])
def test_numbers_out_of_range_are_missing(number: bytes) -> None:
    (thing,) = decode_page(ResponseKind.THINGS, b'[{"id": 7, "title": "kept", "flattrs": %s}]' % number).entities
    assert thing == Thing(id=7, title="kept")


@pytest.mark.parametrize("bad", [None, 3, "x", [], {}, {"id": None}, {"id": "x"}, {"id": -1, "title": "t"}])
def test_a_record_without_an_id_is_left_out_with_a_repair(bad: Any) -> None:
    page = decode(ResponseKind.THINGS, [THING, bad, {**THING, "id": 8}])
    assert [entity.id for entity in page.entities if isinstance(entity, Thing)] == [7, 8]
    assert page.records == 3
    assert any(repair.where.startswith("1: ") for repair in page.repairs)


def test_the_last_of_equal_keys_counts_and_a_wrong_type_is_ignored() -> None:
    (thing,) = decode_page(ResponseKind.THINGS, b'[{"id": 1, "type": "user", "id": 2}]').entities
    assert thing == Thing(id=2)


def test_every_string_is_sanitized() -> None:
    unsafe = "\x1b[31mred\u202e"
    thing = decode_thing(
        title=unsafe, description=f"a{unsafe}\r\nb  ", tags=[unsafe, "ok"], owner={**ADA, "link": unsafe}
    )
    assert (thing.title, thing.description) == ("[31mred", "a[31mred\nb")
    assert thing.tags == ("[31mred", "ok")
    assert thing.owner is not None
    assert thing.owner.link == "[31mred"


def test_a_list_may_be_bare_wrapped_or_a_single_object() -> None:
    one = decode(ResponseKind.THINGS, [THING]).entities
    assert decode(ResponseKind.THINGS, {"things": [THING]}).entities == one
    assert decode(ResponseKind.THINGS, THING).entities == one
    assert decode(ResponseKind.THING, [THING]).entities == one
    assert decode(ResponseKind.THINGS, []) == DecodedPage((), None, (), 0)


def test_a_search_has_its_total() -> None:
    page = decode(ResponseKind.SEARCH, {"total_items": "248", "items": 1, "page": 1, "things": [THING]})
    assert (page.total, len(page.entities)) == (248, 1)
    assert decode(ResponseKind.SEARCH, {"total_items": 0, "items": 0}).entities == ()
    assert decode(ResponseKind.SEARCH, {"total_items": -1, "things": [THING]}).total is None


def test_flattrs_and_subscriptions_need_their_thing() -> None:
    page = decode(
        ResponseKind.FLATTRS, [{"type": "flattr", "thing": THING, "owner": ADA, "created_at": 5}, {"owner": ADA}]
    )
    (flattr,) = page.entities
    assert isinstance(flattr, Flattr)
    assert flattr.key == "ada/7/5"
    (subscription,) = decode(ResponseKind.SUBSCRIPTIONS, [{"thing": THING, "active": 1, "started_at": "9"}]).entities
    assert isinstance(subscription, Subscription)
    assert (subscription.active, subscription.started_at) == (True, 9)


ENTRY = {
    "id": "tag:flattr.com,2012-01-04:ada/flattr/1",
    "published": "2012-01-04T12:00:00+02:00",
    "title": "ada flattred Engines",
    "verb": "like",
    "actor": {"displayName": "ada", "url": "https://x/ada", "objectType": "person"},
    "object": {"displayName": "Engines", "url": "https://x/7", "objectType": "bookmark"},
}
ACTIVITY = Activity(
    id="tag:flattr.com,2012-01-04:ada/flattr/1",
    published=1325671200,
    title="ada flattred Engines",
    verb="like",
    actor_name="ada",
    actor_url="https://x/ada",
    object_name="Engines",
    object_url="https://x/7",
)
ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:activity="http://activitystrea.ms/spec/1.0/"><title>x</title><entry>
<id>tag:flattr.com,2012-01-04:ada/flattr/1</id><title>ada flattred Engines</title>
<published>2012-01-04T12:00:00+02:00</published><author><name>ada</name><uri>https://x/ada</uri></author>
<activity:verb>http://activitystrea.ms/schema/1.0/like</activity:verb>
<activity:object><title>Engines</title><link rel="alternate" href="https://x/7"/></activity:object>
</entry></feed>"""


@pytest.mark.parametrize("answer", [ResponseKind.ACTIVITIES, ResponseKind.FLATTRS, ResponseKind.THINGS])
def test_streams_are_activities_in_both_formats_and_for_any_list(answer: ResponseKind) -> None:
    stream = json.dumps({"items": [ENTRY]}).encode()
    assert decode_page(answer, stream, "application/stream+json; charset=utf-8").entities == (ACTIVITY,)
    assert decode_page(answer, ATOM.encode(), "application/atom+xml").entities == (ACTIVITY,)


def test_streams_may_be_empty_or_have_invalid_times() -> None:
    assert decode(ResponseKind.ACTIVITIES, {}).entities == ()
    assert decode(ResponseKind.ACTIVITIES, {"items": []}).entities == ()
    (activity,) = decode(ResponseKind.ACTIVITIES, {"items": [{**ENTRY, "published": "soon", "actor": None}]}).entities
    assert isinstance(activity, Activity)
    assert (activity.published, activity.actor_name) == (None, None)


def test_lookups_limits_receipts_and_choices_are_decoded() -> None:
    (found,) = decode(ResponseKind.LOOKUP, {"message": "found", "location": "https://x/rest/v2/things/42"}).entities
    assert isinstance(found, Lookup)
    assert (found.found, found.thing_id) == (True, 42)
    (missing,) = decode(ResponseKind.LOOKUP, {"message": "not_found", "description": "No thing"}).entities
    assert missing == Lookup(found=False, description="No thing")
    (rate,) = decode(
        ResponseKind.RATE_LIMIT, {"hourly_limit": 1000, "remaining_hits": "3", "reset_time_in_seconds": 9}
    ).entities
    assert rate == RateLimit(limit=1000, remaining=3, reset=9)
    (receipt,) = decode(ResponseKind.RECEIPT, {"message": "ok", "description": "done", "thing": THING}).entities
    assert isinstance(receipt, Receipt)
    assert receipt.thing is not None
    assert decode(ResponseKind.CHOICES, [{"id": "text", "text": "Text"}, {"text": "x"}]).entities == (
        Choice("text", "Text"),
    )
    assert decode_page(ResponseKind.NOTHING, b"").entities == ()


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/xml", "<things><thing><id>7</id><title>Engines</title><tags><tag>a</tag></tags></thing></things>"),
        ("application/xml", "<items><item><id>7</id><title>Engines</title><tags><item>a</item></tags></item></items>"),
        ("application/yaml", "- id: 7\n  title: Engines\n  tags: [a]\n"),
        ("text/yaml", "things:\n- {id: '7', title: Engines, tags: [a]}\n"),
    ],
)
def test_xml_and_yaml_have_the_same_entities_as_json(content_type: str, body: str) -> None:
    assert decode_page(ResponseKind.THINGS, body.encode(), content_type).entities == (
        Thing(id=7, title="Engines", tags=("a",)),
    )


@pytest.mark.parametrize(
    ("content_type", "body", "message"),
    [
        ("application/json", b"", "empty"),
        ("application/json", b"  \n", "empty"),
        ("application/json", b"<!DOCTYPE html><html>Log in</html>", "HTML page"),
        ("application/json", b"oops", "not JSON"),
        ("application/json", b'{"error": "not_found", "error_description": "x"}', "not_found"),
        ("application/json", b"null", "null instead of"),
        ("application/json", b"[" * 100_000, "too deeply"),
        ("application/json", b'{"a":' * 100_000, "too deeply"),
        ("application/json", b"\xff" + b"[" * 100_000, "not JSON"),
        ("application/yaml", b"a: &a [x]\nb: [*a, *a]", "aliases"),
        ("application/yaml", b"[" * 100_000, "not YAML|too deeply"),  # libyaml 0.2.6 has its own limit
        ("application/yaml", b"- " * 60 + b"x", "too deeply"),
        ("application/yaml", b"!!python/object/apply:os.system [ls]", "not YAML"),
        ("text/xml", b"<a>" * 100 + b"</a>" * 100, "too deeply"),
        (
            "text/xml",
            b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
            "a document type .DOCTYPE., which is not read",
        ),
        ("text/xml", b"<a>", "not XML"),
    ],
    ids=lambda value: repr(value[:30]),
)
def test_a_body_that_is_no_response_of_flattr_is_an_error(content_type: str, body: bytes, message: str) -> None:
    with pytest.raises(NotFlattrError, match=message) as caught:
        decode_page(ResponseKind.THINGS, body, content_type)
    assert str(caught.value).isprintable()


def test_the_number_of_repairs_is_limited() -> None:
    page = decode(ResponseKind.THINGS, [None] * 10_000)
    assert (page.entities, page.records) == ((), 10_000)
    assert len(page.repairs) <= 100


def decode_leniently(answer: ResponseKind, body: bytes) -> DecodedPage:
    repairs = RepairLog()
    return build_page(answer, parse_body(body, "application/json", repairs), repairs)


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2**64),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: round(number % 1e6, 1)),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(["12", "0", "1", "true", "a  b", " a", "a ", "a\u200eb", "a\nb", "\x1b[m", "é", "x" * 3000]),
)
WORDS = st.text(st.sampled_from("ab é地 \n\x1b\u00a0\u200d"), max_size=6)
RECORD = st.fixed_dictionaries(
    {"id": st.integers(0, 9)},
    optional={
        "title": WORDS | ODD,
        "url": WORDS | ODD,
        "description": WORDS | ODD,
        "flattrs": st.integers(0, 9) | ODD,
        "hidden": st.booleans() | st.integers(0, 1),
        "tags": st.lists(WORDS, max_size=4) | ODD,
        "owner": st.fixed_dictionaries({"username": WORDS}, optional={"about": WORDS, "id": ODD}) | ODD,
    },
)


@given(st.lists(RECORD, max_size=4))
@settings(max_examples=300)
def test_the_fast_decoder_and_the_lenient_one_agree(records: list[dict[str, Any]]) -> None:
    body = json.dumps(records).encode()
    fast, slow = decode_page(ResponseKind.THINGS, body), decode_leniently(ResponseKind.THINGS, body)
    assert fast.entities == slow.entities
    wrapped = [{"thing": record, "owner": record.get("owner")} for record in records]
    body = json.dumps(wrapped).encode()
    assert decode_page(ResponseKind.FLATTRS, body).entities == decode_leniently(ResponseKind.FLATTRS, body).entities


JSON = st.recursive(ODD, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["id", "username", "thing", "things", "items", "owner", "tags", "title", "error"]), inner
))  # fmt: skip


@given(st.sampled_from(list(ResponseKind)), JSON | st.binary(max_size=40))
@example(ResponseKind.USER, {"error": ""})
@example(ResponseKind.USER, {"error": "x " * 100})
def test_any_body_is_a_page_or_an_error(answer: ResponseKind, data: Any) -> None:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    sentence = ""
    try:
        page = decode_page(answer, body)
    except NotFlattrError as error:
        sentence = str(error)
    else:
        assert len(page.entities) <= page.records
        msgspec.json.encode(page.entities)
    assert sentence == single_line(sentence)
