"""Everybody's flattrs, those saved only as the account's own list among them: each is counted once."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from flattr_tui.library.account_requests import user_flattrs_request
from flattr_tui.library.library import Library
from flattr_tui.library.query.feed import Row
from flattr_tui.library.query.statistics import SavedStatistics, items_of_bar
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Flattr
from flattr_tui.model.source import parse_source
from flattr_tui.sandbox.world import World
from tests.library.library_fixtures import keys_on_server, make_library, running, settle
from tests.library.sandbox_accounts import Sandbox

OWN = Request.of("my-flattrs", full="1")
PAGE = 100
SOURCES = ("sandbox", "saved")


@pytest.fixture
async def library(tmp_path: Path, world: World) -> AsyncIterator[Library]:
    """What ada is told of her own flattrs is saved, and nothing else."""
    accounts = Sandbox(world, tmp_path).accounts()
    async with await accounts.start_login() as attempt:
        accounts.switch_to(await attempt.consent("ada"))
    await accounts.ready()
    library = make_library(tmp_path, world, account="ada", token=accounts.token)
    async with running(library):
        library.refresh(OWN, complete=True)
        await settle(library)
        yield library
    await accounts.aclose()


async def save(library: Library, *names: str) -> None:
    """Save the newest of what everybody is told of them, as somebody who is not logged in."""
    account, library.account = library.account, ""
    for name in names:
        library.refresh(user_flattrs_request(name))
        await settle(library)
    library.account = account


def reviewer(library: Library, source: str, account: str = "ada") -> SavedStatistics:
    return SavedStatistics(library.catalogue, parse_source(source), account)


def flattrs(reviewer: SavedStatistics, request: Request) -> list[Flattr]:
    rows = reviewer.list_flattrs(request).rows(0, 10_000)
    return [row.item for row in rows if isinstance(row, Row) and isinstance(row.item, Flattr)]


def check(reviewer: SavedStatistics, keys: set[str]) -> None:
    """See that these are counted, no more, and that the lists behind the bars hold them once."""
    review = reviewer.report()
    assert review.counted == len(keys)
    found: list[str] = []
    for month, count in review.months:
        listed = flattrs(reviewer, items_of_bar("", "month", month))
        assert len(listed) == count
        found += [flattr.key for flattr in listed]
    assert Counter(found) == Counter(keys)
    assert max(Counter(tally.key for tally in review.things).values()) == 1, "a thing is one bar"
    bars = {"thing": review.things, "owner": review.people, "category": review.categories, "tag": review.tags}
    for dimension, tallies in bars.items():
        for tally in tallies[:3]:
            assert len(flattrs(reviewer, items_of_bar("", dimension, tally.key))) == tally.count


@pytest.mark.parametrize("source", SOURCES)
async def test_what_is_saved_only_as_one_s_own_is_counted(library: Library, world: World, source: str) -> None:
    ada = set(keys_on_server(world, "ada"))
    check(reviewer(library, source), ada)
    await save(library, "ada", "bahnfrei")
    assert len(ada) > PAGE, "a part of them is saved in both lists"
    check(reviewer(library, source), ada | set(keys_on_server(world, "bahnfrei", PAGE)))


@pytest.mark.parametrize("source", SOURCES)
async def test_what_one_account_is_told_is_counted_for_no_other(library: Library, world: World, source: str) -> None:
    for account in ("", "bahnfrei"):
        assert reviewer(library, source, account).report().counted == 0
        assert reviewer(library, source, account).report("ada").counted == 0
    await save(library, "ada")
    assert reviewer(library, source, "bahnfrei").report().counted == PAGE
