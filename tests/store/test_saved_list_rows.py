"""Tests that a list's rows can be written at any place and read back, and that their blocks are as full as possible."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from flattr_tui.store import saved_list_rows
from flattr_tui.store.saved_list_rows import BLOCK, ListRows, Row, gap_size, make_gap

FEED, PAGE = 1, 100


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in saved_list_rows.SCHEMA:
            connection.execute(statement)
        yield connection


def test_pages_that_continue_a_list_fill_its_blocks(connection: sqlite3.Connection) -> None:
    rows = ListRows(connection, FEED)
    for first in range(1, 1201, PAGE):
        rows.splice(rows.high + 1, rows.high + 1, [Row(item, -item) for item in range(first, first + PAGE)])
    sizes = [size for (size,) in connection.execute("SELECT size FROM block ORDER BY low")]
    assert sizes == [BLOCK, BLOCK, 1200 - 2 * BLOCK]
    assert rows.read(0, 1200) == [Row(item, -item) for item in range(1, 1201)]


@pytest.mark.parametrize("seed", range(5))
def test_rows_that_are_spliced_at_any_place_are_read_back(connection: sqlite3.Connection, seed: int) -> None:
    chance, rows, expected, item = random.Random(seed), ListRows(connection, FEED), list[Row](), 0
    for _ in range(30):
        start = chance.randint(0, len(expected))
        stop = min(len(expected), start + chance.choice((0, 1, 300)))
        put = [Row(item := item + 1, chance.randint(1, 9)) for _ in range(chance.choice((0, 1, PAGE, 700)))]
        rows.splice(rows.low + start, rows.low + stop, put)
        expected[start:stop] = put
        assert rows.read(rows.low, rows.high + 1) == expected
    places = {row.item: rows.low + place for place, row in enumerate(expected)}
    assert rows.find_positions(range(item + 1)) == places


@pytest.mark.parametrize(
    ("missing", "read"), [(None, None), (1, 1), (2**31 - 2, 2**31 - 2), (2**31 - 1, None), (10**12, None)]
)
def test_a_gap_of_any_size_is_stored(connection: sqlite3.Connection, missing: int | None, read: int | None) -> None:
    rows = ListRows(connection, FEED)
    rows.splice(0, 0, [Row(1), make_gap(missing), Row(2)])
    assert rows.gaps() == [(1, read)]
    assert gap_size(rows.read(1, 2)[0].item) == read
