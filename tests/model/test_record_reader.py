"""Tests that lists and records are decoded in undocumented wrappers, names and encodings."""

import json
from typing import Any

import pytest

from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.entities import Activity, Flattr, Lookup, NotFlattrError, Thing, User
from flattr_tui.model.entity_decoder import decode_page
from tests.model.test_entity_decoder import ADA, ENTRY, THING, decode


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("owner", "ada"),
        ("owner", [ADA]),
        ("owner", {"user": ADA}),
        ("tags", "a, b"),
        ("tags", {"tag": ["a"]}),
        ("created_at", 1.5),
        ("created_at", "2011-12-11"),
        ("created_at", "Sun, 11 Dec 2011 15:34:58 +0100"),
        ("title", None),
        ("flattrs", "12.5"),
    ],
)
def test_a_repair_has_the_place_of_the_field(name: str, sent: Any) -> None:
    page = decode(ResponseKind.THINGS, [{**THING, "hidden": "0"}, {**THING, name: sent}])
    assert [repair.where for repair in page.repairs] == [f"1: Thing.{name}"]
    assert len(page.entities) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + json.dumps([THING]).encode(),
        json.dumps([THING]).encode("utf-16"),
        json.dumps([THING]).encode().replace(b"Engines", b"Engines\xff"),
    ],
)
def test_unusual_encodings_are_read_with_a_repair(body: bytes) -> None:
    page = decode_page(ResponseKind.THINGS, body)
    assert [entity.id for entity in page.entities if isinstance(entity, Thing)] == [7]
    assert [repair.where for repair in page.repairs] == ["0: body"]


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (ResponseKind.THINGS, b'{"0": {"id": 1}, "2": {"id": "2"}}'),
        (ResponseKind.SEARCH, b'{"total_items": 2, "things": {"0": {"id": 1}, "1": {"id": 2}}}'),
        (ResponseKind.SEARCH, b'{"total_items": "2", "page": 1, "items": [{"id": 1}, {"id": 2}]}'),
    ],
)
def test_a_list_is_found_in_any_wrapper(answer: ResponseKind, body: bytes) -> None:
    page = decode_page(answer, body)
    assert [entity.id for entity in page.entities if isinstance(entity, Thing)] == [1, 2]
    assert page.records == 2


LIMIT = {"hourly_limit": 9, "remaining_hits": 1}
FLATTR = {"type": "flattr", "thing": THING, "owner": ADA, "created_at": 5}


@pytest.mark.parametrize(
    ("answer", "data", "plain"),
    [
        (ResponseKind.USER, {"user": ADA}, ADA),
        (ResponseKind.USER, {"response": {"user": [ADA]}}, ADA),
        (ResponseKind.THING, {"thing": THING}, THING),
        (ResponseKind.THING, {"data": THING}, THING),
        (ResponseKind.THINGS, {"data": [THING]}, [THING]),
        (ResponseKind.THINGS, {"response": {"things": [THING]}}, [THING]),
        (ResponseKind.THINGS, {"things": {"thing": [THING]}}, [THING]),
        (ResponseKind.THINGS, {"status": "ok", "data": [THING]}, [THING]),
        (ResponseKind.THINGS, [[THING]], [THING]),
        (ResponseKind.THINGS, [{"thing": THING}, THING], [THING, THING]),
        (ResponseKind.FLATTRS, {"flattrs": {"flattr": [FLATTR]}}, [FLATTR]),
        (ResponseKind.FLATTRS, [{"flattr": FLATTR}], [FLATTR]),
        (ResponseKind.FLATTRS, [{**FLATTR, "thing": {"thing": THING}}], [FLATTR]),
        (ResponseKind.FLATTRS, [{**FLATTR, "thing": [THING]}], [FLATTR]),
        (ResponseKind.FLATTRS, [{**FLATTR, "thing": "7"}], [{**FLATTR, "thing": {"id": 7}}]),
        (ResponseKind.FLATTRS, [{**FLATTR, "owner": "ada"}], [{**FLATTR, "owner": {"username": "ada"}}]),
        (ResponseKind.SUBSCRIPTIONS, {"subscriptions": [{"subscription": {"thing": THING}}]}, [{"thing": THING}]),
        (ResponseKind.SEARCH, {"data": {"total_items": 1, "things": [THING]}}, {"things": [THING]}),
        (ResponseKind.CHOICES, {"text": "Text"}, [{"id": "text", "text": "Text"}]),
        (ResponseKind.CHOICES, ["text"], [{"id": "text", "text": "text"}]),
        (ResponseKind.CHOICES, [{"id": "text", "name": "Text"}], [{"id": "text", "text": "Text"}]),
        (ResponseKind.RATE_LIMIT, {"rate_limit": LIMIT}, LIMIT),
        (ResponseKind.LOOKUP, {"message": "found", "thing": {"resource": "http://h/things/5"}}, {"location": "http://h/things/5"}),
    ],
)  # fmt: skip
def test_records_a_level_deeper_are_found(answer: ResponseKind, data: Any, plain: Any) -> None:
    assert decode(answer, data).entities == decode(answer, plain).entities != ()


def test_a_flattr_with_only_a_thing_is_decoded() -> None:
    (flattr,) = decode(ResponseKind.FLATTRS, [{"thing": THING}]).entities
    assert isinstance(flattr, Flattr)


@pytest.mark.parametrize("published", ["Wed, 04 Jan 2012 12:00:00 +0200", 1325671200, 1325671200.4, "1325671200"])
def test_an_activity_may_have_any_time_format_and_plain_names(published: Any) -> None:
    page = decode(ResponseKind.ACTIVITIES, [{**ENTRY, "published": published, "actor": "ada", "object": "Engines"}])
    (activity,) = page.entities
    assert isinstance(activity, Activity)
    assert (activity.published, activity.actor_name, activity.object_name) == (1325671200, "ada", "Engines")
    assert [repair.where for repair in page.repairs] == [
        f"0: Activity.{name}" for name in ("actor", "object", "published")
    ]


def test_a_list_declared_as_a_stream_is_read() -> None:
    for content_type in ("application/stream+json", "application/atom+xml"):
        page = decode_page(ResponseKind.THINGS, json.dumps([THING]).encode(), content_type)
        assert [entity.id for entity in page.entities if isinstance(entity, Thing)] == [7]
    assert isinstance(
        decode_page(ResponseKind.USER, json.dumps(ADA).encode(), "application/stream+json").entities[0], User
    )


@pytest.mark.parametrize("body", [b'!!int ""', b"!!bool x", b"!!timestamp x", b"!!float ''", b"? [a]\n: b", b"<<: x"])
def test_invalid_yaml_is_an_error(body: bytes) -> None:
    with pytest.raises(NotFlattrError):
        decode_page(ResponseKind.THINGS, body, "application/yaml")


def test_yaml_timestamps_are_times() -> None:
    body = b"- {id: 7, created_at: 2011-12-11T15:34:58+01:00}\n- {id: 8, created_at: 2011-12-11}"
    page = decode_page(ResponseKind.THINGS, body, "application/yaml")
    assert [thing.created_at for thing in page.entities if isinstance(thing, Thing)] == [1323614098, 1323561600]


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("iso-8859-1", "latin-1"), ("UTF-16LE", "utf-16-le"), ('"windows-1252"', "cp1252"), ("utf-32le", "utf-32-le")],
)
def test_a_body_is_read_in_its_declared_encoding(charset: str, encoding: str) -> None:
    body = json.dumps([{"id": 7, "title": "Lärm"}], ensure_ascii=False).encode(encoding)
    page = decode_page(ResponseKind.THINGS, body, f"application/json; charset={charset}")
    assert page.entities == (Thing(id=7, title="Lärm"),)
    assert [repair.where for repair in page.repairs] == ["0: body"]


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16", "hex", "idna", "no-such", "", "unicode_escape"])
def test_a_wrong_charset_is_ignored(charset: str) -> None:
    body = json.dumps([{"id": 7, "title": "Lärm"}], ensure_ascii=False).encode()
    for kind in ("application/json", "text/x-unknown"):
        assert decode_page(ResponseKind.THINGS, body, f"{kind}; charset={charset}").entities == (
            Thing(id=7, title="Lärm"),
        )


def test_xml_declared_as_json_and_json_declared_as_xml_are_read() -> None:
    body = b"<?xml version='1.0'?><things><thing><id>7</id></thing></things>"
    assert (
        decode_page(ResponseKind.THINGS, body).entities
        == decode_page(ResponseKind.THINGS, b'[{"id": 7}]', "text/xml").entities
        != ()
    )


def test_a_single_activity_is_a_stream_of_one() -> None:
    page = decode_page(
        ResponseKind.ACTIVITIES, b'{"id": "tag:x", "published": "2012-01-04T10:07:12+01:00", "verb": "like"}'
    )
    assert [entity.key for entity in page.entities if isinstance(entity, Activity)] == ["tag:x"]


def test_a_thing_as_the_result_of_a_lookup_is_found() -> None:
    found = decode_page(
        ResponseKind.LOOKUP, b'{"type": "thing", "id": 5, "resource": "http://h.example/things/5"}'
    ).entities[0]
    assert isinstance(found, Lookup)
    assert (found.found, found.thing_id) == (True, 5)
