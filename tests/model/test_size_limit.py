"""What a body may hold: enough for any real page, and never more memory than a page may take."""

import json
import tracemalloc

import pytest

from flattr_tui.model.decoder import DecodedPage, decode_page
from flattr_tui.model.errors import NotFlattrError
from flattr_tui.model.response_kind import ResponseKind
from flattr_tui.model.size_limit import MAX_ITEMS, MAX_VALUES

MILLION = 1_000_000
MEGABYTES = 60


def things(count: int) -> list[str]:
    return [f'{{"id":{number}}}' for number in range(count)]


def decode(body: str) -> tuple[DecodedPage, float]:
    """Decode a list of things; returns the page, and the megabytes that it took at most."""
    data = body.encode()
    tracemalloc.start()
    try:
        page = decode_page(ResponseKind.THINGS, data)
        return page, tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "body",
    [
        f"[{','.join(things(MILLION))}]",
        f'{{"things":[{",".join(things(MILLION))}],"total_items":3}}',
        "{" + ",".join(f'"{number}":{thing}' for number, thing in enumerate(things(MILLION))) + "}",
    ],
    ids=["list", "in an object", "numbered"],
)
def test_a_million_items_cost_what_the_first_ones_cost(body: str) -> None:
    page, megabytes = decode(body)
    assert page.is_cut
    assert [entity.key for entity in page.entities[:2]] == ["0", "1"]  # type: ignore[union-attr]
    assert len(page.entities) == page.records == MAX_ITEMS
    assert megabytes < MEGABYTES


def test_a_million_values_in_a_few_items_are_cut_too() -> None:
    tags = ",".join(['["a"]'] * (MAX_ITEMS - 1))
    page, megabytes = decode("[" + ",".join(f'{{"id":{number},"tags":[{tags}]}}' for number in range(100)) + "]")
    assert page.is_cut
    assert 0 < len(page.entities) <= MAX_VALUES // MAX_ITEMS + 1
    assert megabytes < 3 * MEGABYTES


def test_as_many_as_may_be_are_all_read() -> None:
    page, _ = decode(f"[{','.join(things(MAX_ITEMS))}]")
    assert (len(page.entities), page.is_cut) == (MAX_ITEMS, False)


def test_commas_and_brackets_in_texts_count_for_nothing() -> None:
    text = json.dumps('],}{[" \\ ' + "," * MAX_ITEMS)
    page, _ = decode(f'[{{"id":1,"description":{text}}},{{"id":2}}]')
    assert ([entity.key for entity in page.entities], page.is_cut) == (["1", "2"], False)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("text/xml", "<things>" + "<thing/>" * MILLION + "</things>"), ("text/yaml", "- 1\n" * MILLION)],
)
def test_markup_of_as_many_parts_is_refused(content_type: str, body: str) -> None:
    with pytest.raises(NotFlattrError, match="more than"):
        decode_page(ResponseKind.THINGS, body.encode(), content_type)
