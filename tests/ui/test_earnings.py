"""Tests of the earnings page: numbers, the rows behind each bar, every terminal size, and the months of one thing."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from flattr_tui.library.import_export.files_without_owner import rename_owner
from flattr_tui.library.import_export.importer import ImportOptions, import_files
from flattr_tui.library.library import Library
from flattr_tui.library.query.earnings import EarningsReader
from flattr_tui.model.data_source import parse_source
from flattr_tui.model.entities import Thing
from flattr_tui.model.revenue import RevenueRow
from flattr_tui.ui.screens.earnings import EarningsRowsScreen, EarningsScreen
from flattr_tui.ui.screens.review import ReviewScreen, ReviewTabs
from flattr_tui.ui.screens.thing import ThingEarnings, ThingScreen
from flattr_tui.ui.widgets.bar_charts import MonthChart, PerClickChart, format_per_click
from flattr_tui.ui.widgets.heat_maps import HeatMap
from tests.model.revenue_forms import make_row, write_original
from tests.ui.conftest import Make, Start
from tests.ui.driver import SIZES, Driver

ROWS = [
    make_row("2013-05", 7, 95, 8, title="[red]Otters[/red]", total=10),
    make_row("2013-05", 8, 0, 3, title="Otters, again"),
    make_row("2013-08", 7, 1230, 4, title="[red]Otters[/red]", total=14),
]


@pytest.fixture
def earnings_library(make_library: Make, tmp_path: Path) -> Library:
    """A library of imported data, with revenue reports of ada."""
    return make_earnings_library(make_library, tmp_path, "saved")


def make_earnings_library(
    make_library: Make, tmp_path: Path, source: str, rows: Sequence[RevenueRow] = ROWS
) -> Library:
    library = make_library(offline=True, source=source)
    assert isinstance(library, Library)
    file = tmp_path / "report.csv"
    file.write_bytes(write_original(rows))
    import_files(library.responses, [file], ImportOptions(owner=lambda: "ada"))
    library.catalogue.ingestor.catch_up()
    library.earnings = EarningsReader(library.catalogue, parse_source(source))
    return library


async def open_earnings(driver: Driver) -> str:
    await driver.press("6")
    text = await driver.press("e")
    assert isinstance(driver.app.screen, EarningsScreen)
    return text


async def test_it_shows_the_received_revenue_and_its_months(start: Start, earnings_library: Library) -> None:
    async with start(earnings_library, user="Ada") as driver:
        text = await open_earnings(driver)
        for text_part in (
            "Received by Ada  13.25 EUR",
            "15 clicks",
            "2 months, 2 missing: Jun 2013, Jul 2013",
            "best month Aug 2013 12.30 EUR",
            "best thing [red]Otters[/red] 13.25 EUR",
            "0.8833 EUR per click",
            "Aug 2013 · 12.30 EUR",
            "example.org",
            "100 %",
        ):
            assert text_part in text


async def test_each_bar_opens_the_rows_behind_it(start: Start, earnings_library: Library) -> None:
    async with start(earnings_library, user="ada") as driver:
        await open_earnings(driver)
        text = await driver.press("g", "enter")
        assert isinstance(driver.app.screen, EarningsRowsScreen)
        assert "Received by ada · May 2013" in text
        assert "11 clicks, 0.95 EUR" in text
        assert "Otters, again" in text
        await driver.press("escape")
        assert "Aug 2013 · 4 clicks" in await driver.press("tab")
        assert "Aug 2013 · 3.0750 EUR per click" in await driver.press("tab")
        text = await driver.press("tab", "enter")
        assert "Received by ada · [red]Otters[/red]" in text
        assert "12 clicks, 13.25 EUR" in text
        text = await driver.press("escape", "tab", "enter")
        assert "Received by ada · example.org" in text
        assert "15 clicks, 13.25 EUR" in text
        await driver.press("escape", "tab")
        assert "Aug 2013 · 12.30 EUR · [red]Otters[/red]" in driver.text
        assert "Jul 2013 · nothing" in await driver.press("left")
        await driver.press("enter")
        assert isinstance(driver.app.screen, EarningsScreen)
        text = await driver.press("left", "left", "enter")
        assert "8 clicks, 0.95 EUR" in text


async def test_the_value_of_the_chosen_bar_is_never_cut_off(start: Start, make_library: Make, tmp_path: Path) -> None:
    """Under a narrow chart, `0.167 EUR` was cut off after the 0, so that it was read as 0."""
    rows = [make_row(f"{2013 + month // 12}-{month % 12 + 1:02}", 7, 50, 3) for month in range(18)]
    library = make_earnings_library(make_library, tmp_path, "saved", rows)
    async with start(library, size=(80, 24), user="ada") as driver:
        await open_earnings(driver)
        for chart in driver.app.screen.query(MonthChart):
            chart.focus()
            await driver.press("g")
            for _ in rows:
                assert chart.period is not None
                label = f"{chart.period.label} · {chart.describe_period(chart.period)}"
                assert label in driver.text
                await driver.press("right")


async def test_pages_are_summed_up_with_and_without_their_variants(
    start: Start, make_library: Make, tmp_path: Path
) -> None:
    addresses = ("http://www.a.example/2013/03/30/x/", "https://a.example/2013/03/x", "http://b.example/")
    rows = [replace(make_row("2013-05", number, 100, 1), url=address) for number, address in enumerate(addresses, 1)]
    async with start(
        make_earnings_library(make_library, tmp_path, "saved", rows), user="ada", size=(120, 60)
    ) as driver:
        text = await open_earnings(driver)
        assert "Domains, EUR" in text
        text = await driver.press("d")
        assert "Pages, EUR" in text
        driver.app.screen.query_one("#domain").focus()
        text = await driver.press("enter")
        assert isinstance(driver.app.screen, EarningsRowsScreen)
        assert "2 clicks, 2.00 EUR" in text
        await driver.press("escape")
        assert "Exact addresses, EUR" in await driver.press("d")
        driver.app.screen.query_one("#domain").focus()
        assert "1 click, 1.00 EUR" in await driver.press("enter")
        await driver.press("escape")
        assert "Domains, EUR" in await driver.press("d")


async def test_a_thing_opens_its_page_where_its_months_are_drawn(start: Start, earnings_library: Library) -> None:
    async with start(earnings_library, user="ada") as driver:
        await open_earnings(driver)
        await driver.press("enter")
        await driver.press("enter")
        assert isinstance(driver.app.screen, ThingScreen)
        await driver.settle()  # the months are mounted once the page is
        assert "Received 13.25 EUR · 12 clicks of 14 ever" in driver.text
        driver.app.screen.query_one(ThingEarnings).query_one("MonthChart").focus()
        text = await driver.press("left", "left", "left", "enter")
        assert isinstance(driver.app.screen, EarningsRowsScreen)
        assert "8 clicks, 0.95 EUR" in text


async def test_given_and_received_are_two_pages(start: Start, earnings_library: Library) -> None:
    async with start(earnings_library, user="ada", place="review") as driver:
        await driver.settle()
        await driver.pilot.click(ReviewTabs, offset=(25, 0))
        await driver.settle()
        assert isinstance(driver.app.screen, EarningsScreen)
        await driver.press("e")
        assert isinstance(driver.app.screen, ReviewScreen)
        await driver.press("e")
        await driver.pilot.click(ReviewTabs, offset=(3, 0))
        await driver.settle()
        assert isinstance(driver.app.screen, ReviewScreen)


async def test_earnings_of_everybody_and_of_another_user(start: Start, earnings_library: Library) -> None:
    async with start(earnings_library, user="bob") as driver:
        text = await open_earnings(driver)
        assert "No revenue report of bob is saved." in text
        assert "There are reports of ada: press u" in text
        assert "Received by everybody  13.25 EUR" in await driver.press("a")
        await driver.press("a")
        driver.app.user = "ada"
        await driver.settle()
        assert "Received by ada  13.25 EUR" in driver.text


async def test_the_owner_is_renamed(start: Start, earnings_library: Library) -> None:
    def rename(old: str, new: str) -> int:
        return rename_owner(
            earnings_library.responses, earnings_library.catalogue, old, new, lambda stage, done, of: None
        )

    earnings_library.earnings = EarningsReader(earnings_library.catalogue, parse_source("saved"), rename)
    async with start(earnings_library, user="ada") as driver:
        await open_earnings(driver)
        await driver.press("N")
        await driver.type("bob")
        assert "Received by bob  13.25 EUR" in await driver.press("enter")
        assert earnings_library.earnings.owners() == ["bob"]


async def test_another_source_has_no_earnings(start: Start, make_library: Make, tmp_path: Path) -> None:
    library = make_earnings_library(make_library, tmp_path, "sandbox")
    async with start(library, user="ada") as driver:
        assert "The source “saved” has reports" in await open_earnings(driver)
        driver.app.open_item(Thing(id=7))
        await driver.settle()
        assert not driver.app.screen.query(ThingEarnings)


async def test_the_page_fits_every_size(start: Start, earnings_library: Library) -> None:
    async with start(earnings_library, user="ada") as driver:
        await open_earnings(driver)
        for size in SIZES:
            text = await driver.resize(*size)
            assert "Received by ada" in text, size
            assert "2 months, 2 missing" in text, size
            assert "█" in text, size
            text = await driver.press(*["tab"] * 5)
            assert isinstance(driver.app.screen.focused, HeatMap)
            assert "12.30 EUR" in text, size
            assert all(len(line) <= size[0] for line in text.splitlines()), size
            await driver.press(*["shift+tab"] * 5)


def test_the_revenue_of_a_click_is_rounded_once() -> None:
    assert [format_per_click(*pair) for pair in ((95, 8), (0, 3), (-50, 4), (1, 0))] == [
        "0.1188 EUR",
        "0.0000 EUR",
        "-0.1250 EUR",
        "",
    ]
    chart = PerClickChart()
    chart.show([("2013-01", 1, 100), ("2013-02", 3, 0), ("2013-03", 0, 0), ("2013-04", 2, 4)])
    assert [period.count for period in chart.group_periods(4)] == [10_000, 0, 0, 200]
    assert [period.count for period in chart.group_periods(2)] == [2_500, 200]
