"""Tests of damaged records and texts: the readable part of a page is decoded, and repairs are listed."""

import json

import pytest

from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.entities import Activity, Flattr, NotFlattrError, Thing, User
from flattr_tui.model.entity_decoder import decode_page

THING = {"type": "thing", "id": 1, "title": "a"}


def decode_things(body: bytes, kind: str = "application/json") -> list[Thing]:
    return [entity for entity in decode_page(ResponseKind.THINGS, body, kind).entities if isinstance(entity, Thing)]


@pytest.mark.parametrize("depth", [900, 5_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_a_field_nested_too_deeply_is_left_out_alone(depth: int, opening: str, closing: str) -> None:
    deep = opening * depth + "1" + closing * depth
    body = f'[{{"id": 1, "title": "a] \\" b", "tags": {deep}, "flattrs": 3}}, {{"id": 2}}]'.encode()
    first, second = decode_things(body)
    assert (first.id, first.title, first.flattrs, second.id) == (1, 'a] " b', 3, 2)
    with pytest.raises(NotFlattrError, match="deep"):
        decode_page(ResponseKind.THINGS, ("[" * 100_000 + "]" * 100_000).encode())


@pytest.mark.parametrize(
    ("sent", "expected"), [(r"it\'s", "it's"), (r"\x41", "x41"), (r"\u12", "u12"), (r"\\\q", r"\q")]
)
def test_an_invalid_escape_is_read_without_its_backslash(sent: str, expected: str) -> None:
    (thing,) = decode_things(b'[{"id": 1, "title": "' + sent.encode() + b'"}]')
    assert thing.title == expected


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-8-sig"])
def test_the_encoding_of_json_is_recognised_by_its_first_bytes(encoding: str) -> None:
    (thing,) = decode_things(json.dumps([THING | {"title": "Ü"}], ensure_ascii=False).encode(encoding))
    assert thing.title == "Ü"


@pytest.mark.parametrize(
    ("encoding", "title"),
    [("gbk", "中文"), ("shift_jis", "日本"), ("koi8-r", "привет"), ("iso-8859-2", "łódź"), ("big5", "中文")],
)
def test_a_body_is_read_in_its_declared_encoding(encoding: str, title: str) -> None:
    body = json.dumps([THING | {"title": title}], ensure_ascii=False).encode(encoding)
    assert decode_things(body, f"application/json; charset={encoding.upper()}")[0].title == title
    xml = f'<?xml version="1.0" encoding="{encoding}"?><things><thing><id>1</id><title>{title}</title></thing></things>'
    assert decode_things(xml.encode(encoding), "text/xml")[0].title == title
    bare = xml.partition("?>")[2].encode(encoding)
    assert decode_things(bare, f'text/xml; charset="{encoding}"')[0].title == title
    yaml = f"---\n- id: 1\n  title: {title}\n".encode(encoding)
    assert decode_things(yaml, f"application/yaml; charset={encoding}")[0].title == title


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("a\x1b[31mb", "a[31mb"),
        ("a&nbsp;b", "a b"),
        ("AT&T &amp; &#252;", "AT&T & ü"),
        ("a &nosuch; b", "a &nosuch; b"),
    ],
)
@pytest.mark.parametrize("before", ["", "\n\n", '\n<?xml version="1.0"?>'])
def test_malformed_xml_is_read(before: str, title: str, expected: str) -> None:
    body = f"{before}<things><thing><id>1</id><title>{title}</title></thing></things>".encode()
    assert decode_things(body, "text/xml")[0].title == expected


def test_texts_in_yaml_are_not_converted() -> None:
    body = b"---\n- id: 010\n  title: 2012-01-01\n  category: 1e3\n  language: no\n  hidden: true\n  url: null\n"
    (thing,) = decode_things(body, "application/yaml")
    assert (thing.id, thing.title, thing.category, thing.language) == (10, "2012-01-01", "1e3", "no")
    assert (thing.hidden, thing.url) == (True, None)


def test_a_missing_id_is_read_from_the_address() -> None:
    owner = {"type": "user", "resource": "https://api.flattr.com/rest/v2/users/na%C3%AFve"}
    flattr = {"type": "flattr", "thing": {"resource": "https://api.flattr.com/rest/v2/things/423405"}, "owner": owner}
    page = decode_page(ResponseKind.FLATTRS, json.dumps([flattr]).encode())
    (found,) = page.entities
    assert isinstance(found, Flattr)
    assert found.thing.id == 423405
    assert isinstance(found.owner, User)
    assert found.owner.username == "naïve"
    assert {repair.where for repair in page.repairs} == {"0: Thing.id", "0: User.username"}
    for other in ("https://api.flattr.com/rest/v2/users/", "https://x.example/7", "things/x", "", None):
        (lost,) = [decode_page(ResponseKind.THINGS, json.dumps([{"type": "thing", "resource": other}]).encode())]
        assert (lost.entities, lost.records) == ((), 1)


def test_a_found_lookup_without_a_location_is_an_error() -> None:
    with pytest.raises(NotFlattrError):
        decode_page(ResponseKind.LOOKUP, b'{"message": "found"}')


def test_the_object_of_an_entry_has_the_address_of_its_page() -> None:
    """The feed is like the service's: own prefix, bare verbs, a payment link, a related link to the external page."""
    feed = """<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:as="http://activitystrea.ms/spec/1.0/" xml:lang="en">
<id>tag:flattr.com,2010-02:users:mira:activities</id><title>Activities by Mira</title>
<link rel="hub" href="http://hub.example"/><entry><id>tag:flattr.com,2012:things/7</id>
<published>2012-07-08T18:33:00+02:00</published><title>Mira got a new thing, "Note"</title><summary type="text"/>
<link rel="payment" type="text/html" href="https://flattr.com/submit/auto?url=https%3A%2F%2Fmira.example%2F1"/>
<author><name>Mira</name><uri>https://flattr.com/profile/Mira</uri><email/><as:object-type>person</as:object-type>
</author><as:verb>post</as:verb><as:object><as:object-type>bookmark</as:object-type><title>Note</title>
<link rel="related" href="https://mira.example/1"/><link {} href="https://flattr.com/thing/7/Note"/></as:object>
</entry></feed>"""
    for relation in ('rel="alternate"', ""):
        body = feed.format(relation).encode()
        (activity,) = decode_page(ResponseKind.ACTIVITIES, body, "application/atom+xml").entities
        assert isinstance(activity, Activity)
        assert (activity.object_url, activity.object_name) == ("https://flattr.com/thing/7/Note", "Note")
        assert (activity.verb, activity.actor_name, activity.published) == ("post", "Mira", 1_341_765_180)
