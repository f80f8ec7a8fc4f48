"""Tests of formatted bodies and hex dumps: their meaning is unchanged, no control character reaches the terminal."""

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flattr_tui.api.prepared_request import PreparedRequest
from flattr_tui.library.console import pretty_printer
from flattr_tui.library.console.exchange import Exchange, body_document, diff_document, records_document
from flattr_tui.library.console.pretty_printer import Document, Syntax, format_body, is_binary, pretty, raw_text
from flattr_tui.model.text_sanitizer import strip_controls
from tests.any_text import any_text

JSON = "application/json"
OCTETS_WIDTH = 41
"""Width of a hex dump in cells. It does not depend on the terminal."""
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | any_text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text(), inner, max_size=4),
    max_leaves=20,
)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x1b[31m"


def has_no_controls(shown: Document) -> bool:
    return all(strip_controls(line) == line and "\n" not in line for line in shown.lines)


@given(VALUES, st.booleans())
def test_formatted_json_has_the_same_value(value: Any, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", errors="surrogatepass")
    if body >= b"\xed\xa0" and not ascii_only and any("\ud800" <= c <= "\udfff" for c in str(value)):
        return  # a surrogate is no UTF-8, so this is not JSON
    shown = format_body(body, JSON)
    assert json.loads(str(shown)) == value
    assert has_no_controls(shown)


@given(VALUES)
def test_a_fold_ends_below_its_start_and_within_the_fold_around_it(value: Any) -> None:
    shown = format_body(json.dumps(value).encode(), JSON)
    for start, end in shown.folds.items():
        assert start < end < len(shown.lines)
        assert shown.lines[start][-1] in "{["
        assert shown.lines[end].lstrip()[0] in "}]"
        for inner, last in shown.folds.items():
            assert not start < inner < end or last < end


def test_numbers_names_and_order_are_unchanged() -> None:
    body = b'{"b":1.50,"a":12345678901234567890123,"b":1e400,"c":"\\u5730\\/x"}'
    assert pretty(body, JSON).split("\n") == [
        "{",
        '  "b": 1.50,',
        '  "a": 12345678901234567890123,',
        '  "b": 1e400,',
        '  "c": "地/x"',
        "}",
    ]


@given(any_text(), st.sampled_from([JSON, "text/xml", "application/yaml", "text/plain", "application/atom+xml", "x"]))
def test_no_text_leaves_control_characters(text: str, content_type: str) -> None:
    body = text.encode("utf-8", errors="surrogatepass")
    assert has_no_controls(format_body(body, content_type))
    assert has_no_controls(raw_text(body, 20))


@given(st.binary(), st.integers(1, 200))
def test_any_bytes_are_shown_in_lines_that_fit(body: bytes, width: int) -> None:
    shown = raw_text(body, width)
    assert all(len(line) <= (OCTETS_WIDTH if is_binary(body) else max(8, width)) for line in shown.lines)


@pytest.mark.parametrize("escape", ["\x1b[2J", "\x9b2J", "\u202e", "\x07", "\ufeff"])
def test_a_control_character_is_shown_as_an_escape(escape: str) -> None:
    for body, kind in ((f'"{escape}"', JSON), (json.dumps(escape), JSON), (f"<a>{escape}</a>", "text/xml")):
        (line,) = [line for line in format_body(body.encode(), kind).lines if line.strip()]
        assert escape[0] not in line
        assert ("\\u" in line) or ("&#x" in line)


def to_tuple(element: ET.Element) -> Any:
    return element.tag, (element.text or "").strip(), dict(element.attrib), [to_tuple(child) for child in element]


TAGS = st.sampled_from(["thing", "tags", "a", "item"])
WORDS = st.text("abc äß&<>\"'", max_size=12).map(lambda text: " ".join(text.split()))


@st.composite
def trees(draw: st.DrawFn, depth: int = 2) -> ET.Element:
    element = ET.Element(draw(TAGS), draw(st.dictionaries(st.sampled_from(["x", "y"]), WORDS, max_size=2)))
    children = draw(st.lists(trees(depth - 1), max_size=3)) if depth else []
    if children:
        element.extend(children)
    else:
        element.text = draw(WORDS)
    return element


@given(trees())
def test_formatted_xml_has_the_same_elements(tree: ET.Element) -> None:
    body = ET.tostring(tree, encoding="utf-8", xml_declaration=True).replace(b"&gt;", b"&#62;")
    shown = format_body(body, "text/xml")
    assert shown.kind is Syntax.XML
    assert to_tuple(ET.fromstring("\n".join(shown.lines[1:]))) == to_tuple(tree)
    for start, end in shown.folds.items():
        assert shown.lines[end].lstrip().startswith("</")
        assert not shown.lines[start].lstrip().startswith("</")


def test_an_element_that_has_only_text_is_one_line() -> None:
    body = b"<?xml version='1.0'?><things><thing><id>1</id><tags/></thing></things>"
    assert format_body(body, "text/xml").lines[1:] == [
        "<things>",
        "  <thing>",
        "    <id>1</id>",
        "    <tags/>",
        "  </thing>",
        "</things>",
    ]


def test_entities_are_not_expanded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    assert "&b;" in pretty(bomb, "text/xml")


@given(VALUES.filter(lambda value: isinstance(value, dict | list)))
def test_yaml_is_unchanged_and_folds_by_indentation(value: Any) -> None:
    body = yaml.safe_dump(value, allow_unicode=True, sort_keys=False).encode("utf-8", errors="replace")
    shown = format_body(body, "application/yaml")
    assert str(shown) == body.decode().rstrip("\n") or not body.decode().isprintable()
    assert all(start < end < len(shown.lines) for start, end in shown.folds.items())


def test_a_yaml_name_folds_its_list() -> None:
    shown = format_body(b"---\n- type: thing\n  tags:\n  - a\n  - b\n  title: x\n- type: thing\n", "application/yaml")
    assert shown.folds[2] == 4
    assert shown.folds[1] == 5


@pytest.mark.parametrize("body", [b"", b"[1,", b'{"a" 1', b"]", b"<html>hello", b"{" * 9000, b'["\\ud800"]'])
def test_a_malformed_body_is_shown_completely(body: bytes) -> None:
    assert pretty(body, JSON).replace("\n", "").replace(" ", "") == body.decode().replace(" ", "")


def test_a_document_longer_than_its_limit_is_marked_as_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretty_printer, "MAX_LINES", 10)
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


def test_records_list_the_decoded_fields_and_the_repairs() -> None:
    body = b'[{"type":"thing","id":1,"title":"A\\u001b[2J","tags":["x","y"],"hidden":0,"flattrs":"many"},3]'
    shown = records_document(exchange(body), body)
    assert shown.kind is Syntax.RECORDS
    assert shown.lines[0] == "# 1 record, 1 left out"
    assert "! 0: Thing.flattrs: str could not be read, treated as missing" in shown.lines
    assert "! 1: things: a record that is a number, left out" in shown.lines
    assert "1  Thing 1" in shown.lines
    assert "  title: A[2J" in shown.lines
    assert "  tags: x, y" in shown.lines
    assert "  hidden: no" in shown.lines
    assert has_no_controls(shown)


@given(st.lists(st.integers(0, 3), max_size=30), st.lists(st.integers(0, 3), max_size=30))
def test_a_diff_has_exactly_the_removed_and_added_lines(old: list[int], new: list[int]) -> None:
    one, other = json.dumps(old).encode(), json.dumps(new).encode()
    shown = diff_document(exchange(one), one, exchange(other), other).lines[2:]
    before, after = format_body(one, JSON).lines, format_body(other, JSON).lines
    removed = [line[1:] for line in shown if line.startswith("-")]
    added = [line[1:] for line in shown if line.startswith("+")]
    assert len(before) - len(removed) == len(after) - len(added)
    assert (before == after) == (not removed and not added)
    for lines, changed in ((before, removed), (after, added)):
        left = list(lines)
        for line in changed:
            left.remove(line)  # raises if the line is not there


def test_a_missing_body_is_reported() -> None:
    assert "no longer in memory" in str(body_document(exchange(b""), None))


@pytest.mark.parametrize("content_type", ["image/png", "text/plain", "application/json", "text/html", ""])
def test_a_binary_body_is_a_hex_dump_whatever_its_content_type(content_type: str) -> None:
    document = pretty_printer.format_body(PNG, content_type)
    assert document.lines == [
        "000000  89 50 4e 47 0d 0a 1a 0a  ·PNG····",
        "000008  00 00 00 0d 49 48 44 52  ····IHDR",
        "000010  1b 5b 33 31 6d           ·[31m",
    ]
    assert document.kind is Syntax.TEXT
    assert pretty_printer.raw_text(PNG, 20) == document


def test_every_octet_is_there_and_every_character_is_printable() -> None:
    whole = bytes(range(256))
    lines = pretty_printer.hexdump(whole, 1000)
    assert bytes.fromhex("".join(line[8:31] for line in lines)) == whole
    assert all(character.isprintable() for line in lines for character in line)


def test_a_dump_longer_than_its_limit_is_marked_as_cut() -> None:
    assert pretty_printer.hexdump(bytes(24), 2) == pretty_printer.hexdump(bytes(16), 99)
    assert pretty_printer.is_cut(bytes(24), 2)
    assert not pretty_printer.is_cut(bytes(16), 2)


@pytest.mark.parametrize("text", ["{}", "", "日本語", "\x1b[31m", '{"a": "\\u0000"}'])
def test_text_stays_text(text: str) -> None:
    assert not pretty_printer.is_binary(text.encode())
