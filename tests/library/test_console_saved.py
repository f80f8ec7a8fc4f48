"""The console: what is saved, for whom, and the history."""

import asyncio
import json

from flattr_tui.api.client import Client
from flattr_tui.api.methods import BY_NAME, Format
from flattr_tui.api.secret import MASK
from flattr_tui.library.console import exchange_views as console_views
from flattr_tui.library.console.api_console import ApiConsole
from flattr_tui.model.source import parse_source
from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.fault_injection import Fault
from flattr_tui.sandbox.models import Token as Granted
from tests.library.console_setup import SCOPES, TOKEN, ConsoleSetup, call

# -- what is saved


async def test_a_good_answer_is_read_offline_and_says_how_old_it_is(setup: ConsoleSetup) -> None:
    live = await call(setup.console(), "user", Format.XML, username="ada")
    setup.now += 7200
    saved = await call(setup.console(offline=True), "user", Format.XML, username="ada")
    assert saved.saved
    assert saved.body == live.body
    assert saved.sent_at - saved.fetched_at == 7200
    assert saved.exit_code == 0


async def test_offline_without_an_answer_is_a_problem_and_so_is_writing(setup: ConsoleSetup) -> None:
    console = setup.console(offline=True)
    missing = await call(console, "user", username="ada")
    assert (missing.exit_code, missing.status, missing.body) == (3, 0, None)
    writing = await console.send(BY_NAME["flattr"], {"id": "1"}, confirmed=True)
    assert writing.exit_code == 3
    assert "needs the server" in writing.problem


async def test_a_server_that_is_gone_leaves_what_was_saved_beside_the_problem(setup: ConsoleSetup) -> None:
    address = "http://127.0.0.1:1/rest/v2"
    live = await call(setup.console(source=address), "user", username="ada")
    async with asyncio.timeout(10):
        again = await call(setup.console(source=address, gone=True), "user", username="ada")
    assert again.exit_code == 3
    assert "cannot be reached" in again.problem
    assert again.saved
    assert again.body == live.body


async def test_what_is_no_answer_of_flattrs_is_shown_but_not_kept(setup: ConsoleSetup) -> None:
    console = setup.console()
    setup.faults.add(Fault.garbage())
    exchange = await call(console, "user-flattrs", username="ada")
    assert (exchange.status, exchange.exit_code) == (200, 1)
    assert exchange.problem.startswith("the answer is no JSON")
    assert exchange.body
    assert list(setup.responses.iter_responses()) == []
    assert console_views.records_document(exchange, exchange.body).lines[0].startswith("No records: this is no answer")


async def test_a_larger_page_that_is_saved_answers_for_one_without_a_size(setup: ConsoleSetup) -> None:
    await call(setup.console(), "user-things", username="ada", count="100", full="1")
    offline = setup.console(offline=True)
    saved = await call(offline, "user-things", username="ada")
    assert saved.saved
    assert "fuller" in saved.note
    part = await call(offline, "user-things", username="ada", count="5", page="2")
    assert (part.exit_code, part.note) == (0, "A fuller answer than was asked for. A part of a page of 100.")
    assert json.loads(part.body or b"") == json.loads(saved.body or b"")[5:10]
    assert (await call(offline, "user-things", username="ada", count="70", page="2")).exit_code == 3
    assert (await call(offline, "user-things", Format.XML, username="ada", count="5")).exit_code == 3


async def test_a_page_is_kept_with_the_size_that_was_granted(setup: ConsoleSetup) -> None:
    await call(setup.console(), "user-flattrs", username="ada", count="500")
    assert {stored.count for stored in setup.responses.iter_responses()} == {100}


async def test_one_account_never_reads_anothers(setup: ConsoleSetup) -> None:
    console = setup.console()
    await call(console, "me")
    await call(console, "user", username="ada")
    other = setup.console(offline=True, account="chizu")
    assert (await call(other, "me")).exit_code == 3
    assert (await call(other, "user", username="ada")).saved
    other.load()
    assert [exchange.method for exchange in other.history] == ["user", "me", "user"]
    assert {exchange.account for exchange in other.history} == {"", "chizu"}
    (mine,) = [exchange for exchange in console.history if exchange.method == "me"]
    assert other.body(mine.remembered()) is None
    assert console.body(mine.remembered()) == mine.body


async def test_without_a_server_the_source_that_has_it_is_read(setup: ConsoleSetup) -> None:
    await call(setup.console(), "user", username="ada")
    console = setup.console(offline=True, source="saved", which=lambda request, account: "sandbox")
    assert (await call(console, "user", username="ada")).saved


# -- the history


async def test_the_history_outlives_the_program_without_the_token(setup: ConsoleSetup) -> None:
    console = setup.console()
    await call(console, "me")
    await call(console, "user", username="nobody-at-all")
    assert TOKEN not in (setup.folder / "history.json").read_text()
    assert ((setup.folder / "history.json").stat().st_mode & 0o777) == 0o600
    again = setup.console()
    again.load()
    assert [str(exchange) for exchange in again.history] == ["user username=nobody-at-all", "me"]
    failed, me = again.history
    assert b"not_found" in (again.body(failed) or b"")
    assert b'"username":"ada"' in (again.body(me) or b"")
    assert me.request.headers["Authorization"] == f"Bearer {MASK}"


async def test_a_request_of_the_history_is_sent_again_and_compared(setup: ConsoleSetup) -> None:
    console = setup.console()
    first = await call(console, "user-things", username="ada", count="2")
    second = await call(console, "user-things", username="ada", count="3")
    again = await console.replay(first)
    assert again.body == first.body
    same = console_views.diff_document(first, first.body, again, again.body)
    assert same.lines[-1] == " The bodies are the same."
    other = console_views.diff_document(first, first.body, second, second.body).lines
    assert sum(line.startswith("+") for line in other) > sum(line.startswith("-") for line in other)


async def test_a_damaged_history_is_set_aside_and_told(setup: ConsoleSetup) -> None:
    (setup.folder / "history.json").write_text("{nonsense")
    console = setup.console()
    await call(console, "user", username="ada")
    assert len(console.history) == 1
    assert any("set aside" in notice for notice in setup.notices)
    assert [path.name.partition(".set-aside-")[0] for path in setup.folder.glob("*set-aside*")] == ["history.json"]


async def test_two_programs_keep_each_others_history(setup: ConsoleSetup) -> None:
    one, other = setup.console(), setup.console()
    one.load()
    other.load()
    await asyncio.gather(call(one, "categories"), call(other, "languages"))
    later = setup.console()
    later.load()
    assert {exchange.method for exchange in later.history} == {"categories", "languages"}


async def test_what_came_for_another_account_meanwhile_is_not_kept(setup: ConsoleSetup) -> None:
    setup.world.store_token(Granted("melodia's", "melodia", "flattr-tui", SCOPES))
    accounts = ["ada"]

    async def ready() -> None:
        accounts.append("melodia")

    app = create_app(setup.world, faults=setup.faults, rate_limit=0)
    client = Client(
        parse_source("sandbox"), app=lambda: app, token=lambda _: "melodia's", ready=ready, clock=setup.clock
    )
    setup.clients.append(client)
    console = ApiConsole(parse_source("sandbox"), setup.responses, client=client, account=lambda: accounts[-1])
    exchange = await call(console, "me")
    assert exchange.note == "It was not kept: the account has changed since."
    assert setup.responses.last_sequence() == 0
