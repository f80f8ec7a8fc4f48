"""Serves the sandbox on a port, for `flattr-tui serve` and for tests, and logs the requests."""

import asyncio
import contextlib
import ipaddress
import json
import signal
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus, urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flattr_tui.sandbox.asgi_app import API_PATH, AUTHORIZE_PATH, OPENAPI_PATH, TOKEN_PATH, create_app, describe_server
from flattr_tui.sandbox.fault_injection import Faults
from flattr_tui.sandbox.models import BUILT_IN, SCOPES, Credentials
from flattr_tui.sandbox.serializers import Addresses
from flattr_tui.sandbox.trusted_hosts import TrustedHosts
from flattr_tui.sandbox.world import World

if TYPE_CHECKING:
    import uvicorn

HOST = "127.0.0.1"
_SHOWN_USERS = 12
_SECRET = frozenset({"access_token", "client_secret", "code", "code_verifier", "refresh_token", "token"})
_LONGEST = 500


class RequestLog:
    """Middleware that calls `write` with a line about each response, also about one that was cut off.

    Tokens, codes and secrets are masked. A line looks like this:

        14:03:59 127.0.0.1 GET /rest/v2/users/ada/flattrs?count=5 200 1,204 bytes 12 ms
    """

    def __init__(self, app: ASGIApp, write: Callable[[str], object]) -> None:
        self._app = app
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and log it."""
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
            self._write(f"{now} {client} {scope['method']} {_public_target(scope)} {ended} {took:.0f} ms")


def _mask_secret(part: str) -> str:
    name = part.partition("=")[0]
    return f"{name}=***" if unquote_plus(name).strip().lower() in _SECRET else part


def _public_target(scope: Scope) -> str:
    """Return the path and query of a request for the log: secrets are masked, unprintable characters escaped."""
    path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
    query = "&".join(_mask_secret(part) for part in scope["query_string"].decode("latin-1").split("&"))
    text = f"{path}?{query}" if query else path
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return "".join(sign if sign.isprintable() else f"%{ord(sign):02X}" for sign in shown)


class ServeError(Exception):
    """Raised if the server can't be started. The message says why, and what the user can do."""


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """Where the server listens, and how it responds."""

    host: str = HOST
    """The address or name on which the server listens."""
    port: int = 0
    """The port on which the server listens; 0 for any free one."""
    public: bool = False
    """Whether `host` may be reachable from other machines."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names that requests may have, besides the loopback ones and those of `host` and `base`."""
    rate_limit: int = 1000
    """Maximum number of requests per hour for each token or address; 0 for no limit."""
    base: str | None = None
    """The beginning of the addresses in `resource` and `link`; None uses the address to which each request was sent."""
    clients: tuple[Credentials, ...] = ()
    """Clients that may log in, in addition to the built-in one."""
    faults: Faults | None = None
    """The faults to inject; None for none."""
    description: Callable[[str], Mapping[str, Any]] | None = None
    """Returns the API's OpenAPI description for the server's address; with None, no description is served."""


def serve(
    open_world: Callable[[], World],
    options: ServeOptions,
    *,
    as_json: bool = False,
    say: Callable[[str], object] = print,
    log: Callable[[str], object] | None = None,
    started: Callable[[str], object] | None = None,
) -> None:
    """Serve the sandbox until SIGINT or SIGTERM. `open_world` returns its data, which is closed at the end.

    Once connections are accepted, `say` is called with the lines of `banner` or, with `as_json`, with one line of JSON.
    Then `started` is called with the server's address. `log` is called with a line for each request. Raises ServeError
    if the address is in use or the extra `server` is not installed. Errors of `open_world` are raised, too.
    """
    listener = _listen(options.host, options.port, public=options.public)
    root = _reachable_address(listener, options.host)
    with listener, open_world() as world:
        users = world.usernames()

        def ready() -> None:
            if as_json:
                say(json.dumps(connection_facts(root, users, options)))
            else:
                for line in banner(root, users, options):
                    say(line)
            if started is not None:
                started(root)

        app: ASGIApp = create_app(
            world,
            rate_limit=options.rate_limit,
            base=options.base,
            clients=options.clients,
            faults=options.faults,
            description=options.description,
        )
        names = [options.host, *options.allowed_hosts, *_hosts_of(options.base)]
        app = TrustedHosts(app, names, any_address=options.public)
        if log is not None:
            app = RequestLog(app, log)
        asyncio.run(_run(_server(app, ready), listener, signals=True))


@contextlib.contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve `app` on 127.0.0.1 during a `with` block, and yield the server's address, without a slash at its end.

    The server runs in a thread. Raises `ServeError` if the extra `server` is not installed, or if the server ends
    before it is ready.
    """
    ready = threading.Event()
    server = _server(TrustedHosts(app), ready.set)
    with _listen(HOST, 0, public=False) as listener:
        root = _reachable_address(listener, HOST)
        thread = threading.Thread(
            target=lambda: asyncio.run(_run(server, listener, signals=False)), name="sandbox", daemon=True
        )
        thread.start()
        while not ready.wait(0.05):
            if not thread.is_alive():
                raise ServeError("The server ended before it was ready.")
        try:
            yield root
        finally:
            server.should_exit = True
            server.force_exit = True
            thread.join()


def banner(root: str, users: list[str], options: ServeOptions) -> list[str]:
    """Return lines of text that say how to connect a client to the server at `root`.

    They name some of `users`, as whom a client can log in.
    """
    names = ", ".join(users[:_SHOWN_USERS])
    more = f" and {len(users) - _SHOWN_USERS:,} more" if len(users) > _SHOWN_USERS else ""
    limit = f"{options.rate_limit:,} requests an hour" if options.rate_limit else "none"
    named = describe_server(root, options.clients, has_description=options.description is not None) | {
        "Users": names + more,
        "Rate limit": limit,
    }
    width = max(map(len, named)) + 2
    lines = [f"  {name:<{width}}{text}" for name, text in named.items()]
    warning = ["Other machines can reach it: anybody there can log in as any user.", ""] if options.public else []
    return [f"Flattr sandbox on {root}", "", *lines, "", *warning, "Ctrl+C ends it."]


def connection_facts(root: str, users: list[str], options: ServeOptions) -> dict[str, Any]:
    """Return what a client needs to connect to the server at `root`, as a dictionary for JSON.

    It contains addresses, client ids, the secret of the built-in client, scopes, the user names `users` and the rate
    limit. `options` are the options with which the server was started.
    """
    return {
        "address": root,
        "api": f"{root}{API_PATH}",
        "authorization": f"{root}{AUTHORIZE_PATH}",
        "token": f"{root}{TOKEN_PATH}",
        "openapi": f"{root}{OPENAPI_PATH}" if options.description else None,
        "health": f"{root}/health",
        "client_id": BUILT_IN.client_id,
        "client_secret": BUILT_IN.secret,
        "scopes": list(SCOPES),
        "clients": [client.client_id for client in (BUILT_IN, *options.clients)],
        "users": users,
        "rate_limit": options.rate_limit,
    }


def _listen(host: str, port: int, *, public: bool) -> socket.socket:
    if not 0 <= port <= 65_535:
        raise ServeError(f"A port must be a number from 0 to 65535, not {port}.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ServeError(f"{host!r} is not an address of this machine ({error}).") from error
    family, _, _, _, address = found[0]
    if not public and not ipaddress.ip_address(address[0]).is_loopback:
        raise ServeError(
            f"Other machines can reach {host}, and anybody there could log in as any user. Add --public to serve there."
        )
    # asyncio disables Nagle's algorithm only if the protocol is named; with it each response takes 40 ms more.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise ServeError(f"Port {port} can't be used ({reason}). Choose another, or 0 for any free one.") from error
    return listener


def _reachable_address(listener: socket.socket, host: str) -> str:
    """Return the address at which this machine reaches a server that listens on `host`.

    If `host` stands for all addresses of the machine, as `0.0.0.0` does, the address has a loopback host instead,
    because not every system can connect to a host such as `0.0.0.0`.
    """
    bound, port = listener.getsockname()[:2]
    if ipaddress.ip_address(bound).is_unspecified:
        host = HOST if listener.family == socket.AF_INET else "::1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _hosts_of(base: str | None) -> list[str]:
    """Return the host names in `resource` and `link` addresses that begin with `base`; none if `base` is None.

    The server must accept requests for these hosts, because clients follow the addresses.
    """
    if base is None:
        return []
    addresses = Addresses.at(base)
    return [host for address in (addresses.api, addresses.web) if (host := urlsplit(address).hostname)]


def _server(app: ASGIApp, ready: Callable[[], object]) -> "uvicorn.Server":
    try:
        import uvicorn  # noqa: PLC0415 - the extra `server`
    except ImportError as error:
        raise ServeError("Serving needs uvicorn, which is not installed.") from error

    from flattr_tui.sandbox.connection_timeouts import TimedProtocol  # noqa: PLC0415 - needs uvicorn

    class Server(uvicorn.Server):
        """A uvicorn server that calls `ready` when it is ready, and leaves signals alone.

        uvicorn's own server would raise the signals again when it ends.
        """

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

        @contextlib.contextmanager
        def capture_signals(self) -> Generator[None, None, None]:
            yield

    config = uvicorn.Config(
        app, http=TimedProtocol, log_level="critical", access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    return Server(config)


async def _run(server: "uvicorn.Server", listener: socket.socket, *, signals: bool) -> None:
    if signals:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, server.handle_exit, number, None)
    try:
        await server.serve(sockets=[listener])
    finally:
        # The loop's end waits for the threads of its pool; one of them may be generating the sandbox's data.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
