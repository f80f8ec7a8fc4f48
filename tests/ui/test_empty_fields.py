"""Tests that the form of a thing can send the fields empty that may be empty, and no others."""

from textual.widgets import Input, TextArea

from flattr_tui.sandbox.models import ThingDraft
from flattr_tui.ui.screens.thing_form_dialog import ThingFormDialog
from tests.ui.workspace import Workspace, go_to


async def test_a_description_and_tags_can_be_emptied_and_a_title_cannot(workspace: Workspace) -> None:
    workspace.grant()
    draft = ThingDraft(url="https://new.example/", title="New", description="Long", tags=("a", "b"))
    number = workspace.world.create_thing("ada", draft).id
    async with workspace.run_app(workspace.library("ada")) as driver:
        await go_to(driver, number)
        await driver.press("E")
        screen = driver.app.screen
        assert isinstance(screen, ThingFormDialog)
        screen.query_one("#description", TextArea).focus()
        await driver.press("end", *["backspace"] * len("Long"))
        screen.query_one("#title", Input).focus()
        assert "The title of a thing can't be empty" in await driver.press("end", *["backspace"] * len("New"), "ctrl+s")
        await driver.type("New")
        screen.query_one("#tags", Input).focus()
        assert "Change description and tags of “New”" in await driver.press(
            "end", *["backspace"] * len("a, b"), "ctrl+s"
        )
        await driver.press("enter")
        row = workspace.world.thing(number)
        assert row is not None
        assert (row.title, row.description, row.tags) == ("New", "", ())
        assert "Long" not in driver.text
