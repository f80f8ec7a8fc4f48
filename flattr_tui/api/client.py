"""The client of the Flattr REST API v2. A call returns one response of limited size, or raises one error.

Source: `flattr/developers.flattr.net`, content/api/index.md. The client follows redirects itself, within the source's
origin only (RFC 6454), so that a token can't go anywhere else. It does not follow the redirect with which a lookup
answers that a thing exists.
"""

import asyncio
import importlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from flattr_tui.api.errors import BadRedirectError, CannotConnectError, FlattrError, NotFlattrResponseError
from flattr_tui.api.method_table import Format, Method
from flattr_tui.api.prepared_request import PreparedRequest, prepare_request
from flattr_tui.api.request_log import MAX_LOGGED, LoggedCall, describe_error, make_logger
from flattr_tui.api.response import Response
from flattr_tui.api.response_errors import (
    REDIRECTS,
    error_for,
    is_archive,
    is_lookup_result,
    normalize_lookup,
    rate_limit_at,
)
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.data_source import Source, SourceKind, is_loopback, origin

if TYPE_CHECKING:
    from flattr_tui.api.http_transport import AsgiApp, HttpTransport, RawResponse

LOG = make_logger(__name__)
DEADLINE = 10.0
"""Maximum number of seconds that one call takes, including redirects."""
MAX_BYTES = 16 * 1024 * 1024
"""Maximum size of a body in bytes, after decompression."""
MAX_REDIRECTS = 5
MAX_ETAG_LENGTH = 1_000
"""Maximum number of characters of an entity tag that is sent back.

Servers refuse requests whose headers are too long.
"""


class Client:
    """Sends calls of API methods to one source, and returns the responses.

    `make_app` creates a server that runs in this process; it is called in a thread, before the first request is sent.
    With None, the source's server is on the network. The response to some methods depends on the account
    (`Method.personal`). Before a call of such a method, `ready` is awaited, which loads or refreshes the token; then
    `token` returns the access token, or None to send none. `deadline` is in seconds, `max_bytes` limits a decoded body,
    `clock` returns Unix seconds. The constructor raises `CannotConnectError` for the source `saved`, which has no
    server.
    """

    def __init__(
        self,
        source: Source,
        *,
        make_app: "Callable[[], AsgiApp] | None" = None,
        token: Callable[[Method], str | None] | None = None,
        ready: Callable[[], Awaitable[None]] | None = None,
        deadline: float = DEADLINE,
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        if source.kind is SourceKind.SAVED:
            raise CannotConnectError("the source `saved` has no server.")
        self.source = source
        self._make_app = make_app
        self._token = token
        self._ready = ready
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._clock = clock
        self._timer = timer
        self._http: HttpTransport | None = None
        self._opening = asyncio.Lock()

    def prepare(
        self,
        method: Method,
        arguments: Mapping[str, str],
        *,
        format: Format | None = None,
    ) -> PreparedRequest:
        """Return the request that `call` would send, with its access token. Raises `UsageError` for invalid arguments.

        With `format` None, the method's default format is used.
        """
        token = self._token(method) if self._token is not None and method.personal else None
        return prepare_request(self.source.base, method, arguments, format=format, token=token)

    async def call(
        self,
        method: Method,
        arguments: Mapping[str, str],
        *,
        format: Format | None = None,
        etag: str = "",
    ) -> Response:
        """Call an API method and return its successful response: 2xx, or for a lookup also a redirect or 404.

        `etag` is the entity tag of the response that the caller has saved ("" if none). With it, 304 (not modified) is
        a success, too. With `format` None, the method's default format is used. Any other result raises a
        `FlattrError`, whose `response` is the server's response, if one came. Nothing is retried.
        """
        if self._ready is not None and method.personal:
            await self._ready()
        prepared = self.prepare(method, arguments, format=format)
        can_stand_in_a_header = etag.isascii() and etag.isprintable() and 0 < len(etag) <= MAX_ETAG_LENGTH
        if can_stand_in_a_header and not method.writes:
            prepared = PreparedRequest(prepared.verb, prepared.url, {**prepared.headers, "If-None-Match": etag})
        call, started = LoggedCall(method, arguments), self._timer()
        LOG.debug("%s: sent", call)
        try:
            answered, url = await self._send(method, prepared)
        except FlattrError as error:
            LOG.warning("%s: %s in %d ms", call, describe_error(error), 1000 * (self._timer() - started))
            raise
        response = Response(
            method=method,
            arguments=dict(arguments),
            url=url,
            status=answered.status,
            headers=answered.headers,
            body=answered.body,
            fetched_at=self._clock(),
            elapsed=self._timer() - started,
            rate=rate_limit_at(answered.headers, self._clock()),
        )
        LOG.info(
            "%s: %d in %d ms, %d bytes of %s",
            call,
            response.status,
            1000 * response.elapsed,
            len(response.body),
            response.content_type[:MAX_LOGGED],
        )
        if response.not_modified and "If-None-Match" not in prepared.headers:
            raise NotFlattrResponseError("the server answered `not modified`, which was not requested.")
        problem = error_for(response, archived=is_archive(self.source.base, answered.headers))
        if problem is not None:
            problem.response = response
            raise problem
        return normalize_lookup(response)

    async def _send(self, method: Method, prepared: PreparedRequest) -> "tuple[RawResponse, str]":
        """Send a request and follow redirects. Returns the last response, and the address from which it came."""
        http = await self._open()
        url, until = prepared.url, time.monotonic() + self._deadline
        for _ in range(MAX_REDIRECTS + 1):
            answered = await http.send(prepared.verb, url, prepared.headers, prepared.body, until=until)
            if answered.status not in REDIRECTS or (
                method.response_kind is ResponseKind.LOOKUP
                and is_lookup_result(answered.headers, answered.status, answered.body)
            ):
                return answered, url
            url = self._redirect_target(method, url, answered.headers.get("location", ""))
        raise BadRedirectError(f"more than {MAX_REDIRECTS} redirects, the last to {url[:200]}.")

    def _redirect_target(self, method: Method, url: str, location: str) -> str:
        """Return the address to which `url` redirects, made absolute. `location` is the redirect's `Location` header.

        Raises `BadRedirectError` if the address must not be requested.
        """
        if not location:
            raise BadRedirectError("the server redirects, but does not say where.")
        if method.writes:
            raise BadRedirectError("the server redirects a request that changes something; it was not sent on.")
        try:
            target = urljoin(url, location)
            same, named = origin(target) == self.source.origin, "@" in urlsplit(target).netloc
        except ValueError as error:
            raise BadRedirectError("the server redirects to something that is not an address.") from error
        if named:
            raise BadRedirectError("the server redirects to an address with a user name in it; it was not followed.")
        if not same:
            raise BadRedirectError(f"the server redirects to another site ({target[:200]}); it was not followed.")
        return target

    async def _open(self) -> "HttpTransport":
        async with self._opening:
            if self._http is None:
                self._http = await asyncio.to_thread(self._make_transport)
            return self._http

    def _make_transport(self) -> "HttpTransport":
        """Import httpx, read the certificates, and create the server if it runs in this process.

        This is slow: call it in a thread.
        """
        http = importlib.import_module("flattr_tui.api.http_transport")
        try:
            app = self._make_app() if self._make_app is not None else None
        except OSError as error:
            raise CannotConnectError(f"the server in this program could not be started ({error}).") from error
        made: HttpTransport = http.HttpTransport(
            app, loopback=is_loopback(self.source.origin[1]), deadline=self._deadline, max_bytes=self._max_bytes
        )
        return made

    async def aclose(self) -> None:
        """Close all connections."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None
