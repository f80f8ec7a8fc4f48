"""Tests of the API console by keyboard: read, fold and search a response; copy requests and responses."""

import json

import pytest

from flattr_tui.sandbox.fault_injection import Fault
from flattr_tui.ui.panes.console_response import ResponsePane
from flattr_tui.ui.widgets.document_view import DocumentView
from tests.ui.console_workspace import ConsoleWorkspace, body_lines, body_view, choose_method, field_text, fill_in, send
from tests.ui.driver import Driver

# -- reading


async def test_the_body_folds_and_unfolds(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await send(driver, "user-flattrs", username="ada", count="2")
        text = await driver.press("j")
        assert '"type": "flattr"' in text
        whole = body_view(driver).row_count
        text = await driver.press("enter")
        (line,) = [line for line in text.splitlines() if "⋯" in line]
        assert "▸   { ⋯ 25 lines }," in line
        assert body_view(driver).row_count == whole - 25
        await driver.press("Z")
        assert body_view(driver).row_count == whole
        text = await driver.press("Z")
        assert body_view(driver).row_count == 4
        assert text.count("▸   { ⋯") == 2


async def test_the_body_is_searched_as_it_is_typed(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await send(driver, "user-flattrs", username="ada", count="3")
        await driver.press("Z", "slash")
        text = await driver.type("created_at")
        assert "1 of 3 lines" in text
        assert "created_at" in body_lines(driver)[body_view(driver).cursor]
        text = await driver.press("enter", "n")
        assert "2 of 3 lines" in text
        assert '"created_at":' in text  # the folds around the match are opened
        assert "3 of 3 lines" in await driver.press("N", "N")
        text = await driver.press("escape")
        assert "of 3 lines" not in text
        assert isinstance(driver.app.focused, DocumentView)


async def test_a_search_without_a_match_says_so(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await send(driver, "rate-limit")
        await driver.press("slash")
        assert "no match" in await driver.type("xyzzy")


async def test_the_raw_view_shows_the_body_byte_for_byte(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await send(driver, "rate-limit")
        await driver.press("w")
        sent = driver.app.screen.query_one(ResponsePane).exchange.body.decode()  # type: ignore[union-attr]
        assert "".join(body_lines(driver)) == sent
        await driver.pilot.resize_terminal(110, 40)
        await driver.settle()
        assert "".join(body_lines(driver)) == sent
        assert max(map(len, body_lines(driver))) <= body_view(driver).scrollable_content_region.width


async def test_the_records_view_names_repairs(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        setup.faults.add(Fault.inject({"type": "flattr", "created_at": "x"}, path="/rest/v2/things/"))
        await send(driver, "thing-flattrs", id=str(setup.find_untouched_thing()), count="30")
        await driver.press("d")
        assert [line for line in body_lines(driver) if line.startswith("!")]
        assert "1 left out" in body_lines(driver)[0]


async def test_brackets_switch_views_whose_keys_are_shown(
    setup: ConsoleWorkspace,
) -> None:
    async with setup.run_app() as driver:
        assert "b body  d records" not in await choose_method(driver, "rate-limit")
        assert "b body  d records  h headers  w raw  l history" in await driver.press("ctrl+r")
        seen = [driver.app.screen.query_one(ResponsePane).view]
        for _ in range(5):
            await driver.press("right_square_bracket")
            seen.append(driver.app.screen.query_one(ResponsePane).view)
        assert seen == ["body", "records", "headers", "raw", "history", "body"]
        await driver.press("left_square_bracket")
        assert driver.app.screen.query_one(ResponsePane).view == "history"


async def test_the_keys_of_the_settings_are_shown(setup: ConsoleWorkspace) -> None:
    async with setup.run_app(keymap={"answer.records": "f7", "console.send": "f5"}) as driver:
        await choose_method(driver, "rate-limit")
        assert "f7 records" in (await driver.press("f5")).lower()
        assert "# 1 record" in await driver.press("f7")


async def test_help_lists_the_consoles_keys(setup: ConsoleWorkspace) -> None:
    async with setup.run_app(size=(120, 80)) as driver:
        await send(driver, "rate-limit")
        text = await driver.press("question_mark")
        for sentence in (
            "Send the request",
            "Copy as curl, httpx or flattr-tui get",
            "The decoded records",
            "Go to the methods",
        ):
            assert sentence in text


# -- copies


async def copy_choice(driver: Driver, downs: int) -> str:
    await driver.press("ctrl+y")
    await driver.press(*["down"] * downs, "enter")
    await driver.settle()  # one worker writes the text, another copies it
    await driver.press("escape")  # over SSH a dialog shows the text, too
    return driver.app.clipboard


async def test_a_request_is_copied_in_three_forms_and_with_the_token_only_when_asked(
    setup: ConsoleWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "here there")
    setup.grant()
    async with setup.run_app(setup.library("ada")) as driver:
        await choose_method(driver, "my-flattrs")
        fill_in(driver, count="5")
        await driver.settle()
        url = "http://sandbox.localhost/rest/v2/user/flattrs?count=5"
        curl = await copy_choice(driver, 0)
        assert curl == f"""curl -H 'Accept: application/json' -H "Authorization: Bearer $FLATTR_TOKEN" '{url}'"""
        assert "'Authorization: Bearer token-of-ada'" in await copy_choice(driver, 1)
        program = await copy_choice(driver, 2)
        assert "import httpx" in program
        assert url in program
        assert "token-of-ada" not in program
        assert await copy_choice(driver, 3) == "flattr-tui get my-flattrs count=5"
        assert await copy_choice(driver, 4) == url
        assert "token-of-ada" not in driver.text


async def test_an_answer_is_copied_as_it_came_and_its_request_with_it(
    setup: ConsoleWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "here there")
    async with setup.run_app() as driver:
        await send(driver, "user", username="melodia")
        fill_in(driver, username="somebody-else")
        await driver.settle()
        assert await copy_choice(driver, 2) == "flattr-tui get user username=melodia"
        assert json.loads(await copy_choice(driver, 4))["username"] == "melodia"
        assert "with the token" not in await driver.press("y")


async def test_an_invalid_request_is_explained_instead_of_copied(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "thing-flattrs")
        await driver.press("ctrl+y")
        assert "! id is needed" in field_text(driver, "id")
