"""Servers for tests: ASGI applications with fixed responses, and raw bytes on a loopback socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from flattr_tui.api.client import Client
from flattr_tui.api.method_table import BY_NAME
from flattr_tui.api.response import Response
from flattr_tui.model.data_source import Source, SourceKind, parse_source

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]

BASE = "http://127.0.0.1/rest/v2"


@dataclass
class FixedApp:
    """An ASGI application with a fixed response (status, headers, body) for each path; `*` stands for all other paths.

    `seen` lists the verb, path, headers and body of each request.
    """

    answers: Mapping[str, tuple[int, Mapping[str, str], bytes]]
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        body = (await receive()).get("body", b"")
        path = scope["raw_path"].decode() + (f"?{scope['query_string'].decode()}" if scope["query_string"] else "")
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.seen.append((scope["method"], path, headers, body))
        status, named, answer = self.answers.get(path) or self.answers["*"]
        pairs = [(name.encode(), value.encode()) for name, value in named.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": answer})


def make_client(app: FixedApp, base: str = BASE, **options: Any) -> Client:
    source = Source(SourceKind.SERVER, base, base)
    return Client(source, make_app=lambda: app, **options)


def respond_with(body: bytes, status: int = 200, **headers: str) -> FixedApp:
    """Return an application that sends the same response to every request. The default content type is JSON."""
    named = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return FixedApp({"*": (status, named, body)})


@asynccontextmanager
async def listen(serve: Serve) -> AsyncIterator[Source]:
    """Call `serve` for each connection to a new port on 127.0.0.1. Yields a source with the address of that port.

    At the end all connections are closed, and calls that still run are cancelled.
    """
    running: list[asyncio.Task[None]] = []
    writers: list[asyncio.StreamWriter] = []

    def start(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        running.append(asyncio.create_task(serve(reader, writer)))
        writers.append(writer)

    server = await asyncio.start_server(start, "127.0.0.1", 0)
    try:
        yield parse_source(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/rest/v2")
    finally:
        server.close()
        for task, writer in zip(running, writers, strict=True):
            task.cancel()
            writer.transport.abort()
        ends = await asyncio.gather(*running, return_exceptions=True)
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)
        await server.wait_closed()
        # a client that goes away is not the server's fault
        assert [end for end in ends if isinstance(end, Exception) and not isinstance(end, OSError | EOFError)] == []


@asynccontextmanager
async def raw_server(*pieces: bytes, hang: bool = False) -> AsyncIterator[tuple[Source, list[bytes]]]:
    """Send `pieces` to every connection, then close the connection or, with `hang`, leave it open.

    Yields a source with the server's address, and the list of the requests' headers.
    """
    over = asyncio.Event()
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            requests.append(await reader.readuntil(b"\r\n\r\n"))
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            if hang:
                await over.wait()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client closed the connection, as some tests intend
        finally:
            writer.close()

    async with listen(serve) as source:
        try:
            yield source, requests
        finally:
            over.set()


async def call(app: FixedApp, name: str = "user", base: str = BASE, token: str = "", **arguments: str) -> Response:
    """Call the API method `name` of an application, and return the response.

    The method `user` is called for ada unless `arguments` say otherwise. With `token` "", no token is sent. `base` is
    the address of the API.
    """
    client = make_client(app, base, token=lambda _: token or None)
    try:
        return await client.call(BY_NAME[name], arguments or ({"username": "ada"} if name == "user" else {}))
    finally:
        await client.aclose()
