"""The console: every method in every format at the sandbox, what is saved, the history, the copies."""

import asyncio
import json
import shlex
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flattr_tui.api.client import Client
from flattr_tui.api.errors import UsageError
from flattr_tui.api.masking import MASK
from flattr_tui.api.methods import BY_NAME, CONTENT_TYPES, METHODS, Format, Kind, Method
from flattr_tui.api.requests import Prepared
from flattr_tui.library.console import copies as console_copies
from flattr_tui.library.console import views as console_views
from flattr_tui.library.console.console import Console, UnconfirmedError, consequence
from flattr_tui.library.console.exchange import Exchange
from flattr_tui.library.console.history import History
from flattr_tui.model.answers import Answer
from flattr_tui.model.decode import decode, media_type, parse
from flattr_tui.model.source import parse_source
from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.faults import Fault, Faults
from flattr_tui.sandbox.rows import Token as Granted
from flattr_tui.sandbox.world import World
from flattr_tui.store.responses import ResponseStore

TOKEN = "s3cret-t0ken"
SCOPES = frozenset({"flattr", "thing", "email", "extendedread"})
NOW = 1_515_000_000.0


class Bench:
    """A sandbox, a store, and consoles over them."""

    def __init__(self, folder: Path, seeded: Path) -> None:
        self.world = World.open(Path(shutil.copy(seeded, folder / "world.sqlite")))
        self.world.keep_token(Granted(TOKEN, "ada", "flattr-tui", SCOPES))
        self.faults = Faults()
        self.notices: list[str] = []
        self.folder = folder
        self.responses = ResponseStore.open(folder / "responses", notice=self.notices.append)
        self.now = NOW
        self.clients: list[Client] = []

    def console(
        self, *, offline: bool = False, account: str = "ada", source: str = "sandbox", gone: bool = False, **more: Any
    ) -> Console:
        client = None
        if not offline:
            app = create_app(self.world, faults=self.faults, rate_limit=0)
            token = TOKEN if account else None
            client = Client(
                parse_source(source), app=None if gone else lambda: app, token=lambda _: token, clock=self.clock
            )
            self.clients.append(client)
        history = History(self.folder / "history.json", notice=self.notices.append)
        return Console(
            parse_source(source),
            self.responses,
            client=client,
            account=lambda: account,
            history=history,
            clock=self.clock,
            **more,
        )

    def clock(self) -> float:
        return self.now

    async def close(self) -> None:
        for client in self.clients:
            await client.aclose()
        self.responses.close()
        self.world.close()


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seeded") / "world.sqlite"
    World.open(path).close()
    return path


@pytest.fixture
async def bench(tmp_path: Path, seeded: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path, seeded)
    yield bench
    await bench.close()


def call(console: Console, method: str, format: Format | None = None, **arguments: str) -> Any:
    return console.send(BY_NAME[method], arguments, format)


# -- the table of methods


PAGED = ("count", "page", "full")
CONSOLE_PAGE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "user-flattrs": ("GET /users/:username/flattrs", ("username", *PAGED)),
    "my-flattrs": ("GET /user/flattrs", PAGED),
    "user-things": ("GET /users/:username/things", ("username", *PAGED)),
    "my-things": ("GET /user/things", PAGED),
    "thing": ("GET /things/:id", ("id", "full")),
    "things": ("GET /things/:id", ("id", "full")),
    "lookup": ("GET /things/lookup", ("url",)),
    "search": (
        "GET /things/search",
        ("query", "url", "tags", "language", "category", "user", "sort", *PAGED),
    ),
    "user": ("GET /users/:username", ("username",)),
    "me": ("GET /user", ()),
    "user-activities": ("GET /users/:username/activities", ("username", "type")),
    "my-activities": ("GET /user/activities", ("type",)),
    "categories": ("GET /categories", ()),
    "languages": ("GET /languages", ()),
}
"""The methods of the API console page that this project was made after, with their parameters, as they stood there."""


@pytest.mark.parametrize("name", CONSOLE_PAGE)
def test_the_console_pages_methods_are_all_there(name: str) -> None:
    method = BY_NAME[name]
    request, parameters = CONSOLE_PAGE[name]
    assert f"{method.verb} {method.path}" == request
    assert tuple(parameter.name for parameter in method.parameters) == parameters


def test_the_console_pages_methods_come_first_and_in_its_order() -> None:
    assert [method.name for method in METHODS[: len(CONSOLE_PAGE)]] == list(CONSOLE_PAGE)


async def made(console: Console, url: str) -> str:
    exchange = await console.send(BY_NAME["create-thing"], {"url": url}, confirmed=True)
    return str(json.loads(exchange.body or b"")["id"])


async def arguments_for(method: Method, console: Console, theirs: Iterator[Any], number: int) -> dict[str, str]:
    """Arguments with which a method succeeds; those that change something get what nobody has changed yet."""
    address = f"https://example.com/{method.name}/{number}"
    if method.name in {"update-thing", "delete-thing"}:
        return {"id": await made(console, address)}
    if method.name == "flattr-url":
        return {"url": next(theirs)["url"]}
    if method.name == "things":
        return {"id": f"{next(theirs)['id']},{next(theirs)['id']}"}
    values = {"username": "ada", "id": str(next(theirs)["id"]), "url": address}
    if method.name in {"toggle-subscription", "unsubscribe"}:
        assert (await console.send(BY_NAME["subscribe"], {"id": values["id"]}, confirmed=True)).status == 200
    return {parameter.name: values[parameter.name] for parameter in method.parameters if parameter.required}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
async def test_every_method_is_sent_in_every_format_that_it_has(method: Method, bench: Bench) -> None:
    console = bench.console()
    found = await call(console, "user-things", username="melodia", count="100")
    flattred = await call(console, "my-flattrs", count="100")
    subscribed = await call(console, "my-subscriptions")
    held = {held["thing"]["id"] for answer in (flattred, subscribed) for held in json.loads(answer.body)}
    theirs = iter([thing for thing in json.loads(found.body) if thing["id"] not in held])
    expected = {"create-thing": 201, "delete-thing": 204, "unsubscribe": 204, "lookup": 404}.get(method.name, 200)
    for number, fmt in enumerate(method.formats):
        arguments = await arguments_for(method, console, theirs, number)
        exchange = await console.send(method, arguments, fmt, confirmed=True)
        assert exchange.problem == ""
        assert exchange.status == expected, fmt
        if method.answer is Answer.NOTHING:
            assert exchange.body == b""
            continue
        assert media_type(exchange.content_type) == CONTENT_TYPES[fmt]
        parse(exchange.body or b"", exchange.content_type)  # raises where it is not well-formed
        page = decode(method.answer, exchange.body or b"", exchange.content_type)
        assert page.mends == ()
        assert console_views.records(exchange, exchange.body).lines[0].startswith(f"# {len(page.entities)} record")
        assert console_views.body(exchange, exchange.body).kind in {"json", "xml", "yaml"}


async def test_a_lookup_that_finds_is_an_answer_in_every_format(bench: Bench) -> None:
    console = bench.console()
    (thing,) = json.loads((await call(console, "user-things", username="ada", count="1")).body)
    for fmt in BY_NAME["lookup"].formats:
        exchange = await call(console, "lookup", fmt, url=thing["url"])
        assert (exchange.status, exchange.exit_code, exchange.problem) == (302, 0, "")
        assert media_type(exchange.content_type) == CONTENT_TYPES[fmt]
        assert exchange.headers["location"].endswith(f"/things/{thing['id']}")


# -- errors


@pytest.mark.parametrize("format", [Format.JSON, Format.XML, Format.YAML])
async def test_an_error_comes_with_its_body_in_every_format(bench: Bench, format: Format) -> None:
    exchange = await call(bench.console(account=""), "me", format)
    assert (exchange.status, exchange.exit_code) == (401, 4)
    assert b"unauthorized" in (exchange.body or b"")
    assert "not logged in" in exchange.problem
    assert not exchange.readable


async def test_a_request_that_cannot_be_made_is_not_sent(bench: Bench) -> None:
    console = bench.console()
    for arguments in ({}, {"id": "x"}, {"id": "1", "more": "1"}):
        with pytest.raises(UsageError):
            await console.send(BY_NAME["thing"], arguments)
    with pytest.raises(UsageError, match="comes as as, atom"):
        await call(console, "my-activities", Format.JSON)
    assert bench.faults.seen == []
    assert console.history == []


@pytest.mark.parametrize("method", [method for method in METHODS if method.writes], ids=lambda method: method.name)
async def test_what_writes_is_never_sent_unconfirmed(bench: Bench, method: Method) -> None:
    values = {"id": "1", "url": "https://example.com/"}
    arguments = {p.name: values[p.name] for p in method.parameters if p.required}
    with pytest.raises(UnconfirmedError):
        await bench.console().send(method, arguments)
    assert bench.faults.seen == []
    said = consequence(method, arguments)
    assert arguments.get("id", "https://example.com/") in said
    assert "melodia" in consequence(method, arguments, name="“Fingerprints” by melodia")


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
    assert list(bench.responses.all()) == []
    assert console_views.records(exchange, exchange.body).lines[0].startswith("This could not be understood")


async def test_a_larger_page_that_is_saved_answers_for_one_without_a_size(bench: Bench) -> None:
    await call(bench.console(), "user-things", username="ada", count="100", full="1")
    offline = bench.console(offline=True)
    saved = await call(offline, "user-things", username="ada")
    assert saved.saved
    assert "fuller" in saved.note
    assert (await call(offline, "user-things", username="ada", count="5")).exit_code == 3


async def test_a_page_is_kept_with_the_size_that_was_granted(bench: Bench) -> None:
    await call(bench.console(), "user-flattrs", username="ada", count="500")
    assert {stored.count for stored in bench.responses.all()} == {100}


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
    same = console_views.difference(first, first.body, again, again.body)
    assert same.lines[-1] == " The bodies are the same."
    other = console_views.difference(first, first.body, second, second.body).lines
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


# -- copies


def prepared(url: str, headers: dict[str, str], body: bytes | None) -> Prepared:
    return Prepared("POST" if body else "GET", url, headers, body)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@given(TEXT, TEXT, st.none() | TEXT.filter(bool))
def test_a_shell_reads_from_the_curl_line_what_was_put_in(url: str, value: str, body: str | None) -> None:
    request = prepared(f"https://a.example/{url}", {"Accept": value}, body.encode() if body else None)
    words = shlex.split(console_copies.curl(request))
    expected = ["curl", *(["-X", "POST"] if body else []), "-H", f"Accept: {value}"]
    assert words == [*expected, *(["--data-raw", body] if body else []), f"https://a.example/{url}"]


@given(TEXT, TEXT, st.none() | TEXT.filter(bool))
def test_python_reads_from_the_httpx_call_what_was_put_in(url: str, value: str, body: str | None) -> None:
    request = prepared(f"https://a.example/{url}", {"Accept": value}, body.encode() if body else None)
    seen: list[Any] = []

    class Httpx:
        @staticmethod
        def request(*arguments: Any, **named: Any) -> Any:
            seen.append((arguments, named))
            raise StopIteration

    source = console_copies.httpx_call(request).replace("import httpx", "")
    with pytest.raises(StopIteration):
        exec(source, {"httpx": Httpx})
    ((verb, address), named) = seen[0]
    assert (verb, address) == (request.verb, request.url)
    assert named["headers"] == request.headers
    assert named.get("content") == request.body


@given(st.dictionaries(st.sampled_from(["query", "tags", "user"]), TEXT.filter(bool)), st.sampled_from([*Format][:3]))
def test_the_get_line_says_the_same(arguments: dict[str, str], format: Format) -> None:
    words = shlex.split(console_copies.command(BY_NAME["search"], arguments, format, "https://a.example/rest/v2"))
    assert words[:5] == ["flattr-tui", "--source", "https://a.example/rest/v2", "get", "search"]
    rest = words[5:]
    if format is not Format.JSON:
        assert rest[-2:] == ["--format", format]
        rest = rest[:-2]
    assert dict(word.split("=", 1) for word in rest) == arguments


async def test_a_copy_holds_the_token_only_when_asked(bench: Bench) -> None:
    console = bench.console()
    me = await call(console, "me")
    for copy in (console.curl, console.httpx_call):
        assert TOKEN not in copy(me)
        assert "FLATTR_TOKEN" in copy(me)
        assert TOKEN in copy(me, with_token=True)
    open_to_all = await call(console, "categories")
    assert "FLATTR_TOKEN" not in console.curl(open_to_all, with_token=True)
    assert shlex.split(console.curl(me))[2] == "Accept: application/json"


def test_every_kind_of_parameter_is_used() -> None:
    used = {parameter.kind for method in METHODS for parameter in method.parameters}
    assert used == set(Kind)


async def test_nothing_of_an_exchange_shows_the_token(bench: Bench) -> None:
    console = bench.console()
    exchange: Exchange = await call(console, "me")
    assert TOKEN not in repr(exchange)
    assert TOKEN not in str(console_views.headers(exchange))
    assert f"Bearer {MASK}" in str(console_views.headers(exchange))


async def test_the_request_is_shown_with_the_token_that_was_got_on_the_way(bench: Bench) -> None:
    known: list[str] = []

    async def ready() -> None:
        known.append(TOKEN)

    app = create_app(bench.world, faults=bench.faults, rate_limit=0)
    client = Client(
        parse_source("sandbox"),
        app=lambda: app,
        token=lambda _: known[-1] if known else None,
        ready=ready,
        clock=bench.clock,
    )
    bench.clients.append(client)
    console = Console(parse_source("sandbox"), bench.responses, client=client, account=lambda: "ada", clock=bench.clock)
    assert "Authorization" not in console.prepare(BY_NAME["me"], {}).headers
    exchange = await call(console, "me")
    assert exchange.request.headers["Authorization"] == f"Bearer {MASK}"
    assert "Authorization: Bearer" in console.curl(exchange)


async def test_what_came_for_another_account_meanwhile_is_not_kept(bench: Bench) -> None:
    bench.world.keep_token(Granted("melodia's", "melodia", "flattr-tui", SCOPES))
    accounts = ["ada"]

    async def ready() -> None:
        accounts.append("melodia")

    app = create_app(bench.world, faults=bench.faults, rate_limit=0)
    client = Client(
        parse_source("sandbox"), app=lambda: app, token=lambda _: "melodia's", ready=ready, clock=bench.clock
    )
    bench.clients.append(client)
    console = Console(parse_source("sandbox"), bench.responses, client=client, account=lambda: accounts[-1])
    exchange = await call(console, "me")
    assert exchange.note == "It was not kept: the account is another one since."
    assert bench.responses.last() == 0
