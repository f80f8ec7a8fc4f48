"""The client of the Flattr REST API v2. A call returns one response of limited size, or raises one error.

The client follows redirects itself, within the source's origin only (RFC 6454), so that a token can't go anywhere else.
It does not follow the redirect with which a lookup answers that a thing exists.

Source: `flattr/developers.flattr.net`, content/api/index.md, 'Client errors' and 'Rate limiting'; RFC 9110, 10.2.3
(Retry-After) and 15 (statuses); RFC 6585 (429).
"""

import asyncio
import importlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import msgspec
from msgspec.structs import replace

from flattr_tui.api.errors import (
    PROXY_LOGIN,
    ApiError,
    BadRedirectError,
    CannotConnectError,
    FlattrError,
    InsufficientBudgetError,
    NotArchivedError,
    NotFlattrResponseError,
    RateLimitedError,
    ServerFailedError,
    TokenRenewedError,
    UnauthorizedError,
    api_error,
)
from flattr_tui.api.method_table import Format, Method
from flattr_tui.api.prepared_request import PreparedRequest, prepare_request
from flattr_tui.api.rate_limit_headers import parse_retry_after, rate_limit_at
from flattr_tui.api.request_log import MAX_LOGGED, LoggedCall, describe_error, make_logger
from flattr_tui.api.response import Response
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.data_source import Source, SourceKind, is_loopback, origin
from flattr_tui.model.entities import Lookup, NotFlattrError
from flattr_tui.model.lazy_pattern import lazy_pattern
from flattr_tui.model.response_body_parser import find_error, is_html, media_type, parse_body

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
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ERROR_LIMIT = 65_536
"""Maximum size in bytes of a successful body that is searched for an error."""
_CODES = {401: "unauthorized", 404: "not_found", 406: "not_acceptable", 429: "rate_limit_exceeded"}
"""The API's codes for statuses that servers send without a body. Newer servers use 429 for the rate limit."""
_RETRY_LATER = frozenset({408, 425})
"""HTTP statuses after which the same request may succeed later (RFC 9110, 15.5.9; RFC 8470)."""
_ADVICE = {
    407: PROXY_LOGIN,
    511: "the network wants you to log in first (511). Open any page in a browser, then try again.",
}
_ARCHIVE = lazy_pattern(r"/web/\d{4,14}[a-z_]*/")
_HTML = frozenset({"text/html", "application/xhtml+xml"})


class Client:
    """Sends calls of API methods to one source, and returns the responses.

    `make_app` makes a server that runs in this process. It is called in a thread, before the first request is sent.
    With None, the source's server is on the network.

    `token` returns the access token for a method; None to send no token. `ready` is awaited before, so that it can load
    or refresh the token. `renew` is awaited with a token that the server refused, and returns whether `token` returns
    another one now. All are used only for methods whose response depends on the account (`Method.personal`).

    `deadline` is the maximum duration of a call in seconds. `max_bytes` is the maximum size of a decoded body. `clock`
    returns the current time in Unix seconds. `timer` returns seconds, to measure how long a call takes. The constructor
    raises `CannotConnectError` for the source `saved`, which has no server.
    """

    def __init__(
        self,
        source: Source,
        *,
        make_app: "Callable[[], AsgiApp] | None" = None,
        token: Callable[[Method], str | None] | None = None,
        ready: Callable[[], Awaitable[None]] | None = None,
        renew: Callable[[str], Awaitable[bool]] | None = None,
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
        self._renew = renew
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._clock = clock
        self._timer = timer
        self.on_response: Callable[[Response], None] = lambda _: None
        """Called with every response that comes, also with those that report an error."""
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
        """Call an API method, and return the server's response if the call was successful.

        A response with status 2xx is a success; for a lookup, also a redirect or 404. `etag` is the entity tag of the
        response that the caller has saved ("" if none); with it, 304 (not modified) is a success, too. `format` is the
        response format (None: the method's default). Without success, a `FlattrError` is raised, whose `response` is
        the server's response, if one came. Nothing is retried, except a call that reads, with a new token in place of a
        refused one; a call that writes raises `TokenRenewedError` then.
        """
        if self._ready is not None and method.personal:
            await self._ready()
        prepared = self.prepare(method, arguments, format=format)
        try:
            return await self._send_call(method, arguments, prepared, etag)
        except InsufficientBudgetError:
            raise
        except UnauthorizedError as error:
            used = prepared.headers.get("Authorization", "").removeprefix("Bearer ")
            if not used or self._renew is None or not await self._renew(used):
                raise
            if method.writes:
                raise TokenRenewedError from error
        return await self._send_call(method, arguments, self.prepare(method, arguments, format=format), etag)

    async def _send_call(
        self, method: Method, arguments: Mapping[str, str], prepared: PreparedRequest, etag: str
    ) -> Response:
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
        self.on_response(response)
        if response.not_modified and "If-None-Match" not in prepared.headers:
            raise NotFlattrResponseError("the server answered `not modified`, which was not requested.")
        problem = error_for(response, archived=is_archive(self.source.base, answered.headers))
        if problem is not None:
            problem.response = response
            raise problem
        return normalize_lookup(response)

    async def _send(self, method: Method, prepared: PreparedRequest) -> "tuple[RawResponse, str]":
        """Send the call of `method` (`prepared`), and follow redirects.

        Returns the last response, and the address from which it came. If a redirect sets a cookie, the cookie is sent
        to the redirect's target, because some servers repeat the redirect until they receive it.
        """
        http = await self._open()
        url, headers, until = prepared.url, prepared.headers, time.monotonic() + self._deadline
        for _ in range(MAX_REDIRECTS + 1):
            answered = await http.send(prepared.verb, url, headers, prepared.body, until=until)
            if answered.status not in REDIRECTS or (
                method.response_kind is ResponseKind.LOOKUP
                and is_lookup_result(answered.headers, answered.status, answered.body)
            ):
                return answered, url
            url = self._redirect_target(method, url, answered.headers.get("location", ""))
            if cookie := answered.headers.get("set-cookie", "").partition(";")[0]:
                headers = {**headers, "Cookie": cookie}
        raise BadRedirectError(f"more than {MAX_REDIRECTS} redirects, the last to {url[:200]}.")

    def _redirect_target(self, method: Method, url: str, location: str) -> str:
        """Return the address to which `url` redirects, made absolute. `location` is the redirect's `Location` header.

        Raises `BadRedirectError` if that address must not be requested, or if `method` writes.
        """
        if not location:
            raise BadRedirectError("the server redirects, but does not say where.")
        if method.writes:
            raise BadRedirectError("the server redirects a request that changes something; it was not sent on.")
        try:
            target = urljoin(url, location)
            target_origin, named = origin(target), "@" in urlsplit(target).netloc
        except ValueError as error:
            raise BadRedirectError("the server redirects to something that is not an address.") from error
        if named:
            raise BadRedirectError("the server redirects to an address with a user name in it; it was not followed.")
        scheme, host, _ = self.source.origin
        if target_origin[:2] == ("https", host) and scheme == "http":
            address = f"https://{urlsplit(target).netloc}"
            raise BadRedirectError(f"the server accepts https only. Choose a source that begins with {address}.")
        if target_origin != self.source.origin:
            raise BadRedirectError(f"the server redirects to another site ({target[:200]}); it was not followed.")
        return target

    async def _open(self) -> "HttpTransport":
        async with self._opening:
            if self._http is None:
                self._http = await asyncio.to_thread(
                    make_transport, self._make_app, self.source.origin[1], self._deadline, self._max_bytes
                )
            return self._http

    async def aclose(self) -> None:
        """Close all connections."""
        if self._http is not None:
            await self._http.aclose()
            self._http = None


def make_transport(
    make_app: "Callable[[], AsgiApp] | None", host: str, deadline: float, max_bytes: int
) -> "HttpTransport":
    """Return a transport to the server in this process that `make_app` makes; with None, to servers on the network.

    If `host` is this machine, proxies are not used. `deadline` is the limit on a request in seconds, `max_bytes` the
    limit on a decoded body. Importing httpx, reading certificates and making a server are slow: call this in a thread.
    Raises `CannotConnectError` if the server in this process can't be started.
    """
    http = importlib.import_module("flattr_tui.api.http_transport")
    try:
        app = make_app() if make_app is not None else None
    except OSError as error:
        raise CannotConnectError(f"the server in this program could not be started ({error}).") from error
    made: HttpTransport = http.HttpTransport(app, loopback=is_loopback(host), deadline=deadline, max_bytes=max_bytes)
    return made


def is_lookup_result(headers: Mapping[str, str], status: int, body: bytes) -> bool:
    """Whether a redirect is the answer to a lookup: its address leads to a thing, or its JSON body says 'found'.

    `headers`, `status` and `body` are the parts of the response. The caller must follow any other redirect, for example
    from a web archive to its nearest capture.
    """
    if status not in REDIRECTS:
        return False
    if Lookup(found=True, location=headers.get("location")).thing_id is not None:
        return True
    data = _try_parse(body, headers.get("content-type", ""))
    return isinstance(data, dict) and data.get("message") == "found" and isinstance(data.get("location"), str)


def error_for(response: "Response", *, archived: bool) -> FlattrError | None:
    """Return the error that a response reports; None if the response contains what was requested.

    `archived` says that the response came from a web archive.
    """
    status, is_lookup = response.status, response.method.response_kind is ResponseKind.LOOKUP
    if 200 <= status < 300 or status == 304:
        return _false_success(response)
    error = _body_error(response)
    if is_lookup and (
        status in REDIRECTS or (status == 404 and error is None and not archived and _says_not_found(response))
    ):
        return None
    if status >= 500 or status in _RETRY_LATER:
        return _server_error(response, error)
    if error is not None:
        return error
    if status == 404 and archived:
        return NotArchivedError("not captured by this web archive.")
    text = _ADVICE.get(status) or f"the server answered {_name_status(status)}."
    return _add_reset_time(api_error(status, _CODES.get(status, ""), text), response)


def _name_status(status: int) -> str:
    from http import HTTPStatus  # noqa: PLC0415 -- not before the first paint

    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)


def _false_success(response: "Response") -> FlattrError | None:
    """Return an error if a response with a success status does not contain what was requested; otherwise None.

    The body of such a response is an HTML page, an error, empty, or only a part of what was requested.
    """
    if response.status == 304:
        return None
    kind, body = media_type(response.content_type), response.body
    if is_html(body) or (kind in _HTML and _try_parse(body, "") is None):  # PHP calls all it sends HTML
        return NotFlattrResponseError(
            "the server sent an HTML page, not an API response (a captive portal, or another site at this address?)."
        )
    if response.status == 206:
        return NotFlattrResponseError("the server sent a part of the response (206), which was not requested.")
    if not response.method.writes and not body:
        return NotFlattrResponseError(f"the server answered {response.status} with an empty body.")
    if response.method.response_kind is ResponseKind.RECEIPT and _is_no_receipt(response):
        return NotFlattrResponseError("the response is not one of Flattr's API.")
    if len(body) > _ERROR_LIMIT or (b"error" not in body and b"fail" not in body):
        return None
    data = _try_parse(body, response.content_type)
    return _body_error(response) if isinstance(data, dict) and "type" not in data else None


def _is_no_receipt(response: "Response") -> bool:
    """Whether the response to a write is neither empty nor an object, so that it can't be a receipt."""
    body = response.body
    return bool(body.strip()) and not isinstance(_try_parse(body, response.content_type), dict)


def _server_error(response: "Response", error: ApiError | None) -> ServerFailedError:
    at = parse_retry_after(response.headers, response.fetched_at)
    detail = f": {error.description.rstrip('.')}" if error is not None and error.description else ""
    wait = round(at - response.fetched_at) if at is not None else 0
    when = f"in {wait:,} s" if wait > 0 else "in a while"
    failed = ServerFailedError(
        _ADVICE.get(response.status) or f"the server failed ({response.status}{detail}). Try again {when}."
    )
    failed.retry_at = at
    return failed


def _try_parse(body: bytes, content_type: str) -> object:
    try:
        return parse_body(body, content_type)
    except NotFlattrError:
        return None  # not every error has a readable body: then only its status counts


def _says_not_found(response: "Response") -> bool:
    body = _try_parse(response.body, response.content_type)
    return isinstance(body, dict) and body.get("message") == "not_found"


def _body_error(response: "Response") -> ApiError | None:
    found = find_error(_try_parse(response.body, response.content_type))
    if found is None:
        return None
    code = found.code or _CODES.get(response.status, "")
    return _add_reset_time(api_error(response.status, code, found.description), response)


def _add_reset_time(error: ApiError, response: "Response") -> ApiError:
    """Return `error` itself. If it is a `RateLimitedError`, set its `reset` from the headers of `response`."""
    if isinstance(error, RateLimitedError):
        error.reset = response.rate.reset if response.rate else None
        if error.reset is None or error.reset <= response.fetched_at:  # missing, or of a past hour
            error.reset = parse_retry_after(response.headers, response.fetched_at) or error.reset
    return error


def normalize_lookup(response: "Response") -> "Response":
    """Return the response to a lookup with a body as documented, even if the server sent only a redirect.

    A redirect without such a body is copied, with a body made from `Location`. Any other response is returned
    unchanged.
    """
    if response.method.response_kind is not ResponseKind.LOOKUP or response.status not in REDIRECTS:
        return response
    data = _try_parse(response.body, response.content_type)
    if isinstance(data, dict) and (data.get("location") or data.get("resource")):
        return response
    body = msgspec.json.encode({"message": "found", "location": response.headers.get("location", "")})
    return replace(response, body=body, headers={**response.headers, "content-type": "application/json"})


def is_archive(base: str, headers: Mapping[str, str]) -> bool:
    """Whether a response with these headers comes from a web archive. `base` is the address of the source.

    The address of a web archive contains a date (`/web/2012…/`), or its responses have special headers (RFC 7089).
    """
    return bool(_ARCHIVE.search(f"{base}/")) or any(
        name == "memento-datetime" or name.startswith("x-archive-") for name in headers
    )
