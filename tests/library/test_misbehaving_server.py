"""Tests of servers whose lists are inconsistent: their rows are shown, and the number of requests stays bounded."""

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from flattr_tui.library.sync import Syncer, Targets
from flattr_tui.model.api_request import user_flattrs_request
from tests.library.library_fixtures import Time, make_library, run_library, settle
from tests.library.odd_server import SOURCE, OddServer, Record, cut_page

LIST = user_flattrs_request("odd")
MANY = 300
ENOUGH = 130
"""Maximum number of requests after which the library must have noticed that a list is inconsistent."""
RandomPageMaker = Callable[[random.Random, list[Record], int, int], list[Record]]
"""Takes a random generator, the server's records, and the number and size of an API page. Returns that page."""


def shuffle(chance: random.Random, records: list[Record], page: int, count: int) -> list[Record]:
    chance.shuffle(records)
    return cut_page(records, page, count)


def omit_times(chance: random.Random, records: list[Record], page: int, count: int) -> list[Record]:
    return [{**one, "created_at": None} for one in shuffle(chance, records, page, count)]


def sample(chance: random.Random, records: list[Record], page: int, count: int) -> list[Record]:
    return chance.sample(records, count)


def repeat_first_page(chance: random.Random, records: list[Record], page: int, count: int) -> list[Record]:
    return records[:count]


def repeat_first_item_after_second_page(
    chance: random.Random, records: list[Record], page: int, count: int
) -> list[Record]:
    return cut_page(records, page, count) if page < 3 else records[:1]


def double_each(chance: random.Random, records: list[Record], page: int, count: int) -> list[Record]:
    return cut_page([one for one in records for _ in range(2)], page, count)


def shift_randomly(chance: random.Random, records: list[Record], page: int, count: int) -> list[Record]:
    start = max(0, (page - 1) * count + chance.randint(-5, 5))
    return records[start : start + count]


def return_empty_sometimes(chance: random.Random, records: list[Record], page: int, count: int) -> list[Record]:
    return cut_page(records, page, count) if chance.random() < 0.6 else []


def reverse_each_time(chance: random.Random, records: list[Record], page: int, count: int) -> list[Record]:
    records.reverse()
    return cut_page(records, page, count)


def make_server(answer: RandomPageMaker) -> OddServer:
    return OddServer(partial(answer, random.Random(1)), many=MANY)


ANSWERS: list[RandomPageMaker] = [
    shuffle,
    omit_times,
    sample,
    repeat_first_page,
    repeat_first_item_after_second_page,
    double_each,
    shift_randomly,
    return_empty_sometimes,
    reverse_each_time,
]


@pytest.mark.parametrize("answer", ANSWERS)
async def test_requests_for_an_inconsistent_list_are_bounded(tmp_path: Path, answer: RandomPageMaker) -> None:
    server, time, chance = make_server(answer), Time(), random.Random(2)
    library = make_library(tmp_path, None, source=SOURCE, time=time, server=server.app)
    async with run_library(library):
        for start in (chance.randrange(250) for _ in range(3)):
            before = server.request_count
            library.observe(LIST, start=start, stop=start + 40)
            library.observe(LIST, start=max(0, start - 30), stop=start + 70 + chance.randrange(MANY), near=True)
            await settle(library)
            assert server.request_count - before < ENOUGH
        for complete in (False, True):
            before = server.request_count
            library.refresh(LIST, complete=complete)
            await settle(library)
            assert server.request_count - before < ENOUGH
        if answer is not return_empty_sometimes:
            assert library.feed(LIST).status.saved > 0


@pytest.mark.parametrize("answer", ANSWERS)
async def test_a_sync_of_an_inconsistent_list_ends(tmp_path: Path, answer: RandomPageMaker) -> None:
    server = make_server(answer)
    library = make_library(tmp_path, None, source=SOURCE, server=server.app)
    async with run_library(library):
        progress = await Syncer(library).run(Targets(users=("odd",), things=False, activities=False))
        whole = library.feed(LIST).status.ended and len(library.feed(LIST)) == library.feed(LIST).status.saved
        assert bool(progress.problems) is not whole, "a sync must report a problem exactly if rows are missing"
    assert server.request_count < 2 * ENOUGH
