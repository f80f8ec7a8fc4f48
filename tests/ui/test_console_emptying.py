"""A field of the console that is sent empty on purpose: said at the field, in the request, in the footer, in help."""

import json

from flattr_tui.ui.panes.console_fields import TextField
from tests.ui.console_workspace import ConsoleWorkspace, at_field, choose, fill, form, question, send
from tests.ui.driver import Driver


def focus(driver: Driver, name: str) -> TextField:
    field = next(field for field in form(driver).fields() if field.parameter.name == name)
    assert isinstance(field, TextField)
    field.focus()
    return field


def sent(driver: Driver) -> dict[str, object]:
    """The body of the request as it is shown."""
    body = form(driver).prepare().body
    assert body is not None
    found: dict[str, object] = json.loads(body)
    return found


async def test_a_field_is_sent_empty_and_left_out_again(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose(driver, "update-thing")
        fill(driver, id="7", title="Newer")
        focus(driver, "tags")
        text = await driver.press()
        assert "tags stays as it is" in at_field(driver, "tags")
        assert "tags separated by commas · ^n sends it empty" in text
        assert "^n send empty" in text.splitlines()[-1]
        assert sent(driver) == {"title": "Newer"}
        text = await driver.press("ctrl+n")
        assert '"" · sent empty clears the value on the server' in at_field(driver, "tags")
        assert '{"title": "Newer", "tags": ""}' in text
        await driver.press("ctrl+n")
        assert "stays as it is" in at_field(driver, "tags")
        assert sent(driver) == {"title": "Newer"}


async def test_what_is_typed_is_sent_instead_and_clearing_leaves_it_out(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose(driver, "update-thing")
        fill(driver, id="7")
        field = focus(driver, "description")
        await driver.press("ctrl+n", "a")
        assert sent(driver) == {"description": "a"}
        await driver.press("backspace")
        assert form(driver).arguments == {"id": "7"}  # emptying by hand is no purpose
        await driver.press("a", "ctrl+n")
        assert sent(driver) == {"description": ""}
        form(driver).clear()
        await driver.settle()
        assert not field.emptied
        assert form(driver).arguments == {}


async def test_only_what_may_be_empty_can_be_sent_so(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        for method in ("update-thing", "create-thing"):
            await choose(driver, method)
            for field in form(driver).fields():
                field.focus()
                await driver.pilot.press("ctrl+n")
                may = field.parameter.may_empty
                assert may is (method == "update-thing" and field.parameter.name in {"description", "tags"})
                assert ("^n send empty" in driver.text.splitlines()[-1]) is may
                assert (form(driver).arguments.get(field.parameter.name) == "") is may


async def test_it_is_done_and_the_history_fills_it_in_again(setup: ConsoleWorkspace) -> None:
    setup.grant()
    async with setup.run_app(setup.library("ada")) as driver:
        own = setup.world.things_of("ada", count=1, page=1)[0]
        assert own.tags
        await choose(driver, "update-thing")
        fill(driver, id=str(own.id))
        focus(driver, "tags")
        await driver.press("ctrl+n", "ctrl+s")
        assert '{"tags": ""}' in question(driver)
        await driver.press("y")
        row = setup.world.thing(own.id)
        assert row is not None
        assert row.tags == ()
        await send(driver, "user", username="melodia")
        await driver.press("l", "j", "enter", "i")
        assert '"" · sent empty' in at_field(driver, "tags")
        assert form(driver).arguments == {"id": str(own.id), "tags": ""}


async def test_what_is_sent_empty_stays_so_while_other_methods_are_looked_at(
    setup: ConsoleWorkspace,
) -> None:
    async with setup.run_app() as driver:
        await choose(driver, "update-thing")
        fill(driver, id="7")
        focus(driver, "tags")
        await driver.press("ctrl+n")
        await choose(driver, "create-thing")
        assert "sent empty" not in at_field(driver, "tags")
        await choose(driver, "update-thing")
        assert '"" · sent empty' in at_field(driver, "tags")


async def test_help_tells_the_key_where_it_works(setup: ConsoleWorkspace) -> None:
    async with setup.run_app(size=(120, 80)) as driver:
        await choose(driver, "update-thing")
        focus(driver, "tags")
        await driver.press("ctrl+p")
        await driver.type("keys")
        assert "Send the field empty (to clear it), or leave it out" in await driver.press("enter")


async def test_ctrl_s_sends_as_in_every_form_and_syncs_elsewhere(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose(driver, "user")
        fill(driver, username="melodia")
        text = await driver.press()
        assert "^s send" in text.splitlines()[-1]
        assert "200 OK" in await driver.press("ctrl+s")
        assert setup.asked[-1] == "GET /rest/v2/users/melodia"
