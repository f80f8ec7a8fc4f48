"""Tests of a sync in the app: start it, follow it, stop it, leave it running, and the notice at the end."""

import asyncio
from collections.abc import Callable
from functools import partial

import pytest

from flattr_tui.library.events import SyncProblem, SyncProgress, SyncStage
from flattr_tui.library.library import Library
from flattr_tui.library.sync import Syncer
from flattr_tui.model.api_request import ApiRequest, user_activities_request, user_flattrs_request, user_things_request
from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.ui import format as fmt
from flattr_tui.ui.screens.sync_dialog import SyncDialog
from tests.library.library_fixtures import run_library
from tests.ui.conftest import Make, Start
from tests.ui.driver import NOW, Driver
from tests.ui.workspace import Workspace


def count_saved(library: Library, request: ApiRequest) -> tuple[int, bool]:
    status = library.feed(request).status
    return status.saved, status.ended


async def wait_until(driver: Driver, condition: Callable[[], bool]) -> None:
    """Let the app run until a condition is true. Fails after 30 seconds."""
    try:
        async with asyncio.timeout(30):
            while not condition():
                await driver.pilot.pause()
    except TimeoutError:
        raise AssertionError(f"the condition did not come true: {driver.text}") from None


async def wait_for_end(driver: Driver) -> str:
    await wait_until(driver, lambda: driver.app.syncing is None)
    await driver.settle()
    return driver.notices[-1]


async def test_a_sync_is_started_for_the_user_on_screen_and_its_end_gets_a_notice(
    start: Start, make_library: Make
) -> None:
    library = make_library()
    async with start(library, user="melodia") as driver:
        text = await driver.press("ctrl+s")
        assert "Fetch whole lists" in text
        assert "melodia" in text
        await driver.pilot.press("enter")
        notice = await wait_for_end(driver)
        assert notice.startswith("The sync is done. ")
        for request in (
            user_things_request("melodia"),
            user_flattrs_request("melodia"),
            user_activities_request("melodia", incoming=True),
        ):
            assert library.feed(request).status.ended
        assert not isinstance(driver.app.screen, SyncDialog)


async def test_only_the_marked_lists_of_the_typed_user_are_fetched(start: Start, make_library: Make) -> None:
    faults = Faults()
    async with start(make_library(faults=faults)) as driver:
        before = len(faults.seen)
        await driver.press("ctrl+s", "ctrl+u")
        await driver.type("chizu")
        await driver.press("tab", "down", "space", "down", "space")
        await driver.pilot.press("enter")
        await wait_for_end(driver)
        paths = {request.partition("?")[0] for request in faults.seen[before:]}
        assert paths == {"GET /rest/v2/users/chizu", "GET /rest/v2/users/chizu/things"}


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [(("ctrl+u", "enter"), "Enter a user name."), (("tab", *("space", "down") * 3, "enter"), "Choose what to fetch.")],
)
async def test_errors_are_explained_in_the_dialog(start: Start, keys: tuple[str, ...], sentence: str) -> None:
    async with start() as driver:
        assert sentence in await driver.press("ctrl+s", *keys)
        assert driver.app.syncing is None


PATH = "/rest/v2/users/melodia/flattrs"
REQUESTS = 9
"""Number of requests that the server answers in an hour: four for the first screen, five for melodia's first pages."""
TYPED = ("ctrl+s", "ctrl+u", *"melodia", "enter")


async def start_and_wait_for_limit(driver: Driver) -> None:
    """Start a sync of melodia, and return when it waits for the rate limit with a part of the data saved."""
    await driver.pilot.press(*TYPED)
    await wait_until(driver, lambda: driver.app.syncing is not None and driver.app.syncing.stage is SyncStage.WAITING)
    await driver.settle()


async def test_it_goes_on_while_the_user_browses_and_the_badge_counts(start: Start, make_library: Make) -> None:
    faults = [Fault.slow(0, path=PATH), Fault.slow(60, path=PATH, times=FOREVER)]
    async with start(make_library(faults=Faults(faults))) as driver:
        await driver.pilot.press(*TYPED)
        await wait_until(driver, lambda: driver.app.syncing is not None and driver.app.syncing.items >= 100)
        await driver.pilot.press("escape", "3", "j")
        assert not isinstance(driver.app.screen, SyncDialog)
        assert driver.app.syncing is not None
        assert f"⟳ {fmt.counted(driver.app.syncing)}" in driver.text.splitlines()[0]
        await driver.pilot.press("ctrl+s")
        assert "x stops it · esc leaves it running" in driver.text
        assert f"{fmt.counted(driver.app.syncing)} items" in driver.text
        await driver.pilot.press("x")
        await wait_until(driver, lambda: "⟳" not in driver.text.splitlines()[0])


async def test_a_stopped_sync_keeps_its_data_and_continues_later(start: Start, make_library: Make) -> None:
    library = make_library(rate_limit=REQUESTS)
    async with start(library, user="newcomer") as driver:
        await start_and_wait_for_limit(driver)
        await driver.pilot.press("x")
        assert (await wait_for_end(driver)).startswith("The sync was stopped. ")
        assert not isinstance(driver.app.screen, SyncDialog)
        assert count_saved(library, user_flattrs_request("melodia")) == (100, False)
    faults = Faults()
    again = make_library(faults=faults)
    async with start(again, user="newcomer") as driver:
        assert count_saved(again, user_flattrs_request("melodia")) == (100, False)
        await driver.pilot.press(*TYPED)
        assert (await wait_for_end(driver)).startswith("The sync is done. ")
        assert count_saved(again, user_flattrs_request("melodia")) == (279, True)
        assert faults.seen.count(f"GET {PATH}") == len([2, 3]) + len([2, 1]), "two pages are checked once more"


async def test_quitting_with_a_running_sync_loses_nothing(start: Start, make_library: Make) -> None:
    async with start(make_library(rate_limit=REQUESTS), user="newcomer") as driver:
        await start_and_wait_for_limit(driver)
        await driver.pilot.press("escape", "q")
    again = make_library(offline=True)
    assert isinstance(again, Library)
    async with run_library(again):
        assert count_saved(again, user_flattrs_request("melodia")) == (100, False)
        assert again.record(ApiRequest.of("user", username="melodia")).entity is not None


async def test_switching_the_source_ends_the_sync_with_a_notice(start: Start, make_library: Make) -> None:
    others = {"saved": make_library("other", offline=True)}
    library = make_library(rate_limit=REQUESTS)
    async with start(library, user="newcomer", switch=others.__getitem__) as driver:
        await start_and_wait_for_limit(driver)
        await driver.pilot.press("escape")
        driver.app.switch_source("saved")
        await driver.settle()
        assert "The sync of sandbox was stopped; what was fetched is saved." in driver.notices
        assert driver.app.syncing is None


async def test_the_wait_for_the_rate_limit_is_counted_down(start: Start, make_library: Make) -> None:
    async with start(make_library(rate_limit=REQUESTS), user="newcomer") as driver:
        await start_and_wait_for_limit(driver)
        syncing = driver.app.syncing
        assert syncing is not None
        assert syncing.waiting_until is not None
        for second in (0, 61):
            driver.app.clock = partial(float, NOW + second)  # the app reads the clock by itself every second
            driver.app.now = driver.app.clock()
            await driver.pilot.pause()
            left = fmt.countdown(syncing.waiting_until - NOW - second)
            assert f"◌ waiting {left} for the rate limit  " in driver.text
        assert "0 requests left" in driver.text


async def test_lists_that_could_not_be_fetched_get_a_notice(start: Start, make_library: Make) -> None:
    faults = Faults([Fault.fail(500, path="/rest/v2/users/chizu/things", times=FOREVER)])
    async with start(make_library(faults=faults)) as driver:
        await driver.press("ctrl+s", "ctrl+u")
        await driver.type("chizu")
        await driver.pilot.press("enter")
        assert (await wait_for_end(driver)).startswith("The sync ended with problems. ")
        assert any("chizu" in notice for notice in driver.notices[:-1])


async def test_offline_a_sync_is_refused_with_a_reason(start: Start, make_library: Make) -> None:
    async with start(make_library(offline=True)) as driver:
        await driver.press("ctrl+s")
        assert driver.notices[-1] == (
            "There is no server to fetch from: start without --offline, or choose a source that has a server."
        )


async def test_private_data_of_the_account_is_offered_and_fetched(workspace: Workspace) -> None:
    workspace.grant()
    library = workspace.library("ada")
    library.sync = Syncer(library)
    async with workspace.run_app(library) as driver:
        text = await driver.press("ctrl+s")
        assert "ada, including private data" in text
        await driver.pilot.press("enter")
        assert (await wait_for_end(driver)).startswith("The sync is done. ")
        assert library.feed(ApiRequest.of("my-subscriptions")).status.ended


async def test_the_end_of_a_sync_keeps_an_open_login_question(start: Start, make_library: Make) -> None:
    async with start(make_library(rate_limit=REQUESTS), user="newcomer") as driver:
        await start_and_wait_for_limit(driver)
        driver.app.accounts.offer_login()
        await driver.settle()
        driver.app.sync.stop()
        await wait_for_end(driver)
        assert "This needs a login. Log in?" in driver.text
        await driver.press("n")
        assert not driver.app.screen.is_modal


async def test_the_palette_starts_a_sync(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+p")
        await driver.type("sync")
        await driver.press("enter")
        assert isinstance(driver.app.screen, SyncDialog)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12)])
async def test_the_dialog_fits_every_size(start: Start, make_library: Make, size: tuple[int, int]) -> None:
    async with start(make_library(rate_limit=REQUESTS), size=size, user="newcomer") as driver:
        text = await driver.press("ctrl+s")
        assert "enter starts" in text
        await driver.pilot.press("escape")
        await start_and_wait_for_limit(driver)
        assert "x stops it" in driver.text


def test_an_unknown_total_is_shown_as_at_least() -> None:
    progress = SyncProgress(items=1240, items_at_least=3000, problems=(SyncProblem("it", "It failed."),))
    assert fmt.counted(progress) == "1,240 of ≥3,000"
    assert fmt.counted(SyncProgress(items=3, items_at_least=3, ended=True)) == "3 of 3"
