"""The REST API as an ASGI application: routing, the rate limit, tokens, formats, caching, errors.

The rate limit is a number of requests per hour for each token. Requests without a token are counted for each client
address. Source: `flattr/developers.flattr.net`, content/api/index.md; RFC 9110 (conditional requests), RFC 6750
(tokens).
"""

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from functools import cached_property
from hashlib import blake2b
from threading import Lock

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from flattr_tui.sandbox import api_responses
from flattr_tui.sandbox.api_call import Call, Reply, SandboxRequest, parse_request
from flattr_tui.sandbox.api_responses import PLAIN, ApiError, Format, not_found, unauthorized, unknown_format
from flattr_tui.sandbox.database import StorageError
from flattr_tui.sandbox.models import Refused, Token
from flattr_tui.sandbox.serializers import Addresses
from flattr_tui.sandbox.world import World

HOUR = 3600
UNLIMITED = 2**31 - 1
"""The `hourly_limit` in `/rate_limit` if there is no limit: the largest number that all clients read as integer."""
log = logging.getLogger(__name__)
log.addHandler(logging.NullHandler())  # within the program, a traceback on stderr would be drawn over its screen
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Location, WWW-Authenticate, X-RateLimit-Limit, X-RateLimit-Remaining, "
    "X-RateLimit-Current, X-RateLimit-Reset",
}
PREFLIGHT = CORS | {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}
_UNKNOWN_SUFFIX = re.compile(r"\.\w+$")


@dataclass(frozen=True, slots=True)
class RateStatus:
    """How many requests of the rate limit are used in the current hour, and when the hour ends."""

    limit: int
    current: int
    reset: int
    """When the hour ends, in Unix seconds."""
    exceeded: bool = False
    """Whether the request was refused because the limit had been reached."""

    @property
    def remaining(self) -> int:
        """Number of requests left in this hour."""
        return max(0, self.limit - self.current)

    @property
    def headers(self) -> dict[str, str]:
        """The four headers about the rate limit, for a response. Empty if there is no limit."""
        if self.limit == UNLIMITED:
            return {}
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Current": str(self.current),
            "X-RateLimit-Reset": str(self.reset),
        }

    @property
    def body(self) -> dict[str, int | str]:
        """The data of the response to `GET /rate_limit`."""
        return {
            "hourly_limit": self.limit,
            "remaining_hits": self.remaining,
            "current_hits": self.current,
            "reset_time_in_seconds": self.reset,
            "reset_time": formatdate(self.reset).replace("-0000", "+0000 GMT"),
        }


class RateLimiter:
    """Counts the requests of each token or client address, which is the `key`. Any thread may use it.

    The hour of a key begins with its first request. `limit` is the number of requests per hour, 0 for no limit; `clock`
    returns the current time in Unix seconds.
    """

    def __init__(self, limit: int, clock: Callable[[], float]) -> None:
        if limit < 0:
            raise ValueError(f"The rate limit must be a number of requests per hour (0: no limit), not {limit}.")
        self._limit = limit or UNLIMITED
        self._clock = clock
        self._lock = Lock()
        self._windows: dict[str, tuple[int, int]] = {}

    def peek(self, key: str) -> RateStatus:
        """Return the status of a key. No request is counted."""
        with self._lock:
            reset, current = self._current_hour(key)
        return RateStatus(self._limit, current, reset)

    def count(self, key: str) -> RateStatus:
        """Count a request, unless the limit of its key is reached, and return the status of the key."""
        with self._lock:
            reset, current = self._current_hour(key)
            exceeded = current >= self._limit
            current += not exceeded
            self._windows[key] = (reset, current)
        return RateStatus(self._limit, current, reset, exceeded)

    def _current_hour(self, key: str) -> tuple[int, int]:
        """Return when the current hour of a key ends (Unix seconds), and how many requests are counted in that hour."""
        now = int(self._clock())
        window = self._windows.get(key)
        if window is not None and window[0] > now:
            return window
        self._windows = {other: held for other, held in self._windows.items() if held[0] > now}
        return now + HOUR, 0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What the API does for one HTTP method on one path, and what the request needs."""

    handler: Callable[[Call], Reply]
    formats: tuple[Format, ...] = PLAIN
    """The formats of the response, the default first; empty if the response has no body."""
    token: bool = False
    """Whether the request needs an access token."""
    scope: str = ""
    """The scope that the token must have; "" for any."""


@dataclass(frozen=True)
class Resource:
    """A path of the API, with an `Endpoint` for each HTTP method.

    In the pattern of the path, `:name` stands for any value.
    """

    pattern: str
    actions: Mapping[str, Endpoint]

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """A regular expression for the pattern.

        It matches decoded paths without a suffix and without a trailing slash.
        """
        return re.compile(re.sub(r":(\w+)", r"(?P<\1>[^/]+)", self.pattern))

    def matches(self, path: str) -> bool:
        """Whether `path` matches the pattern, and the pattern ends in a fixed word, such as `things`.

        A pattern that ends in a variable part, such as a user name, returns False: what looks like the suffix of an
        unknown format may then be part of the name.
        """
        return self.pattern.rpartition("/")[2].isalpha() and self.regex.fullmatch(path) is not None


class Api:
    """The ASGI application under `/rest/v2`.

    Each request is answered in a worker thread, because reading the sandbox's data may take long.
    """

    def __init__(
        self,
        world: Callable[[], World],
        resources: tuple[Resource, ...],
        limiter: RateLimiter,
        addresses: Callable[[Request], Addresses],
        page_cap: int,
    ) -> None:
        self._world = world
        self._resources = resources
        self._limiter = limiter
        self._addresses = addresses
        self._page_cap = page_cap

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        raw = Request(scope, receive)
        if raw.method == "OPTIONS":
            response = preflight(raw.headers)
        else:
            request = await parse_request(raw)
            # A client that has gone must not wait: the first response may include generating the sandbox's data.
            response = await asyncio.to_thread(self._respond, request, self._addresses(raw))
        await response(scope, receive, send)

    def _respond(self, request: SandboxRequest, at: Addresses) -> Response:
        rate_status: RateStatus | None = None
        fmt = request.suffix if request.suffix in PLAIN else Format.JSON
        try:
            if request.path == "/rate_limit":
                return self._rate_limit(request)
            token = self._token(request)
            rate_status = self._limiter.count(self._limit_key(request, token))
            _check_limit(request, token, rate_status)
            action, path = self._route(request)
            if action.formats:
                fmt = api_responses.negotiate(request.suffix, request.headers.get("accept", ""), action.formats)
            _authorize(action, token)
            call = Call(
                world=self._world(),
                at=at,
                path=path,
                query=request.query,
                raw_path=request.raw_path,
                raw_query=request.raw_query,
                fields={} if request.verb == "GET" else request.fields,
                token=token,
                format=fmt,
                address=request.url,
                page_cap=self._page_cap,
            )
            reply = action.handler(call)
            return respond_with_reply(request, reply, call, rate_status)
        except ApiError as error:
            return respond_with_error(request, error, fmt, rate_status)
        except Refused as refusal:
            return respond_with_error(request, ApiError.of(refusal), fmt, rate_status)
        except StorageError as error:
            return respond_with_error(request, ApiError.of_storage(error), fmt, rate_status)
        except Exception:
            log.exception("The sandbox could not answer %s %s", request.method, request.path)
            return respond_with_error(
                request, ApiError("server_error", "Something is technically wrong"), fmt, rate_status
            )

    def _rate_limit(self, request: SandboxRequest) -> Response:
        if request.verb != "GET":
            raise ApiError("method_not_allowed", "Use GET, HEAD", {"Allow": "GET, HEAD, OPTIONS"})
        fmt = api_responses.negotiate(request.suffix, request.headers.get("accept", ""), PLAIN)
        rate_status = self._limiter.peek(self._limit_key(request, self._token(request)))
        body, content_type = api_responses.render(
            rate_status.body, fmt, "rate_limit", api_responses.check_callback(request.query.get("jsonp"))
        )
        return make_response(request, body, content_type, 200, {"Cache-Control": "no-store"})

    def _token(self, request: SandboxRequest) -> Token | None:
        bearer = request.bearer
        return self._world().token(bearer) if bearer else None

    def _limit_key(self, request: SandboxRequest, token: Token | None) -> str:
        return f"token {token.token}" if token else f"address {request.client}"

    def _route(self, request: SandboxRequest) -> tuple[Endpoint, Mapping[str, str]]:
        bare = _UNKNOWN_SUFFIX.sub("", request.path)
        if bare != request.path and (
            bare == "/rate_limit" or any(resource.matches(bare) for resource in self._resources)
        ):
            raise unknown_format()
        for resource in self._resources:
            found = resource.regex.fullmatch(request.path)
            if found is None:
                continue
            action = resource.actions.get(request.verb)
            if action is None:
                verbs = [*resource.actions, *(["HEAD"] if "GET" in resource.actions else []), "OPTIONS"]
                raise ApiError("method_not_allowed", f"Use {', '.join(verbs[:-1])}", {"Allow": ", ".join(verbs)})
            return action, found.groupdict()
        raise not_found()


def preflight(headers: Headers) -> Response:
    """Return the response to a CORS preflight: the request that a browser sends before one to another origin."""
    wanted = headers.get("access-control-request-headers")
    extra = {"Access-Control-Allow-Headers": wanted} if wanted else {}
    return Response(status_code=204, headers=PREFLIGHT | extra)


def _check_limit(request: SandboxRequest, token: Token | None, rate_status: RateStatus) -> None:
    if rate_status.exceeded:
        raise ApiError("rate_limit_exceeded", "Too many requests the last hour")
    if request.bearer is not None and token is None:
        raise unauthorized("You are unauthorized to access the resource", token=True)


def _authorize(action: Endpoint, token: Token | None) -> None:
    if not action.token:
        return
    if token is None:
        raise unauthorized("You are unauthorized to access the resource")
    if action.scope and action.scope not in token.scopes:
        challenge = f'Bearer realm="flattr", error="insufficient_scope", scope="{action.scope}"'
        text = f"Don't have the scope required to access resource: {action.scope}"
        raise ApiError("insufficient_scope", text, {"WWW-Authenticate": challenge})


def respond_with_reply(request: SandboxRequest, reply: Reply, call: Call, rate_status: RateStatus) -> Response:
    """Return the HTTP response for `reply`, which a handler has returned for `call`.

    A successful response to GET has an ETag. A client that has the same data already gets 304 (RFC 9110, 13.1.2).
    """
    body, content_type = reply.body(call, api_responses.check_callback(request.query.get("jsonp")))
    headers = dict(reply.headers) | rate_status.headers
    if request.verb == "GET" and reply.status == 200:
        tag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
        headers |= {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}
        if _matches_etag(request.headers.get("if-none-match", ""), tag):
            return Response(status_code=304, headers=CORS | headers)
    return make_response(request, body, content_type, reply.status, headers)


def respond_with_error(
    request: SandboxRequest, error: ApiError, fmt: Format, rate_status: RateStatus | None
) -> Response:
    """Return the HTTP response for an error: in the format `fmt` if errors support it, otherwise in JSON.

    If the request has a valid parameter `jsonp`, the JSON is wrapped in a call of that JavaScript function.
    `rate_status` is None if the request failed before it was counted.
    """
    fmt = fmt if fmt in PLAIN else Format.JSON
    body, content_type = api_responses.render(
        error.body, fmt, "error", api_responses.callback_or_none(request.query.get("jsonp"))
    )
    headers = error.headers | (rate_status.headers if rate_status else {}) | {"Cache-Control": "no-store"}
    return make_response(request, body, content_type, error.status, headers)


def make_response(
    request: SandboxRequest, body: bytes, content_type: str, status: int, headers: Mapping[str, str]
) -> Response:
    """Return an HTTP response with CORS headers and `headers`. A HEAD request gets the headers only, without a body.

    With `content_type` "", the response has no header `Content-Type`.
    """
    named = CORS | dict(headers) | ({"Content-Type": content_type} if content_type else {})
    if request.method == "HEAD":
        return Response(status_code=status, headers=named | {"Content-Length": str(len(body))})
    return Response(body, status, named)


def _matches_etag(header: str, tag: str) -> bool:
    tags = {part.strip().removeprefix("W/") for part in header.split(",")}
    return tag in tags or "*" in tags
