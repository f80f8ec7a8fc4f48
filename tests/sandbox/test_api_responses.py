"""Tests of content negotiation: which format a request gets, and that each format is well-formed for any text."""

import json
from typing import Any

import pytest
import yaml
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from flattr_tui.sandbox.api_responses import (
    LISTED,
    PLAIN,
    STREAM,
    ApiError,
    Format,
    check_callback,
    negotiate,
    render,
    split_suffix,
)


@pytest.mark.parametrize(
    ("accept", "offered", "expected"),
    [
        ("", PLAIN, Format.JSON),
        ("*/*", PLAIN, Format.JSON),
        ("*", PLAIN, Format.JSON),
        ("*/*", STREAM, Format.AS),
        ("application/json", PLAIN, Format.JSON),
        ("text/xml", PLAIN, Format.XML),
        ("application/xml;q=0.9", PLAIN, Format.XML),
        ("application/yaml, application/json;q=0.5", PLAIN, Format.YAML),
        ("application/json;q=0.5, text/xml;q=0.8", PLAIN, Format.XML),
        ("application/json;q=0, */*", PLAIN, Format.XML),
        ("text/*", PLAIN, Format.XML),
        ("APPLICATION/JSON", PLAIN, Format.JSON),
        ("text/html, image/gif, *; q=.2, */*; q=.2", PLAIN, Format.JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", PLAIN, Format.JSON),
        ("text/html,application/xml;q=0.9", PLAIN, Format.XML),
        ("text/html,application/atom+xml;q=0.9,*/*;q=0.8", STREAM, Format.AS),
        ("application/xml,*/*;q=0.8", PLAIN, Format.XML),
        ("application/stream+json", LISTED, Format.AS),
        ("application/atom+xml", STREAM, Format.ATOM),
    ],
)
def test_accept_chooses_by_weight_and_the_default_breaks_ties(
    accept: str, offered: tuple[Format, ...], expected: Format
) -> None:
    assert negotiate(None, accept, offered) is expected


@pytest.mark.parametrize(
    ("suffix", "accept", "offered"),
    [
        (Format.JSON, "*/*", STREAM),
        (None, "application/json", STREAM),
        (None, "text/html", PLAIN),
        (None, "application/json;q=0", PLAIN),
        (None, "application/json;q=much", PLAIN),
        (Format.ATOM, "", PLAIN),
    ],
)
def test_a_format_that_is_not_offered_is_not_acceptable(
    suffix: Format | None, accept: str, offered: tuple[Format, ...]
) -> None:
    with pytest.raises(ApiError) as caught:
        negotiate(suffix, accept, offered)
    assert (caught.value.code, caught.value.status) == ("not_acceptable", 406)


def test_the_suffix_wins_over_accept() -> None:
    assert negotiate(Format.YAML, "application/json", PLAIN) is Format.YAML


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/categories.xml", ("/categories", Format.XML)),
        ("/users/ada/activities.as", ("/users/ada/activities", Format.AS)),
        ("/categories", ("/categories", None)),
        ("/categories.txt", ("/categories", Format.TXT)),
        ("/users/categories.txt", ("/users/categories.txt", None)),
        ("/users/ada.txt", ("/users/ada.txt", None)),
        ("/users/jane.doe", ("/users/jane.doe", None)),
    ],
)
def test_only_known_suffixes_are_split_from_the_path(path: str, expected: tuple[str, Format | None]) -> None:
    assert split_suffix(path) == expected


@pytest.mark.parametrize("name", ["call", "jQuery.fn_1", "$", "a.b.c"])
def test_a_callback_is_the_name_of_a_function(name: str) -> None:
    assert check_callback(name) == name


@pytest.mark.parametrize("name", ["", "alert(1)", "a b", "<script>", "1a", "a..b", "ä", "x\n"])
def test_an_invalid_callback_is_refused(name: str) -> None:
    with pytest.raises(ApiError) as caught:
        check_callback(name)
    assert caught.value.code == "invalid_parameters"


def test_a_missing_callback_is_no_error() -> None:
    assert check_callback(None) is None


def test_json_is_wrapped_in_the_call() -> None:
    body, content_type = render({"a": "\u2028é"}, Format.JSON, "x", "call.back")
    assert body == b'call.back({"a":"\\u2028\\u00e9"});'
    assert content_type == "application/javascript; charset=utf-8"


_text = st.text(st.characters(blacklist_categories=["Cs"]))
_data = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | _text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["title", "tags", "id"]), inner),
    max_leaves=12,
)


@given(_data)
def test_every_format_is_well_formed(data: Any) -> None:
    assert json.loads(render(data, Format.JSON, "things")[0]) == data
    ElementTree.fromstring(render(data, Format.XML, "things")[0])


@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=40))
def test_yaml_keeps_every_text(text: str) -> None:
    assert yaml.safe_load(render({"title": text}, Format.YAML, "things")[0]) == {"title": text}


def test_lists_name_their_items_in_xml() -> None:
    body, _ = render([{"type": "thing", "tags": ["a", "b"], "hidden": False, "url": None}], Format.XML, "things")
    root = ElementTree.fromstring(body)
    assert [child.tag for child in root] == ["thing"]
    assert [tag.text for tag in root.findall("thing/tags/tag")] == ["a", "b"]
    assert root.findtext("thing/hidden") == "false"
