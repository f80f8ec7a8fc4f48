"""The sandbox on a loopback port, for other clients: `flattr-tui serve`, and a context manager for tests."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TYPE_CHECKING

from starlette.types import ASGIApp

from flattr_tui.sandbox.app import create_app, facts
from flattr_tui.sandbox.fault_injection import Faults
from flattr_tui.sandbox.oauth_clients import Credentials
from flattr_tui.sandbox.world import World

if TYPE_CHECKING:
    import uvicorn

HOST = "127.0.0.1"
_SHOWN_USERS = 12


class ServeError(Exception):
    """The server cannot be started; the text says why, and what to do."""


def serve(
    open_world: Callable[[], World],
    *,
    port: int = 0,
    rate_limit: int = 1000,
    base: str | None = None,
    clients: Iterable[Credentials] = (),
    faults: Faults | None = None,
    say: Callable[[str], object] = print,
    started: Callable[[str], object] | None = None,
) -> None:
    """Serve the world that `open_world` opens, on 127.0.0.1, until SIGINT or SIGTERM; then close it.

    `port` 0 takes any free one. `say` gets the banner, a line at a time, when connections are accepted; `started` then
    gets the server's address. The rest is `create_app`'s. Raises ServeError when the port is taken or the extra
    `server` is not installed, and what `open_world` raises.
    """
    listener, clients = _listen(port), tuple(clients)
    root = _address(listener)
    with listener, open_world() as world:
        users = world.usernames()

        def ready() -> None:
            for line in banner(root, users, rate_limit, clients):
                say(line)
            if started is not None:
                started(root)

        app = create_app(world, rate_limit=rate_limit, base=base, clients=clients, faults=faults)
        asyncio.run(_run(_server(app, ready), listener, signals=True))


@contextlib.contextmanager
def serving(app: ASGIApp, *, port: int = 0) -> Iterator[str]:
    """Serve an application from a thread while the block runs; the value is the server's address, without a slash.

    Raises ServeError as `serve` does.
    """
    ready = threading.Event()
    server = _server(app, ready.set)
    with _listen(port) as listener:
        root = _address(listener)
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


def banner(root: str, users: list[str], rate_limit: int, clients: Iterable[Credentials] = ()) -> list[str]:
    """Return the lines that a person needs to point a client here."""
    names = ", ".join(users[:_SHOWN_USERS])
    more = f" and {len(users) - _SHOWN_USERS:,} more" if len(users) > _SHOWN_USERS else ""
    limit = f"{rate_limit:,} requests an hour" if rate_limit else "none"
    named = facts(root, clients) | {"Users": names + more, "Rate limit": limit}
    width = max(map(len, named)) + 2
    lines = [f"  {name:<{width}}{text}" for name, text in named.items()]
    return [f"Flattr sandbox on {root}", "", *lines, "", "Ctrl+C ends it."]


def _listen(port: int) -> socket.socket:
    if not 0 <= port <= 65_535:
        raise ServeError(f"A port is a number from 0 to 65535, not {port}.")
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it each answer would take 40 ms more.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise ServeError(f"Port {port} cannot be had ({reason}). Choose another, or 0 for any free one.") from error
    return listener


def _address(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _server(app: ASGIApp, ready: Callable[[], object]) -> "uvicorn.Server":
    try:
        import uvicorn  # noqa: PLC0415 - the extra `server`
    except ImportError as error:
        raise ServeError("Serving needs the extra 'server': pip install 'flattr-tui[server]'.") from error

    class Server(uvicorn.Server):
        """Says when it is ready, and leaves signals alone: uvicorn raises them again at its end, no clean exit."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

        @contextlib.contextmanager
        def capture_signals(self) -> Generator[None, None, None]:
            yield

    return Server(
        uvicorn.Config(app, log_level="critical", access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    )


async def _run(server: "uvicorn.Server", listener: socket.socket, *, signals: bool) -> None:
    if signals:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, server.handle_exit, number, None)
    await server.serve(sockets=[listener])
