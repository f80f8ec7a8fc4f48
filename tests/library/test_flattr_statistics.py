"""Tests of the statistics of saved flattrs and of the lists behind their bars, compared with the flattrs."""

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.library.query.flattr_statistics import SavedStatistics, bar_request, fill_months
from flattr_tui.library.query.list_feed import Row, Sort, View
from flattr_tui.library.query.search import OfflineSearch
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.data_source import parse_source
from flattr_tui.model.entities import Flattr, Thing
from flattr_tui.model.tag_expression import TagSyntaxError
from flattr_tui.sandbox.world import World
from flattr_tui.store.catalogue_database import Database
from tests.library.library_fixtures import keys_on_server, make_library, run_library, settle
from tests.library.sandbox_accounts import Sandbox

ADA = ApiRequest.of("user-flattrs", username="ada", full="1")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, seeded_world: Path) -> Iterator[World]:
    with World.open(Path(shutil.copy(seeded_world, tmp_path_factory.mktemp("review") / "world.sqlite"))) as world:
        yield world


def list_flattrs(feed: object) -> list[Flattr]:
    rows = feed.rows(0, 10_000)  # type: ignore[attr-defined]
    return [row.item for row in rows if isinstance(row, Row) and isinstance(row.item, Flattr)]


async def test_the_statistics_count_the_saved_flattrs(tmp_path: Path, world: World) -> None:
    library = make_library(tmp_path, world)
    async with run_library(library):
        library.observe(ADA, stop=60)
        await settle(library)
        items = list_flattrs(library.feed(ADA))
        assert items
        reviewer = SavedStatistics(library.catalogue, library.source)
        review = reviewer.report("ada")
        assert review.counted == len(items)
        months = Counter(datetime.fromtimestamp(item.created_at or 0, UTC).strftime("%Y-%m") for item in items)
        assert {month: count for month, count in review.months if count} == dict(months)
        owners = Counter(item.thing.owner.username for item in items if item.thing.owner)
        assert {tally.key: tally.count for tally in review.people} == dict(owners)
        for dimension, tallies in (("owner", review.people), ("category", review.categories), ("tag", review.tags)):
            for tally in tallies[:5]:
                assert len(reviewer.list_flattrs(bar_request("ada", dimension, tally.key))) == tally.count
        month, count = next(pair for pair in review.months if pair[1])
        assert len(reviewer.list_flattrs(bar_request("ada", "month", month))) == count
        day, count = next(iter(review.days.items()))
        assert len(reviewer.list_flattrs(bar_request("ada", "day", day.isoformat()))) == count


async def test_a_report_reads_the_flattrs_twice_at_most(
    tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = make_library(tmp_path, world)
    async with run_library(library):
        library.observe(ADA, stop=60)
        await settle(library)
        reads: list[str] = []
        read = Database.read

        def count_read(database: Database, sql: str, *values: Any) -> Any:
            reads.append(sql)
            return read(database, sql, *values)

        monkeypatch.setattr(Database, "read", count_read)
        reviewer = SavedStatistics(library.catalogue, library.source)
        whole = reviewer.report("ada")
        assert len([sql for sql in reads if "GROUP BY" in sql]) == 2
        reads.clear()
        periods = reviewer.report_periods("ada")
        assert len([sql for sql in reads if "GROUP BY" in sql]) == 1
        assert (periods.counted, periods.months, periods.days) == (whole.counted, whole.months, whole.days)


async def test_things_are_found_without_a_connection(tmp_path: Path, world: World) -> None:
    library = make_library(tmp_path, world)
    async with run_library(library):
        library.observe(ADA, stop=60)
        await settle(library)
        items = list_flattrs(library.feed(ADA))
        word = next(word for item in items for word in item.thing.title.split() if len(word) > 5 and word.isalpha())
        finder = OfflineSearch(library.catalogue, library.source)
        found = finder.search_things(ApiRequest.of("search", query=word))
        assert found.status.saved >= 1
        assert all(isinstance(row, Row) for row in found.rows(0, 50))
        with pytest.raises(TagSyntaxError):
            finder.search_things(ApiRequest.of("search", tags="a & | b"))
        hits = finder.find_text(word)
        assert hits
        assert any(isinstance(hit.item, Thing) and word in hit.item.title for hit in hits)
        assert not OfflineSearch(library.catalogue, parse_source("https://elsewhere.example/rest/v2")).find_text(word)
        assert finder.find_text("  ") == []


def test_months_without_flattrs_are_included() -> None:
    assert list(fill_months([("2013-11", 2), ("2014-02", 1)])) == [
        ("2013-11", 2),
        ("2013-12", 0),
        ("2014-01", 0),
        ("2014-02", 1),
    ]
    assert fill_months([]) == []


async def test_the_lists_behind_the_bars_of_all_users_have_the_counted_flattrs(tmp_path: Path, world: World) -> None:
    library = make_library(tmp_path, world)
    async with run_library(library):
        for name in ("ada", "melodia"):
            library.observe(ApiRequest.of("user-flattrs", username=name, full="1"), stop=60)
        await settle(library)
        reviewer = SavedStatistics(library.catalogue, library.source)
        review = reviewer.report()
        dimensions = {
            "owner": review.people,
            "thing": review.things,
            "category": review.categories,
            "language": review.languages,
            "tag": review.tags,
        }
        for dimension, tallies in dimensions.items():
            assert tallies
            for tally in tallies[:5]:
                found = list_flattrs(reviewer.list_flattrs(bar_request("", dimension, tally.key)))
                assert len(found) == tally.count
                times = [item.created_at or 0 for item in found]
                assert times == sorted(times, reverse=True)
        month, count = max(review.months, key=lambda pair: pair[1])
        found = list_flattrs(reviewer.list_flattrs(bar_request("", "month", month)))
        assert len(found) == count
        assert {item.owner.username for item in found if item.owner} <= {"ada", "melodia"}
        day, count = next(iter(review.days.items()))
        assert len(reviewer.list_flattrs(bar_request("", "day", day.isoformat()))) == count


async def test_the_list_of_all_users_is_sorted_and_filtered_like_others(tmp_path: Path, world: World) -> None:
    library = make_library(tmp_path, world)
    async with run_library(library):
        library.observe(ADA, stop=60)
        await settle(library)
        reviewer = SavedStatistics(library.catalogue, library.source)
        request = bar_request("", "category", reviewer.report().categories[0].key)
        every = list_flattrs(reviewer.list_flattrs(request))
        by_title = list_flattrs(reviewer.list_flattrs(request, View(Sort.TITLE)))
        assert [item.thing.title for item in by_title] == sorted((item.thing.title for item in every), key=str.casefold)
        oldest = list_flattrs(reviewer.list_flattrs(request, View(Sort.WHEN)))
        assert oldest == every[::-1]
        word = every[0].thing.title.split()[0]
        some = list_flattrs(reviewer.list_flattrs(request, View(text=word)))
        assert every[0] in some
        assert len(some) < len(every)


async def test_the_accounts_flattrs_are_counted_from_its_private_list(tmp_path: Path, world: World) -> None:
    sandbox = Sandbox(world, tmp_path)
    accounts = sandbox.accounts()
    async with await accounts.start_login() as attempt:
        accounts.switch_to(await attempt.consent("ada"))
    await accounts.ready()
    own = ApiRequest.of("my-flattrs", full="1")
    library = make_library(tmp_path, world, account="ada", token=accounts.token)
    async with run_library(library):
        library.observe(ADA, stop=20)
        await settle(library)
        public = library.feed(ADA).status.saved
        assert (await library.user_statistics("ada")).counted == public, "only the public list is saved so far"
        library.refresh(own, complete=True)
        await settle(library)
        saved = len(keys_on_server(world, "ada"))
        assert library.feed(own).status.saved == saved > public
        figures = await library.user_statistics("ada")
        assert (figures.counted, figures.total) == (saved, saved)
        reviewer = SavedStatistics(library.catalogue, library.source, library.account)
        review = reviewer.report("ada")
        assert (review.counted, review.total) == (saved, saved)
        owner = review.people[0]
        assert len(reviewer.list_flattrs(bar_request("ada", "owner", owner.key))) == owner.count
        without_server = SavedStatistics(library.catalogue, parse_source("saved"), "ada").report("ada")
        assert (without_server.counted, without_server.total) == (saved, saved)
        assert SavedStatistics(library.catalogue, library.source, "ada").report("melodia").counted == 0
        library.account = ""
        figures = await library.user_statistics("ada")
        assert (figures.counted, figures.total) == (public, None)
        review = SavedStatistics(library.catalogue, library.source, library.account).report("ada")
        assert (review.counted, review.total) == (public, None)
    await accounts.aclose()
