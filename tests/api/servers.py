"""Servers that misbehave: ASGI programs in a line, and raw answers on a loopback socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from flattr_tui.api.client import Client
from flattr_tui.api.methods import BY_NAME
from flattr_tui.api.response import Response
from flattr_tui.model.source import Source, SourceKind, parse_source

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

BASE = "http://127.0.0.1/rest/v2"


@dataclass
class Asgi:
    """Answers each path with a status, headers and a body, and remembers what it was asked."""

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


def client_of(app: Asgi, base: str = BASE, **options: Any) -> Client:
    source = Source(SourceKind.SERVER, base, base)
    return Client(source, app=lambda: app, **options)


def answering(body: bytes, status: int = 200, **headers: str) -> Asgi:
    named = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Asgi({"*": (status, named, body)})


@asynccontextmanager
async def listening(serve: Serve) -> AsyncIterator[Source]:
    """Serve each connection to a port of this machine; the source is what is there."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield parse_source(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/rest/v2")
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def raw_server(*pieces: bytes, hang: bool = False) -> AsyncIterator[tuple[Source, list[bytes]]]:
    """Serve these bytes to every connection, then close it, or hang until the end of the test."""
    over = asyncio.Event()
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            if hang:
                await over.wait()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away: what some tests are about
        finally:
            writer.close()

    async with listening(serve) as source:
        try:
            yield source, asked
        finally:
            over.set()


async def call(app: Asgi, name: str = "user", base: str = BASE, token: str = "", **arguments: str) -> Response:
    """Call a method of a server once, `ada` where it is a user's and nothing else is said."""
    client = client_of(app, base, token=lambda _: token or None)
    try:
        return await client.call(BY_NAME[name], arguments or ({"username": "ada"} if name == "user" else {}))
    finally:
        await client.aclose()
