"""Tests of empty years in charts by month: a single new flattr does not leave old ones without room."""

import pytest
from textual.geometry import Size

from flattr_tui.library.query.flattr_statistics import fill_months
from flattr_tui.ui.widgets.bar_charts import group_months
from flattr_tui.ui.widgets.charts import GAP_MARK, MonthSparkline, collapse_empty_years, find_empty_years

OLD = [(f"{year}-{month:02}", 3) for year in (2011, 2012) for month in range(1, 13)]
WITH_TODAY = fill_months([*OLD, ("2026-11", 1)])


def test_whole_empty_years_become_one_entry() -> None:
    assert find_empty_years(WITH_TODAY) == [(24, 24 + 13 * 12)]
    collapsed = collapse_empty_years(WITH_TODAY)
    assert collapsed[:24] == OLD
    assert collapsed[24:] == [("", 0), *((f"2026-{month:02}", int(month == 11)) for month in range(1, 12))]


@pytest.mark.parametrize("months", [OLD, fill_months([*OLD, ("2014-02", 1)]), fill_months([("2011-05", 1)]), []])
def test_a_single_year_stays(months: list[tuple[str, int]]) -> None:
    assert find_empty_years(months) == []
    assert collapse_empty_years(months) == list(months)


def test_a_bar_stands_for_them_that_can_not_be_mistaken() -> None:
    periods = group_months(WITH_TODAY, 60, collapse=True)
    assert [period.label for period in periods[23:26]] == ["Dec 2012", "2013–2025", "Jan 2026"]
    assert [period.is_gap for period in periods].count(True) == 1
    assert len(group_months(WITH_TODAY, 60)) <= 60
    assert sum(period.count for period in group_months(WITH_TODAY, 4, collapse=True)) == 73
    assert len(group_months(WITH_TODAY, 4, collapse=True)) == 4


@pytest.mark.parametrize("size", [Size(40, 2), Size(12, 2), Size(40, 7), Size(120, 7), Size(20, 7)])
def test_the_sparkline_gives_the_room_to_what_there_is(size: Size, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MonthSparkline, "content_size", size)
    chart = MonthSparkline("Flattrs")
    chart.set_reactive(MonthSparkline.months, WITH_TODAY)
    lines = chart.render().plain.split("\n")
    assert len(lines) == size.height
    assert sum(line.count(GAP_MARK) for line in lines) == 1
    bottom = next(line for line in lines if GAP_MARK in line)
    before, _, after = bottom.partition(GAP_MARK)
    assert before.strip()
    assert after.strip()
    assert len(before) > size.width / 3
    assert max(map(len, lines)) <= size.width


@pytest.mark.parametrize(
    ("width", "caption"), [(40, "Flattrs  all 9 · most in May"), (20, "Flattrs  all 9"), (4, "Flat")]
)
def test_the_sparkline_tells_in_its_caption_what_there_is_room_for(
    width: int, caption: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MonthSparkline, "content_size", Size(width, 2))
    chart = MonthSparkline("Flattrs")
    chart.set_reactive(MonthSparkline.facts, ["all 9", "most in May"])
    assert chart.render().plain.split("\n")[0].rstrip() == caption
