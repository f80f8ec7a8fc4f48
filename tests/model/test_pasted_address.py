"""Tests of pasted addresses: quoted, escaped or split into lines, and the thing or user that they name."""

import pytest
from hypothesis import given

from flattr_tui.model.pasted_address import (
    clean_address,
    parse_thing_id,
    parse_username,
    same_pages,
    submitted_page,
)
from tests.any_text import any_text

PAGE = "https://flattr.com/thing/7/A?x=1&section=2"


@pytest.mark.parametrize(
    "pasted",
    [
        PAGE,
        f"  <{PAGE}>\n",
        f'"{PAGE}"',
        f"«{PAGE}»",
        f"('{PAGE}')",
        PAGE.replace("&", "&amp;"),
        PAGE.replace("&", "&#38;"),
        "https://flattr.com/thi\n  ng/7/A?x=1\n&section=2",
    ],
)
def test_an_address_is_cleaned(pasted: str) -> None:
    assert clean_address(pasted) == PAGE
    assert parse_thing_id(pasted) == 7


@given(any_text(max_size=30))
def test_any_text_can_be_pasted(text: str) -> None:
    assert len(clean_address(text)) <= len(text)
    assert (parse_thing_id(text) or 0) >= 0
    assert isinstance(parse_username(text), str)


def test_an_address_is_unescaped_once() -> None:
    assert clean_address("https://a.example/?q=%26amp;&amp;amp;") == "https://a.example/?q=%26amp;&amp;"
    assert clean_address("AT&amp;T") == "AT&amp;T", "a text that is no address must not change"


@pytest.mark.parametrize(
    ("pasted", "name"),
    [
        ("ada", "ada"),
        ("@ada", "ada"),
        (" <@ada> ", "ada"),
        ("https://flattr.com/profile/ada", "ada"),
        ("http://flattr.com/user/ada/", "ada"),
        ("flattr.com/@ada", "ada"),
        ("https://flattr.com/@ada?x=1", "ada"),
        ("https://api.flattr.com/rest/v2/users/ada", "ada"),
        ("http://sandbox.localhost/profile/ad%C3%A4", "adä"),
        ("https://flattr.com/thing/7/A", ""),
        ("https://flattr.com/", ""),
        ("", ""),
    ],
)
def test_a_username_is_read_from_any_form(pasted: str, name: str) -> None:
    assert parse_username(pasted) == name


@pytest.mark.parametrize(
    "link",
    [
        "https://flattr.com/submit/auto?user_id=ada&url=http%3A%2F%2Fa.example%2F%3Fx%3D1&title=A",
        "https://flattr.com/submit/auto?url=http://a.example/?x=1&user_id=ada",
    ],
)
def test_an_auto_submit_link_has_its_page(link: str) -> None:
    assert submitted_page(link) == "http://a.example/?x=1"


def test_variants_of_a_page_come_after_the_page() -> None:
    assert same_pages("http://www.a.example/x/") == [
        "http://www.a.example/x",
        "http://a.example/x",
        "https://www.a.example/x",
        "https://a.example/x",
    ]
