"""Servers whose lists make no sense: what can be read of them is shown, and they are not asked for ever."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as HTTPRequest
from starlette.responses import JSONResponse
from starlette.routing import Route

from flattr_tui.library.own import flattrs_of
from flattr_tui.library.sync import Syncer, Targets
from tests.library.support import Time, make_library, running, settle

LIST = flattrs_of("odd")
SOURCE = "https://odd.example/rest/v2"
MANY = 300
ENOUGH = 130
"""So many requests are enough to see that a server makes no sense."""
Record = dict[str, Any]
Answer = Callable[[random.Random, list[Record], int, int], list[Record]]
"""What a server answers: by chance, of its records, for a page's number and size."""


def record(number: int) -> Record:
    thing = {"type": "thing", "id": number, "title": f"Thing {number}", "url": f"https://example.org/{number}"}
    owner = {"type": "user", "username": "odd"}
    return {"type": "flattr", "created_at": 1_500_000_000 - number * 60, "thing": thing, "owner": owner}


def part(records: list[Record], page: int, count: int) -> list[Record]:
    return records[(page - 1) * count : page * count]


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


class Unruly:
    """A server with one user, whose flattrs are listed as `answer` says."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._chance = random.Random(1)
        self._records = [record(number) for number in range(MANY)]
        self.asked = 0

    async def _list(self, request: HTTPRequest) -> JSONResponse:
        self.asked += 1
        page, count = (int(request.query_params.get(name, 30)) for name in ("page", "count"))
        return JSONResponse(self._answer(self._chance, self._records, page, min(count, 100)))

    def app(self) -> Starlette:
        user = {"type": "user", "username": "odd"}
        return Starlette(
            routes=[
                Route("/rest/v2/users/odd", lambda _: JSONResponse(user)),
                Route("/rest/v2/users/odd/flattrs", self._list),
            ]
        )


ANSWERS: list[Answer] = [
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
async def test_a_list_without_sense_is_not_asked_for_for_ever(tmp_path: Path, answer: Answer) -> None:
    server, time, chance = Unruly(answer), Time(), random.Random(2)
    library = make_library(tmp_path, None, source=SOURCE, time=time, server=server.app)
    async with running(library):
        for start in (chance.randrange(250) for _ in range(3)):
            before = server.asked
            library.want(LIST, start=start, stop=start + 40)
            library.want(LIST, start=max(0, start - 30), stop=start + 70 + chance.randrange(MANY), near=True)
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
async def test_a_sync_of_it_ends(tmp_path: Path, answer: Answer) -> None:
    server = Unruly(answer)
    library = make_library(tmp_path, None, source=SOURCE, server=server.app)
    async with running(library):
        progress = await Syncer(library).run(Targets(users=("odd",), things=False, activities=False))
        whole = library.feed(LIST).status.ended and len(library.feed(LIST)) == library.feed(LIST).status.saved
        assert bool(progress.problems) is not whole, "it says so where something is missing"
    assert server.asked < 2 * ENOUGH
