"""Tests that the client returns data or raises a documented error, in time, whatever a server sends."""

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flattr_tui.api.client import Client
from flattr_tui.api.errors import (
    BadRedirectError,
    ConnectionLostError,
    FlattrError,
    NotFlattrResponseError,
    TimedOutError,
    TooLargeError,
)
from flattr_tui.api.method_table import BY_NAME, METHODS, Method, ParameterKind
from flattr_tui.api.response import Response
from flattr_tui.model.data_source import Source, parse_source
from flattr_tui.model.entities import NotFlattrError
from flattr_tui.model.entity_decoder import decode_page
from flattr_tui.model.text_sanitizer import single_line
from tests.any_text import any_text
from tests.api.servers import BASE, FixedApp, listen, make_client, raw_server

MANY_EXAMPLES = settings(max_examples=60, deadline=None)
MAX_BYTES = 2**16
"""Maximum size of a body that the client accepts in these tests, in bytes."""


def make_arguments(method: Method) -> dict[str, str]:
    return {p.name: "https://x/" if p.kind is ParameterKind.URL else "7" for p in method.parameters if p.required}


async def call_once(client: Client, method: Method, etag: str = "") -> Response | FlattrError:
    """Call a method, and return its response, or its error if that is documented. Raises any other error.

    The call must not take longer than 5 s. With `etag`, the request is conditional.
    """
    try:
        async with asyncio.timeout(5):
            outcome: Response | FlattrError = await client.call(method, make_arguments(method), etag=etag)
    except FlattrError as error:
        outcome = error
    await client.aclose()
    if isinstance(outcome, FlattrError):
        assert str(outcome) == single_line(str(outcome))
        assert str(outcome).endswith(".")
        assert outcome.sentence("ada")
        return outcome
    assert len(outcome.body) <= MAX_BYTES
    sentence = ""
    try:
        page = decode_page(method.response_kind, outcome.body, outcome.content_type)
    except NotFlattrError as error:
        sentence = str(error)
    else:
        assert len(page.entities) <= page.records
    assert sentence == single_line(sentence)
    return outcome


LEAF = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    any_text(max_size=12),
    st.sampled_from(
        ["ada", "7", "2012-01-04T10:00:00Z", "Wed, 04 Jan 2012 12:00:00 +0200", "a,b", "\x1b[31m", "1e400"]
    ),
)
NAMES = st.sampled_from(
    [
        *("id", "type", "username", "owner", "thing", "things", "user", "flattrs", "items", "tags", "created_at"),
        *("published", "title", "error", "error_description", "message", "location", "resource", "total_items"),
        *("hourly_limit", "remaining_hits", "data", "0", "1", "verb", "actor", "object", "active"),
    ]
)
ANYTHING = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=5), max_leaves=20
)
BODY = ANYTHING.map(lambda data: json.dumps(data).encode("utf-8", "surrogatepass")) | st.binary(max_size=60)
TYPES = [
    "application/json",
    "application/json; charset=latin-1",
    "application/json; charset=utf-16",
    "application/stream+json",
    "application/atom+xml",
    "text/xml; charset=ebcdic",
    "application/yaml",
    "text/html",
    "image/png",
    "application/json, text/html",
    "",
    ";;",
    "é",
]
ENCODINGS = ["", "identity", "gzip", "x-gzip", "deflate", "br", "gzip, gzip", "\u00e9", "none"]
NUMBERS = ["0", "-1", "1e9", "9" * 25, "9" * 5000, "\u00b2", "many", "", "1000, 1000", "1, 2", "0x10", " 7 ", "1.5"]
PLACES = [
    "",
    "/",
    "//evil.example/",
    "/rest/v2/things/7",
    "http://[",
    "mailto:x",
    "?",
    "#",
    "/\t\x00",
    "a" * 70_000,
    "\u00e9",
]
STATUSES = [200, 201, 202, 203, 204, 205, 206, 226, 299, 300, 301, 302, 303, 304, 305, 307, 308, 399]
STATUSES += [400, 401, 402, 403, 404, 406, 410, 418, 422, 429, 451, 499, 500, 501, 502, 503, 504, 511, 599, 600, 999]


@st.composite
def responses(draw: st.DrawFn) -> tuple[int, dict[str, str], bytes]:
    """Draw a response in which any part may have an odd value."""
    body, encoding = draw(BODY), draw(st.sampled_from(ENCODINGS) | st.just(""))
    if encoding in {"gzip", "x-gzip"} and draw(st.booleans()):
        body = gzip.compress(body)[: draw(st.integers(0, 60))] if draw(st.booleans()) else gzip.compress(body)
    headers = {
        "content-type": draw(st.sampled_from(TYPES)),
        "content-encoding": encoding,
        "content-length": draw(st.sampled_from([*NUMBERS, str(len(body))])),
        "location": draw(st.sampled_from(PLACES)),
        "etag": draw(st.sampled_from(['"v"', "\u00e9", "W/"])),
        "retry-after": draw(st.sampled_from([*NUMBERS, "Wed, 04 Jan 2012 12:00:00 GMT", "Wed, 99 Foo"])),
        "set-cookie": "a=b",
        **{f"x-ratelimit-{n}": draw(st.sampled_from(NUMBERS)) for n in ("limit", "remaining", "current", "reset")},
    }
    kept = draw(st.sets(st.sampled_from(sorted(headers))))
    return draw(st.sampled_from(STATUSES)), {name: headers[name] for name in sorted(kept)}, body


class NonAsciiApp(FixedApp):
    """A `FixedApp` with one response, whose headers need not be ASCII."""

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        status, named, body = self.answers["*"]
        pairs = [(name.encode(), value.encode()) for name, value in named.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": body})


@given(st.sampled_from(METHODS), responses(), st.sampled_from(["", '"v"', "\u00e9"]))
@MANY_EXAMPLES
@example(BY_NAME["user"], (200, {"content-length": "\u00b2"}, b"{}"), "")
@example(BY_NAME["user"], (200, {"content-length": "9" * 5000}, b"{}"), "")
@example(BY_NAME["things"], (200, {"content-type": "application/yaml"}, b'- !!int ""'), "")
async def test_any_response_is_data_or_a_documented_error(
    method: Method, answer: tuple[int, dict[str, str], bytes], etag: str
) -> None:
    await call_once(
        make_client(NonAsciiApp({"*": answer}), max_bytes=MAX_BYTES, token=lambda _: "secret"), method, etag
    )


def encode_response(status: int, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"{name}: {value}".encode("utf-8", "ignore") for name, value in headers.items()]
    return b"\r\n".join([b"HTTP/1.1 %d Whatever" % status, *lines, b"", body])


async def call_raw_server(*pieces: bytes, method: str = "user", deadline: float = 2.0) -> Response | FlattrError:
    async with raw_server(*pieces) as (source, _):
        return await call_once(Client(source, deadline=deadline, max_bytes=MAX_BYTES), BY_NAME[method])


@given(st.sampled_from(["user", "lookup", "things", "flattr", "search"]), responses(), st.booleans())
@settings(max_examples=20, deadline=None)
async def test_any_response_over_a_socket_is_data_or_a_documented_error(
    method: str, answer: tuple[int, dict[str, str], bytes], cut: bool
) -> None:
    sent = encode_response(*answer)
    await call_raw_server(sent[: len(sent) * 2 // 3] if cut else sent, method=method)


@given(st.lists(st.binary(max_size=40), max_size=4))
@settings(max_examples=15, deadline=None)
@example([b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n{}"])
@example([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 30 + b"\r\n"])
@example([b"HTTP/1.1 100 Continue\r\n\r\n" * 50])
@example([b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"])
@example([b"HTTP/9.9 200 OK\r\n\r\n{}"])
@example([b"HTTP/1.1 200\r\n\r\n{}"])
@example([b"HTTP/1.1 200 OK\r\nA : b\r\n\r\n{}"])
@example([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"])
@example([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}"])
async def test_any_bytes_are_data_or_a_documented_error(pieces: list[bytes]) -> None:
    await call_raw_server(*pieces)


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (OK + b"Content-Length: 9\r\n\r\n{}", ConnectionLostError),
        (OK + b"Content-Length: 1\r\n\r\n{}", Response),
        (OK + b"Content-Length: -2\r\n\r\n{}", ConnectionLostError),
        (OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", Response),
        (OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", ConnectionLostError),
        (OK + b"Content-Encoding: gzip\r\n\r\n{}", Response),
        (OK + b"Content-Encoding: gzip\r\n\r\nno gzip", ConnectionLostError),
        (OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"{}")[:-9], ConnectionLostError),
        (OK + b"Content-Encoding: gzip\r\n\r\n" + b"\x1f\x8c" + gzip.compress(b"{}")[2:], ConnectionLostError),
        (OK + b"Content-Encoding: gzip\r\n\r\n" + zlib.compress(b"{}"), Response),
        (OK + b"Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n\r\n{}", Response),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", ConnectionLostError),
        (b"HTTP/1.1 204 No Content\r\n\r\n", NotFlattrResponseError),
        (b"HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n", NotFlattrResponseError),
        (b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/9\r\n\r\n{}", NotFlattrResponseError),
        (b"HTTP/1.1 304 Not Modified\r\n\r\n", NotFlattrResponseError),
        (b"HTTP/1.1 302 Found\r\n\r\n", BadRedirectError),
        (b"HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\n\r\n", BadRedirectError),
        (b"HTTP/1.1 302 Found\r\nLocation: /rest/v2/users/ada\r\n\r\n", BadRedirectError),
        (b"HTTP/1.1 302 Found\r\nLocation: /a\r\nLocation: http://evil.example/\r\n\r\n", BadRedirectError),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_each_fault_has_its_error(sent: bytes, kind: type) -> None:
    assert type(await call_raw_server(sent)) is kind


@asynccontextmanager
async def serve_endlessly(head: bytes, piece: bytes, pause: float = 0) -> AsyncIterator[tuple[Source, list[int]]]:
    """Serve `head`, then `piece` as body again and again, with `pause` seconds between two pieces.

    Yields the source, and a list whose only item is the number of bytes of body that were sent so far.
    """
    byte_count = [0]
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(head)
            while not over.is_set() and not writer.is_closing():  # with an empty piece, no error would end the loop
                writer.write(piece)
                byte_count[0] += len(piece)
                await writer.drain()
                await asyncio.sleep(pause)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client closed the connection, as these tests intend
        finally:
            writer.close()

    async with listen(serve) as source:
        try:
            yield source, byte_count
        finally:
            over.set()


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n"
ZIPPED = zlib.compressobj(wbits=31)
ENDLESS_GZIP = ZIPPED.compress(b" " * 2**22) + ZIPPED.flush(zlib.Z_FULL_FLUSH)


@pytest.mark.parametrize(
    ("head", "piece", "kind"),
    [
        (OK + b"\r\n[", b" " * 4096, TooLargeError),
        (CHUNKED + b"\r\n", b"1000\r\n" + b" " * 4096 + b"\r\n", TooLargeError),
        (OK + b"Content-Encoding: gzip\r\n\r\n" + ENDLESS_GZIP, b"", TooLargeError),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", b" " * 4096, TooLargeError),
        (b"HTTP/1.1 302 Found\r\nLocation: /a\r\n\r\n", b" " * 4096, TooLargeError),
        (OK, b"X-More: " + b"a" * 1000 + b"\r\n", ConnectionLostError),
        (b"HTTP/1.1 200 ", b"a" * 4096, ConnectionLostError),
        (OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b'{"username": "ada"}'), b"\0" * 4096, Response),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_an_endless_response_is_not_read_on(head: bytes, piece: bytes, kind: type) -> None:
    async with serve_endlessly(head, piece) as (source, byte_count):
        assert type(await call_once(Client(source, deadline=4, max_bytes=MAX_BYTES), BY_NAME["user"])) is kind
    assert byte_count[0] < 2**23


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nX: ", OK + b"\r\n", CHUNKED + b"\r\n1\r\n \r\n"], ids=str)
async def test_a_slow_response_has_one_deadline(head: bytes) -> None:
    piece = b"1\r\n \r\n" if head.startswith(CHUNKED) else b"a"
    async with serve_endlessly(head, piece, pause=0.01) as (source, _):
        assert (
            type(await call_once(Client(source, deadline=0.2, max_bytes=MAX_BYTES), BY_NAME["user"])) is TimedOutError
        )


async def test_slow_redirects_share_the_deadline() -> None:
    async def redirect_slowly(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(0.08)
        place = f"/rest/v2/{scope['path']}x".encode()
        await send({"type": "http.response.start", "status": 302, "headers": [(b"location", place)]})
        await send({"type": "http.response.body"})

    client = Client(parse_source(BASE), make_app=lambda: redirect_slowly, deadline=0.2)
    assert type(await call_once(client, BY_NAME["user"])) is TimedOutError
