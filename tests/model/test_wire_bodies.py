"""Tests of bodies with text around their JSON, or with invalid characters in it."""

import json
import time

import pytest

from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.entities import NotFlattrError
from flattr_tui.model.entity_decoder import decode_page
from flattr_tui.model.response_body_parser import MAX_REPAIRED, RepairLog, parse_body

USER = json.dumps({"type": "user", "username": "ada", "about": "[x] {y}"})
LIST = json.dumps([{"type": "thing", "id": 1, "title": "a"}, {"type": "thing", "id": 2, "title": "b"}])
NOTICE = "<br />\n<b>Notice</b>:  Undefined index: x[0] in <b>/srv/api.php</b> on line <b>3</b><br />\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("show(", ");"),
        ("/**/ jQuery18_1.a$b (", ")\n"),
        (")]}',\n", ""),
        ("while(1);", ""),
        (NOTICE, ""),
        ("Notice: Undefined index: x[0] in /srv/api.php on line 3\n", ""),
        ("", "\n<!-- made in 0.1 s -->\n"),
        ("", NOTICE),
        ("", "\n200 0.123\n"),
        ("", "]\0\1:https://api.flattr.com/\0"),
        ("<!-- BEGIN TOOLBAR --><script>var x = {};</script><!-- END TOOLBAR -->\n", ""),
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "application/javascript", ""])
def test_text_around_a_body_is_left_out_with_a_repair(before: str, after: str, kind: str) -> None:
    page = decode_page(ResponseKind.USER, f"{before}{USER}{after}".encode(), kind)
    assert [entity.key for entity in page.entities if hasattr(entity, "key")] == ["ada"]
    assert "around" in page.repairs[0].action
    assert len(decode_page(ResponseKind.THINGS, f"{before}{LIST}{after}".encode(), kind).entities) == 2


@pytest.mark.parametrize(
    "body",
    [
        "<script>var x = []</script>",
        "<div>{}</div>",
        "no flattrs []",
        "[] []",
        "[,]",
        "[1,,]",
        USER + USER,
        LIST[:-9],
        "show(" + LIST[:-9],
        "show(" + "[" * 100_000,
        "{'username': 'ada'}",
        "function () { return 1 }",
    ],
    ids=lambda body: body[:20],
)
def test_a_page_that_only_resembles_a_response_is_an_error(body: str) -> None:
    with pytest.raises(NotFlattrError):
        parse_body(body.encode(), "application/json")


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ('[{"a": ", ]", "b": [1, 2,],},\n]', [{"a": ", ]", "b": [1, 2]}]),
        ('{"a": "\\",}", }', {"a": '",}'}),
        ("[]\n<!-- made in 0.1 s -->", []),
    ],
)
def test_trailing_commas_and_text_after_an_empty_list_are_left_out(body: str, value: object) -> None:
    assert parse_body(body.encode(), "application/json") == value


@pytest.mark.parametrize("call", ["show(%s);", "/**/ typeof show === 'function' && show(%s);", "a.b[0](%s)"])
def test_a_jsonp_call_is_read(call: str) -> None:
    """Express writes a check before the call: findings/express-calls-another-function.sh."""
    for value in ("[]", USER):
        assert parse_body((call % value).encode(), "application/javascript") == json.loads(value)


def test_unescaped_control_characters_are_read() -> None:
    repairs = RepairLog()
    body = b'{"username": "ada", "about": "one\ntwo\tthree\x00\x1b[31m"}'
    assert parse_body(body, "application/json", repairs)["about"] == "one\ntwo\tthree\x00\x1b[31m"
    assert repairs.repairs
    about = decode_page(ResponseKind.USER, body).entities[0].about  # type: ignore[union-attr]
    assert about == "one\ntwo three[31m"


@pytest.mark.parametrize("body", [b'{"status": "ok"}', b'{"message": "Moved", "code": 7}', b'{"totalItems": 5}'])
def test_an_unrelated_object_is_no_empty_stream(body: bytes) -> None:
    with pytest.raises(NotFlattrError):
        decode_page(ResponseKind.ACTIVITIES, body, "application/stream+json")


@pytest.mark.parametrize("body", [b"{}", b'{"items": null}', b'{"items": 0}', b'{"title": "x", "totalItems": 0}'])
def test_an_empty_stream_may_have_several_forms(body: bytes) -> None:
    page = decode_page(ResponseKind.ACTIVITIES, body, "application/stream+json")
    assert (page.entities, page.records) == ((), 0)


@pytest.mark.parametrize(
    "body",
    [
        b" " * (MAX_REPAIRED // 2) + b"f(",
        b"x" + (b"[" + b"1," * 100_000) * 8,
        b'["' + b"\\" * (MAX_REPAIRED - 9),
        b'[{"a":' + b"[" * 5_000 + b'"' + b"a" * (MAX_REPAIRED // 2),
        b"a" * (MAX_REPAIRED // 2) + b"(",
    ],
    ids=["blanks", "lists", "backslashes", "deep", "word"],
)
def test_an_unreadable_body_is_refused_quickly(body: bytes) -> None:
    began = time.process_time()
    with pytest.raises(NotFlattrError):
        parse_body(body, "application/json")
    assert time.process_time() - began < 5
