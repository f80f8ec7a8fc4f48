"""A web server that shows the program in a browser, on a loopback port. Each tab gets a process of its own.

The server of textual-serve can't take a bound port, loads a font from Google, and lets any website in the same browser
connect to it. This server uses only parts of textual-serve: the page is ours, and only that page may connect
(RFC 6455, 10.2).
"""

import asyncio
import secrets
import shlex
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler
from textual_serve.server import Server

HOST = "127.0.0.1"
QUIT_SECONDS = 2.0
"""Time in seconds that the processes of open tabs may take to end when the server is stopped."""
_PAGE = Path(__file__).with_name("web_page.html")
_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{{nonce}}'; style-src 'self' 'unsafe-inline'; img-src data:;"
    " connect-src ws://{{host}}; frame-ancestors 'none'"
)
"""The page's Content Security Policy (W3C), which lets the page load nothing from other servers.

Inline styles are allowed, because textual.js adds some.
"""


def listen(port: int) -> socket.socket:
    """Return a socket that is bound to a port of 127.0.0.1. Port 0 stands for any free one.

    Raises `OSError` if the port can't be used.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


async def serve_terminal(listener: socket.socket, command: Sequence[str], ready: Callable[[str], object]) -> None:
    """Serve a Textual program to browsers until SIGINT or SIGTERM. Each browser tab starts the program `command`.

    `ready` is called with the address to open in a browser, as soon as connections are accepted.
    """
    port = listener.getsockname()[1]
    runner = web.AppRunner(make_app(command, port), access_log=None, shutdown_timeout=QUIT_SECONDS)
    await runner.setup()
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    try:
        await web.SockSite(runner, listener).start()
        ready(f"http://{HOST}:{port}/")
        await ended.wait()
    finally:
        await runner.cleanup()


def make_app(command: Sequence[str], port: int) -> web.Application:
    """Return the web application: a page with a terminal, and a WebSocket that connects the page to a new process.

    `command` is the command line of the process, and `port` the port on which the application will be served.
    """
    hosts = {f"{name}:{port}" for name in (HOST, "localhost")}
    server = Server(f"exec {shlex.join(command)}")  # a shell reads it: every argument is quoted
    tabs: set[asyncio.Future[web.StreamResponse]] = set()

    async def refuse_strangers(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Middleware that refuses requests for other host names than ours, and requests from scripts of other websites.

        All other requests are passed to `handler`.
        """
        origin = request.headers.get("Origin")
        if request.host not in hosts or (origin is not None and origin.removeprefix("http://") not in hosts):
            raise web.HTTPForbidden(text=f"Open http://{HOST}:{port}/ in your browser.")
        return await handler(request)

    async def show_page(request: web.Request) -> web.Response:
        page, policy, nonce = _PAGE.read_text(encoding="utf-8"), _POLICY, secrets.token_urlsafe()
        for name, value in (("{{host}}", request.host), ("{{nonce}}", nonce)):
            page, policy = page.replace(name, value), policy.replace(name, value)
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
        return web.Response(text=page, content_type="text/html", headers=headers)

    async def connect(request: web.Request) -> web.StreamResponse:
        task = asyncio.ensure_future(server.handle_websocket(request))
        tabs.add(task)
        task.add_done_callback(tabs.discard)
        answer: web.StreamResponse = await task
        return answer

    async def close_tabs(_: web.Application) -> None:
        """End the processes of all tabs. Otherwise aiohttp would wait until the browsers disconnect."""
        for task in tabs:
            task.cancel()
        if tabs:
            await asyncio.wait(tabs, timeout=QUIT_SECONDS)

    app = web.Application(middlewares=[web.middleware(refuse_strangers)])
    app.add_routes(
        [web.get("/", show_page), web.get("/ws", connect), web.static("/static", server.statics_path)],
    )
    app.on_shutdown.append(close_tabs)
    return app
