"""Injects faults into responses, to test how a client handles them.

    faults = Faults([Fault.slow(0.5), Fault.fail(503, path="/rest/v2/users"), Fault.cut(100)])
    app = create_app(world, faults=faults)

For each request, the first fault that matches it is used, and later ones wait for another request. A fault is removed
after it was used `times` times. Requests that match no fault are answered as usual.
"""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, Self

from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flattr_tui.sandbox.api_responses import ApiError
from flattr_tui.sandbox.models import ThingSearch
from flattr_tui.sandbox.rest_api import RateStatus
from flattr_tui.sandbox.world import World

FOREVER = 2**62
_API = "/rest/"
_CHUNK = 65_536
PORTAL = b"<!doctype html><title>Free WiFi</title><h1>Welcome</h1><p>Accept the terms to go on.</p>"


class ConnectionCut(ConnectionError):
    """Raised if a fault closes the connection in the middle of a response.

    Clients in the same process see this exception. For clients with a socket, the connection closes.
    """


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault to inject into responses. The class methods create the usual faults."""

    path: str = ""
    """The beginning of the paths to which the fault applies; "" for all."""
    method: str = ""
    """The HTTP method to which the fault applies; "" for all."""
    times: int = 1
    """Number of requests that get the fault; `FOREVER` for all."""
    chance: float = 1.0
    """Probability that a matching request gets the fault. Requests without the fault do not count in `times`."""
    delay: float = 0.0
    """Seconds to wait before the response."""
    status: int = 0
    """The HTTP status of the response, which then has `body` and `headers`; 0 for the usual response."""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    limited: bool = False
    """Whether the response says that the rate limit is exceeded."""
    cut_after: int | None = None
    """Number of bytes of the body after which the connection is closed; None sends all."""
    extra_length: int = 0
    """Number of bytes by which Content-Length exceeds the length of the body."""
    endless: int = 0
    """Size in bytes of a response of `[` and spaces, larger than a client should read; 0 for the usual response."""
    rewrite: Callable[[Any], Any] | None = None
    """Receives the decoded JSON of the response, and returns what is sent instead."""
    change: Callable[[World], object] | None = None
    """Receives the sandbox's data before the response, and may change it, as other users do between two pages."""

    @classmethod
    def slow(cls, seconds: float, **fields: Any) -> Self:
        """Return a fault that delays the response by `seconds`.

        `fields` are other fields of the fault, such as `times`.
        """
        return cls(delay=seconds, **fields)

    @classmethod
    def fail(cls, status: int = 503, body: bytes = b"", **fields: Any) -> Self:
        """Return a fault that responds with an error `status`, and with `body` as HTML, as a proxy would.

        `fields` are other fields of the fault, such as `times`.
        """
        return cls(status=status, body=body, headers={"Content-Type": "text/html; charset=utf-8"}, **fields)

    @classmethod
    def limit(cls, **fields: Any) -> Self:
        """Return a fault that responds as if the rate limit were exceeded, with the hour ending in a minute.

        `fields` are other fields of the fault, such as `times`.
        """
        return cls(limited=True, **fields)

    @classmethod
    def portal(cls, **fields: Any) -> Self:
        """Return a fault that responds with a page of HTML and status 200, as a captive portal does.

        `fields` are other fields of the fault, such as `times`.
        """
        return cls(status=200, body=PORTAL, headers={"Content-Type": "text/html; charset=utf-8"}, **fields)

    @classmethod
    def garbage(cls, body: bytes = b'[{"type":"flattr",', **fields: Any) -> Self:
        """Return a fault that responds with status 200 and a `body` that is declared as JSON, but is invalid.

        `fields` are other fields of the fault, such as `times`.
        """
        return cls(status=200, body=body, headers={"Content-Type": "application/json; charset=utf-8"}, **fields)

    @classmethod
    def redirect(cls, location: str, **fields: Any) -> Self:
        """Return a fault that redirects to the address `location`, with status 302.

        `fields` are other fields of the fault, such as `times`.
        """
        return cls(status=302, headers={"Location": location}, **fields)

    @classmethod
    def cut(cls, after: int = 0, **fields: Any) -> Self:
        """Return a fault that closes the connection after `after` bytes of the body.

        `fields` are other fields of the fault, such as `times`.
        """
        return cls(cut_after=after, **fields)

    @classmethod
    def wrong_length(cls, extra: int, **fields: Any) -> Self:
        """Return a fault that sends a Content-Length that is `extra` bytes larger than the body.

        `fields` are other fields of the fault, such as `times`.
        """
        return cls(extra_length=extra, **fields)

    @classmethod
    def flood(cls, size: int, **fields: Any) -> Self:
        """Return a fault that responds with `size` bytes: the beginning of a JSON list, and then only spaces.

        `fields` are other fields of the fault, such as `times`.
        """
        return cls(endless=size, **fields)

    @classmethod
    def inject(cls, *records: Any, at: int = 0, **fields: Any) -> Self:
        """Return a fault that inserts `records` into the list in a response, before the index `at`.

        If the response is an object, the records are inserted into each list in it. `fields` are other fields of the
        fault, such as `times`.
        """
        return cls(rewrite=lambda data: _insert(data, list(records), at), **fields)

    @classmethod
    def between(cls, change: Callable[[World], object], **fields: Any) -> Self:
        """Return a fault that calls `change` with the sandbox's data before the response is made.

        `fields` are other fields of the fault, such as `times`.
        """
        return cls(change=change, **fields)

    def matches(self, method: str, path: str) -> bool:
        """Whether the fault applies to a request with this HTTP method and path."""
        return path.startswith(self.path) and self.method in {"", method}


class Faults:
    """The faults that are not used up yet, for use in any thread. `seen` lists all requests so far, as `GET /path`."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._faults = list(faults)
        self._random = random.Random(1)  # noqa: S311 - reproducible on purpose
        self._lock = Lock()
        self.seen: list[str] = []

    def add(self, *faults: Fault) -> None:
        """Add faults, to be used after those that are there already."""
        with self._lock:
            self._faults += faults

    def clear(self) -> None:
        """Remove all faults, so that requests are answered as usual."""
        with self._lock:
            self._faults.clear()

    @property
    def remaining(self) -> int:
        """Number of faults that are not used up yet."""
        with self._lock:
            return len(self._faults)

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault to inject into the response to a request, and count its use; None if no fault matches."""
        with self._lock:
            self.seen.append(f"{method} {path}")
            for place, fault in enumerate(self._faults):
                if not fault.matches(method, path):
                    continue
                if fault.chance < 1 and self._random.random() >= fault.chance:
                    continue
                if fault.times > 1:
                    self._faults[place] = replace(fault, times=fault.times - 1)
                else:
                    del self._faults[place]
                return fault
        return None


def parse_faults(texts: Iterable[str]) -> Faults:
    """Return the faults that texts from the command line describe, such as `fail=0.1`.

    `slow=SECONDS` applies to every API request, also to one with another fault. `fail=`, `cut=`, `limit=`, `portal=`,
    `garbage=` and `change=` take a probability. Raises ValueError, whose message is a sentence for the user.
    """
    faults = [_parse(text) for text in texts]
    delay = sum(fault.delay for fault in faults)
    others = [replace(fault, delay=delay) for fault in faults if not fault.delay]
    return Faults([*others, Fault.slow(delay, path=_API, times=FOREVER)] if delay else others)


def _parse(text: str) -> Fault:
    kind, _, value = text.partition("=")
    makers: dict[str, Callable[[float], Fault]] = {
        "slow": lambda number: Fault.slow(number, path=_API, times=FOREVER),
        "fail": lambda number: Fault.fail(503, path=_API, times=FOREVER, chance=number),
        "limit": lambda number: Fault.limit(path=_API, times=FOREVER, chance=number),
        "cut": lambda number: Fault.cut(10, path=_API, times=FOREVER, chance=number),
        "portal": lambda number: Fault.portal(path=_API, times=FOREVER, chance=number),
        "garbage": lambda number: Fault.garbage(path=_API, times=FOREVER, chance=number),
        "change": lambda number: Fault.between(_add_random_flattr, path=_API, times=FOREVER, chance=number),
    }
    if kind not in makers:
        raise ValueError(f"There is no fault {kind!r}; use {', '.join(makers)}.")
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    most = 3600.0 if kind == "slow" else 1.0
    if not 0 <= number <= most:
        unit = "seconds" if kind == "slow" else "a chance from 0 to 1"
        raise ValueError(f"The fault {kind!r} takes {unit}, as in {kind}=0.5, not {value!r}.")
    return makers[kind](number)


def _add_random_flattr(world: World) -> None:
    """Let a user flattr a random thing. In a list that a client is reading, items then move to the next page."""
    username = random.choice(world.usernames()[:12])  # noqa: S311 - no secret
    total, _ = world.search(ThingSearch(), count=1, page=1)
    _, found = world.search(ThingSearch(), count=1, page=random.randint(1, max(1, total)))  # noqa: S311
    for thing in found:
        world.insert_flattr(username, thing.id, int(time.time()))


def _insert(data: Any, records: list[Any], at: int) -> Any:
    if isinstance(data, list):
        return [*data[:at], *records, *data[at:]]
    return {key: _insert(value, records, at) if isinstance(value, list) else value for key, value in data.items()}


class FaultMiddleware:
    """ASGI middleware that injects faults into the responses of an application."""

    def __init__(self, app: ASGIApp, faults: Faults, world: Callable[[], World]) -> None:
        self._app = app
        self._faults = faults
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and inject a fault into the response if one matches."""
        fault = self._faults.take(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.change is not None:
            await asyncio.to_thread(lambda: fault.change(self._world()) if fault.change else None)
        if fault.endless:
            headers = {"Content-Type": "application/json; charset=utf-8"}
            await StreamingResponse(_blanks(fault.endless), headers=headers)(scope, receive, send)
            return
        app: ASGIApp = self._app
        if fault.limited:
            app = _limit_exceeded()
        elif fault.status:
            app = Response(fault.body, fault.status, dict(fault.headers))
        await app(scope, receive, _FaultySender(fault, send))


class _FaultySender:
    """Sends a response with a fault. It waits for the whole body before it sends the headers."""

    def __init__(self, fault: Fault, send: Send) -> None:
        self._fault = fault
        self._send = send
        self._head: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body", False):
            return
        fault, body = self._fault, self._body
        if fault.rewrite is not None and body:
            body = json.dumps(fault.rewrite(json.loads(body))).encode()
        headers = [pair for pair in self._head["headers"] if pair[0].lower() != b"content-length"]
        if self._head["status"] not in {204, 304}:
            headers.append((b"content-length", str(max(0, len(body) + fault.extra_length)).encode()))
        await self._send({**self._head, "headers": headers})
        if fault.cut_after is not None:
            await self._send({"type": "http.response.body", "body": body[: fault.cut_after], "more_body": True})
            raise ConnectionCut("The connection was cut, as it was asked for")
        await self._send({"type": "http.response.body", "body": body})


def _limit_exceeded() -> Response:
    rate_status = RateStatus(limit=1000, current=1000, reset=int(time.time()) + 60)
    error = ApiError("rate_limit_exceeded", "Too many requests the last hour")
    return JSONResponse(error.body, error.status, rate_status.headers)


async def _blanks(size: int) -> AsyncIterator[bytes]:
    yield b"["
    for sent in range(1, size, _CHUNK):
        yield b" " * min(_CHUNK, size - sent)
        await asyncio.sleep(0)
