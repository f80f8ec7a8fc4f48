"""HTTP, and the only importer of httpx: another library is one change here.

One request at a time, with a total deadline and a cap on decoded bytes, redirects not followed (the client does that
by hand), no cookies kept. Imported when the first request is made, since httpx costs more than the first paint.
"""

import asyncio
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import httpx

from flattr_tui import __version__
from flattr_tui.api.errors import (
    CannotConnectError,
    ConnectionLostError,
    NotFlattrAnswerError,
    TimedOutError,
    TlsFailedError,
    TooLargeError,
)
from flattr_tui.model.text import clean, line

Scope = MutableMapping[str, Any]
AsgiApp = Callable[
    [Scope, Callable[[], Awaitable[MutableMapping[str, Any]]], Callable[[MutableMapping[str, Any]], Awaitable[None]]],
    Awaitable[None],
]
"""A server in this process (the ASGI specification, 3.0)."""

USER_AGENT = f"flattr-tui/{__version__}"
CONNECT_SECONDS = 5.0
MAX_HEADERS = 200
_CHUNK = 65_536
_ZLIB_OR_GZIP = 47
"""zlib's window bits that take either header."""
_GZIP_MEMBER = b"\x1f\x8b"
"""What a member of a gzip body begins with: there may be several (RFC 1952, 2.2)."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An HTTP response, whole. Header names are lower case, their values free of control characters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """A connection pool to one server.

    To be made in a thread: reading the machine's certificates takes longer than the event loop may stand still.
    """

    def __init__(
        self, app: AsgiApp | None = None, *, loopback: bool = False, deadline: float = 10.0, max_bytes: int = 2**24
    ) -> None:
        """Speak to a server in this process where `app` is given, else to the network.

        `deadline` is seconds for all of a request, `max_bytes` the cap on a decoded body. Proxies and certificates
        named in the environment are used as by other programs, but never for loopback.
        """
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False) if app is not None else None,
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=app is None and not loopback,
            # Of all that httpx can decode, gzip alone: it is decoded below, a bounded piece at a time.
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
            limits=httpx.Limits(max_connections=8),
        )

    async def send(
        self,
        verb: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        until: float | None = None,
    ) -> Answered:
        """Send one request and read its answer whole.

        `until` is the end of the deadline on `time.monotonic` where it has begun before (redirects share one). Raises
        `NetworkError`s, `TooLargeError` and `NotFlattrAnswerError`.
        """
        left = self._deadline if until is None else until - time.monotonic()
        try:
            async with asyncio.timeout(left):
                return await self._exchange(verb, url, headers, body)
        except TimeoutError as error:
            raise TimedOutError(f"the server did not answer within {self._deadline:g} s.") from error
        except httpx.ConnectTimeout as error:
            raise CannotConnectError(f"no connection within {CONNECT_SECONDS:g} s.") from error
        except httpx.ProxyError as error:
            raise CannotConnectError(f"the proxy that the environment names refused ({_reason(error)}).") from error
        except (httpx.ConnectError, httpx.UnsupportedProtocol) as error:
            if _is_tls(error):
                raise TlsFailedError(
                    f"no secure connection ({_reason(error)}). Check the address, and this machine's clock."
                ) from error
            raise CannotConnectError(f"the server cannot be reached ({_reason(error)}).") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, ValueError) as error:
            # ValueError: a head of numbers that are none, which h11 lets through.
            raise ConnectionLostError(f"the connection broke off ({_reason(error)}).") from error
        finally:
            self._client.cookies.clear()

    async def _exchange(self, verb: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answered:
        request = self._client.build_request(verb, url, headers=dict(headers), content=body)
        response = await self._client.send(request, stream=True)
        try:
            chunks: list[bytes] = []
            size = 0
            async for chunk in _decoded(response):
                size += len(chunk)
                if size > self._max_bytes:
                    raise TooLargeError(f"the answer is larger than {self._max_bytes:,} bytes; it was not read on.")
                chunks.append(chunk)
        finally:
            await response.aclose()
        _check_length(response, size)
        named = list(response.headers.items())[:MAX_HEADERS]
        return Answered(response.status_code, {k.lower(): clean(v) for k, v in named}, b"".join(chunks))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()


def _check_length(response: httpx.Response, size: int) -> None:
    """See that the body is as long as it said (RFC 9110, 8.6), which no transport in this process does.

    Raises `ConnectionLostError`.
    """
    said = response.headers.get("content-length", "")
    encoded = response.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}
    length = int(said) if said.isascii() and said.isdigit() and len(said) < 19 else size
    if length != size and not encoded and response.status_code not in {204, 304}:
        raise ConnectionLostError("the answer broke off in the middle.")


async def _decoded(response: httpx.Response) -> AsyncIterator[bytes]:
    """Read a body, a compressed one in pieces of at most `_CHUNK` bytes: gzip can hold a thousand times its size."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        async for raw in response.aiter_raw():
            yield raw
        return
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise NotFlattrAnswerError(f"the answer is encoded as {line(encoding)[:40]}, which was not asked for.")
    inflate, any_came = zlib.decompressobj(_ZLIB_OR_GZIP), False
    try:
        async for raw in _pieces(response):
            any_came, pending, piece = True, raw, b""
            while pending or len(piece) == _CHUNK:
                if inflate.eof and not _GZIP_MEMBER.startswith(pending[:2]):
                    return  # what stands behind the last member is none of it, and may never end
                if inflate.eof:
                    inflate = zlib.decompressobj(_ZLIB_OR_GZIP)
                piece = inflate.decompress(pending, _CHUNK)
                pending = inflate.unconsumed_tail or inflate.unused_data
                yield piece
    except zlib.error as error:
        raise ConnectionLostError("the answer's compression is broken.") from error
    if any_came and not inflate.eof:
        raise ConnectionLostError("the answer broke off in the middle.")


async def _pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    """Read what comes as it comes, never waiting for a piece to be full, in pieces of at most `_CHUNK` bytes."""
    async for raw in response.aiter_raw():
        for start in range(0, len(raw), _CHUNK):
            yield raw[start : start + _CHUNK]


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _reason(error: Exception) -> str:
    return line(str(error))[:200] or type(error).__name__
