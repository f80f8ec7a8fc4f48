"""Tests of logging in and writing by keyboard: one question, effects at once, a notice, and no effect if refused."""

import pytest

from flattr_tui.ui.screens.login_dialogs import ConsentDialog
from flattr_tui.ui.screens.thing_form_dialog import ThingFormDialog
from flattr_tui.ui.widgets.dialogs import ChoiceDialog, ConfirmDialog
from tests.ui.driver import Driver
from tests.ui.workspace import Workspace, go_to


async def log_in(driver: Driver, name: str = "ada") -> str:
    await driver.press("L")
    assert isinstance(driver.app.screen, ConsentDialog)
    await driver.type(name)
    return await driver.press("enter")


@pytest.mark.usefixtures("nothing_saved")
async def test_from_a_fresh_state_everything_by_keyboard(workspace: Workspace) -> None:
    """Log in, flattr a thing, see it in both lists, subscribe, pause, unsubscribe, add, edit, delete one, log out."""
    number, world = workspace.find_untouched_thing(), workspace.world
    row = world.thing(number)
    assert row is not None
    async with workspace.run_app() as driver:
        await log_in(driver)
        assert "Logged in as ada at sandbox." in driver.notices
        assert "ada@sandbox" in driver.text
        await go_to(driver, number)
        assert driver.app.screen.subject.title == row.title  # type: ignore[attr-defined]
        assert "by melodia?" in await driver.press("f")
        await driver.press("enter")
        assert f"Flattred “{row.title}” by melodia." in driver.notices
        text = await driver.press("3")
        assert "My flattrs" in text
        assert driver.app.screen.subject.thing.id == number  # type: ignore[attr-defined]
        incoming = world.activities_of("melodia", incoming=True)
        assert incoming[0].actor.username == "ada"

        await go_to(driver, number)
        assert "Subscribe to" in await driver.press("w")
        await driver.press("enter")
        assert "Pause the subscription to" in await driver.press("w")
        await driver.press("enter")
        driver.app.show_subscriptions()
        await driver.settle()
        assert driver.text.count("‖ paused") == 2
        assert "Resume the subscription to" in await driver.press("w")
        await driver.press("enter")
        assert "● every month" in driver.text
        assert "End the subscription to" in await driver.press("W")
        await driver.press("enter")
        assert world.has_subscribed("ada", [number]) == set()

        await driver.press("2", "n")
        assert isinstance(driver.app.screen, ThingFormDialog)
        await driver.type("https://new.example/")
        await driver.press("tab")
        await driver.type("Brand new")
        assert "Add “Brand new” to Flattr, as yours?" in await driver.press("ctrl+s")
        await driver.press("enter")
        assert "Added “Brand new”." in driver.notices
        assert "Brand new" in driver.text
        assert driver.app.screen.subject.title == "Brand new"  # type: ignore[attr-defined]
        await driver.press("E")
        assert isinstance(driver.app.screen, ThingFormDialog)
        await driver.press("end")
        await driver.type(" too")
        assert "Change title of “Brand new”" in await driver.press("ctrl+s")
        text = await driver.press("enter")
        assert "Brand new too" in text
        assert "Delete “Brand new too”" in await driver.press("D")
        await driver.press("enter")
        assert world.lookup("https://new.example/") is None

        await driver.press("L")
        assert "Account: ada, at sandbox." in driver.text
        await driver.press("k", "enter")
        assert isinstance(driver.app.screen, ChoiceDialog)
        await driver.press("j", "enter")
        assert workspace.removed == ["ada"]
        assert workspace.tokens.accounts("sandbox") == ()
        assert "ada@sandbox" not in driver.text


async def test_a_write_without_a_login_asks_to_log_in_and_goes_on(workspace: Workspace) -> None:
    number = workspace.find_untouched_thing()
    async with workspace.run_app() as driver:
        await go_to(driver, number)
        await driver.press("f", "enter")
        assert isinstance(driver.app.screen, ConsentDialog)
        await driver.type("ada")
        await driver.press("enter")
        assert number in workspace.world.has_flattred("ada", [number])
        assert any(notice.startswith("Flattred “") for notice in driver.notices)


async def test_a_login_that_is_denied_or_left_does_nothing(workspace: Workspace) -> None:
    number = workspace.find_untouched_thing()
    async with workspace.run_app() as driver:
        await go_to(driver, number)
        await driver.press("f", "enter", "ctrl+d")
        assert driver.notices == ["Not logged in: it was declined on the service's page."]
        await driver.press("f", "enter")
        assert isinstance(driver.app.screen, ConsentDialog)
        assert "There is no such user in this sandbox." in await driver.press("z", "z", "z", "enter")
        await driver.press("escape")
        assert not isinstance(driver.app.screen, ConsentDialog)
        await log_in(driver)
        assert number not in workspace.world.has_flattred("ada", [number])


async def test_a_write_that_is_not_confirmed_is_not_sent(workspace: Workspace) -> None:
    workspace.grant()
    number = workspace.find_untouched_thing()
    async with workspace.run_app(workspace.library("ada")) as driver:
        await go_to(driver, number)
        for key in ("escape", "n"):
            await driver.press("f")
            assert isinstance(driver.app.screen, ConfirmDialog)
            await driver.press(key)
        assert number not in workspace.world.has_flattred("ada", [number])


async def test_a_refused_write_is_taken_back_with_the_reason(workspace: Workspace) -> None:
    workspace.grant("penniless")
    number = workspace.find_untouched_thing()
    async with workspace.run_app(workspace.library("penniless")) as driver:
        await go_to(driver, number)
        text = await driver.press("f", "enter")
        assert "there is no money left to flattr with" in driver.notices[-1]
        assert "flattred it ·" not in text
        assert "you     flattred" not in text


async def test_a_thing_that_the_server_refuses_can_be_corrected(workspace: Workspace) -> None:
    workspace.grant()
    row = workspace.world.thing(workspace.find_untouched_thing())
    assert row is not None
    async with workspace.run_app(workspace.library("ada")) as driver:
        await driver.press("2", "n")
        await driver.type("nonsense")
        assert "Url must be an address that begins with http" in await driver.press("ctrl+s")
        for _ in range(len("nonsense")):
            await driver.pilot.press("backspace")
        await driver.type(row.url)
        await driver.press("ctrl+s", "enter")
        assert isinstance(driver.app.screen, ThingFormDialog)
        assert "A thing with this url exists already" in driver.text
        assert row.url in driver.text


async def test_an_own_thing_can_be_neither_flattred_nor_subscribed_to(workspace: Workspace) -> None:
    workspace.grant()
    own = workspace.world.things_of("ada", count=1, page=1)[0].id
    async with workspace.run_app(workspace.library("ada")) as driver:
        await go_to(driver, own)
        await driver.press("f")
        assert "you can't flattr your own things" in driver.notices[-1]
        await driver.press("w")
        assert "you can't subscribe to your own things" in driver.notices[-1]
        last = (await driver.press("2")).splitlines()[-1]
        assert "E edit" in last
        assert "f flattr" not in last
        assert "w subscribe" not in last
        assert "f flattr   w subscribe" in (await driver.press("3")).splitlines()[-1]


async def test_offline_writes_are_refused_in_words(workspace: Workspace) -> None:
    workspace.grant()
    number = workspace.find_untouched_thing()
    async with workspace.run_app(workspace.library("ada")) as driver:
        await go_to(driver, number)
    async with workspace.run_app(workspace.library("ada", offline=True)) as driver:
        await go_to(driver, number)
        await driver.press("f")
        assert "Nothing is sent or queued" in driver.notices[-1]


async def test_a_revoked_login_is_asked_for_again_and_the_request_continues(workspace: Workspace) -> None:
    workspace.grant()
    async with workspace.run_app(workspace.library("ada")) as driver:
        workspace.world.revoke_token("token-of-ada")
        text = await driver.press("4", "t")
        assert "The login of ada has expired. Log in again?" in text
        await driver.press("enter")
        assert isinstance(driver.app.screen, ConsentDialog)
        await driver.type("ada")
        text = await driver.press("enter")
        assert "My activities · incoming" in text
        assert driver.app.screen.subject is not None  # type: ignore[attr-defined]


async def test_accounts_are_changed_and_read_nothing_of_each_other(workspace: Workspace) -> None:
    for name in ("ada", "melodia"):
        workspace.grant(name)
    async with workspace.run_app(workspace.library("ada")) as driver:
        await driver.press("4", "L")
        assert "Switch to melodia" in driver.text
        await driver.press("enter")
        assert driver.app.library.account == "melodia"
        things = workspace.world.things_of("melodia", count=100, page=1, hidden=True)
        driver.app.show_own_user()
        await driver.settle()
        assert "Things of" not in await driver.press("2")
        assert "My things" in driver.text
        assert driver.app.screen.subject.key in {str(row.id) for row in things}  # type: ignore[attr-defined]


async def test_the_login_quotes_what_was_typed(workspace: Workspace) -> None:
    async with workspace.run_app() as driver:
        await driver.press("L")
        assert "No match for “Zz”." in await driver.press("Z", "z")
        await driver.press("backspace", "backspace")
        assert "No match" not in await driver.press("A", "D", "A")
