"""Tests of the responses that the console saves and reads, of accounts, and of the history."""

import asyncio
import json

from flattr_tui.api.client import Client
from flattr_tui.api.method_table import BY_NAME, Format
from flattr_tui.api.request_log import MASK
from flattr_tui.library.console.api_console import ApiConsole
from flattr_tui.library.console.exchange import diff_document, records_document
from flattr_tui.model.data_source import parse_source
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.fault_injection import Fault
from flattr_tui.sandbox.models import Token as SandboxToken
from tests.library.console_setup import TOKEN, ConsoleSetup, send
from tests.sandbox.sandbox_requests import ALL_SCOPES

# -- saved responses


async def test_a_saved_response_is_read_offline_with_its_age(setup: ConsoleSetup) -> None:
    live = await send(setup.console(), "user", Format.XML, username="ada")
    setup.now += 7200
    saved = await send(setup.console(offline=True), "user", Format.XML, username="ada")
    assert saved.saved
    assert saved.body == live.body
    assert saved.sent_at - saved.fetched_at == 7200
    assert saved.exit_code == 0


async def test_offline_a_missing_response_and_a_write_are_problems(setup: ConsoleSetup) -> None:
    console = setup.console(offline=True)
    missing = await send(console, "user", username="ada")
    assert (missing.exit_code, missing.status, missing.body) == (3, 0, None)
    writing = await console.send(BY_NAME["flattr"], {"id": "1"}, confirmed=True)
    assert writing.exit_code == 3
    assert "need the server" in writing.problem


async def test_an_unreachable_server_is_a_problem_beside_the_saved_response(setup: ConsoleSetup) -> None:
    address = "http://127.0.0.1:1/rest/v2"
    live = await send(setup.console(source=address), "user", username="ada")
    async with asyncio.timeout(10):
        again = await send(setup.console(source=address, gone=True), "user", username="ada")
    assert again.exit_code == 3
    assert "cannot be reached" in again.problem
    assert again.saved
    assert again.body == live.body


async def test_a_body_that_is_no_response_of_flattr_is_shown_but_not_kept(setup: ConsoleSetup) -> None:
    console = setup.console()
    setup.faults.add(Fault.garbage())
    exchange = await send(console, "user-flattrs", username="ada")
    assert (exchange.status, exchange.exit_code) == (200, 1)
    assert exchange.problem.startswith("the response is not JSON")
    assert exchange.body
    assert list(setup.responses.iter_responses()) == []
    assert records_document(exchange, exchange.body).lines[0].startswith("This kind of response has no records")


async def test_a_rate_limit_that_is_used_up_is_explained_with_the_time_until_its_reset(setup: ConsoleSetup) -> None:
    setup.faults.add(Fault(status=429, headers={"Content-Type": "application/json", "Retry-After": "60"}))
    exchange = await send(setup.console(), "user", username="ada")
    assert (exchange.exit_code, exchange.problem) == (5, "this hour's requests are used up. Try again in 60 s.")


async def test_a_larger_saved_page_serves_requests_for_smaller_pages(setup: ConsoleSetup) -> None:
    await send(setup.console(), "user-things", username="ada", count="100", full="1")
    offline = setup.console(offline=True)
    saved = await send(offline, "user-things", username="ada")
    assert saved.saved
    assert "more than was requested" in saved.note
    part = await send(offline, "user-things", username="ada", count="5", page="2")
    assert (part.exit_code, part.note) == (
        0,
        "This saved response has more than was requested. A part of a page of 100.",
    )
    assert json.loads(part.body or b"") == json.loads(saved.body or b"")[5:10]
    assert (await send(offline, "user-things", username="ada", count="70", page="2")).exit_code == 3
    assert (await send(offline, "user-things", Format.XML, username="ada", count="5")).exit_code == 3


async def test_a_page_is_saved_with_the_size_that_the_server_granted(setup: ConsoleSetup) -> None:
    await send(setup.console(), "user-flattrs", username="ada", count="500")
    assert {stored.count for stored in setup.responses.iter_responses()} == {100}


async def test_one_account_never_reads_anothers(setup: ConsoleSetup) -> None:
    console = setup.console()
    await send(console, "me")
    await send(console, "user", username="ada")
    other = setup.console(offline=True, account="chizu")
    assert (await send(other, "me")).exit_code == 3
    assert (await send(other, "user", username="ada")).saved
    other.load()
    assert [exchange.method for exchange in other.history] == ["user", "me", "user"]
    assert {exchange.account for exchange in other.history} == {"", "chizu"}
    (mine,) = [exchange for exchange in console.history if exchange.method == "me"]
    assert other.body(mine.for_history()) is None
    assert console.body(mine.for_history()) == mine.body


async def test_the_source_saved_reads_the_response_of_another_source(setup: ConsoleSetup) -> None:
    await send(setup.console(), "user", username="ada")
    console = setup.console(offline=True, source="saved", find_source=lambda request, account: "sandbox")
    assert (await send(console, "user", username="ada")).saved


# -- the history


async def test_the_history_outlives_the_program_without_the_token(setup: ConsoleSetup) -> None:
    console = setup.console()
    await send(console, "me")
    await send(console, "user", username="nobody-at-all")
    assert TOKEN not in (setup.folder / "history.json").read_text()
    assert ((setup.folder / "history.json").stat().st_mode & 0o777) == 0o600
    again = setup.console()
    again.load()
    assert [str(exchange) for exchange in again.history] == ["user username=nobody-at-all", "me"]
    failed, me = again.history
    assert b"not_found" in (again.body(failed) or b"")
    assert b'"username":"ada"' in (again.body(me) or b"")
    assert me.request.headers["Authorization"] == f"Bearer {MASK}"


async def test_a_request_in_the_history_is_sent_again_and_compared(setup: ConsoleSetup) -> None:
    console = setup.console()
    first = await send(console, "user-things", username="ada", count="2")
    second = await send(console, "user-things", username="ada", count="3")
    again = await console.send(first.api_method, first.arguments, first.requested_format)
    assert again.body == first.body
    same = diff_document(first, first.body, again, again.body)
    assert same.lines[-1] == " The bodies are the same."
    other = diff_document(first, first.body, second, second.body).lines
    assert sum(line.startswith("+") for line in other) > sum(line.startswith("-") for line in other)


async def test_a_damaged_history_is_set_aside_with_a_notice(setup: ConsoleSetup) -> None:
    (setup.folder / "history.json").write_text("{nonsense")
    console = setup.console()
    await send(console, "user", username="ada")
    assert len(console.history) == 1
    assert any("set aside" in notice for notice in setup.notices)
    assert [path.name.partition(".set-aside-")[0] for path in setup.folder.glob("*set-aside*")] == ["history.json"]


async def test_two_programs_keep_each_others_history(setup: ConsoleSetup) -> None:
    one, other = setup.console(), setup.console()
    one.load()
    other.load()
    await asyncio.gather(send(one, "categories"), send(other, "languages"))
    later = setup.console()
    later.load()
    assert {exchange.method for exchange in later.history} == {"categories", "languages"}


async def test_a_response_is_not_kept_if_the_account_changed_meanwhile(setup: ConsoleSetup) -> None:
    setup.world.store_token(SandboxToken("melodia's", "melodia", "flattr-tui", ALL_SCOPES))
    accounts = ["ada"]

    async def ready() -> None:
        accounts.append("melodia")

    app = create_app(setup.world, faults=setup.faults, rate_limit=0)
    client = Client(
        parse_source("sandbox"), make_app=lambda: app, token=lambda _: "melodia's", ready=ready, clock=setup.clock
    )
    setup.clients.append(client)
    console = ApiConsole(parse_source("sandbox"), setup.responses, client=client, account=lambda: accounts[-1])
    exchange = await send(console, "me")
    assert exchange.note == "It was not saved, because the account has changed meanwhile."
    assert setup.responses.last_sequence() == 0
