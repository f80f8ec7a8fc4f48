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
from tests.library.console_bench import SCOPES, TOKEN, Bench, call

# -- what is saved


async def test_a_good_answer_is_read_offline_and_says_how_old_it_is(bench: Bench) -> None:
    live = await call(bench.console(), "user", Format.XML, username="ada")
    bench.now += 7200
    saved = await call(bench.console(offline=True), "user", Format.XML, username="ada")
    assert saved.saved
    assert saved.body == live.body
    assert saved.sent_at - saved.fetched_at == 7200
    assert saved.exit_code == 0


async def test_offline_without_an_answer_is_a_problem_and_so_is_writing(bench: Bench) -> None:
    console = bench.console(offline=True)
    missing = await call(console, "user", username="ada")
    assert (missing.exit_code, missing.status, missing.body) == (3, 0, None)
    writing = await console.send(BY_NAME["flattr"], {"id": "1"}, confirmed=True)
    assert writing.exit_code == 3
    assert "needs the server" in writing.problem


async def test_a_server_that_is_gone_leaves_what_was_saved_beside_the_problem(bench: Bench) -> None:
    address = "http://127.0.0.1:1/rest/v2"
    live = await call(bench.console(source=address), "user", username="ada")
    async with asyncio.timeout(10):
        again = await call(bench.console(source=address, gone=True), "user", username="ada")
    assert again.exit_code == 3
    assert "cannot be reached" in again.problem
    assert again.saved
    assert again.body == live.body


async def test_what_is_no_answer_of_flattrs_is_shown_but_not_kept(bench: Bench) -> None:
    console = bench.console()
    bench.faults.add(Fault.garbage())
    exchange = await call(console, "user-flattrs", username="ada")
    assert (exchange.status, exchange.problem) == (200, "")
    assert "not kept" in exchange.note
    assert list(bench.responses.iter_responses()) == []
    assert console_views.records_document(exchange, exchange.body).lines[0].startswith("This could not be understood")


async def test_a_larger_page_that_is_saved_answers_for_one_without_a_size(bench: Bench) -> None:
    await call(bench.console(), "user-things", username="ada", count="100", full="1")
    offline = bench.console(offline=True)
    saved = await call(offline, "user-things", username="ada")
    assert saved.saved
    assert "fuller" in saved.note
    part = await call(offline, "user-things", username="ada", count="5", page="2")
    assert (part.exit_code, part.note) == (0, "A fuller answer than was asked for. A part of a page of 100.")
    assert json.loads(part.body or b"") == json.loads(saved.body or b"")[5:10]
    assert (await call(offline, "user-things", username="ada", count="70", page="2")).exit_code == 3
    assert (await call(offline, "user-things", Format.XML, username="ada", count="5")).exit_code == 3


async def test_a_page_is_kept_with_the_size_that_was_granted(bench: Bench) -> None:
    await call(bench.console(), "user-flattrs", username="ada", count="500")
    assert {stored.count for stored in bench.responses.iter_responses()} == {100}


async def test_one_account_never_reads_anothers(bench: Bench) -> None:
    console = bench.console()
    await call(console, "me")
    await call(console, "user", username="ada")
    other = bench.console(offline=True, account="chizu")
    assert (await call(other, "me")).exit_code == 3
    assert (await call(other, "user", username="ada")).saved
    other.load()
    assert [exchange.method for exchange in other.history] == ["user", "me", "user"]
    assert {exchange.account for exchange in other.history} == {"", "chizu"}
    (mine,) = [exchange for exchange in console.history if exchange.method == "me"]
    assert other.body(mine.remembered()) is None
    assert console.body(mine.remembered()) == mine.body


async def test_without_a_server_the_source_that_has_it_is_read(bench: Bench) -> None:
    await call(bench.console(), "user", username="ada")
    console = bench.console(offline=True, source="saved", which=lambda request, account: "sandbox")
    assert (await call(console, "user", username="ada")).saved


# -- the history


async def test_the_history_outlives_the_program_without_the_token(bench: Bench) -> None:
    console = bench.console()
    await call(console, "me")
    await call(console, "user", username="nobody-at-all")
    assert TOKEN not in (bench.folder / "history.json").read_text()
    assert ((bench.folder / "history.json").stat().st_mode & 0o777) == 0o600
    again = bench.console()
    again.load()
    assert [str(exchange) for exchange in again.history] == ["user username=nobody-at-all", "me"]
    failed, me = again.history
    assert b"not_found" in (again.body(failed) or b"")
    assert b'"username":"ada"' in (again.body(me) or b"")
    assert me.request.headers["Authorization"] == f"Bearer {MASK}"


async def test_a_request_of_the_history_is_sent_again_and_compared(bench: Bench) -> None:
    console = bench.console()
    first = await call(console, "user-things", username="ada", count="2")
    second = await call(console, "user-things", username="ada", count="3")
    again = await console.replay(first)
    assert again.body == first.body
    same = console_views.diff_document(first, first.body, again, again.body)
    assert same.lines[-1] == " The bodies are the same."
    other = console_views.diff_document(first, first.body, second, second.body).lines
    assert sum(line.startswith("+") for line in other) > sum(line.startswith("-") for line in other)


async def test_a_damaged_history_is_set_aside_and_told(bench: Bench) -> None:
    (bench.folder / "history.json").write_text("{nonsense")
    console = bench.console()
    await call(console, "user", username="ada")
    assert len(console.history) == 1
    assert any("set aside" in notice for notice in bench.notices)
    assert [path.name.partition(".set-aside-")[0] for path in bench.folder.glob("*set-aside*")] == ["history.json"]


async def test_two_programs_keep_each_others_history(bench: Bench) -> None:
    one, other = bench.console(), bench.console()
    one.load()
    other.load()
    await asyncio.gather(call(one, "categories"), call(other, "languages"))
    later = bench.console()
    later.load()
    assert {exchange.method for exchange in later.history} == {"categories", "languages"}


async def test_what_came_for_another_account_meanwhile_is_not_kept(bench: Bench) -> None:
    bench.world.store_token(Granted("melodia's", "melodia", "flattr-tui", SCOPES))
    accounts = ["ada"]

    async def ready() -> None:
        accounts.append("melodia")

    app = create_app(bench.world, faults=bench.faults, rate_limit=0)
    client = Client(
        parse_source("sandbox"), app=lambda: app, token=lambda _: "melodia's", ready=ready, clock=bench.clock
    )
    bench.clients.append(client)
    console = ApiConsole(parse_source("sandbox"), bench.responses, client=client, account=lambda: accounts[-1])
    exchange = await call(console, "me")
    assert exchange.note == "It was not kept: the account is another one since."
    assert bench.responses.last_sequence() == 0
