"""Tests of the API console by keyboard: find a method, fill in its form, and see the request."""

import json

from flattr_tui.api.method_table import BY_NAME, CONTENT_TYPES, METHODS
from flattr_tui.ui.panes.console_fields import TextField
from flattr_tui.ui.panes.console_methods import MethodFilter, MethodList
from tests.ui.console_workspace import (
    NOBODY,
    ConsoleWorkspace,
    body_lines,
    body_view,
    choose_method,
    current_form,
    field_text,
    field_texts,
    fill_in,
    find_method,
)

# -- the methods


async def test_all_methods_are_listed_in_their_groups(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await driver.press("7")
        methods = driver.app.screen.query_one(MethodList)
        listed = [option.id for option in methods.options if option.id]
        assert sorted(listed) == sorted(method.name for method in METHODS)
        group = ""
        for option in methods.options:
            if option.id is None:
                group = str(option.prompt)
            else:
                assert next(method for method in METHODS if method.name == option.id).group == group


async def test_g_and_upper_case_g_lead_to_the_first_and_the_last_method(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await driver.press("7")
        listed = [option.id for option in driver.app.screen.query_one(MethodList).options if option.id]
        for key, method in {"G": listed[-1], "g": listed[0]}.items():
            await driver.press(key)
            assert current_form(driver).method.name == method


async def test_a_method_is_found_by_typing(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        for typed, method in {
            "me": "me",
            "flattr": "flattr",
            "subs": "subscribe",
            "rate": "rate-limit",
            "delete thing": "delete-thing",
        }.items():
            await find_method(driver, typed)
            assert current_form(driver).method.name == method
            assert current_form(driver).has_focus_within or not current_form(driver).method.parameters, typed
            await driver.press("escape")


async def test_fast_typing_loses_no_letter(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await driver.press("7", "slash")
        entry = driver.app.screen.query_one(MethodFilter)
        for end in range(1, len("thing-fl") + 1):  # no turn of the event loop between two letters
            entry.value = "thing-fl"[:end]
        await driver.settle()
        assert entry.value == "thing-fl"
        await driver.press("enter")
        assert current_form(driver).method.name == "thing-flattrs"


async def test_an_unknown_method_gets_a_message_and_esc_lists_all_again(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        assert "No match for “xyzzy”." in await find_method(driver, "xyzzy")
        text = await driver.press("escape")
        assert "No method" not in text
        assert "user-things" in text
        assert isinstance(driver.app.focused, MethodList)


# -- the form


async def test_the_form_has_the_fields_of_the_methods_table(setup: ConsoleWorkspace) -> None:
    async with setup.run_app(size=(120, 50)) as driver:
        await driver.press("7")
        for method in METHODS:
            await current_form(driver).show(method)
            await driver.pilot.pause()
            names = [parameter.name for parameter in method.parameters]
            assert [field.parameter.name for field in current_form(driver).fields()] == [*names, "format"]
            texts = field_texts(driver)
            for parameter in method.parameters:
                assert texts[parameter.name].split()[0] == parameter.name + "*" * parameter.required
            assert all(fmt.value in texts["format"] for fmt in method.formats)


async def test_a_missing_parameter_is_explained_at_its_field_and_nothing_is_sent(
    setup: ConsoleWorkspace,
) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "thing-flattrs")
        assert "is needed" not in field_text(driver, "id")
        await driver.press("end", "down", "enter")
        assert "! id is needed: the thing's id." in field_text(driver, "id")
        assert driver.app.focused is current_form(driver).fields()[0]
        assert "not complete yet: see id" in driver.text
        assert setup.sent_requests == []
        await driver.type("12")
        assert "!" not in field_text(driver, "id")
        assert current_form(driver).prepare().url.endswith("/rest/v2/things/12/flattrs")


async def test_a_value_of_the_wrong_type_is_explained_while_typing(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "thing-flattrs")
        await driver.type("1x")
        assert "! id must be a whole number, not '1x'." in field_text(driver, "id")


async def test_the_tag_language_is_explained_and_checked_as_it_is_typed(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "search")
        text = await driver.press("down", "down")
        assert "| means or, & and, ! not" in text
        await driver.type("audio &")
        assert "! tags does not parse at character 8: A tag is missing at the end." in field_text(driver, "tags")
        await driver.type(" library ! beta")
        assert field_text(driver, "tags").endswith("means: audio and library and not beta")
        assert "tags=audio+%26+library+!+beta" in "".join(line[:50].strip() for line in driver.text.splitlines())


async def test_the_longest_tag_expression_is_explained(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "search")
        await driver.press("down", "down")
        current_form(driver).query_one("#field-tags", TextField).value = "a&" * 499 + "a"
        await driver.settle()
        assert "means: a and a and a" in field_text(driver, "tags")


async def test_keys_change_a_choice_and_an_empty_choice_is_not_sent(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "user-activities")
        assert current_form(driver).arguments == {"username": NOBODY}
        await driver.press("down", "space")
        assert current_form(driver).arguments == {"username": NOBODY, "type": "outgoing"}
        await driver.press("right")
        assert "‹incoming›" in field_text(driver, "type")
        await driver.press("left", "left")
        assert current_form(driver).arguments == {"username": NOBODY}


async def test_categories_and_languages_are_chosen_by_name(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "search")
        assert "Which language?" in await driver.press("down", "down", "down", "space")
        await driver.press("space", "down", "space", "enter")
        assert "English, Albanian" in field_text(driver, "language")
        await driver.press("down", "space", "space", "enter")
        assert current_form(driver).arguments == {"language": "en_GB,sq_AL", "category": "text"}
        assert "language=en_GB,sq_AL&category=text" in current_form(driver).prepare().url


async def test_one_language_of_a_new_thing_is_found_by_typing(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "create-thing")
        await driver.press("down", "down", "down", "down", "space")
        await driver.type("swed")
        await driver.press("enter")
        assert current_form(driver).arguments["language"] == "sv_SE"
        assert "Swedish" in field_text(driver, "language")
        await driver.press("backspace")
        assert "en_GB if left out" in field_text(driver, "language")


async def test_full_is_a_switch(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "thing-flattrs")
        await driver.type("7")
        await driver.press("down", "down", "down", "space")
        assert "[×] yes" in field_text(driver, "full")
        assert current_form(driver).prepare().url.endswith("/things/7/flattrs?full=1")
        await driver.press("space")
        assert "[ ] no" in field_text(driver, "full")


async def test_each_format_can_be_chosen_and_is_pretty_printed(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "user-flattrs")
        fill_in(driver, username="ada", count="10")
        await driver.press("down", "down", "down", "down")
        for fmt in BY_NAME["user-flattrs"].formats:
            assert f"‹{fmt}›" in field_text(driver, "format")
            assert f"Accept: {CONTENT_TYPES[fmt]}" in driver.text
            assert f"· {CONTENT_TYPES[fmt]}" in await driver.press("ctrl+r")
            assert len(body_lines(driver)) > 100
            assert body_view(driver).document.folds
            assert "# 10 records" in await driver.press("d")
            await driver.press("b", "escape", "down", "down", "down", "down", "space")


async def test_arguments_are_kept_for_the_next_method(setup: ConsoleWorkspace) -> None:
    async with setup.run_app() as driver:
        await choose_method(driver, "user-things")
        fill_in(driver, username="melodia")
        await driver.settle()
        await choose_method(driver, "user-flattrs")
        assert current_form(driver).arguments == {"username": "melodia"}
        await driver.press("escape", "x")
        assert current_form(driver).arguments == {}


async def test_the_exact_request_is_shown_with_the_token_masked(setup: ConsoleWorkspace) -> None:
    setup.grant()
    async with setup.run_app(setup.library("ada")) as driver:
        await choose_method(driver, "create-thing")
        fill_in(driver, url="https://example.org/ü", title="A “title”", hidden="1")
        await driver.settle()
        text = driver.text
        assert "POST http://sandbox.localhost/rest/v2/things" in text
        assert "Authorization: Bearer •••" in text
        assert "Content-Type: application/json" in text
        assert json.loads(current_form(driver).prepare().body or b"") == {
            "url": "https://example.org/ü",
            "title": "A “title”",
            "hidden": True,
        }
        assert "token-of-ada" not in text
