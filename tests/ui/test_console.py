"""The API console by keyboard: a method found, its form filled in, the request seen, sent, stopped; the answer read."""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from flattr_tui.api.client import Client
from flattr_tui.api.methods import BY_NAME, CONTENT_TYPES, METHODS
from flattr_tui.library.console.console import Console
from flattr_tui.library.console.history import History
from flattr_tui.library.local import LocalLibrary
from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.faults import Fault, Faults
from flattr_tui.sandbox.world import World
from flattr_tui.ui.panes.console_answer import AnswerPane
from flattr_tui.ui.panes.console_dialogs import ConfirmSend
from flattr_tui.ui.panes.console_form import ConsoleForm
from flattr_tui.ui.panes.console_methods import MethodFilter, MethodList, MethodsPane
from flattr_tui.ui.widgets.body import BodyView
from tests.ui.conftest import Driver, clock
from tests.ui.somebody import Desk

FOREVER = 3600.0
NOBODY = "zz"
"""Somebody who is not there: the profile behind the console is soon done."""


class Bench(Desk):
    """A desk whose server goes wrong when it is told to, and whose libraries have a console."""

    def __init__(self, world: World, folder: Path) -> None:
        super().__init__(world, folder)
        self.faults = Faults()
        self.clients: list[Client] = []
        self.server = create_app(world, base="https://flattr.com", clock=clock, faults=self.faults)

    def library(self, account: str = "", *, offline: bool = False, **options: Any) -> LocalLibrary:
        library = super().library(account, offline=offline, **options)
        accounts = library.accounts
        assert accounts is not None
        client = Client(
            library.source, app=lambda: self.server, token=accounts.token, ready=accounts.ready, clock=clock
        )
        self.clients.append(client)
        library.console = Console(
            library.source,
            library.responses,
            client=None if offline else client,
            account=lambda: library.account,
            history=History(self.folder / "history.json"),
            clock=clock,
        )
        return library

    @asynccontextmanager
    async def sits(
        self, library: LocalLibrary | None = None, size: tuple[int, int] = (120, 40), **options: Any
    ) -> AsyncIterator[Driver]:
        async with super().sits(library, size, **{"user": NOBODY, **options}) as driver:
            yield driver

    @property
    def asked(self) -> list[str]:
        """The requests that reached the server by hand: those of the profile behind the console are left out."""
        return [seen for seen in self.faults.seen if NOBODY not in seen]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seeded") / "world.sqlite"
    World.open(path, clock=clock).close()
    return path


@pytest.fixture
async def bench(tmp_path: Path, seeded: Path) -> AsyncIterator[Bench]:
    with World.open(Path(shutil.copy(seeded, tmp_path / "world.sqlite")), clock=clock) as world:
        bench = Bench(world, tmp_path)
        yield bench
        for client in bench.clients:
            await client.aclose()


async def find(driver: Driver, typed: str) -> str:
    """Go to the console, and by keys to the form of the method that is found."""
    await driver.press("7", "slash")
    await driver.type(typed)
    return await driver.press("enter")


async def choose(driver: Driver, method: str) -> str:
    """Go to the console, and to the form of a method."""
    driver.app.action_mode("console")
    await driver.settle()
    driver.app.screen.query_one(MethodsPane).select(method)
    await driver.settle()
    await driver.app.screen.run_action("form")
    await driver.settle()
    return driver.text


async def send(driver: Driver, method: str, **arguments: str) -> str:
    """Fill in a method's form and send it."""
    await choose(driver, method)
    fill(driver, **arguments)
    return await driver.press("ctrl+r")


def question(driver: Driver) -> str:
    """What is asked on top of the console."""
    assert isinstance(driver.app.screen, ConfirmSend)
    region = driver.app.screen.query_one(".dialog").region
    text = driver.text.splitlines()[region.y : region.bottom]
    return " ".join(" ".join(line[region.x : region.right] for line in text).replace("│", " ").split())


def form(driver: Driver) -> ConsoleForm:
    return driver.app.screen.query_one(ConsoleForm)


def fill(driver: Driver, **arguments: str) -> None:
    for field in form(driver).fields():
        if field.parameter.name in arguments:
            field.value = arguments[field.parameter.name]


def body(driver: Driver) -> BodyView:
    return driver.app.screen.query_one(BodyView)


def lines(driver: Driver) -> list[str]:
    return list(body(driver).document.lines)


def at_field(driver: Driver, name: str) -> str:
    """What stands in a field's row of the form and below it, up to the next row."""
    rows = form(driver).rows()
    row = next(row for row in rows if row.field.parameter.name == name)
    region = row.region
    text = driver.text.splitlines()[region.y : region.bottom]
    return " ".join(" ".join(line[region.x : region.right].split()) for line in text)


# -- the methods


async def test_all_methods_stand_in_their_groups(bench: Bench) -> None:
    async with bench.sits() as driver:
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


@pytest.mark.parametrize(
    ("typed", "method"),
    [
        ("me", "me"),
        ("flattr", "flattr"),
        ("subs", "subscribe"),
        ("rate", "rate-limit"),
        ("delete thing", "delete-thing"),
    ],
)
async def test_a_method_is_found_by_typing(bench: Bench, typed: str, method: str) -> None:
    async with bench.sits() as driver:
        await find(driver, typed)
        assert form(driver).method.name == method
        assert form(driver).has_focus_within or not form(driver).method.parameters


async def test_what_is_typed_in_one_go_is_all_there(bench: Bench) -> None:
    async with bench.sits() as driver:
        await driver.press("7", "slash")
        entry = driver.app.screen.query_one(MethodFilter)
        for end in range(1, len("thing-fl") + 1):  # no turn of the loop between two letters
            entry.value = "thing-fl"[:end]
        await driver.settle()
        assert entry.value == "thing-fl"
        await driver.press("enter")
        assert form(driver).method.name == "thing-flattrs"


async def test_typing_what_no_method_has_says_so_and_esc_lists_all_again(bench: Bench) -> None:
    async with bench.sits() as driver:
        assert "No method has “xyzzy”" in await find(driver, "xyzzy")
        text = await driver.press("escape")
        assert "No method" not in text
        assert "user-things" in text
        assert isinstance(driver.app.focused, MethodList)


# -- the form


async def test_the_form_asks_for_what_the_table_says(bench: Bench) -> None:
    async with bench.sits(size=(120, 50)) as driver:
        await driver.press("7")
        for method in METHODS:
            await form(driver).show(method)
            await driver.pilot.pause()
            names = [parameter.name for parameter in method.parameters]
            assert [field.parameter.name for field in form(driver).fields()] == [*names, "format"]
            for parameter in method.parameters:
                assert at_field(driver, parameter.name).split()[0] == parameter.name + "*" * parameter.required
            assert all(fmt.value in at_field(driver, "format") for fmt in method.formats)


async def test_a_missing_parameter_is_explained_at_its_field_and_nothing_is_sent(bench: Bench) -> None:
    async with bench.sits() as driver:
        await choose(driver, "thing-flattrs")
        assert "is needed" not in at_field(driver, "id")
        await driver.press("end", "down", "enter")
        assert "! id is needed: the thing's id." in at_field(driver, "id")
        assert driver.app.focused is form(driver).fields()[0]
        assert "not yet: see id" in driver.text
        assert bench.asked == []
        await driver.type("12")
        assert "!" not in at_field(driver, "id")
        assert form(driver).prepared().url.endswith("/rest/v2/things/12/flattrs")


async def test_what_is_ill_typed_is_explained_as_it_is_typed(bench: Bench) -> None:
    async with bench.sits() as driver:
        await choose(driver, "thing-flattrs")
        await driver.type("1x")
        assert "! id is a whole number, not '1x'." in at_field(driver, "id")


async def test_the_tag_language_is_explained_and_checked_as_it_is_typed(bench: Bench) -> None:
    async with bench.sits() as driver:
        await choose(driver, "search")
        text = await driver.press("down", "down")
        assert "| or, & and, ! not" in text
        await driver.type("audio &")
        assert "! tags does not parse at character 8: A tag is missing at the end." in at_field(driver, "tags")
        await driver.type(" library ! beta")
        assert at_field(driver, "tags").endswith("means: audio and library and not beta")
        assert "tags=audio+%26+library+!+beta" in "".join(line[:50].strip() for line in driver.text.splitlines())


async def test_choices_are_turned_and_what_is_not_chosen_is_not_sent(bench: Bench) -> None:
    async with bench.sits() as driver:
        await choose(driver, "user-activities")
        assert form(driver).arguments == {"username": NOBODY}
        await driver.press("down", "space")
        assert form(driver).arguments == {"username": NOBODY, "type": "outgoing"}
        await driver.press("right")
        assert "‹incoming›" in at_field(driver, "type")
        await driver.press("left", "left")
        assert form(driver).arguments == {"username": NOBODY}


async def test_categories_and_languages_are_chosen_by_name(bench: Bench) -> None:
    async with bench.sits() as driver:
        await choose(driver, "search")
        assert "Which language?" in await driver.press("down", "down", "down", "space")
        await driver.press("space", "down", "space", "enter")
        assert "English, Albanian" in at_field(driver, "language")
        await driver.press("down", "space", "space", "enter")
        assert form(driver).arguments == {"language": "en_GB,sq_AL", "category": "text"}
        assert "language=en_GB,sq_AL&category=text" in form(driver).prepared().url


async def test_one_language_of_a_new_thing_is_found_by_typing(bench: Bench) -> None:
    async with bench.sits() as driver:
        await choose(driver, "create-thing")
        await driver.press("down", "down", "down", "down", "space")
        await driver.type("swed")
        await driver.press("down", "enter")
        assert form(driver).arguments["language"] == "sv_SE"
        assert "Swedish" in at_field(driver, "language")
        await driver.press("backspace")
        assert "en_GB if left out" in at_field(driver, "language")


async def test_full_is_a_switch(bench: Bench) -> None:
    async with bench.sits() as driver:
        await choose(driver, "thing-flattrs")
        await driver.type("7")
        await driver.press("down", "down", "down", "space")
        assert "[x] yes" in at_field(driver, "full")
        assert form(driver).prepared().url.endswith("/things/7/flattrs?full=1")
        await driver.press("space")
        assert "[ ] no" in at_field(driver, "full")


async def test_each_format_is_chosen_and_comes_laid_out(bench: Bench) -> None:
    async with bench.sits() as driver:
        await choose(driver, "user-flattrs")
        fill(driver, username="ada", count="30")
        await driver.press("down", "down", "down", "down")
        for fmt in BY_NAME["user-flattrs"].formats:
            assert f"‹{fmt}›" in at_field(driver, "format")
            assert f"Accept: {CONTENT_TYPES[fmt]}" in driver.text
            assert f"· {CONTENT_TYPES[fmt]}" in await driver.press("ctrl+r")
            assert len(lines(driver)) > 100
            assert body(driver).document.folds
            assert "# 30 records" in await driver.press("d")
            await driver.press("b", "escape", "down", "down", "down", "down", "space")


async def test_what_was_filled_in_goes_along_to_the_next_method(bench: Bench) -> None:
    async with bench.sits() as driver:
        await choose(driver, "user-things")
        fill(driver, username="melodia")
        await driver.settle()
        await choose(driver, "user-flattrs")
        assert form(driver).arguments == {"username": "melodia"}
        await driver.press("escape", "x")
        assert form(driver).arguments == {}


async def test_the_exact_request_is_shown_with_the_token_masked(bench: Bench) -> None:
    bench.grant()
    async with bench.sits(bench.library("ada")) as driver:
        await choose(driver, "create-thing")
        fill(driver, url="https://example.org/ü", title="A “title”", hidden="1")
        await driver.settle()
        text = driver.text
        assert "POST http://sandbox.localhost/rest/v2/things" in text
        assert "Authorization: Bearer •••" in text
        assert "Content-Type: application/json" in text
        assert json.loads(form(driver).prepared().body or b"") == {
            "url": "https://example.org/ü",
            "title": "A “title”",
            "hidden": True,
        }
        assert "token-of-ada" not in text


# -- sending, and stopping


async def test_an_answer_says_its_status_time_size_type_and_what_is_left(bench: Bench) -> None:
    bench.server = create_app(bench.world, base="https://flattr.com", clock=clock, faults=bench.faults, rate_limit=1000)
    async with bench.sits() as driver:
        text = await send(driver, "user", username="melodia")
        (line,) = [line for line in text.splitlines() if "200 OK" in line]
        size = f"{len(driver.app.screen.query_one(AnswerPane).exchange.body)} B"  # type: ignore[union-attr,arg-type]
        assert " ms · " in line
        assert size in line
        assert "application/json" in line
        assert " of 1,000 left" in line
        assert "user username=melodia · json" in text
        headers = await driver.press("h")
        assert "GET http://sandbox.localhost/rest/v2/users/melodia" in headers
        assert "HTTP 200" in headers
        assert "x-ratelimit-limit: 1000" in headers


async def test_enter_in_a_field_sends(bench: Bench) -> None:
    async with bench.sits() as driver:
        await choose(driver, "user")
        fill(driver, username="melodia")
        assert "200 OK" in await driver.press("enter")
        assert isinstance(driver.app.focused, BodyView)


async def test_what_is_on_its_way_is_stopped_and_what_comes_late_is_not_shown(bench: Bench) -> None:
    async with bench.sits() as driver:
        await choose(driver, "rate-limit")
        bench.faults.add(Fault.slow(FOREVER, path="/rest/v2/rate_limit"))
        await driver.pilot.press("ctrl+r")
        await driver.pilot.pause()
        assert "rate-limit is on its way; esc stops it." in driver.text
        assert "esc stop" in driver.text.splitlines()[-1]
        text = await driver.press("escape")
        assert "Stopped." in text
        assert "esc stop" not in text.splitlines()[-1]
        assert "200 OK" in await driver.press("ctrl+r")


async def test_the_next_one_takes_the_place_of_one_that_is_on_its_way(bench: Bench) -> None:
    async with bench.sits() as driver:
        await choose(driver, "rate-limit")
        bench.faults.add(Fault.slow(FOREVER, path="/rest/v2/rate_limit"))
        await driver.pilot.press("ctrl+r")
        await driver.pilot.pause()
        text = await driver.press("ctrl+r")
        assert "200 OK" in text
        assert "broke off" not in text


async def test_a_write_that_is_stopped_may_have_been_done(bench: Bench) -> None:
    bench.grant()
    async with bench.sits(bench.library("ada")) as driver:
        await choose(driver, "flattr")
        fill(driver, id=str(bench.fresh()))
        bench.faults.add(Fault.slow(FOREVER, method="POST"))
        await driver.pilot.press("ctrl+r")
        await driver.pilot.pause()
        await driver.pilot.press("y")
        await driver.pilot.pause()
        assert "It may have been done all the same." in await driver.press("escape")


async def test_an_error_of_the_api_comes_with_its_body_and_in_words(bench: Bench) -> None:
    async with bench.sits() as driver:
        text = await send(driver, "user", username="nobody-of-this-name")
        assert "404 Not Found" in text
        assert '"error": "not_found"' in text
        assert "No records" in await driver.press("d")


async def test_who_is_not_logged_in_is_told_how_to_log_in_and_goes_on(bench: Bench) -> None:
    async with bench.sits() as driver:
        assert "L logs in" in await choose(driver, "me")
        text = await driver.press("ctrl+r")
        assert "401 Unauthorized" in text
        assert "Log in with L." in text
        await driver.press("L")
        await driver.type("ada")
        text = await driver.press("enter")
        assert "L logs in" not in text
        assert "Authorization: Bearer •••" in text
        assert "200 OK" in await driver.press("r")


async def test_another_account_does_not_see_what_was_answered_to_the_first(bench: Bench) -> None:
    bench.grant()
    async with bench.sits(bench.library("ada")) as driver:
        assert '"username": "ada"' in await send(driver, "me")
        driver.app.show_account("")
        await driver.settle()
        assert '"username": "ada"' not in driver.text
        assert "Nothing sent yet." in driver.text
        assert "Nothing was sent yet." in await driver.press("a", "l")


# -- what writes


async def test_a_write_asks_first_and_esc_sends_nothing(bench: Bench) -> None:
    bench.grant()
    async with bench.sits(bench.library("ada")) as driver:
        number = bench.fresh()
        await send(driver, "flattr", id=str(number))
        assert f"Flattr thing {number}? It counts as this month's, and can't be taken back." in question(driver)
        assert f"POST http://sandbox.localhost/rest/v2/things/{number}/flattr" in question(driver)
        await driver.press("enter")
        assert isinstance(driver.app.screen, ConfirmSend)  # the enter that sends a form is no yes
        await driver.press("escape")
        assert not bench.world.has_flattred("ada", [number])
        assert not [seen for seen in bench.faults.seen if seen.startswith("POST")]


async def test_a_confirmed_write_is_sent_once(bench: Bench) -> None:
    bench.grant()
    async with bench.sits(bench.library("ada")) as driver:
        number = bench.fresh()
        await send(driver, "flattr", id=str(number))
        assert "200 OK" in await driver.press("y")
        assert bench.world.has_flattred("ada", [number])
        assert [seen for seen in bench.faults.seen if seen.startswith("POST")] == [
            f"POST /rest/v2/things/{number}/flattr"
        ]


async def test_a_write_of_the_history_asks_again(bench: Bench) -> None:
    bench.grant()
    async with bench.sits(bench.library("ada")) as driver:
        await send(driver, "subscribe", id=str(bench.fresh()))
        await driver.press("y", "l", "r")
        assert isinstance(driver.app.screen, ConfirmSend)
        await driver.press("escape", "b", "r")
        assert isinstance(driver.app.screen, ConfirmSend)


async def test_the_question_names_a_thing_that_is_saved(bench: Bench) -> None:
    bench.grant()
    async with bench.sits(bench.library("ada")) as driver:
        number = bench.fresh()
        driver.app.open_thing(number)
        await driver.settle()
        title = driver.app.screen.subject.title  # type: ignore[attr-defined]
        await send(driver, "delete-thing", id=str(number))
        assert f"Delete “{title}” by melodia?" in question(driver)


# -- reading


async def test_the_body_folds_and_unfolds(bench: Bench) -> None:
    async with bench.sits() as driver:
        await send(driver, "user-flattrs", username="ada", count="2")
        text = await driver.press("j")
        assert '"type": "flattr"' in text
        whole = body(driver).row_count
        text = await driver.press("enter")
        (line,) = [line for line in text.splitlines() if "⋯" in line]
        assert "▸   { ⋯ 25 lines }," in line
        assert body(driver).row_count == whole - 25
        await driver.press("Z")
        assert body(driver).row_count == whole
        text = await driver.press("Z")
        assert body(driver).row_count == 4
        assert text.count("▸   { ⋯") == 2


async def test_the_body_is_searched_as_it_is_typed(bench: Bench) -> None:
    async with bench.sits() as driver:
        await send(driver, "user-flattrs", username="ada", count="3")
        await driver.press("Z", "slash")
        text = await driver.type("created_at")
        assert "1 of 3 lines" in text
        assert "created_at" in lines(driver)[body(driver).cursor]
        text = await driver.press("enter", "n")
        assert "2 of 3 lines" in text
        assert '"created_at":' in text  # what is folded around it is opened
        assert "3 of 3 lines" in await driver.press("N", "N")
        text = await driver.press("escape")
        assert "of 3 lines" not in text
        assert isinstance(driver.app.focused, BodyView)


async def test_what_is_nowhere_is_said_to_be_nowhere(bench: Bench) -> None:
    async with bench.sits() as driver:
        await send(driver, "rate-limit")
        await driver.press("slash")
        assert "in no line" in await driver.type("xyzzy")


async def test_raw_is_what_was_sent_to_the_letter(bench: Bench) -> None:
    async with bench.sits() as driver:
        await send(driver, "rate-limit")
        await driver.press("w")
        sent = driver.app.screen.query_one(AnswerPane).exchange.body.decode()  # type: ignore[union-attr]
        assert "".join(lines(driver)) == sent
        await driver.pilot.resize_terminal(110, 40)
        await driver.settle()
        assert "".join(lines(driver)) == sent
        assert max(map(len, lines(driver))) <= body(driver).scrollable_content_region.width


async def test_records_say_what_had_to_be_mended(bench: Bench) -> None:
    async with bench.sits() as driver:
        bench.faults.add(Fault.inject({"type": "flattr", "created_at": "x"}, path="/rest/v2/things/"))
        await send(driver, "thing-flattrs", id=str(bench.fresh()), count="30")
        await driver.press("d")
        assert [line for line in lines(driver) if line.startswith("!")]
        assert "1 left out" in lines(driver)[0]


async def test_the_views_are_gone_through_and_their_keys_shown_while_they_work(bench: Bench) -> None:
    async with bench.sits() as driver:
        assert "b body  d records" not in await choose(driver, "rate-limit")
        assert "b body  d records  h headers  w raw  l history" in await driver.press("ctrl+r")
        seen = [driver.app.screen.query_one(AnswerPane).view]
        for _ in range(5):
            await driver.press("right_square_bracket")
            seen.append(driver.app.screen.query_one(AnswerPane).view)
        assert seen == ["body", "records", "headers", "raw", "history", "body"]
        await driver.press("left_square_bracket")
        assert driver.app.screen.query_one(AnswerPane).view == "history"


async def test_the_keys_of_the_settings_are_shown(bench: Bench) -> None:
    async with bench.sits(keymap={"answer.records": "f7", "console.send": "f5"}) as driver:
        await choose(driver, "rate-limit")
        assert "f7 records" in (await driver.press("f5")).lower()
        assert "# 1 record" in await driver.press("f7")


async def test_help_lists_the_consoles_keys(bench: Bench) -> None:
    async with bench.sits(size=(120, 80)) as driver:
        await send(driver, "rate-limit")
        text = await driver.press("question_mark")
        for told in (
            "Send the request",
            "Copy as curl, httpx or flattr-tui get",
            "What is understood of it",
            "To the methods",
        ):
            assert told in text


# -- copies


async def copy(driver: Driver, downs: int) -> str:
    await driver.press("ctrl+y")
    await driver.press(*["down"] * downs, "enter")
    await driver.settle()  # one worker writes the text, another copies it
    return driver.app.clipboard


async def test_a_request_is_copied_in_three_forms_and_with_the_token_only_when_asked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "here there")
    bench.grant()
    async with bench.sits(bench.library("ada")) as driver:
        await choose(driver, "my-flattrs")
        fill(driver, count="5")
        await driver.settle()
        url = "http://sandbox.localhost/rest/v2/user/flattrs?count=5"
        curl = await copy(driver, 0)
        assert curl == f"""curl -H 'Accept: application/json' -H "Authorization: Bearer $FLATTR_TOKEN" '{url}'"""
        assert "'Authorization: Bearer token-of-ada'" in await copy(driver, 1)
        program = await copy(driver, 2)
        assert "import httpx" in program
        assert url in program
        assert "token-of-ada" not in program
        assert await copy(driver, 3) == "flattr-tui get my-flattrs count=5"
        assert await copy(driver, 4) == url
        assert "token-of-ada" not in driver.text


async def test_an_answer_is_copied_as_it_came_and_its_request_with_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "here there")
    async with bench.sits() as driver:
        await send(driver, "user", username="melodia")
        fill(driver, username="somebody-else")
        await driver.settle()
        assert await copy(driver, 2) == "flattr-tui get user username=melodia"
        assert json.loads(await copy(driver, 4))["username"] == "melodia"
        assert "with the token" not in await driver.press("y")


async def test_what_cannot_be_sent_is_not_copied_but_explained(bench: Bench) -> None:
    async with bench.sits() as driver:
        await choose(driver, "thing-flattrs")
        await driver.press("ctrl+y")
        assert "! id is needed" in at_field(driver, "id")


# -- the history


async def test_what_was_sent_is_shown_again_with_its_form(bench: Bench) -> None:
    async with bench.sits() as driver:
        await send(driver, "user", username="melodia")
        await send(driver, "rate-limit")
        text = await driver.press("l")
        assert text.index("rate-limit  json") < text.index("user username=melodia  json")
        text = await driver.press("j", "enter")
        assert '"username": "melodia"' in text
        assert form(driver).method.name == "user"
        assert form(driver).arguments == {"username": "melodia"}


async def test_one_of_the_history_is_sent_again(bench: Bench) -> None:
    async with bench.sits() as driver:
        await send(driver, "user", username="melodia")
        await send(driver, "rate-limit")
        await driver.press("l", "j", "r")
        assert [seen for seen in bench.asked if "melodia" in seen] == ["GET /rest/v2/users/melodia"] * 2
        assert '"username": "melodia"' in driver.text


async def test_two_answers_are_compared(bench: Bench) -> None:
    async with bench.sits() as driver:
        await send(driver, "user", username="melodia")
        await send(driver, "user", username="nordlicht")
        text = await driver.press("l", "space", "j", "c")
        assert "--- user username=melodia" in text
        assert "+++ user username=nordlicht" in text
        assert [line for line in lines(driver) if line.startswith("-") and "melodia" in line][1:]
        assert [line for line in lines(driver) if line.startswith("+") and "nordlicht" in line][1:]
        await driver.press("escape")
        assert driver.app.screen.query_one(AnswerPane).view == "history"


async def test_one_answer_alone_has_nothing_to_be_compared_with(bench: Bench) -> None:
    async with bench.sits() as driver:
        await send(driver, "rate-limit")
        await driver.press("l", "c")
        assert driver.notices == ["There is nothing else to compare it with: send another."]


async def test_the_history_of_an_earlier_run_is_there_and_its_bodies_too(bench: Bench) -> None:
    async with bench.sits() as driver:
        await send(driver, "user", username="melodia")
    async with bench.sits() as driver:
        await driver.press("7", "a")
        assert "user username=melodia" in await driver.press("l")
        assert '"username": "melodia"' in await driver.press("enter")


# -- without the server


async def test_offline_it_answers_from_what_is_saved_and_says_so(bench: Bench) -> None:
    async with bench.sits() as driver:
        await send(driver, "user", username="melodia")
    async with bench.sits(bench.library(offline=True)) as driver:
        assert "○ offline: answered from what is saved" in await choose(driver, "user")
        text = await send(driver, "user", username="melodia")
        assert "200 OK · ◐ saved just now" in text
        assert '"username": "melodia"' in text
        text = await send(driver, "user", username="nordlicht")
        assert "no answer" in text
        assert "Offline, and no answer to this is saved." in text
        assert lines(driver) == ["No answer came, and so no body."]


async def test_without_a_library_that_has_one_there_is_no_console(bench: Bench) -> None:
    library = bench.library()
    library.console = None
    async with bench.sits(library) as driver:
        assert "There is no console here." in await driver.press("7")
        await driver.press("ctrl+r", "r", "y", "m", "i", "a", "x", "escape")
        assert "There is no console here." in driver.text


async def test_another_source_is_asked_after_a_switch(bench: Bench) -> None:
    other = bench.library(offline=True)
    async with bench.sits(switch=lambda name: other) as driver:
        await send(driver, "user", username="melodia")
        driver.app.switch_source("other")
        await driver.settle()
        assert "Nothing sent yet." in driver.text
        assert "offline" in await send(driver, "rate-limit")


# -- where there is little room


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_one_stage_at_a_time_is_seen_and_all_are_reached(bench: Bench, size: tuple[int, int]) -> None:
    async with bench.sits(size=size) as driver:
        await driver.press("7")
        assert "Users" in driver.text
        assert "GET /users/:username/things" in await choose(driver, "user-things")
        fill(driver, username="ada")
        assert "200 OK" in await driver.press("ctrl+r")
        assert "GET /users" not in driver.text
        assert "GET /users/:username/things" in await driver.press("escape")
        assert isinstance(driver.app.focused, Input)
        await driver.press("escape")
        assert isinstance(driver.app.focused, MethodList)
        assert "200 OK" in await driver.press("a")


async def test_in_little_room_a_write_still_says_which_keys_answer(bench: Bench) -> None:
    bench.grant()
    async with bench.sits(bench.library("ada"), size=(40, 12)) as driver:
        assert "y yes · esc no" in await send(driver, "flattr", id=str(bench.fresh()))
