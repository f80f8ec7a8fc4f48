"""Tests that the console sends every method in every format to the sandbox, and of its errors and refusals."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from flattr_tui.api.errors import UsageError
from flattr_tui.api.method_table import BY_NAME, CONTENT_TYPES, METHODS, Format, Method, ParameterKind
from flattr_tui.library.console.api_console import ApiConsole, UnconfirmedError, confirmation_question
from flattr_tui.library.console.exchange import body_document, records_document
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.entity_decoder import decode_page
from flattr_tui.model.response_body_parser import media_type, parse_body
from tests.library.console_setup import ConsoleSetup, send

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
"""The methods and parameters on Flattr's API console page, which this project reproduces, in the page's order."""


@pytest.mark.parametrize("name", CONSOLE_PAGE)
def test_the_console_pages_methods_are_all_there(name: str) -> None:
    method = BY_NAME[name]
    request, parameters = CONSOLE_PAGE[name]
    assert f"{method.verb} {method.path}" == request
    assert tuple(parameter.name for parameter in method.parameters) == parameters


def test_the_console_pages_methods_come_first_and_in_its_order() -> None:
    assert [method.name for method in METHODS[: len(CONSOLE_PAGE)]] == list(CONSOLE_PAGE)


async def create_thing(console: ApiConsole, url: str) -> str:
    """Create a thing, and return its id."""
    exchange = await console.send(BY_NAME["create-thing"], {"url": url}, confirmed=True)
    return str(json.loads(exchange.body or b"")["id"])


async def arguments_for(method: Method, console: ApiConsole, theirs: Iterator[Any], number: int) -> dict[str, str]:
    """Return arguments with which a method succeeds. Each write gets a thing that no earlier write has changed."""
    address = f"https://example.com/{method.name}/{number}"
    if method.name in {"update-thing", "delete-thing"}:
        return {"id": await create_thing(console, address)}
    if method.name == "flattr-url":
        return {"url": next(theirs)["url"]}
    if method.name == "things":
        return {"id": f"{next(theirs)['id']},{next(theirs)['id']}"}
    values = {"username": "ada", "id": str(next(theirs)["id"]), "url": address}
    if method.name in {"toggle-subscription", "unsubscribe"}:
        assert (await console.send(BY_NAME["subscribe"], {"id": values["id"]}, confirmed=True)).status == 200
    return {parameter.name: values[parameter.name] for parameter in method.parameters if parameter.required}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
async def test_every_method_is_sent_in_every_format_that_it_has(method: Method, setup: ConsoleSetup) -> None:
    console = setup.console()
    found = await send(console, "user-things", username="melodia", count="100")
    flattred = await send(console, "my-flattrs", count="100")
    subscribed = await send(console, "my-subscriptions")
    taken = {item["thing"]["id"] for answer in (flattred, subscribed) for item in json.loads(answer.body)}
    theirs = iter([thing for thing in json.loads(found.body) if thing["id"] not in taken])
    expected = {"create-thing": 201, "delete-thing": 204, "unsubscribe": 204, "lookup": 404}.get(method.name, 200)
    for number, fmt in enumerate(method.formats):
        arguments = await arguments_for(method, console, theirs, number)
        exchange = await console.send(method, arguments, fmt, confirmed=True)
        assert exchange.problem == ""
        assert exchange.status == expected, fmt
        if method.response_kind is ResponseKind.NOTHING:
            assert exchange.body == b""
            continue
        assert media_type(exchange.content_type) == CONTENT_TYPES[fmt]
        parse_body(exchange.body or b"", exchange.content_type)  # raises if the body is not well-formed
        page = decode_page(method.response_kind, exchange.body or b"", exchange.content_type)
        assert page.repairs == ()
        assert records_document(exchange, exchange.body).lines[0].startswith(f"# {len(page.entities)} record")
        assert body_document(exchange, exchange.body).kind in {"json", "xml", "yaml"}


async def test_a_successful_lookup_is_a_redirect_in_every_format(setup: ConsoleSetup) -> None:
    console = setup.console()
    (thing,) = json.loads((await send(console, "user-things", username="ada", count="1")).body)
    for fmt in BY_NAME["lookup"].formats:
        exchange = await send(console, "lookup", fmt, url=thing["url"])
        assert (exchange.status, exchange.exit_code, exchange.problem) == (302, 0, "")
        assert media_type(exchange.content_type) == CONTENT_TYPES[fmt]
        assert exchange.headers["location"].endswith(f"/things/{thing['id']}")


async def test_a_lookup_of_a_flattrable_address_finds_no_thing_and_is_not_kept(setup: ConsoleSetup) -> None:
    console = setup.console()
    for fmt in BY_NAME["lookup"].formats:
        exchange = await send(console, "lookup", fmt, url="https://github.com/melodia")
        assert (exchange.status, exchange.exit_code, exchange.problem) == (200, 1, "")
        assert b"flattrable" in (exchange.body or b"")
        assert exchange.sequence == 0


# -- errors


@pytest.mark.parametrize("format", [Format.JSON, Format.XML, Format.YAML])
async def test_an_error_comes_with_its_body_in_every_format(setup: ConsoleSetup, format: Format) -> None:
    exchange = await send(setup.console(account=""), "me", format)
    assert (exchange.status, exchange.exit_code) == (401, 4)
    assert b"unauthorized" in (exchange.body or b"")
    assert "not logged in" in exchange.problem
    assert not exchange.has_records


async def test_an_invalid_request_is_not_sent(setup: ConsoleSetup) -> None:
    console = setup.console()
    for arguments in ({}, {"id": "x"}, {"id": "1", "more": "1"}):
        with pytest.raises(UsageError):
            await console.send(BY_NAME["thing"], arguments)
    with pytest.raises(UsageError, match="is available as as, atom"):
        await send(console, "my-activities", Format.JSON)
    assert setup.faults.seen == []
    assert console.history == []


@pytest.mark.parametrize("method", [method for method in METHODS if method.writes], ids=lambda method: method.name)
async def test_a_write_is_never_sent_unconfirmed(setup: ConsoleSetup, method: Method) -> None:
    values = {"id": "1", "url": "https://example.com/"}
    arguments = {p.name: values[p.name] for p in method.parameters if p.required}
    with pytest.raises(UnconfirmedError):
        await setup.console().send(method, arguments)
    assert setup.faults.seen == []
    consequence = confirmation_question(method, arguments)
    assert arguments.get("id", "https://example.com/") in consequence
    assert "melodia" in confirmation_question(method, arguments, name="“Fingerprints” by melodia")


def test_every_kind_of_parameter_is_used() -> None:
    used = {parameter.kind for method in METHODS for parameter in method.parameters}
    assert used == set(ParameterKind)
