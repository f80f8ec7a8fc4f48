"""Tests of the review: charts of saved flattrs, the list behind each bar, and every terminal size."""

import asyncio
from array import array
from collections.abc import Sequence
from datetime import date
from threading import Event

import pytest
from msgspec.structs import replace
from textual.containers import Grid

from flattr_tui.library.query.flattr_statistics import CountedEntry, FlattrReport, fill_months
from flattr_tui.library.query.list_feed import View
from flattr_tui.library.query.search import SavedFeed
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Flattr, Thing, User
from flattr_tui.store.catalogue_schema import RowEntry
from flattr_tui.ui.screens.review import CountedFlattrs, ReviewScreen, SavedFlattrsScreen
from flattr_tui.ui.widgets.bar_charts import MonthChart, group_months
from tests.ui.conftest import Make, Start
from tests.ui.driver import NOW, SIZES, Driver
from tests.ui.scenes import library_with_all
from tests.ui.workspace import Workspace

MONTHS = fill_months([("2015-01", 3), ("2015-04", 8), ("2017-12", 2)])
DAYS = {date(2015, 1, 5): 3, date(2015, 4, 7): 8, date(2017, 12, 24): 2}


class FakeReviewer:
    """Reports 13 flattrs of ada, and lists one flattr for any request."""

    def __init__(self) -> None:
        self.requests: list[ApiRequest] = []

    def report(self, username: str = "") -> FlattrReport:
        if username not in {"", "ada"}:
            return FlattrReport(username=username)
        return FlattrReport(
            username=username,
            counted=13,
            total=13 if username else None,
            months=MONTHS,
            days=DAYS,
            people=[CountedEntry("melodia", "melodia", 9), CountedEntry("chizu", "chizu", 4)],
            things=[CountedEntry("7", "[red]Notes[/red] on otters", 8)],
            categories=[CountedEntry("text", "text", 13)],
            languages=[CountedEntry("de_DE", "de_DE", 13)],
            tags=[CountedEntry("otters", "otters", 5)],
        )

    def report_periods(self, username: str = "") -> FlattrReport:
        return replace(self.report(username), people=(), things=(), categories=(), languages=(), tags=())

    def list_flattrs(self, request: ApiRequest, view: View | None = None) -> SavedFeed:
        self.requests.append(request)
        item = Flattr(thing=Thing(id=7, title="Notes on otters"), owner=User(username="ada"), created_at=int(NOW) - 60)

        def read(ids: Sequence[int]) -> list[RowEntry]:
            return [RowEntry(0, item, item.key, NOW) for _ in ids]

        return SavedFeed(request, view or View(), array("q", [1]), read)


@pytest.fixture
def reviewer() -> FakeReviewer:
    return FakeReviewer()


@pytest.fixture
def library(make_library: Make, reviewer: FakeReviewer):  # type: ignore[no-untyped-def]
    library = make_library(offline=True)
    library.statistics = reviewer  # type: ignore[assignment]
    return library


async def open_review(driver: Driver) -> str:
    await driver.app.push_screen(ReviewScreen())
    await driver.settle()
    return driver.text


async def test_it_shows_counts_and_charts(start: Start, library: object) -> None:
    async with start(library) as driver:
        text = await open_review(driver)
        assert "all 13 flattrs" in text
        for part in ("2015", "2017", "melodia", "[red]Notes[/red] on otters", "Text", "German", "otters", "100 %"):
            assert part in text
        assert "Dec 2017 · 2 flattrs" in text


async def test_the_months_are_drawn_before_anything_else_is_counted(
    start: Start, library: object, reviewer: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_drawn, report = Event(), reviewer.report

    def report_once_drawn(username: str = "") -> FlattrReport:
        assert is_drawn.wait(20)
        return report(username)

    async with start(library) as driver:
        monkeypatch.setattr(reviewer, "report_periods", lambda name: FakeReviewer().report_periods(name))
        monkeypatch.setattr(reviewer, "report", report_once_drawn)
        screen = ReviewScreen()
        await driver.app.push_screen(screen)
        async with asyncio.timeout(20):
            while not (screen.query_one(MonthChart).display and screen.query_one(MonthChart).size):
                await asyncio.sleep(0)
        assert not screen.query_one(Grid).display
        is_drawn.set()
        await driver.settle()
        assert screen.query_one(Grid).display
        assert "melodia" in driver.text


async def test_each_bar_opens_the_list_behind_it(start: Start, library: object, reviewer: FakeReviewer) -> None:
    async with start(library) as driver:
        await open_review(driver)
        text = await driver.press("enter")
        assert isinstance(driver.app.screen, SavedFlattrsScreen)
        assert "Saved flattrs of ada · Dec 2017" in text
        assert "Notes on otters" in text
        expected = [{"username": "ada", "start": "2017-12-01", "stop": "2018-01-01"}]
        for key, value in (("owner", "melodia"), ("thing", "7"), ("tag", "otters"), ("category", "text")):
            await driver.press("escape", "tab", "enter")
            expected.append({"username": "ada", key: value})
        await driver.press("escape", "tab", "tab", "enter")
        expected.append({"username": "ada", "start": "2017-12-24", "stop": "2017-12-25"})
        assert [dict(request.arguments) for request in reviewer.requests] == expected


async def test_keys_move_through_the_bars(start: Start, library: object, reviewer: FakeReviewer) -> None:
    async with start(library) as driver:
        await open_review(driver)
        assert "Jan 2015 · 3 flattrs" in await driver.press("g")
        assert "Apr 2015 · 8 flattrs" in await driver.press("right", "l", "right")
        assert "Feb 2015 · 0 flattrs" in await driver.press("left", "h")
        await driver.press("enter")
        assert isinstance(driver.app.screen, ReviewScreen)
        await driver.press("tab", "j", "enter")
        assert dict(reviewer.requests[-1].arguments)["owner"] == "chizu"


async def test_everything_saved_is_counted_with_one_key(start: Start, library: object, reviewer: FakeReviewer) -> None:
    async with start(library) as driver:
        await open_review(driver)
        assert "a everybody" in driver.text.splitlines()[-1]
        text = await driver.press("a")
        assert "Saved flattrs of everybody" in text
        assert "a one user" in text.splitlines()[-1]
        assert "  13 flattrs" in text
        text = await driver.press("tab", "enter")
        assert isinstance(driver.app.screen, SavedFlattrsScreen)
        assert "Saved flattrs of everybody · things of melodia" in text
        assert "Notes on otters" in text
        assert dict(reviewer.requests[-1].arguments) == {"owner": "melodia"}
        await driver.press("escape")
        assert "Saved flattrs of ada" in await driver.press("a")


async def test_nothing_saved_says_what_to_do(start: Start, library: object) -> None:
    async with start(library, user="chizu") as driver:
        text = await open_review(driver)
        assert "No flattrs of chizu are saved yet." in text
        assert "13" in await driver.press("a")


async def test_nothing_saved_of_anybody_is_said_without_a_name(
    start: Start, library: object, reviewer: FakeReviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviewer, "report", lambda username="": FlattrReport(username=username))
    async with start(library) as driver:
        assert "No flattrs of ada are saved yet." in await open_review(driver)
        assert "No flattrs are saved yet." in await driver.press("a")


async def test_a_list_behind_a_bar_keeps_its_keys(start: Start, library: object) -> None:
    async with start(library) as driver:
        await open_review(driver)
        await driver.press("enter")
        await driver.press("s")
        assert driver.app.screen.query_one(CountedFlattrs).view.sort.value == "when"
        await driver.press("r", "escape")
        assert isinstance(driver.app.screen, ReviewScreen)


async def test_the_page_fits_every_size(start: Start, library: object) -> None:
    async with start(library) as driver:
        await open_review(driver)
        for size in SIZES:
            text = await driver.resize(*size)
            assert "Saved flattrs of ada" in text, size
            assert "█" in text, size
            assert "24 Dec: 2 flattrs" in await driver.press(*["tab"] * 6), size
            await driver.press(*["shift+tab"] * 6)


def test_months_are_grouped_in_small_terminals() -> None:
    assert len(group_months(MONTHS, 36)) == 36
    quarters = group_months(MONTHS, 20)
    assert [period.label for period in quarters[:2]] == ["Jan–Mar 2015", "Apr–Jun 2015"]
    assert [period.label for period in group_months(MONTHS, 3)] == ["2015", "2016", "2017"]
    for width in (1, 3, 12, 36):
        if width >= 3:
            assert sum(period.count for period in group_months(MONTHS, width)) == 13
        assert len(group_months(MONTHS, width)) <= width
    assert group_months([], 10) == []


async def test_a_new_width_keeps_the_chosen_month(start: Start, library: object) -> None:
    async with start(library) as driver:
        await open_review(driver)
        await driver.press("g", "right", "right", "right")
        await driver.pilot.resize_terminal(40, 12)
        await driver.settle()
        chosen = driver.app.screen.query_one(MonthChart).period
        assert chosen is not None
        assert chosen.first <= "2015-04" <= chosen.last


async def test_offline_the_first_line_says_how_old_the_counted_flattrs_are(workspace: Workspace) -> None:
    async with workspace.run_app() as driver:
        await driver.press("3")
    library = library_with_all(workspace, offline=True)
    async with workspace.run_app(library) as driver:
        assert "○ offline · saved just now" in (await driver.press("6")).splitlines()[0]
        assert "○ offline · saved just now" in (await driver.press("a")).splitlines()[0]
        # The console has asked nothing yet, which does not mean that nothing is saved.
        assert (await driver.press("7")).splitlines()[0].rstrip().endswith("○ offline")
