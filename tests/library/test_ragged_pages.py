"""Servers whose pages are not as large as they were asked for: all of their lists comes, and its end is found."""

from pathlib import Path
from typing import Any

import pytest

from flattr_tui.library.account_requests import user_flattrs_request, user_things_request
from flattr_tui.library.query.feed import Row
from flattr_tui.library.sync import Syncer, Targets
from flattr_tui.model.api_request import Request
from tests.library.library_fixtures import Time, make_library, running, settle
from tests.library.odd_server import MANY, SOURCE, Answer, Record, Server, part

FLATTRS, THINGS = user_flattrs_request("odd"), user_things_request("odd")
BOTH = Targets(users=("odd",), activities=False)


def hides(nth: int, cap: int) -> Answer:
    """Leave each so many-th record out of the page that it is on."""

    def answer(records: list[Record], page: int, count: int) -> list[Record]:
        return [one for one in part(records, page, min(count, cap)) if one["created_at"] // 60 % nth]

    return answer


def grants(cap: int) -> Answer:
    return lambda records, page, count: part(records, page, min(count, cap))


def gives(count: int) -> Answer:
    return lambda records, page, _: part(records, page, count)


def varies(records: list[Record], page: int, count: int) -> list[Record]:
    sizes = [30, 50, 10, 40, 30, 60, 5, 35]
    start = sum(sizes[: page - 1])
    return records[start : start + sizes[page - 1]] if page <= len(sizes) else []


def none_behind_the_end(records: list[Record], page: int, count: int) -> list[Record] | None:
    return part(records, page, count) or None


def saved(library: Any, request: Request) -> int:
    feed = library.feed(request)
    rows = feed.rows(0, len(feed))
    assert all(isinstance(row, Row) for row in rows), "no hole"
    return len(rows)


@pytest.mark.parametrize("cap", [2, 10, 17, 20, 25, 29, 30, 37, 50, 100])
async def test_a_server_may_grant_any_number_a_page(tmp_path: Path, cap: int) -> None:
    server = Server(grants(cap))
    library = make_library(tmp_path, None, source=SOURCE, server=server.app)
    async with running(library):
        progress = await Syncer(library).run(BOTH)
        assert progress.problems == ()
        assert (saved(library, FLATTRS), saved(library, THINGS)) == (MANY, MANY)
    assert server.asked <= 2 * (MANY // cap + 3)


@pytest.mark.parametrize("answer", [gives(10), gives(150), gives(200), varies, hides(13, 30), hides(29, 100)])
async def test_pages_of_any_size_are_read_to_the_end_and_kept(tmp_path: Path, answer: Answer) -> None:
    server, time = Server(answer), Time()
    library = make_library(tmp_path, None, source=SOURCE, time=time, server=server.app)
    async with running(library):
        progress = await Syncer(library).run(BOTH)
        assert progress.problems == ()
        found = saved(library, FLATTRS)
        assert found == sum(len(answer(server.records["flattrs"], page, 100) or ()) for page in range(1, 140))
        for complete in (False, True):
            time.advance(3_600)
            library.observe(FLATTRS, start=0, stop=30)
            library.refresh(FLATTRS, complete=complete)
            await settle(library)
            assert saved(library, FLATTRS) == found, "a page that was not full is not taken for the end"
    assert server.asked < 150


async def test_one_method_may_grant_fewer_than_another(tmp_path: Path) -> None:
    server = Server(grants(100), grants(40))
    library = make_library(tmp_path, None, source=SOURCE, server=server.app)
    async with running(library):
        library.observe(FLATTRS, start=0, stop=MANY)
        await settle(library)
        library.observe(THINGS, start=0, stop=MANY)
        await settle(library)
        assert (saved(library, FLATTRS), saved(library, THINGS)) == (MANY, MANY)


async def test_a_page_that_is_not_there_is_the_end(tmp_path: Path) -> None:
    server = Server(none_behind_the_end, many=70)
    library = make_library(tmp_path, None, source=SOURCE, server=server.app)
    async with running(library):
        for _ in range(2):
            progress = await Syncer(library).run(BOTH)
            assert progress.problems == ()
            assert [library.feed(request).status.saved for request in (FLATTRS, THINGS)] == [70, 70]
            library.refresh(FLATTRS, complete=True)
            library.observe(FLATTRS, start=0, stop=100)
            await settle(library)
            assert library.feed(FLATTRS).status.failure is None
    assert server.asked < 30


async def test_a_list_that_is_gone_while_it_is_read_is_none_that_ended(tmp_path: Path) -> None:
    def goes(records: list[Record], page: int, count: int) -> list[Record] | None:
        return part(records, page, count) if server.asked < 2 else None

    server = Server(goes)
    library = make_library(tmp_path, None, source=SOURCE, server=server.app)
    async with running(library):
        progress = await Syncer(library).run(Targets(users=("odd",), things=False, activities=False))
        assert [problem.sentence for problem in progress.problems] == [
            "odd's flattrs could not be found on this server."
        ]
        assert library.feed(FLATTRS).status.saved == 100


@pytest.mark.parametrize("many", [12, 50, 100, 250])
async def test_a_server_that_gives_the_same_whatever_it_is_asked_is_not_asked_often(tmp_path: Path, many: int) -> None:
    time, server = Time(), Server(lambda records, page, count: records, many=many)
    library = make_library(tmp_path, None, source=SOURCE, time=time, server=server.app)
    async with running(library):
        for _ in range(2):
            before = server.asked
            progress = await Syncer(library).run(BOTH)
            assert server.asked - before <= 6
            said = [problem.sentence for problem in progress.problems]
            if many <= 100:
                why = "the server gives the same page under each number. What came is saved."
                assert f"odd's flattrs may not be whole: {why}" in said
            else:
                assert said == [], "more than was asked for: it gives all at once"
            assert library.feed(FLATTRS).status.saved == many
            time.advance(3_600)
