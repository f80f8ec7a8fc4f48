"""The command `web`, which shows the program in a browser.

The web server runs a process of its own for each tab. The server of textual-serve can't take a bound port, loads a font
from Google, and lets any website in the same browser connect to it. So only parts of textual-serve are used: the page
is ours, and only that page may connect (RFC 6455, 10.2).
"""

import secrets
import shlex
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flattr_tui.cli.errors import BadInputError
from flattr_tui.cli.setting_options import SETTINGS
from flattr_tui.pip_command import install_command
from flattr_tui.settings import Settings

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.typedefs import Handler


WEB_HOST = "127.0.0.1"
QUIT_SECONDS = 2.0
"""Time in seconds that the processes of open tabs may take to end when the web server is stopped."""
_PAGE = Path(__file__).parents[1] / "web_page.html"
_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{{nonce}}'; style-src 'self' 'unsafe-inline'; img-src data:;"
    " connect-src ws://{{host}}; frame-ancestors 'none'"
)
"""The page's Content Security Policy (W3C), which lets the page load nothing from other servers.

Inline styles are allowed, because textual.js adds some.
"""


@click.command(
    "web",
    epilog="""\b
Examples:
  flattr-tui web --open-browser
  flattr-tui web --port 0 --user melodia --theme flattr-light
  flattr-tui web --source https://flattr.example/rest/v2
""",
)
@click.option("--port", type=click.IntRange(0, 65_535), default=8000, show_default=True, metavar="PORT",
              help="The port on 127.0.0.1; 0 for any free one.")  # fmt: skip
@click.option("--open-browser", is_flag=True, help="Open the page in a browser.")
@click.pass_context
def web_command(context: click.Context, port: int, open_browser: bool) -> None:
    """Show the program in a browser on this machine.

    Prints the page's address. Every tab runs a program of its own. Press ctrl+c to stop. Only this machine can connect,
    but every user who is logged in on it can.
    """
    from flattr_tui.cli.library_factory import read_source  # noqa: PLC0415 -- imports the store, which --help does not need

    settings: Settings = context.obj
    read_source(settings)
    try:
        import textual_serve.server  # noqa: F401, PLC0415 -- the extra `web`
    except ImportError as error:
        raise BadInputError(f"The browser needs the extra 'web': {install_command('web')}.") from error
    import asyncio  # noqa: PLC0415 -- not needed for --help

    from flattr_tui.cli.app_start import check_theme  # noqa: PLC0415 -- imports Textual, which --help does not need

    check_theme(settings.theme)
    try:
        listener = listen(port)
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInputError(f"Port {port} can't be used ({reason}). Choose another, or 0 for any free one.") from error

    def announce(address: str) -> None:
        click.echo(f"flattr-tui is at {address}\nPress ctrl+c to stop it.")
        if open_browser:
            click.launch(address)

    with listener:
        config: Path | None = context.find_root().params.get("config")
        asyncio.run(serve_terminal(listener, program_command(settings, config), announce))


def program_command(settings: Settings, config: Path | None) -> list[str]:
    """Return the command line that starts the program with these settings and with the settings file `config`.

    With `config` None, the command line names no settings file.
    """
    given = [] if config is None else [f"--config={config.absolute()}"]
    for setting in SETTINGS.values():
        value = getattr(settings, setting.name)
        if setting.metavar:
            given += [f"{setting.flag}={value}"] if value != "" else []
        elif value:
            given.append(setting.flag)
        elif setting.off and value is False:
            given.append(setting.off)
    return [sys.executable, "-m", "flattr_tui", *given]


def listen(port: int) -> socket.socket:
    """Return a socket that is bound to a port of 127.0.0.1. Port 0 stands for any free one.

    Raises `OSError` if the port can't be used.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((WEB_HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


async def serve_terminal(listener: socket.socket, command: Sequence[str], ready: Callable[[str], object]) -> None:
    """Serve a Textual program to browsers until SIGINT or SIGTERM. Each browser tab starts the program `command`.

    `ready` is called with the address to open in a browser, as soon as connections are accepted.
    """
    import asyncio  # noqa: PLC0415 -- not needed for --help

    from aiohttp import web  # noqa: PLC0415 -- the extra `web`

    port = listener.getsockname()[1]
    runner = web.AppRunner(make_web_app(command, port), access_log=None, shutdown_timeout=QUIT_SECONDS)
    await runner.setup()
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    try:
        await web.SockSite(runner, listener).start()
        ready(f"http://{WEB_HOST}:{port}/")
        await ended.wait()
    finally:
        await runner.cleanup()


def make_web_app(command: Sequence[str], port: int) -> "web.Application":
    """Return the web application: a page with a terminal, and a WebSocket that connects the page to a new process.

    `command` is the command line of the process, and `port` the port on which the application will be served.
    """
    import asyncio  # noqa: PLC0415 -- not needed for --help

    from aiohttp import web  # noqa: PLC0415 -- the extra `web`
    from textual_serve.server import Server  # noqa: PLC0415

    hosts = {f"{name}:{port}" for name in (WEB_HOST, "localhost")}
    server = Server(f"exec {shlex.join(command)}")  # a shell reads it: every argument is quoted
    tabs: set[asyncio.Future[web.StreamResponse]] = set()

    async def refuse_strangers(request: web.Request, handler: "Handler") -> web.StreamResponse:
        """Middleware that refuses requests for other host names than ours, and requests from scripts of other websites.

        All other requests are passed to `handler`.
        """
        origin = request.headers.get("Origin")
        if request.host not in hosts or (origin is not None and origin.removeprefix("http://") not in hosts):
            raise web.HTTPForbidden(text=f"Open http://{WEB_HOST}:{port}/ in your browser.")
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
