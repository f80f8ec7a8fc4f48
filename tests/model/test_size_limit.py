"""Tests of the limits on decoded bodies: real pages are read completely, and memory stays below a limit."""

import json
import tracemalloc
from collections.abc import Callable

import pytest

from flattr_tui.model import response_body_parser
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.entities import NotFlattrError
from flattr_tui.model.entity_decoder import DecodedPage, decode_page
from flattr_tui.model.response_body_parser import MAX_ITEMS

MILLION = 1_000_000
MEGABYTES = 60
"""Maximum memory in megabytes that decoding one of these bodies may take."""


def make_things(count: int) -> list[str]:
    return [f'{{"id":{number}}}' for number in range(count)]


def decode(body: str) -> tuple[DecodedPage, float]:
    """Decode a list of things. Returns the decoded page, and the peak memory in megabytes."""
    data = body.encode()
    tracemalloc.start()
    try:
        page = decode_page(ResponseKind.THINGS, data)
        return page, tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


SHAPES: dict[str, Callable[[list[str]], str]] = {
    "list": lambda items: f"[{','.join(items)}]",
    "in an object": lambda items: f'{{"things":[{",".join(items)}],"total_items":3}}',
    "numbered": lambda items: "{" + ",".join(f'"{number}":{thing}' for number, thing in enumerate(items)) + "}",
}


@pytest.mark.parametrize(("shape", "count"), [("list", MILLION), ("in an object", 200_000), ("numbered", 200_000)])
def test_a_million_items_need_no_more_memory_than_the_first_ones(shape: str, count: int) -> None:
    page, megabytes = decode(SHAPES[shape](make_things(count)))
    assert page.is_cut
    assert [entity.key for entity in page.entities[:2]] == ["0", "1"]  # type: ignore[union-attr]
    assert len(page.entities) == page.records == MAX_ITEMS
    assert megabytes < MEGABYTES


def test_values_in_a_few_items_are_cut_too(monkeypatch: pytest.MonkeyPatch) -> None:
    values = 100_000  # a tenth of the real limit, because the test would take half a minute with it
    monkeypatch.setattr(response_body_parser, "MAX_VALUES", values)
    tags = ",".join(['["a"]'] * (MAX_ITEMS - 1))
    page, megabytes = decode("[" + ",".join(f'{{"id":{number},"tags":[{tags}]}}' for number in range(10)) + "]")
    assert page.is_cut
    assert 0 < len(page.entities) <= values // MAX_ITEMS + 1
    assert megabytes < MEGABYTES


def test_the_largest_allowed_list_is_read_completely() -> None:
    page, _ = decode(f"[{','.join(make_things(MAX_ITEMS))}]")
    assert (len(page.entities), page.is_cut) == (MAX_ITEMS, False)


def test_commas_and_brackets_in_texts_are_not_counted() -> None:
    text = json.dumps('],}{[" \\ ' + "," * MAX_ITEMS)
    page, _ = decode(f'[{{"id":1,"description":{text}}},{{"id":2}}]')
    assert ([entity.key for entity in page.entities], page.is_cut) == (["1", "2"], False)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("text/xml", "<things>{}</things>"), ("text/yaml", "{}")],
)
def test_markup_with_too_many_elements_is_refused(content_type: str, body: str) -> None:
    body = body.format(("<thing/>" if "xml" in content_type else "- 1\n") * MILLION)
    with pytest.raises(NotFlattrError, match="more than"):
        decode_page(ResponseKind.THINGS, body.encode(), content_type)
