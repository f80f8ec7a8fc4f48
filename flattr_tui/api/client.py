"""The client of the Flattr REST API v2: one method call in, one bounded answer or one error out.

Source: `flattr/developers.flattr.net`, content/api/index.md. Redirects are followed by hand, within the source's
origin only (RFC 6454), so that a token can't go anywhere else; a lookup's 302 is its answer and is not followed.
"""

import asyncio
import importlib
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import msgspec

from flattr_tui.api.errors import (
    ApiError,
    BadRedirectError,
    CannotConnectError,
    FlattrError,
    NotCapturedError,
    NotFlattrAnswerError,
    RateLimitedError,
    ServerFailedError,
    api_error,
)
from flattr_tui.api.requests import Prepared, prepare
from flattr_tui.api.table import Format, Method
from flattr_tui.model import reading
from flattr_tui.model.answers import Answer
from flattr_tui.model.decode import NotFlattrError, media_type, parse
from flattr_tui.model.entities import RateLimit
from flattr_tui.model.source import Source, SourceKind, is_loopback, origin

if TYPE_CHECKING:
    from flattr_tui.api.http import Answered, AsgiApp, Http

DEADLINE = 10.0
"""Seconds for one request, redirects included."""
MAX_BYTES = 16 * 1024 * 1024
"""The cap on one decoded body."""
MAX_REDIRECTS = 5
_CODES = {401: "unauthorized", 404: "not_found", 406: "not_acceptable", 429: "rate_limit_exceeded"}
"""What a status says without a body (*seen*); 429 (RFC 6585) is a newer server's word for the limit."""
_ERROR_FIRST = re.compile(rb'\s*\{\s*"error"\s*:')
"""An error in a successful answer: told by its beginning, since no object of Flattr's begins so."""
_ARCHIVE = re.compile(r"/web/\d{4,14}[a-z_]*/")


@dataclass(frozen=True, slots=True)
class Response:
    """A successful answer as it came. Header names are lower case."""

    method: Method
    arguments: Mapping[str, str]
    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: float
    """Unix seconds."""
    elapsed: float
    """Seconds."""
    rate: RateLimit | None = None

    @property
    def content_type(self) -> str:
        """The body's type, `application/json` where the server did not say."""
        return self.headers.get("content-type", "application/json")

    @property
    def etag(self) -> str:
        """The entity tag (RFC 9110, 8.8.3), "" without one."""
        return self.headers.get("etag", "")

    @property
    def not_modified(self) -> bool:
        """Whether what the caller has is still true (304)."""
        return self.status == 304


class Client:
    """Calls the methods of one source.

    `app` makes the server in this process, in a thread, at the first request. `token` is asked for each request of a
    personal method, and for no other: what everybody may read is asked for as nobody. `ready` is awaited before, for
    what a token may need first: being read from a keyring, being renewed.
    """

    def __init__(
        self,
        source: Source,
        *,
        app: "Callable[[], AsgiApp] | None" = None,
        token: Callable[[Method], str | None] | None = None,
        ready: Callable[[], Awaitable[None]] | None = None,
        deadline: float = DEADLINE,
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if source.kind is SourceKind.SAVED:
            raise CannotConnectError("the source `saved` has no server.")
        self.source = source
        self._app = app
        self._token = token
        self._ready = ready
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._clock = clock
        self._http: Http | None = None
        self._opening = asyncio.Lock()

    def prepare(
        self,
        method: Method,
        arguments: Mapping[str, str],
        *,
        format: Format | None = None,
    ) -> Prepared:
        """Build the request that `call` would send; raises `UsageError`."""
        token = self._token(method) if self._token is not None and method.personal else None
        return prepare(self.source.base, method, arguments, format=format, token=token)

    async def call(
        self,
        method: Method,
        arguments: Mapping[str, str],
        *,
        format: Format | None = None,
        etag: str = "",
    ) -> Response:
        """Call a method and return its successful answer (2xx, 304 with `etag`, a lookup's 302 and 404).

        Raises a `FlattrError`; nothing is retried here.
        """
        if self._ready is not None and method.personal:
            await self._ready()
        prepared = self.prepare(method, arguments, format=format)
        if etag and not method.writes:
            prepared = Prepared(prepared.verb, prepared.url, {**prepared.headers, "If-None-Match": etag})
        started = time.perf_counter()
        answered, url = await self._send(method, prepared)
        response = Response(
            method=method,
            arguments=dict(arguments),
            url=url,
            status=answered.status,
            headers=answered.headers,
            body=answered.body,
            fetched_at=self._clock(),
            elapsed=time.perf_counter() - started,
            rate=rate_of(answered.headers),
        )
        if response.not_modified and "If-None-Match" not in prepared.headers:
            raise NotFlattrAnswerError("the server says `not modified`, which nobody asked it.")
        problem = _problem(response, archived=self._is_archive(answered.headers))
        if problem is not None:
            problem.response = response
            raise problem
        return _with_lookup_body(response)

    async def _send(self, method: Method, prepared: Prepared) -> "tuple[Answered, str]":
        http = await self._open()
        url, until = prepared.url, time.monotonic() + self._deadline
        for _ in range(MAX_REDIRECTS + 1):
            answered = await http.send(prepared.verb, url, prepared.headers, prepared.body, until=until)
            if answered.status not in {301, 302, 303, 307, 308} or method.answer is Answer.LOOKUP:
                return answered, url
            url = self._redirected(method, url, answered.headers.get("location", ""))
        raise BadRedirectError(f"more than {MAX_REDIRECTS} redirects, the last to {url[:200]}.")

    def _redirected(self, method: Method, url: str, location: str) -> str:
        if not location:
            raise BadRedirectError("the server redirects to nowhere.")
        if method.writes:
            raise BadRedirectError("the server redirects a request that changes something; it was not sent on.")
        try:
            target = urljoin(url, location)
            same = origin(target) == self.source.origin
        except ValueError as error:
            raise BadRedirectError("the server redirects to what is no address.") from error
        if not same:
            raise BadRedirectError(f"the server redirects to another site ({target[:200]}); it was not followed.")
        return target

    async def _open(self) -> "Http":
        async with self._opening:
            if self._http is None:
                self._http = await asyncio.to_thread(self._make)
            return self._http

    def _make(self) -> "Http":
        """Import httpx, read the certificates, make the server in this process: all too slow for the event loop."""
        http = importlib.import_module("flattr_tui.api.http")
        try:
            app = self._app() if self._app is not None else None
        except OSError as error:
            raise CannotConnectError(f"the server in this program could not be started ({error}).") from error
        made: Http = http.Http(
            app, loopback=is_loopback(self.source.origin[1]), deadline=self._deadline, max_bytes=self._max_bytes
        )
        return made

    def _is_archive(self, headers: Mapping[str, str]) -> bool:
        """Whether a web archive answers: its address has a date in it, its answers say so (RFC 7089)."""
        return bool(_ARCHIVE.search(f"{self.source.base}/")) or any(
            name == "memento-datetime" or name.startswith("x-archive-") for name in headers
        )

    async def aclose(self) -> None:
        """Close all connections."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None


def rate_of(headers: Mapping[str, str]) -> RateLimit | None:
    """Read the `X-RateLimit-*` headers; None without the two that count."""
    limit, remaining, current, reset = (
        reading.integer(headers.get(f"x-ratelimit-{name}")) for name in ("limit", "remaining", "current", "reset")
    )
    if limit is None or remaining is None:
        return None
    return RateLimit(limit=limit, remaining=remaining, current=current, reset=reset)


def _problem(response: Response, *, archived: bool) -> FlattrError | None:
    status, is_lookup = response.status, response.method.answer is Answer.LOOKUP
    if 200 <= status < 300 or status == 304:
        if media_type(response.content_type) in {"text/html", "application/xhtml+xml"}:
            return NotFlattrAnswerError(
                "an HTML page came instead of an answer of Flattr (a captive portal, or another site at this address?)."
            )
        return _body_error(response) if _ERROR_FIRST.match(response.body) else None
    error = _body_error(response)
    if is_lookup and (
        status == 302 or (status == 404 and error is None and not archived and _says_not_found(response))
    ):
        return None
    if status >= 500:
        return ServerFailedError(
            f"the server failed ({status}{f': {error.description}' if error else ''}). Try again in a while."
        )
    if error is not None:
        return error
    if status == 404 and archived:
        return NotCapturedError("not captured by this web archive.")
    return _limited(api_error(status, _CODES.get(status, ""), f"the server answered {status}."), response)


def _parsed(response: Response) -> object:
    try:
        return parse(response.body, response.content_type)
    except NotFlattrError:
        return None  # not every error has a body that can be read (seen): its status then speaks alone


def _says_not_found(response: Response) -> bool:
    body = _parsed(response)
    return isinstance(body, dict) and body.get("message") == "not_found"


def _body_error(response: Response) -> ApiError | None:
    body = _parsed(response)
    if not isinstance(body, dict) or not isinstance(body.get("error"), str):
        return None
    code, description, uri = (reading.text(body.get(f"error{part}")) or "" for part in ("", "_description", "_uri"))
    return _limited(api_error(response.status, code, description, uri), response)


def _limited(error: ApiError, response: Response) -> ApiError:
    if isinstance(error, RateLimitedError):
        after = reading.integer(response.headers.get("retry-after"))
        error.reset = response.rate.reset if response.rate else None
        if error.reset is None and after is not None:
            error.reset = int(response.fetched_at) + after
    return error


def _with_lookup_body(response: Response) -> Response:
    """A lookup's 302 is as good with a `Location` alone as with the documented body."""
    if response.method.answer is Answer.LOOKUP and response.status == 302 and not isinstance(_parsed(response), dict):
        body = msgspec.json.encode({"message": "found", "location": response.headers.get("location", "")})
        return replace(response, body=body, headers={**response.headers, "content-type": "application/json"})
    return response
