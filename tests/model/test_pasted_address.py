"""What people paste: addresses in quotes, escaped, broken over lines, and what of Flattr they lead to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flattr_tui.model.pasted_address import (
    clean_address,
    parse_thing_id,
    parse_username,
    same_pages,
    submitted_page,
)

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
def test_an_address_is_put_together(pasted: str) -> None:
    assert clean_address(pasted) == PAGE
    assert parse_thing_id(pasted) == 7


@given(st.text(max_size=30))
def test_any_text_can_be_pasted(text: str) -> None:
    assert len(clean_address(text)) <= len(text)
    assert (parse_thing_id(text) or 0) >= 0
    assert isinstance(parse_username(text), str)


def test_it_is_unescaped_once() -> None:
    assert clean_address("https://a.example/?q=%26amp;&amp;amp;") == "https://a.example/?q=%26amp;&amp;"
    assert clean_address("AT&amp;T") == "AT&amp;T", "no address"


@pytest.mark.parametrize(
    ("typed", "name"),
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
def test_a_profile_is_known_by_its_forms(typed: str, name: str) -> None:
    assert parse_username(typed) == name


@pytest.mark.parametrize(
    "link",
    [
        "https://flattr.com/submit/auto?user_id=ada&url=http%3A%2F%2Fa.example%2F%3Fx%3D1&title=A",
        "https://flattr.com/submit/auto?url=http://a.example/?x=1&user_id=ada",
    ],
)
def test_an_auto_submit_link_is_about_its_page(link: str) -> None:
    assert submitted_page(link) == "http://a.example/?x=1"


def test_variants_of_a_page_are_tried_after_itself() -> None:
    assert same_pages("http://www.a.example/x/") == [
        "http://www.a.example/x",
        "http://a.example/x",
        "https://www.a.example/x",
        "https://a.example/x",
    ]
