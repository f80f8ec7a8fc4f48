"""Tests that the statistics of all users count each flattr once, whether saved in the private or a public list."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flattr_tui.library.library import Library
from flattr_tui.library.query.flattr_statistics import SavedStatistics, bar_request
from flattr_tui.library.query.list_feed import Row
from flattr_tui.model.api_request import ApiRequest, user_flattrs_request
from flattr_tui.model.data_source import parse_source
from flattr_tui.model.entities import Flattr
from flattr_tui.sandbox.world import World
from tests.library.library_fixtures import keys_on_server, make_library, run_library, settle
from tests.library.sandbox_accounts import Sandbox

OWN = ApiRequest.of("my-flattrs", full="1")
PAGE = 100
SOURCES = ("sandbox", "saved")


@pytest.fixture
async def library(tmp_path: Path, world: World) -> AsyncIterator[Library]:
    """A library in which only ada's private list of flattrs is saved."""
    accounts = Sandbox(world, tmp_path).accounts()
    async with await accounts.start_login() as attempt:
        accounts.switch_to(await attempt.consent("ada"))
    await accounts.ready()
    library = make_library(tmp_path, world, account="ada", token=accounts.token)
    async with run_library(library):
        library.refresh(OWN, complete=True)
        await settle(library)
        yield library
    await accounts.aclose()


async def save_public_lists(library: Library, *names: str) -> None:
    """Save the first page of the public flattrs of some users, without a login."""
    account, library.account = library.account, ""
    for name in names:
        library.refresh(user_flattrs_request(name))
        await settle(library)
    library.account = account


def make_statistics(library: Library, source: str, account: str = "ada") -> SavedStatistics:
    return SavedStatistics(library.catalogue, parse_source(source), account)


def list_flattrs(statistics: SavedStatistics, request: ApiRequest) -> list[Flattr]:
    rows = statistics.list_flattrs(request).rows(0, 10_000)
    return [row.item for row in rows if isinstance(row, Row) and isinstance(row.item, Flattr)]


def check_statistics(statistics: SavedStatistics, keys: set[str]) -> None:
    """Assert that exactly these flattrs are counted, and that the lists behind the bars contain each of them once."""
    review = statistics.report()
    assert review.counted == len(keys)
    found: list[str] = []
    for month, count in review.months:
        listed = list_flattrs(statistics, bar_request("", "month", month))
        assert len(listed) == count
        found += [flattr.key for flattr in listed]
    assert Counter(found) == Counter(keys)
    assert max(Counter(tally.key for tally in review.things).values()) == 1, "a thing has several bars"
    bars = {"thing": review.things, "owner": review.people, "category": review.categories, "tag": review.tags}
    for dimension, tallies in bars.items():
        for tally in tallies[:3]:
            assert len(list_flattrs(statistics, bar_request("", dimension, tally.key))) == tally.count


@pytest.mark.parametrize("source", SOURCES)
async def test_flattrs_saved_only_in_the_private_list_are_counted(library: Library, world: World, source: str) -> None:
    ada = set(keys_on_server(world, "ada"))
    check_statistics(make_statistics(library, source), ada)
    await save_public_lists(library, "ada", "bahnfrei")
    assert len(ada) > PAGE, "only some flattrs are saved in both lists"
    check_statistics(make_statistics(library, source), ada | set(keys_on_server(world, "bahnfrei", PAGE)))


@pytest.mark.parametrize("source", SOURCES)
async def test_the_private_list_of_one_account_is_not_counted_for_another(
    library: Library, world: World, source: str
) -> None:
    for account in ("", "bahnfrei"):
        assert make_statistics(library, source, account).report().counted == 0
        assert make_statistics(library, source, account).report("ada").counted == 0
    await save_public_lists(library, "ada")
    assert make_statistics(library, source, "bahnfrei").report().counted == PAGE
