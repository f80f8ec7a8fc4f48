"""A list that changes between any two pages: what is missing shows as a hole, until a page proves there is none."""

from collections.abc import Iterator
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.store.changing_list import SANDBOX, Reader, key, reader
from tests.store.sample_responses import ADA


@pytest.fixture
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    yield from reader(str(tmp_path_factory.mktemp("gaps")), 20)


def drawn(one: Reader) -> list[str]:
    """The rows as they are seen: items by their numbers, holes as `?`."""
    return ["?" if row.item is None else row.key.split("/")[1] for row in one.rows()]


def numbers(first: int, last: int) -> list[str]:
    return [str(number) for number in range(first, last - 1, -1)]


def test_a_gap_stays_when_the_list_grows_between_a_deep_page_and_the_one_above_it(one: Reader) -> None:
    one.fetch(3)
    one.server.grow(2)
    one.fetch(2)
    assert drawn(one) == ["?", *numbers(17, 13), "?", *numbers(10, 6)], "12 and 11 are missing"
    one.fetch(3)
    assert drawn(one) == ["?", *numbers(17, 6)]


def test_a_page_that_is_as_long_as_the_hole_does_not_close_it_alone(one: Reader) -> None:
    one.fetch(1)
    one.fetch(3)
    one.fetch(2)
    assert drawn(one) == [*numbers(20, 11), "?", *numbers(10, 6)], "page 3 was before: the list may have grown"
    one.fetch(3)
    assert drawn(one) == numbers(20, 6), "page 3 is as it was: nothing has moved"


def test_pages_that_are_read_in_their_order_leave_no_hole(one: Reader) -> None:
    for number in (1, 2, 3, 4):
        one.fetch(number)
    assert drawn(one) == numbers(20, 1)


def test_an_empty_page_is_no_end_where_what_is_above_is_reckoned(one: Reader) -> None:
    del one.server.items[:5]  # 15 to 1
    one.fetch(1)
    one.server.grow(5)
    one.fetch(3)
    one.fetch(1)
    one.fetch(2)
    one.fetch(5)
    assert drawn(one)[-1] == "6"
    assert not one.catalogue.list_stats(SANDBOX, ADA).ended


fetches = st.tuples(st.just("fetch"), st.integers(1, 9))
growth = st.tuples(st.just("grow"), st.integers(1, 13))
losses = st.tuples(st.just("lose"), st.integers(0, 60))
Steps = list[tuple[str, int]]


def take(one: Reader, steps: Steps) -> None:
    """Let things happen, and see after each that what is missing shows as a hole, or as no end."""
    removed, fetched = 0, set[int]()
    for what, number in steps:
        if what == "fetch":
            one.fetch(number)
            fetched.add(number)
        elif what == "grow":
            one.server.grow(number)
        elif one.server.items:
            one.server.lose(number)
            removed += 1
        one.check()
        check_gaps(one, removed)
        assert 1 in fetched or drawn(one)[:1] in ([], ["?"]), "the top was never seen"


def check_gaps(one: Reader, removed: int) -> None:
    """See that the rows stand in the server's order, and that nothing is missing between two of them, or at the end.

    Each removal may hide one row at a seam of two pages that were read one after the other: they look the same.
    """
    above, hole = 0, True  # there may be anything above the first row
    for row in one.rows():
        if row.item is None:
            hole = True
            continue
        at = int(row.key.split("/")[1])
        assert hole or missing(one, above, at) <= removed
        above, hole = at, False
    if one.catalogue.list_stats(SANDBOX, ADA).ended:
        assert missing(one, above, 0) <= removed


def missing(one: Reader, above: int, below: int) -> int:
    """How many the server has between two; the older one has the lower number."""
    return sum(below < item < above for item in one.server.items)


def finish(one: Reader) -> None:
    """See that once all was read again while nothing changed, it is the server's list."""
    one.refresh(iter(()))
    assert one.check() == [key(item) for item in one.server.items]
    assert len(one.rows()) == len(one.server.items), "no hole is left"
    assert one.catalogue.list_stats(SANDBOX, ADA).ended


@settings(max_examples=12, deadline=None)
@example(20, [("fetch", 3), ("grow", 2), ("fetch", 2)])
@example(20, [("fetch", 1), ("fetch", 4), ("grow", 2), ("fetch", 3)])
@example(15, [("fetch", 1), ("grow", 5), ("fetch", 3), ("fetch", 1), ("fetch", 2), ("fetch", 5)])
@given(items=st.integers(0, 33), steps=st.lists(fetches | growth, max_size=14))
def test_while_a_list_grows_between_any_two_pages_no_gap_is_hidden(items: int, steps: Steps) -> None:
    with TemporaryDirectory() as folder:
        for one in reader(folder, items):
            take(one, steps)
            finish(one)


@settings(max_examples=12, deadline=None)
@given(items=st.integers(0, 33), steps=st.lists(fetches | growth | losses, max_size=14))
def test_each_removal_hides_one_row_at_a_seam_at_most(items: int, steps: Steps) -> None:
    with TemporaryDirectory() as folder:
        for one in reader(folder, items):
            take(one, steps)
            finish(one)
