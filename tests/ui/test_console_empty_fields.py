"""Tests of ctrl+n in the console: it sends a field empty, and the field, the request and the help show that."""

import json

from flattr_tui.ui.panes.console_fields import TextField
from tests.ui.console_workspace import (
    ConsoleWorkspace,
    choose_method,
    current_form,
    field_text,
    fill_in,
    question_text,
    send,
)
from tests.ui.driver import Driver


def focus_field(driver: Driver, name: str) -> TextField:
    field = next(field for field in current_form(driver).fields() if field.parameter.name == name)
    assert isinstance(field, TextField)
    field.focus()
    return field


def shown_body(driver: Driver) -> dict[str, object]:
    """Return the JSON body of the request that the form shows."""
    body = current_form(driver).prepare().body
    assert body is not None
    found: dict[str, object] = json.loads(body)
    return found


async def test_a_field_is_sent_empty_and_left_out_again(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "update-thing")
        fill_in(driver, id="7", title="Newer")
        focus_field(driver, "tags")
        text = await driver.press()
        assert "tags stays as it is" in field_text(driver, "tags")
        assert "tags separated by commas · ^n sends it empty" in text
        assert "^n send empty" in text.splitlines()[-1]
        assert shown_body(driver) == {"title": "Newer"}
        text = await driver.press("ctrl+n")
        assert '"" · sent empty clears the value on the server' in field_text(driver, "tags")
        assert '{"title": "Newer", "tags": ""}' in text
        await driver.press("ctrl+n")
        assert "stays as it is" in field_text(driver, "tags")
        assert shown_body(driver) == {"title": "Newer"}


async def test_typed_text_replaces_an_empty_field_and_clearing_leaves_it_out(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "update-thing")
        fill_in(driver, id="7")
        field = focus_field(driver, "description")
        await driver.press("ctrl+n", "a")
        assert shown_body(driver) == {"description": "a"}
        await driver.press("backspace")
        assert current_form(driver).arguments == {"id": "7"}  # an empty field is left out, not sent empty
        await driver.press("a", "ctrl+n")
        assert shown_body(driver) == {"description": ""}
        current_form(driver).clear()
        await driver.settle()
        assert not field.emptied
        assert current_form(driver).arguments == {}


async def test_only_some_fields_can_be_sent_empty(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        for method in ("update-thing", "create-thing"):
            await choose_method(driver, method)
            for field in current_form(driver).fields():
                field.focus()
                await driver.pilot.press("ctrl+n")
                can_be_empty = field.parameter.may_empty
                assert can_be_empty is (method == "update-thing" and field.parameter.name in {"description", "tags"})
                assert ("^n send empty" in driver.text.splitlines()[-1]) is can_be_empty
                assert (current_form(driver).arguments.get(field.parameter.name) == "") is can_be_empty


async def test_a_field_sent_empty_is_filled_in_again_from_the_history(setup: ConsoleWorkspace) -> None:
    setup.grant()
    async with setup.run_app(setup.library("ada")) as driver:
        own = setup.world.things_of("ada", count=1, page=1)[0]
        assert own.tags
        await choose_method(driver, "update-thing")
        fill_in(driver, id=str(own.id))
        focus_field(driver, "tags")
        await driver.press("ctrl+n", "ctrl+s")
        assert '{"tags": ""}' in question_text(driver)
        await driver.press("y")
        row = setup.world.thing(own.id)
        assert row is not None
        assert row.tags == ()
        await send(driver, "user", username="melodia")
        await driver.press("l", "j", "enter", "i")
        assert '"" · sent empty' in field_text(driver, "tags")
        assert current_form(driver).arguments == {"id": str(own.id), "tags": ""}


async def test_a_field_sent_empty_stays_so_while_other_methods_are_shown(
    setup: ConsoleWorkspace,
) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "update-thing")
        fill_in(driver, id="7")
        focus_field(driver, "tags")
        await driver.press("ctrl+n")
        await choose_method(driver, "create-thing")
        assert "sent empty" not in field_text(driver, "tags")
        await choose_method(driver, "update-thing")
        assert '"" · sent empty' in field_text(driver, "tags")


async def test_help_lists_the_key_where_it_works(setup: ConsoleWorkspace) -> None:
    async with setup.run_app(size=(120, 80)) as driver:
        await choose_method(driver, "update-thing")
        focus_field(driver, "tags")
        await driver.press("ctrl+p")
        await driver.type("keys")
        assert "Send the field empty (to clear it), or leave it out" in await driver.press("enter")


async def test_ctrl_s_sends_as_in_every_form_and_syncs_elsewhere(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "user")
        fill_in(driver, username="melodia")
        text = await driver.press()
        assert "^s send" in text.splitlines()[-1]
        assert "200 OK" in await driver.press("ctrl+s")
        assert setup.sent_requests[-1] == "GET /rest/v2/users/melodia"
