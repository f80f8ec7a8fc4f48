"""Tests of the rows of activities: they say once what happened, and leave the width to the title."""

import pytest

from flattr_tui.library.query.list_feed import Row
from flattr_tui.model.entities import Activity
from flattr_tui.store.text_query_sql import fold
from flattr_tui.ui.format import shorten_sentence
from flattr_tui.ui.widgets.table import RowTable
from tests.ui.workspace import Workspace


def activity(title: str, verb: str = "like", actor: str | None = "ada", thing: str | None = "Slow maps") -> Activity:
    return Activity(id="tag:1", title=title, verb=verb, actor_name=actor, object_name=thing)


@pytest.mark.parametrize(
    ("item", "shown", "read"),
    [
        (activity('ada flattred "Slow maps"'), "Slow maps", 'flattred "Slow maps"'),
        (activity('ada became a friend of "Slow maps"', "friend"), 'became a friend of "Slow maps"', None),
        (activity('melodia flattred "Slow maps"', actor="melodia"), 'melodia flattred "Slow maps"', None),
        (activity('adam flattred "Slow maps"', actor="adam"), 'adam flattred "Slow maps"', None),
        (activity("ada did something", thing=None), "did something", None),
        (activity("", verb="like"), "like", None),
        (activity('Slow maps was flattred by "ada"', actor=None), 'Slow maps was flattred by "ada"', None),
    ],
)
def test_only_the_user_of_the_list_is_left_out(item: Activity, shown: str, read: str | None) -> None:
    assert shorten_sentence(item, "Ada", signed=True) == shown
    assert shorten_sentence(item, "Ada") == (read or shown)
    assert shorten_sentence(item, "") == (item.title or item.verb)


@pytest.mark.parametrize(
    ("size", "row", "heading"),
    [
        ((120, 40), "♥  13 Feb 2017  Slow privacy", "What: ♥ flattred  + added  ↻ subscribed"),
        ((40, 12), "♥  Slow privacy", "♥ flattred + added ↻ subscribed"),
    ],
)
async def test_the_heading_says_what_the_signs_mean(
    workspace: Workspace, size: tuple[int, int], row: str, heading: str
) -> None:
    async with workspace.run_app(size=size) as driver:
        text = await driver.press("4")
    assert row in text
    assert "ada flattred" not in text.partition("▏")[0]
    assert heading in text


@pytest.mark.parametrize(
    ("size", "place", "titles"),
    [
        ((40, 12), "4", "♥ flattred + added ↻ subscribed↑"),
        ((120, 40), "4", "What: ♥ flattred  + added  ↻ subscribed↑"),
        ((80, 24), "3", "Thing↑  "),
    ],
)
async def test_the_arrow_of_the_sort_order_cuts_off_no_title(
    workspace: Workspace, size: tuple[int, int], place: str, titles: str
) -> None:
    async with workspace.run_app(size=size) as driver:
        text = await driver.press(place, "s", "s")
        assert titles in text
        if place == "3":
            assert " ↓Flattrs " in await driver.press("s", "s")


async def test_activities_are_sorted_by_the_title_of_what_they_are_about(workspace: Workspace) -> None:
    async with workspace.run_app() as driver:
        await driver.press("4", "s")  # by time
        assert "by title ↑" in await driver.press("s")
        rows = (row.item for row in driver.app.screen.query_one(RowTable).source.rows(0, 30) if isinstance(row, Row))  # type: ignore[union-attr]
        names = [fold(row.object_name or "") for row in rows if isinstance(row, Activity)]
    assert len(set(names)) > 20
    assert names == sorted(names)


async def test_ones_own_activities_do_not_repeat_ones_name(workspace: Workspace) -> None:
    workspace.grant("ada")
    async with workspace.run_app(workspace.library("ada")) as driver:
        text = await driver.press("4")
    assert "My activities" in text
    assert "ada flattred" not in text.partition("▏")[0]
    assert "♥  13 Feb 2017  Slow privacy" in text


async def test_incoming_activities_say_who_did_it(workspace: Workspace) -> None:
    async with workspace.run_app() as driver:
        assert 'eskil- flattred "Acoustic compilers for everyone"' in await driver.press("4", "t")
