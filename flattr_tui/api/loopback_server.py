"""The loopback server that receives the redirect at the end of a login.

It accepts one answer, and only from this machine. Source: RFC 8252, section 7.3 (loopback redirection).
"""

import asyncio
import errno
from contextlib import suppress
from http import HTTPStatus
from typing import Self

from flattr_tui.api.errors import LoginError, WrongStateError
from flattr_tui.api.oauth_login import LoginRequest

PATH = "/callback"
MAX_HEAD = 16_384
"""Maximum size in bytes of a request's first line and headers."""
REQUEST_SECONDS = 5.0
MAX_CONNECTIONS = 16

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>flattr-tui</title>
<body style="font-family:sans-serif;max-width:32em;margin:4em auto"><h1>{title}</h1><p>{text}</p></body></html>
"""
_DONE = ("Logged in", "Go back to the terminal. You can close this window.")
_FAILED = ("Not logged in", "The terminal says why. You can close this window.")
_AGAIN = ("Already complete", "This login is already complete. You can close this window.")
_STRANGE = ("Not this login", "No login is waiting for this answer. Use the page that was opened last.")
_NOTHING = ("Nothing here", "This address only receives the result of a login.")


class LoopbackServer:
    """Listens on 127.0.0.1 for the browser that a login redirects. Create it with `open`."""

    def __init__(self, server: asyncio.Server, port: int) -> None:
        self._server = server
        self.port = port
        self._pending: LoginRequest | None = None
        self._answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._taken = False
        self._serving: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(cls, port: int = 0) -> Self:
        """Return a server that listens on a port (0: any free one). Raises `LoginError` if the port can't be used."""
        made: list[Self] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await made[0]._serve(reader, writer)

        try:
            server = await asyncio.start_server(serve, "127.0.0.1", port, limit=MAX_HEAD, start_serving=False)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise LoginError(
                    f"port {port} is in use. Finish the other login, or choose another port in the settings."
                ) from error
            raise LoginError(f"can't listen on port {port} of this machine ({error.strerror}).") from error
        made.append(cls(server, server.sockets[0].getsockname()[1]))
        await server.start_serving()
        return made[0]

    @property
    def redirect_uri(self) -> str:
        """The address to which the service must redirect the browser."""
        return f"http://127.0.0.1:{self.port}{PATH}"

    async def wait(self, pending: LoginRequest, timeout: float = 300.0) -> str:  # noqa: ASYNC109 -- a person's, in words
        """Wait for the answer to the login `pending`, and return the authorization code in the answer.

        Answers to other logins are refused. Raises `LoginError` if the service refused, or if no answer comes within
        `timeout` seconds.
        """
        self._pending = pending
        try:
            async with asyncio.timeout(timeout):
                return await asyncio.shield(self._answer)
        except TimeoutError as error:
            message = f"the login in the browser was not finished within {timeout / 60:g} minutes. Log in again."
            raise LoginError(message) from error

    async def aclose(self) -> None:
        """Stop listening. Responses in progress have 0.2 s to end."""
        self._server.close()
        if self._serving:
            _, late = await asyncio.wait(self._serving, timeout=0.2)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._server.wait_closed()
        if self._answer.done() and not self._answer.cancelled():
            self._answer.exception()  # otherwise asyncio would report an answer that nobody waited for
        self._answer.cancel()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(self._serving) >= MAX_CONNECTIONS:
            writer.close()
            return
        self._serving.add(task)
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                await self._respond(reader, writer)
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            pass  # a browser that went away, or never spoke
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
            self._serving.discard(task)

    async def _respond(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        result: str | LoginError | None = None
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            status, page = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, _NOTHING
        else:
            status, page, result = self._handle_request(head.decode("latin-1"))
        try:
            writer.write(_format_response(status, page))
            await writer.drain()
        finally:  # the answer counts even if the browser has gone
            if isinstance(result, str) and not self._answer.done():
                self._answer.set_result(result)
            elif isinstance(result, LoginError) and not self._answer.done():
                self._answer.set_exception(result)

    def _refusal(self, verb: str, target: str, version: str, hosts: list[str]) -> HTTPStatus | None:
        """Return the status with which to refuse a request; None if the request may be the redirect of a login.

        `verb`, `target` and `version` are the parts of the request line (`GET /callback?code=… HTTP/1.1`), and `hosts`
        the values of all `Host` headers.
        """
        if not version.startswith("HTTP/1."):
            return HTTPStatus.BAD_REQUEST
        if hosts not in ([f"127.0.0.1:{self.port}"], [f"localhost:{self.port}"]):
            return HTTPStatus.MISDIRECTED_REQUEST  # another site's name for this address: DNS rebinding
        if target.partition("?")[0] != PATH:
            return HTTPStatus.NOT_FOUND
        return None if verb == "GET" else HTTPStatus.METHOD_NOT_ALLOWED

    def _handle_request(self, head: str) -> tuple[HTTPStatus, tuple[str, str], str | LoginError | None]:
        """Return the HTTP status and the page (title, text) that answer a request, and the result of the login.

        `head` is the request line with the headers. The result of the login is an authorization code, or an error if
        the login failed. The result is None if the request is not the redirect of this login.
        """
        request, *lines = head.split("\r\n")
        verb, _, rest = request.partition(" ")
        target, _, version = rest.partition(" ")
        hosts = [text.partition(":")[2].strip().lower() for text in lines if text.lower().startswith("host:")]
        refusal = self._refusal(verb, target, version, hosts)
        if refusal is not None:
            return refusal, _NOTHING, None
        if self._taken:
            return HTTPStatus.OK, _AGAIN, None
        if self._pending is None:
            return HTTPStatus.BAD_REQUEST, _STRANGE, None
        try:
            code = self._pending.read_code(target)
        except WrongStateError:
            return HTTPStatus.BAD_REQUEST, _STRANGE, None
        except LoginError as error:
            self._taken = True
            return HTTPStatus.OK, _FAILED, error
        self._taken = True
        return HTTPStatus.OK, _DONE, code


def _format_response(status: HTTPStatus, page: tuple[str, str]) -> bytes:
    body = _PAGE.format(title=page[0], text=page[1]).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: text/html; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
