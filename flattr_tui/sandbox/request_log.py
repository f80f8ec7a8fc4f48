"""Logs a line for each request, without tokens, codes and secrets.

14:03:59 127.0.0.1 GET /rest/v2/users/ada/flattrs?count=5 200 1,204 bytes 12 ms
"""

import time
from collections.abc import Callable
from urllib.parse import unquote_plus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SECRET = frozenset({"access_token", "client_secret", "code", "code_verifier", "refresh_token", "token"})
_LONGEST = 500


class RequestLog:
    """Forwards requests, and calls `write` with a line after each response, even one that was cut off."""

    def __init__(self, app: ASGIApp, write: Callable[[str], object]) -> None:
        self._app = app
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status, size, is_whole = time.perf_counter(), 0, 0, False

        async def counted(message: Message) -> None:
            nonlocal status, size, is_whole
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
                is_whole = not message.get("more_body", False)
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            ended = f"{status}{'' if is_whole else ' cut off'} {size:,} bytes" if status else "not answered"
            took = (time.perf_counter() - start) * 1000
            client = scope["client"][0] if scope.get("client") else "in-process"
            now = time.strftime("%H:%M:%S")
            self._write(f"{now} {client} {scope['method']} {_target(scope)} {ended} {took:.0f} ms")


def _masked(part: str) -> str:
    name = part.partition("=")[0]
    return f"{name}=***" if unquote_plus(name).strip().lower() in _SECRET else part


def _target(scope: Scope) -> str:
    """Return path and query as they were sent, with unprintable characters escaped and secrets removed."""
    path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
    query = "&".join(_masked(part) for part in scope["query_string"].decode("latin-1").split("&"))
    text = f"{path}?{query}" if query else path
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return "".join(sign if sign.isprintable() else f"%{ord(sign):02X}" for sign in shown)
