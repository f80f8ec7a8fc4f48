"""Sends HTTP requests with httpx, which no other module imports, and decodes compressed bodies.

A request has a total deadline and a limit on decoded bytes. Redirects are not followed here (the client follows them)
and no cookies are kept. This module is imported with the first request, because importing httpx takes longer than
drawing the first screen.

httpx does not limit decoded bytes, so bodies are decoded here, in pieces of limited size. If the header
`Content-Encoding` and the first bytes of a body contradict each other, the first bytes decide. Source: RFC 9110, 8.4
(Content-Encoding), RFC 1950 and 1951 (zlib and bare deflate, both sent as `deflate`), RFC 1952.

Proxies and certificates come from environment variables, as in curl. An invalid entry of `NO_PROXY`, for which httpx
raises an obscure error, is ignored; an unusable value raises an error of one sentence.

A move to httpx2 would touch this module (the client, its three transports, limits, timeouts and exceptions, and the
event hook), the code that the console copies (`library/console/exchange.py`), the import contract in pyproject.toml,
and the tests that send requests to the sandbox with httpx. Authlib's integration of httpx is not used.
"""

import asyncio
import importlib
import importlib.util
import ipaddress
import os
import re
import ssl
import sys
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx

from flattr_tui import __version__
from flattr_tui.api.errors import (
    PROXY_LOGIN,
    CannotConnectError,
    ConnectionLostError,
    NotFlattrResponseError,
    TimedOutError,
    TlsFailedError,
    TooLargeError,
    UsageError,
)
from flattr_tui.model.text_sanitizer import single_line, strip_controls

if importlib.util.find_spec("sniffio") is None:
    # httpcore and httpx try to import sniffio four times a request, and Python looks for it in each folder: 0.2 ms.
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # documented: importing it then fails at once

USER_AGENT = f"flattr-tui/{__version__}"
CONNECT_SECONDS = 5.0
LIMITS = httpx.Limits(max_connections=8)
MAX_HEADERS = 200
_LOCATION = "location"
_GZIP = b"\x1f\x8b\x08"
_NO_RESPONSE = ("peer closed", "server disconnected")
"""The beginnings of h11's and httpcore's messages for a closed connection; others mean an invalid response."""
_PYTHON_BYTES = re.compile(r"bytearray\(b?(['\"])(.*)\1\)")
Scope = MutableMapping[str, Any]
AsgiApp = Callable[
    [Scope, Callable[[], Awaitable[MutableMapping[str, Any]]], Callable[[MutableMapping[str, Any]], Awaitable[None]]],
    Awaitable[None],
]
"""A server in this process (the ASGI specification, 3.0)."""
CHUNK = 65_536
"""Maximum size of a decoded piece in bytes, because gzip may expand its input a thousandfold."""
_GZIP_NAMES = frozenset({"gzip", "x-gzip"})
_PACKED = _GZIP_NAMES | {"deflate"}
_JSON = frozenset({b'{"', b"{}", b"[{", b"[]"})
"""The first bytes of JSON. A body that begins with them is not encoded, whatever `Content-Encoding` says."""
_PLAIN = frozenset({"", "identity", "none", "utf-8", "utf8", "binary", "8bit"})
"""Values of Content-Encoding that servers send for a body that is not encoded."""
_ZLIB_OR_GZIP = 47
"""zlib's window bits for data with the header of zlib or of gzip."""
_GZIP_MEMBER = b"\x1f\x8b"
"""First bytes of each member of a gzip body, which may have several members (RFC 1952, 2.2)."""


@dataclass(frozen=True, slots=True)
class RawResponse:
    """A complete HTTP response. Header names are in lower case, values are without control characters."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    """The body after decompression."""


class HttpTransport:
    """Sends requests to one server, through a pool of connections.

    Create it in a thread: importing modules and reading certificates take too long for the event loop's thread.
    """

    def __init__(
        self, app: AsgiApp | None = None, *, loopback: bool = False, deadline: float = 10.0, max_bytes: int = 2**24
    ) -> None:
        """Prepare to send requests to `app`, a server in this process; with None, to servers on the network.

        `deadline` is the maximum duration of a whole request in seconds, `max_bytes` the limit on a decoded body.
        `loopback` says that the server is on this machine, so that proxies in the environment are not used.
        """
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._client = httpx.AsyncClient(
            transport=_make_transport(app, is_direct=loopback),
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
            follow_redirects=False,
            trust_env=False,  # read below, and what is wrong with it is reported
            # Only gzip is requested: it is decoded below, in pieces of limited size.
            headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
            event_hooks={"response": [_hide_location]},
        )

    async def send(
        self,
        verb: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        until: float | None = None,
    ) -> RawResponse:
        """Send one request and return its whole response, whatever its status. With `body` None, no body is sent.

        `until` is the time at which to give up, on the clock of `time.monotonic`. Several requests can share this time,
        for example a request and those that follow its redirects. With None, the request may take as long as this
        object's `deadline`. Raises `NetworkError`, `TooLargeError`, `NotFlattrResponseError` or, for an address that
        can't be requested, `UsageError`.
        """
        left = self._deadline if until is None else until - time.monotonic()
        try:
            async with asyncio.timeout(left):
                return await self._exchange(verb, url, headers, body)
        except TimeoutError as error:
            raise TimedOutError(f"the server did not answer within {self._deadline:g} s.") from error
        except httpx.ConnectTimeout as error:
            raise CannotConnectError(_unreachable_message(url, f"no connection in {CONNECT_SECONDS:g} s")) from error
        except httpx.ProxyError as error:
            reason = _error_message(error)
            refused = f"the proxy from the environment refused the connection ({reason})."
            raise CannotConnectError(PROXY_LOGIN if reason.startswith("407") else refused) from error
        except (httpx.ConnectError, httpx.UnsupportedProtocol) as error:
            if _is_tls(error):
                advice = "Check the address, and this machine's clock."
                if "CERTIFICATE_VERIFY_FAILED" in (reason := _error_message(error)):
                    advice += " If you trust a certificate that the server made itself, set SSL_CERT_FILE to its file."
                raise TlsFailedError(f"no secure connection ({reason}). {advice}") from error
            raise CannotConnectError(
                _unreachable_message(url, f"the server cannot be reached ({_error_message(error)})")
            ) from error
        except (httpx.InvalidURL, UnicodeError) as error:  # UnicodeError: a name that IDNA does not allow
            raise UsageError(f"the address can't be requested ({_error_message(error)}).") from error
        except (httpx.HTTPError, httpx.StreamError, ValueError) as error:
            # ValueError: an invalid number in the head, which h11 accepts.
            what = "the connection was lost" if _is_lost(error) else "the server's response is not valid HTTP"
            raise ConnectionLostError(f"{what} ({_error_message(error)}).") from error
        finally:
            self._client.cookies.clear()

    async def _exchange(self, verb: str, url: str, headers: Mapping[str, str], body: bytes | None) -> RawResponse:
        request = self._client.build_request(verb, url, headers=dict(headers), content=body)
        response = await self._client.send(request, stream=True)
        try:
            data = await self._read(response.aiter_raw(), response.headers.get("content-encoding", ""))
        finally:
            await response.aclose()
        _check_length(response, len(data))
        if data.startswith(_GZIP):  # `gzip, gzip`, or a compressed file that is served without `Content-Encoding`
            data = await self._read(_one_piece(data), "gzip")
        named = list(response.headers.items())[:MAX_HEADERS] + response.extensions.get(_LOCATION, [])
        return RawResponse(response.status_code, {k.lower(): strip_controls(v) for k, v in named}, data)

    async def _read(self, raw: AsyncIterator[bytes], encoding: str) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in decode_stream(raw, encoding):
            size += len(chunk)
            if size > self._max_bytes:
                raise TooLargeError(f"the response is larger than {self._max_bytes:,} bytes, so the rest was not read.")
            chunks.append(chunk)
        return b"".join(chunks)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()


class _ProxiedTransport(httpx.AsyncBaseTransport):
    """Sends each request through the proxy that the environment sets for the request's address, or directly."""

    def __init__(self) -> None:
        self._tls = make_tls_context()
        self._transports: dict[str | None, httpx.AsyncHTTPTransport] = {None: self._connect_through(None)}
        """Transports by the proxy's address. The one for direct connections has the key None."""

    def _connect_through(self, proxy: str | None) -> httpx.AsyncHTTPTransport:
        return httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False, proxy=proxy, limits=LIMITS)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        proxy = proxy_for(str(request.url))
        transport = self._transports.get(proxy)
        if transport is None:
            try:
                transport = self._connect_through(proxy)
            except ImportError as error:
                raise CannotConnectError(
                    "the environment names a SOCKS proxy, which needs the package socksio: `pip install socksio`."
                ) from error
            self._transports[proxy] = transport
        try:
            return await transport.handle_async_request(request)
        except httpx.ConnectError as error:
            if proxy is None or _is_tls(error):
                raise
            variable = _proxy_variable(request.url.scheme)
            raise CannotConnectError(
                f"the proxy that {variable} names cannot be reached ({_error_message(error)}). Correct it, or unset it."
            ) from error

    async def aclose(self) -> None:
        for transport in self._transports.values():
            await transport.aclose()


def _make_transport(app: AsgiApp | None, *, is_direct: bool) -> httpx.AsyncBaseTransport:
    if app is not None:
        return httpx.ASGITransport(app=app, raise_app_exceptions=False)
    with suppress(ImportError):  # httpcore would import it with the first connection, for 60 ms
        importlib.import_module("anyio._backends._asyncio")
    if is_direct:
        return httpx.AsyncHTTPTransport(verify=make_tls_context(), trust_env=False, limits=LIMITS)
    return _ProxiedTransport()


async def _hide_location(response: httpx.Response) -> None:
    """Hide a redirect's `Location` from httpx, because an invalid one would make httpx raise an error.

    httpx parses `Location` even if it is told not to follow redirects. After an error, the response would be lost.
    """
    if _LOCATION in response.headers:
        response.extensions[_LOCATION] = [(_LOCATION, response.headers.pop(_LOCATION))]


def _check_length(response: httpx.Response, size: int) -> None:
    """Raise `ConnectionLostError` if `size`, the length of the body, is not its `Content-Length` (RFC 9110, 8.6).

    httpx checks this for servers on the network, but not for servers in this process.
    """
    chunked = "transfer-encoding" in response.headers  # it overrides the length: RFC 9112, 6.3
    declared = "" if chunked else response.headers.get("content-length", "")
    encoded = parse_encodings(response.headers.get("content-encoding", ""))
    length = int(declared) if declared.isascii() and declared.isdigit() and len(declared) < 19 else size
    if length != size and not encoded and response.status_code not in {204, 304}:
        raise ConnectionLostError("the response ended early.")


async def _one_piece(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _is_lost(error: Exception) -> bool:
    return not isinstance(error, httpx.RemoteProtocolError | ValueError) or str(error).lower().startswith(_NO_RESPONSE)


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _unreachable_message(url: str, what: str) -> str:
    host = httpx.URL(url).host
    if host == "flattr.com" or host.endswith(".flattr.com"):
        return (
            "Flattr was shut down, and its server cannot be reached. Saved data: `--source saved`; "
            "a server for trying things out: `--source sandbox`."
        )
    return f"{what}."


def _error_message(error: Exception) -> str:
    """Return the message of an error, or of its cause, on one line; if both are empty, the error's class name."""
    told: BaseException | None = error
    while told is not None and not str(told):
        told = told.__cause__ or told.__context__
    return single_line(_PYTHON_BYTES.sub(r"'\2'", str(told or "")))[:200] or type(error).__name__


def parse_encodings(header: str) -> list[str]:
    """Return the encodings in a `Content-Encoding` header, in lower case, without names that mean 'not encoded'."""
    return [name for part in header.split(",") if (name := part.strip().lower()) not in _PLAIN]


async def decode_stream(body: AsyncIterator[bytes], header: str) -> AsyncIterator[bytes]:
    """Yield the decoded pieces of a body; `header` is its `Content-Encoding`.

    Raises `NotFlattrResponseError` for an encoding that was not requested, and `ConnectionLostError` for a body that is
    damaged or cut off.
    """
    named = parse_encodings(header)
    if not named:
        async for piece in body:
            yield piece
        return
    pieces = _split_pieces(body)
    head = b""
    async for piece in pieces:
        head += piece
        if len(head) > 1:
            break
    is_supported = len(named) == 1 and named[0] in _PACKED
    if _is_plain(head) if is_supported else head[:2] in _JSON:
        yield head
        async for piece in pieces:
            yield piece
        return
    if not is_supported and not set(named) <= _GZIP_NAMES:
        raise NotFlattrResponseError(f"the response is encoded as {single_line(header)[:40]}, which was not requested.")
    async for piece in _inflate(head, pieces, _zlib_wbits(head, named[0])):
        yield piece


def _is_plain(head: bytes) -> bool:
    """Whether a body with these first bytes is uncompressed JSON or markup. No compressed body begins like that."""
    first = head.lstrip(b" \t\r\n")[:1]
    return len(head) > 1 and first in {b"", b"{", b"[", b"<"}


def _zlib_wbits(head: bytes, name: str) -> int:
    """Return zlib's `wbits` to unpack a body that begins with `head`. `name` is its encoding, such as `deflate`."""
    has_zlib_header = len(head) > 1 and head[0] & 15 == zlib.DEFLATED and int.from_bytes(head[:2]) % 31 == 0
    is_bare = name == "deflate" and not has_zlib_header and head[:2] != _GZIP_MEMBER
    return -zlib.MAX_WBITS if is_bare else _ZLIB_OR_GZIP


async def _inflate(head: bytes, rest: AsyncIterator[bytes], window: int) -> AsyncIterator[bytes]:
    inflate, raw = zlib.decompressobj(window), head
    try:
        while raw:
            pending, piece = raw, b""
            while pending or len(piece) == CHUNK:
                if inflate.eof and not _GZIP_MEMBER.startswith(pending[:2]):
                    return  # what follows the last member does not belong to the body, and may never end
                if inflate.eof:
                    inflate = zlib.decompressobj(_ZLIB_OR_GZIP)
                piece = inflate.decompress(pending, CHUNK)
                pending = inflate.unconsumed_tail or inflate.unused_data
                yield piece
            raw = await anext(rest, b"")
    except zlib.error as error:
        raise ConnectionLostError("the response can't be decompressed.") from error
    if head and not inflate.eof:
        raise ConnectionLostError("the response ended early.")


async def _split_pieces(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield a body in pieces of at most `CHUNK` bytes, as soon as bytes arrive."""
    async for raw in body:
        for start in range(0, len(raw), CHUNK):
            yield raw[start : start + CHUNK]


def proxy_for(address: str) -> str | None:
    """Return the address of the proxy for a request to `address`; None for a direct connection.

    Raises `CannotConnectError` if the environment variable that sets the proxy has an unusable value. The message names
    the variable, but does not contain the value, which may include a password.
    """
    target = urlsplit(address)
    proxies = getproxies()
    host = (target.hostname or "").rstrip(".").lower()
    if any(_covers(host, entry) for entry in proxies.get("no", "").lower().replace(",", " ").split()):
        return None
    proxy = proxies.get(target.scheme) or proxies.get("all")
    if not proxy:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    variable = _proxy_variable(target.scheme)
    try:
        parts = urlsplit(proxy)
        scheme = parts.scheme if parts.hostname and parts.port != 0 else ""
    except ValueError:
        scheme = ""
    if not scheme:
        raise CannotConnectError(f"{variable} does not hold the address of a proxy. Correct it, or unset it.")
    if scheme not in {"http", "https", "socks5", "socks5h"}:
        raise CannotConnectError(
            f"{variable} names a proxy of an unknown kind ({scheme}://). Use http://, https:// or socks5://,"
            " or unset it."
        )
    return proxy


def make_tls_context() -> ssl.SSLContext:
    """Return a TLS context that trusts the certificates in `SSL_CERT_FILE` or `SSL_CERT_DIR`, otherwise certifi's.

    Raises `CannotConnectError` if one of these variables, or `SSLKEYLOGFILE`, names an unusable file. The message names
    the variable.
    """
    import certifi  # noqa: PLC0415 -- reading certificates is for the network only

    if keylog := os.environ.get("SSLKEYLOGFILE"):  # `ssl` opens it, too, but its error does not name the file
        try:
            os.close(os.open(keylog, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        except OSError as error:
            raise CannotConnectError(
                f"SSLKEYLOGFILE names a file that cannot be written ({error.strerror}). Correct it, or unset it."
            ) from error
    file, folder = os.environ.get("SSL_CERT_FILE") or None, os.environ.get("SSL_CERT_DIR") or None
    variable = "SSL_CERT_FILE" if file else "SSL_CERT_DIR"
    try:
        return ssl.create_default_context(cafile=file or (None if folder else certifi.where()), capath=folder)
    except OSError as error:  # `ssl.SSLError` is one
        raise CannotConnectError(
            f"{variable} names no usable certificates ({error.strerror or error}). Correct it, or unset it."
        ) from error


def _proxy_variable(scheme: str) -> str:
    """Return the name of the environment variable that sets the proxy for a scheme such as `https`, for messages.

    If no variable is set, the proxy comes from the system's settings, and `The system's proxy setting` is returned.
    """
    names = (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")
    return next((name for name in names if os.environ.get(name)), "The system's proxy setting")


def _covers(host: str, entry: str) -> bool:
    """Whether an entry of `NO_PROXY` covers a host: `*`, a name and its subdomains, an address, or a range (CIDR)."""
    if entry == "*":
        return True
    entry = entry.strip("[]").rstrip(".")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = entry.lstrip(".").rsplit(":", 1)[0]
        return bool(name) and (host == name or host.endswith(f".{name}"))
    try:
        return address in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False
