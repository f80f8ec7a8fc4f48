"""Bodies laid out for reading: they mean what they meant, and a terminal obeys nothing in them."""

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flattr_tui.api.prepared_request import PreparedRequest
from flattr_tui.library.console import exchange_views as console_views
from flattr_tui.library.console import pretty_printer as console_body
from flattr_tui.library.console.exchange import Exchange
from flattr_tui.library.console.hexdump import is_binary
from flattr_tui.library.console.pretty_printer import Document, Kind, format_body, pretty, raw_text
from flattr_tui.model.sanitizer import strip_controls

JSON = "application/json"
OCTETS_WIDTH = 41
"""Cells of the table that bytes which are no text are laid out in, however wide the terminal."""
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def obeys_nothing(shown: Document) -> bool:
    return all(strip_controls(line) == line and "\n" not in line for line in shown.lines)


@given(VALUES, st.booleans())
def test_json_means_the_same_laid_out(value: Any, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", errors="surrogatepass")
    if body >= b"\xed\xa0" and not ascii_only and any("\ud800" <= c <= "\udfff" for c in str(value)):
        return  # no UTF-8, and so no JSON
    shown = format_body(body, JSON)
    assert json.loads(str(shown)) == value
    assert obeys_nothing(shown)


@given(VALUES)
def test_what_opens_is_closed_below_and_within_what_is_around_it(value: Any) -> None:
    shown = format_body(json.dumps(value).encode(), JSON)
    for start, end in shown.folds.items():
        assert start < end < len(shown.lines)
        assert shown.lines[start][-1] in "{["
        assert shown.lines[end].lstrip()[0] in "}]"
        for inner, last in shown.folds.items():
            assert not start < inner < end or last < end


def test_numbers_names_and_their_order_stay_as_sent() -> None:
    body = b'{"b":1.50,"a":12345678901234567890123,"b":1e400,"c":"\\u5730\\/x"}'
    assert pretty(body, JSON).split("\n") == [
        "{",
        '  "b": 1.50,',
        '  "a": 12345678901234567890123,',
        '  "b": 1e400,',
        '  "c": "地/x"',
        "}",
    ]


@given(st.text(), st.sampled_from([JSON, "text/xml", "application/yaml", "text/plain", "application/atom+xml", "x"]))
def test_any_text_is_shown_and_obeyed_nowhere(text: str, content_type: str) -> None:
    body = text.encode("utf-8", errors="surrogatepass")
    assert obeys_nothing(format_body(body, content_type))
    assert obeys_nothing(raw_text(body, 20))


@given(st.binary(), st.integers(1, 200))
def test_any_bytes_are_shown_in_lines_that_fit(body: bytes, width: int) -> None:
    shown = raw_text(body, width)
    assert all(len(line) <= (OCTETS_WIDTH if is_binary(body) else max(8, width)) for line in shown.lines)


@pytest.mark.parametrize("escape", ["\x1b[2J", "\x9b2J", "\u202e", "\x07", "\ufeff"])
def test_an_escape_is_seen_instead_of_obeyed(escape: str) -> None:
    for body, kind in ((f'"{escape}"', JSON), (json.dumps(escape), JSON), (f"<a>{escape}</a>", "text/xml")):
        (line,) = [line for line in format_body(body.encode(), kind).lines if line.strip()]
        assert escape[0] not in line
        assert ("\\u" in line) or ("&#x" in line)


def elements(element: ET.Element) -> Any:
    return element.tag, (element.text or "").strip(), dict(element.attrib), [elements(child) for child in element]


TAGS = st.sampled_from(["thing", "tags", "a", "item"])
WORDS = st.text("abc äß&<>\"'", max_size=12).map(lambda text: " ".join(text.split()))


@st.composite
def trees(draw: st.DrawFn, depth: int = 3) -> ET.Element:
    element = ET.Element(draw(TAGS), draw(st.dictionaries(st.sampled_from(["x", "y"]), WORDS, max_size=2)))
    children = draw(st.lists(trees(depth - 1), max_size=3)) if depth else []
    if children:
        element.extend(children)
    else:
        element.text = draw(WORDS)
    return element


@given(trees())
def test_xml_means_the_same_laid_out(tree: ET.Element) -> None:
    body = ET.tostring(tree, encoding="utf-8", xml_declaration=True).replace(b"&gt;", b"&#62;")
    shown = format_body(body, "text/xml")
    assert shown.kind is Kind.XML
    assert elements(ET.fromstring("\n".join(shown.lines[1:]))) == elements(tree)
    for start, end in shown.folds.items():
        assert shown.lines[end].lstrip().startswith("</")
        assert not shown.lines[start].lstrip().startswith("</")


def test_an_element_with_text_alone_is_one_line() -> None:
    body = b"<?xml version='1.0'?><things><thing><id>1</id><tags/></thing></things>"
    assert format_body(body, "text/xml").lines[1:] == [
        "<things>",
        "  <thing>",
        "    <id>1</id>",
        "    <tags/>",
        "  </thing>",
        "</things>",
    ]


def test_an_entity_bomb_stays_text() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    assert "&b;" in pretty(bomb, "text/xml")


@given(VALUES.filter(lambda value: isinstance(value, dict | list)))
def test_yaml_stays_as_it_is_and_folds_by_depth(value: Any) -> None:
    body = yaml.safe_dump(value, allow_unicode=True, sort_keys=False).encode("utf-8", errors="replace")
    shown = format_body(body, "application/yaml")
    assert str(shown) == body.decode().rstrip("\n") or not body.decode().isprintable()
    assert all(start < end < len(shown.lines) for start, end in shown.folds.items())


def test_a_yaml_name_folds_its_list() -> None:
    shown = format_body(b"---\n- type: thing\n  tags:\n  - a\n  - b\n  title: x\n- type: thing\n", "application/yaml")
    assert shown.folds[2] == 4
    assert shown.folds[1] == 5


@pytest.mark.parametrize("body", [b"", b"[1,", b'{"a" 1', b"]", b"<html>hello", b"{" * 9000, b'["\\ud800"]'])
def test_what_is_broken_is_shown_all_the_same(body: bytes) -> None:
    assert pretty(body, JSON).replace("\n", "").replace(" ", "") == body.decode().replace(" ", "")


def test_more_lines_than_can_be_shown_are_said_to_be_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_body, "MAX_LINES", 10)
    for shown in (
        format_body(json.dumps(list(range(50))).encode(), JSON),
        raw_text(b"x\n" * 50, 80),
        raw_text(b"x" * 900, 8),
    ):
        assert shown.cut
        assert len(shown.lines) == 10
    assert not format_body(b"[1,2]", JSON).cut


# -- records, headers, differences


def exchange(body: bytes, method: str = "things", **more: Any) -> Exchange:
    given = {"source": "s", "request": PreparedRequest("GET", "https://a.example/x", {}), "sent_at": 0.0, "status": 200}
    return Exchange(method=method, body=body, size=len(body), **(given | more))  # type: ignore[arg-type]


def test_records_say_what_was_understood_and_what_was_mended() -> None:
    body = b'[{"type":"thing","id":1,"title":"A\\u001b[2J","tags":["x","y"],"hidden":0,"flattrs":"many"},3]'
    shown = console_views.records_document(exchange(body), body)
    assert shown.kind is Kind.RECORDS
    assert shown.lines[0] == "# 1 record, 1 left out"
    assert "! 0: Thing.flattrs: str could not be read, taken as missing" in shown.lines
    assert "! 1: things: a record that is a number, left out" in shown.lines
    assert "1  Thing 1" in shown.lines
    assert "  title: A[2J" in shown.lines
    assert "  tags: x, y" in shown.lines
    assert "  hidden: no" in shown.lines
    assert obeys_nothing(shown)


@given(st.lists(st.integers(0, 3), max_size=30), st.lists(st.integers(0, 3), max_size=30))
def test_a_difference_says_exactly_what_went_and_came(old: list[int], new: list[int]) -> None:
    one, other = json.dumps(old).encode(), json.dumps(new).encode()
    shown = console_views.diff_document(exchange(one), one, exchange(other), other).lines[2:]
    before, after = format_body(one, JSON).lines, format_body(other, JSON).lines
    went = [line[1:] for line in shown if line.startswith("-")]
    came = [line[1:] for line in shown if line.startswith("+")]
    assert len(before) - len(went) == len(after) - len(came)
    assert (before == after) == (not went and not came)
    for lines, changed in ((before, went), (after, came)):
        left = list(lines)
        for line in changed:
            left.remove(line)  # raises where it was not there


def test_a_body_that_is_gone_is_said_to_be_gone() -> None:
    assert "no longer at hand" in str(console_views.body_document(exchange(b""), None))
