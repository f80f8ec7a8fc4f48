"""Tests of servers whose pages have other sizes than requested: the whole list is fetched, and its end is found."""

from pathlib import Path
from typing import Any

import pytest

from flattr_tui.library.query.list_feed import Row
from flattr_tui.library.sync import Syncer, Targets
from flattr_tui.model.api_request import ApiRequest, user_flattrs_request, user_things_request
from tests.library.library_fixtures import Time, make_library, run_library, settle
from tests.library.odd_server import MANY, SOURCE, OddServer, PageMaker, Record, cut_page

FLATTRS, THINGS = user_flattrs_request("odd"), user_things_request("odd")
BOTH = Targets(users=("odd",), activities=False)


def hide_each(nth: int, cap: int) -> PageMaker:
    """Return a function that makes API pages of at most `cap` records, and leaves out every `nth` record."""

    def answer(records: list[Record], page: int, count: int) -> list[Record]:
        return [one for one in cut_page(records, page, min(count, cap)) if one["created_at"] // 60 % nth]

    return answer


def grant(cap: int) -> PageMaker:
    """Return a function that makes API pages of at most `cap` records."""
    return lambda records, page, count: cut_page(records, page, min(count, cap))


def give(size: int) -> PageMaker:
    """Return a function that makes API pages of `size` records, even if another size is requested."""
    return lambda records, page, _: cut_page(records, page, size)


def vary_sizes(records: list[Record], page: int, count: int) -> list[Record]:
    sizes = [30, 50, 10, 40, 30, 60, 5, 35]
    start = sum(sizes[: page - 1])
    return records[start : start + sizes[page - 1]] if page <= len(sizes) else []


def end_with_404(records: list[Record], page: int, count: int) -> list[Record] | None:
    return cut_page(records, page, count) or None


def count_rows(library: Any, request: ApiRequest) -> int:
    feed = library.feed(request)
    rows = feed.rows(0, len(feed))
    assert all(isinstance(row, Row) for row in rows), "a gap is left"
    return len(rows)


@pytest.mark.parametrize("cap", [2, 10, 17, 20, 25, 29, 30, 37, 50, 100])
async def test_a_server_may_grant_any_page_size(tmp_path: Path, cap: int) -> None:
    server = OddServer(grant(cap))
    library = make_library(tmp_path, None, source=SOURCE, server=server.app)
    async with run_library(library):
        progress = await Syncer(library).run(BOTH)
        assert progress.problems == ()
        assert (count_rows(library, FLATTRS), count_rows(library, THINGS)) == (MANY, MANY)
    pages = MANY // cap + 1
    assert server.request_count <= 2 * (pages + 2 + pages.bit_length())


@pytest.mark.parametrize("answer", [give(10), give(150), give(200), vary_sizes, hide_each(13, 30), hide_each(29, 100)])
async def test_pages_of_any_size_are_read_to_the_end(tmp_path: Path, answer: PageMaker) -> None:
    server, time = OddServer(answer), Time()
    library = make_library(tmp_path, None, source=SOURCE, time=time, server=server.app)
    async with run_library(library):
        progress = await Syncer(library).run(BOTH)
        assert progress.problems == ()
        found = count_rows(library, FLATTRS)
        assert found == sum(len(answer(server.records["flattrs"], page, 100) or ()) for page in range(1, 140))
        for complete in (False, True):
            time.advance(3_600)
            library.observe(FLATTRS, start=0, stop=30)
            library.refresh(FLATTRS, complete=complete)
            await settle(library)
            assert count_rows(library, FLATTRS) == found, "a page that is not full must not end the list"
    assert server.request_count < 150


async def test_one_method_may_grant_smaller_pages_than_another(tmp_path: Path) -> None:
    server = OddServer(grant(100), grant(40))
    library = make_library(tmp_path, None, source=SOURCE, server=server.app)
    async with run_library(library):
        library.observe(FLATTRS, start=0, stop=MANY)
        await settle(library)
        library.observe(THINGS, start=0, stop=MANY)
        await settle(library)
        assert (count_rows(library, FLATTRS), count_rows(library, THINGS)) == (MANY, MANY)


async def test_a_missing_page_ends_the_list(tmp_path: Path) -> None:
    server = OddServer(end_with_404, many=70)
    library = make_library(tmp_path, None, source=SOURCE, server=server.app)
    async with run_library(library):
        for _ in range(2):
            progress = await Syncer(library).run(BOTH)
            assert progress.problems == ()
            assert [library.feed(request).status.saved for request in (FLATTRS, THINGS)] == [70, 70]
            library.refresh(FLATTRS, complete=True)
            library.observe(FLATTRS, start=0, stop=100)
            await settle(library)
            assert library.feed(FLATTRS).status.failure is None
    assert server.request_count < 30


async def test_a_list_that_disappears_while_it_is_read_is_a_problem(tmp_path: Path) -> None:
    def disappear(records: list[Record], page: int, count: int) -> list[Record] | None:
        return cut_page(records, page, count) if server.request_count < 2 else None

    server = OddServer(disappear)
    library = make_library(tmp_path, None, source=SOURCE, server=server.app)
    async with run_library(library):
        progress = await Syncer(library).run(Targets(users=("odd",), things=False, activities=False))
        assert [problem.sentence for problem in progress.problems] == [
            "odd's flattrs could not be found on this server."
        ]
        assert library.feed(FLATTRS).status.saved == 100


@pytest.mark.parametrize("many", [12, 50, 100, 250])
async def test_a_server_that_repeats_one_page_gets_few_requests(tmp_path: Path, many: int) -> None:
    time, server = Time(), OddServer(lambda records, page, count: records, many=many)
    library = make_library(tmp_path, None, source=SOURCE, time=time, server=server.app)
    async with run_library(library):
        for _ in range(2):
            before = server.request_count
            progress = await Syncer(library).run(BOTH)
            assert server.request_count - before <= 6
            sentences = [problem.sentence for problem in progress.problems]
            if many <= 100:
                why = "the server sends the same page for every page number. What was fetched is saved."
                assert f"odd's flattrs may be incomplete: {why}" in sentences
            else:
                assert sentences == [], "a page that is larger than requested is the whole list"
            assert library.feed(FLATTRS).status.saved == many
            time.advance(3_600)
