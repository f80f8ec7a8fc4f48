"""Tests of a list that changes between two API pages: missing rows show as a gap, unless none are missing."""

from collections.abc import Iterator
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.store.changing_list import SANDBOX, Reader, key_of, open_reader
from tests.store.sample_responses import ADA


@pytest.fixture
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    yield from open_reader(str(tmp_path_factory.mktemp("gaps")), 20)


def list_rows(reader: Reader) -> list[str]:
    """Return the rows of the saved list: items as their numbers, gaps as `?`."""
    return ["?" if row.item is None else row.key.split("/")[1] for row in reader.rows()]


def numbers_down(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, last - 1, -1)]


def test_a_gap_stays_when_the_list_grows_between_a_deep_page_and_the_one_above_it(reader: Reader) -> None:
    reader.fetch(3)
    reader.server.grow(2)
    reader.fetch(2)
    assert list_rows(reader) == ["?", *numbers_down(17, 13), "?", *numbers_down(10, 6)], "12 and 11 are missing"
    reader.fetch(3)
    assert list_rows(reader) == ["?", *numbers_down(17, 6)]


def test_a_page_as_long_as_the_gap_does_not_close_it_alone(reader: Reader) -> None:
    reader.fetch(1)
    reader.fetch(3)
    reader.fetch(2)
    assert list_rows(reader) == [*numbers_down(20, 11), "?", *numbers_down(10, 6)], (
        "page 3 was fetched before: the list may have grown since"
    )
    reader.fetch(3)
    assert list_rows(reader) == numbers_down(20, 6), "page 3 is unchanged: nothing has moved"


def test_pages_fetched_in_order_leave_no_gap(reader: Reader) -> None:
    for number in (1, 2, 3, 4):
        reader.fetch(number)
    assert list_rows(reader) == numbers_down(20, 1)


def test_an_empty_page_does_not_end_a_list_with_estimated_positions(reader: Reader) -> None:
    del reader.server.items[:5]  # 15 to 1
    reader.fetch(1)
    reader.server.grow(5)
    reader.fetch(3)
    reader.fetch(1)
    reader.fetch(2)
    reader.fetch(5)
    assert list_rows(reader)[-1] == "6"
    assert not reader.catalogue.list_stats(SANDBOX, ADA).ended


fetches = st.tuples(st.just("fetch"), st.integers(1, 9))
growth = st.tuples(st.just("grow"), st.integers(1, 13))
losses = st.tuples(st.just("lose"), st.integers(0, 60))
Steps = list[tuple[str, int]]


def apply_steps(reader: Reader, steps: Steps) -> None:
    """Apply the steps. Assert after each that missing rows show as a gap, or that the list is not called complete."""
    removed, fetched = 0, set[int]()
    for what, number in steps:
        if what == "fetch":
            reader.fetch(number)
            fetched.add(number)
        elif what == "grow":
            reader.server.grow(number)
        elif reader.server.items:
            reader.server.remove(number)
            removed += 1
        reader.check_rows()
        check_gaps(reader, removed)
        assert 1 in fetched or list_rows(reader)[:1] in ([], ["?"]), (
            "a list whose first page was never fetched begins with a gap"
        )


def check_gaps(reader: Reader, removed: int) -> None:
    """Assert that the rows are in the server's order, and that no row is missing without a gap or an open end.

    For each removal one row may be missing: if an item is removed between the requests for two pages, the two pages
    look as if nothing had been removed.
    """
    above, is_gap = 0, True  # rows above the first one may be unknown
    for row in reader.rows():
        if row.item is None:
            is_gap = True
            continue
        number = int(row.key.split("/")[1])
        assert is_gap or count_missing(reader, above, number) <= removed
        above, is_gap = number, False
    if reader.catalogue.list_stats(SANDBOX, ADA).ended:
        assert count_missing(reader, above, 0) <= removed


def count_missing(reader: Reader, above: int, below: int) -> int:
    """Return how many items the server has between the items with two numbers. Older items have lower numbers."""
    return sum(below < item < above for item in reader.server.items)


def refresh_and_compare(reader: Reader) -> None:
    """Fetch all pages while nothing changes, and assert that the catalogue has the server's list."""
    reader.refresh(iter(()))
    assert reader.check_rows() == [key_of(item) for item in reader.server.items]
    assert len(reader.rows()) == len(reader.server.items), "no gap is left"
    assert reader.catalogue.list_stats(SANDBOX, ADA).ended


@settings(max_examples=12, deadline=None)
@example(20, [("fetch", 3), ("grow", 2), ("fetch", 2)])
@example(20, [("fetch", 1), ("fetch", 4), ("grow", 2), ("fetch", 3)])
@example(15, [("fetch", 1), ("grow", 5), ("fetch", 3), ("fetch", 1), ("fetch", 2), ("fetch", 5)])
@given(items=st.integers(0, 33), steps=st.lists(fetches | growth, max_size=14))
def test_while_a_list_grows_between_any_two_pages_no_gap_is_hidden(items: int, steps: Steps) -> None:
    with TemporaryDirectory() as folder:
        for reader in open_reader(folder, items):
            apply_steps(reader, steps)
            refresh_and_compare(reader)


@settings(max_examples=12, deadline=None)
@given(items=st.integers(0, 33), steps=st.lists(fetches | growth | losses, max_size=14))
def test_each_removal_hides_at_most_one_row_between_two_pages(items: int, steps: Steps) -> None:
    with TemporaryDirectory() as folder:
        for reader in open_reader(folder, items):
            apply_steps(reader, steps)
            refresh_and_compare(reader)
