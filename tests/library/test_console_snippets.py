"""Tests of the console's copies for a shell, Python and this program: they repeat the request, with a masked token."""

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flattr_tui.api.client import Client
from flattr_tui.api.method_table import BY_NAME, Format
from flattr_tui.api.prepared_request import PreparedRequest
from flattr_tui.api.request_log import MASK
from flattr_tui.library.console.api_console import ApiConsole
from flattr_tui.library.console.exchange import Exchange, curl_command, get_command, headers_document, httpx_program
from flattr_tui.model.data_source import parse_source
from flattr_tui.sandbox.asgi_app import create_app
from tests.library.console_setup import TOKEN, ConsoleSetup, send

# -- copies


def prepared(url: str, headers: dict[str, str], body: bytes | None) -> PreparedRequest:
    return PreparedRequest("POST" if body else "GET", url, headers, body)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@given(TEXT, TEXT, st.none() | TEXT.filter(bool))
def test_a_shell_reads_the_request_from_the_curl_command(url: str, value: str, body: str | None) -> None:
    request = prepared(f"https://a.example/{url}", {"Accept": value}, body.encode() if body else None)
    words = shlex.split(curl_command(request))
    expected = ["curl", *(["-X", "POST"] if body else []), "-H", f"Accept: {value}"]
    assert words == [*expected, *(["--data-raw", body] if body else []), f"https://a.example/{url}"]


@given(TEXT, TEXT, st.none() | TEXT.filter(bool))
def test_python_reads_the_request_from_the_httpx_call(url: str, value: str, body: str | None) -> None:
    request = prepared(f"https://a.example/{url}", {"Accept": value}, body.encode() if body else None)
    seen: list[Any] = []

    class Httpx:
        @staticmethod
        def request(*arguments: Any, **named: Any) -> Any:
            seen.append((arguments, named))
            raise StopIteration

    source = httpx_program(request).replace("import httpx", "")
    with pytest.raises(StopIteration):
        exec(source, {"httpx": Httpx})
    ((verb, address), named) = seen[0]
    assert (verb, address) == (request.verb, request.url)
    assert named["headers"] == request.headers
    assert named.get("content") == request.body


@given(st.dictionaries(st.sampled_from(["query", "tags", "user"]), TEXT.filter(bool)), st.sampled_from([*Format][:3]))
def test_the_get_command_has_the_arguments_and_the_format(arguments: dict[str, str], format: Format) -> None:
    words = shlex.split(get_command(BY_NAME["search"], arguments, format, "https://a.example/rest/v2"))
    assert words[:5] == ["flattr-tui", "--source", "https://a.example/rest/v2", "get", "search"]
    rest = words[5:]
    if format is not Format.JSON:
        assert rest[-2:] == ["--format", format]
        rest = rest[:-2]
    assert dict(word.split("=", 1) for word in rest) == arguments


async def test_a_copy_holds_the_token_only_when_asked(setup: ConsoleSetup) -> None:
    console = setup.console()
    me = (await send(console, "me")).request
    for copy in (console.curl_command, httpx_program):
        assert TOKEN not in copy(me)
        assert "FLATTR_TOKEN" in copy(me)
    assert TOKEN in console.curl_command(me, with_token=True)
    open_to_all = (await send(console, "categories")).request
    assert "FLATTR_TOKEN" not in console.curl_command(open_to_all, with_token=True)
    assert shlex.split(console.curl_command(me))[2] == "Accept: application/json"


async def test_no_text_of_an_exchange_has_the_token(setup: ConsoleSetup) -> None:
    console = setup.console()
    exchange: Exchange = await send(console, "me")
    assert TOKEN not in repr(exchange)
    assert TOKEN not in str(headers_document(exchange))
    assert f"Bearer {MASK}" in str(headers_document(exchange))


async def test_the_request_is_shown_with_the_token_that_was_loaded_while_it_was_sent(setup: ConsoleSetup) -> None:
    known: list[str] = []

    async def ready() -> None:
        known.append(TOKEN)

    app = create_app(setup.world, faults=setup.faults, rate_limit=0)
    client = Client(
        parse_source("sandbox"),
        make_app=lambda: app,
        token=lambda _: known[-1] if known else None,
        ready=ready,
        clock=setup.clock,
    )
    setup.clients.append(client)
    console = ApiConsole(
        parse_source("sandbox"),
        setup.responses,
        client=client,
        account=lambda: "ada",
        clock=setup.clock,
    )
    assert "Authorization" not in console.prepare(BY_NAME["me"], {}).headers
    exchange = await send(console, "me")
    assert exchange.request.headers["Authorization"] == f"Bearer {MASK}"
    assert "Authorization: Bearer" in console.curl_command(exchange.request)
