"""Servers whose lists make no sense: what can be read of them is shown, and they are not asked for ever."""

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from flattr_tui.library.account_requests import user_flattrs_request
from flattr_tui.library.sync import Syncer, Targets
from tests.library.library_fixtures import Time, make_library, running, settle
from tests.library.odd_server import SOURCE, Record, Server, part

LIST = user_flattrs_request("odd")
MANY = 300
ENOUGH = 130
"""So many requests are enough to see that a server makes no sense."""
Chance = Callable[[random.Random, list[Record], int, int], list[Record]]
"""What a server answers: by chance, of its records, for a page's number and size."""


def shuffled(chance: random.Random, records: list[Record], page: int, count: int) -> list[Record]:
    chance.shuffle(records)
    return part(records, page, count)


def timeless(chance: random.Random, records: list[Record], page: int, count: int) -> list[Record]:
    return [{**one, "created_at": None} for one in shuffled(chance, records, page, count)]


def sampled(chance: random.Random, records: list[Record], page: int, count: int) -> list[Record]:
    return chance.sample(records, count)


def first_page_always(chance: random.Random, records: list[Record], page: int, count: int) -> list[Record]:
    return records[:count]


def first_item_behind_the_second_page(
    chance: random.Random, records: list[Record], page: int, count: int
) -> list[Record]:
    return part(records, page, count) if page < 3 else records[:1]


def each_twice(chance: random.Random, records: list[Record], page: int, count: int) -> list[Record]:
    return part([one for one in records for _ in range(2)], page, count)


def trembling(chance: random.Random, records: list[Record], page: int, count: int) -> list[Record]:
    start = max(0, (page - 1) * count + chance.randint(-5, 5))
    return records[start : start + count]


def sometimes_empty(chance: random.Random, records: list[Record], page: int, count: int) -> list[Record]:
    return part(records, page, count) if chance.random() < 0.6 else []


def turned_round(chance: random.Random, records: list[Record], page: int, count: int) -> list[Record]:
    records.reverse()
    return part(records, page, count)


def unruly(answer: Chance) -> Server:
    return Server(partial(answer, random.Random(1)), many=MANY)


ANSWERS: list[Chance] = [
    shuffled,
    timeless,
    sampled,
    first_page_always,
    first_item_behind_the_second_page,
    each_twice,
    trembling,
    sometimes_empty,
    turned_round,
]


@pytest.mark.parametrize("answer", ANSWERS)
async def test_a_list_without_sense_is_not_asked_for_for_ever(tmp_path: Path, answer: Chance) -> None:
    server, time, chance = unruly(answer), Time(), random.Random(2)
    library = make_library(tmp_path, None, source=SOURCE, time=time, server=server.app)
    async with running(library):
        for start in (chance.randrange(250) for _ in range(3)):
            before = server.asked
            library.observe(LIST, start=start, stop=start + 40)
            library.observe(LIST, start=max(0, start - 30), stop=start + 70 + chance.randrange(MANY), near=True)
            await settle(library)
            assert server.asked - before < ENOUGH
        for complete in (False, True):
            before = server.asked
            library.refresh(LIST, complete=complete)
            await settle(library)
            assert server.asked - before < ENOUGH
        if answer is not sometimes_empty:
            assert library.feed(LIST).status.saved > 0


@pytest.mark.parametrize("answer", ANSWERS)
async def test_a_sync_of_it_ends(tmp_path: Path, answer: Chance) -> None:
    server = unruly(answer)
    library = make_library(tmp_path, None, source=SOURCE, server=server.app)
    async with running(library):
        progress = await Syncer(library).run(Targets(users=("odd",), things=False, activities=False))
        whole = library.feed(LIST).status.ended and len(library.feed(LIST)) == library.feed(LIST).status.saved
        assert bool(progress.problems) is not whole, "it says so where something is missing"
    assert server.asked < 2 * ENOUGH
