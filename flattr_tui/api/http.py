"""HTTP, and the only importer of httpx: another library is one change here.

One request at a time, with a total deadline and a cap on decoded bytes, redirects not followed (the client does that
by hand), no cookies kept. Imported when the first request is made, since httpx costs more than the first paint.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import httpx

from flattr_tui import __version__
from flattr_tui.api.errors import CannotConnectError, ConnectionLostError, TimedOutError, TooLargeError

Scope = MutableMapping[str, Any]
AsgiApp = Callable[
    [Scope, Callable[[], Awaitable[MutableMapping[str, Any]]], Callable[[MutableMapping[str, Any]], Awaitable[None]]],
    Awaitable[None],
]
"""A server in this process (the ASGI specification, 3.0)."""

USER_AGENT = f"flattr-tui/{__version__}"
CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Answered:
    """An HTTP response, whole. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """A connection pool to one source."""

    def __init__(self, app: AsgiApp | None = None, *, loopback: bool = False) -> None:
        """Speak to a server in this process where `app` is given, else to the network.

        Proxies named in the environment are used as by other programs, but never for loopback.
        """
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False) if app is not None else None,
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=app is None and not loopback,
            headers={"User-Agent": USER_AGENT},
            limits=httpx.Limits(max_connections=8),
        )

    async def send(
        self, verb: str, url: str, headers: Mapping[str, str], body: bytes | None, *, deadline: float, max_bytes: int
    ) -> Answered:
        """Send one request and read its answer whole.

        `deadline` is seconds for everything, `max_bytes` the cap on the decoded body. Raises `NetworkError`s and
        `TooLargeError`.
        """
        try:
            async with asyncio.timeout(deadline):
                return await self._exchange(verb, url, headers, body, max_bytes)
        except TimeoutError as error:
            raise TimedOutError(f"the server did not answer within {deadline:g} s.") from error
        except httpx.ConnectTimeout as error:
            raise CannotConnectError(f"no connection within {CONNECT_SECONDS:g} s.") from error
        except httpx.TimeoutException as error:
            raise TimedOutError("the server did not answer in time.") from error
        except (httpx.ConnectError, httpx.UnsupportedProtocol, httpx.ProxyError) as error:
            raise CannotConnectError(f"the server cannot be reached ({_reason(error)}).") from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise ConnectionLostError(f"the connection broke off ({_reason(error)}).") from error
        finally:
            self._client.cookies.clear()

    async def _exchange(
        self, verb: str, url: str, headers: Mapping[str, str], body: bytes | None, max_bytes: int
    ) -> Answered:
        request = self._client.build_request(verb, url, headers=dict(headers), content=body)
        response = await self._client.send(request, stream=True)
        try:
            chunks: list[bytes] = []
            size = 0
            async for chunk in response.aiter_bytes(65_536):
                size += len(chunk)
                if size > max_bytes:
                    raise TooLargeError(f"the answer is larger than {max_bytes:,} bytes; it was not read on.")
                chunks.append(chunk)
        finally:
            await response.aclose()
        return Answered(response.status_code, {k.lower(): v for k, v in response.headers.items()}, b"".join(chunks))

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()


def _reason(error: Exception) -> str:
    return str(error).strip() or type(error).__name__
