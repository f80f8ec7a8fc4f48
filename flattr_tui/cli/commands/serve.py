"""The commands `serve`, which serves the sandbox on a port, and `web`, which shows the program in a browser.

The web server of `web` runs a process of its own for each tab. The server of textual-serve can't take a bound port,
loads a font from Google, and lets any website in the same browser connect to it. So only parts of textual-serve are
used: the page is ours, and only that page may connect (RFC 6455, 10.2).
"""

import logging
import secrets
import shlex
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flattr_tui.cli.embedded_sandbox import open_world, world_file
from flattr_tui.cli.errors import BadInputError
from flattr_tui.cli.setting_options import SETTINGS
from flattr_tui.pip_command import install_command
from flattr_tui.settings import Settings

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.typedefs import Handler

    from flattr_tui.sandbox.world import World

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
    "serve",
    epilog="""\b
Examples:
  flattr-tui serve --port 8080
  flattr-tui serve --port 8080 --data world.sqlite --rate-limit 0
  flattr-tui serve --scale 100000
  flattr-tui serve --client my-client:secret:http://127.0.0.1:9000/callback
  flattr-tui serve --fault slow=0.5 --fault fail=0.1 --log-requests
  flattr-tui --source http://127.0.0.1:8080/rest/v2

\b
Faults, of which several can be given:
  slow=SECONDS    every response is late
  fail=CHANCE     503 without a JSON body
  cut=CHANCE      the connection ends in the middle of a response
  limit=CHANCE    403 rate_limit_exceeded
  portal=CHANCE   a page of HTML with 200, as a captive portal sends it
  garbage=CHANCE  200 and JSON that ends too early
  change=CHANCE   somebody flattrs a thing just before the response
A chance is a number from 0 to 1.
""",
)
@click.option("--port", type=click.IntRange(0, 65_535), default=8080, show_default=True, metavar="PORT",
              help="The port to listen on; 0 for any free one.")  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS",
              help="The address to listen on. One that other machines can reach needs --public.")  # fmt: skip
@click.option("--public", is_flag=True,
              help="Let other machines reach it. Anybody there can log in as any user.")  # fmt: skip
@click.option("--allow-host", "hosts", multiple=True, metavar="NAME",
              help="Also answer requests for this host name. Can be given several times.")  # fmt: skip
@click.option("--data", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Keep the sandbox's data in FILE, created if missing. Default: the program's own.")  # fmt: skip
@click.option(
    "--base", metavar="URL", help="How `resource` and `link` addresses begin, for example https://flattr.com."
)
@click.option("--client", "clients", multiple=True, metavar="ID:SECRET[:CALLBACK]",
              help="Another client that may log in. Can be given several times.")  # fmt: skip
@click.option("--fault", "faults", multiple=True, metavar="KIND=NUMBER",
              help="Make requests fail on purpose; see below.")  # fmt: skip
@click.option("--log-requests", is_flag=True, help="Write a line for each request, without tokens, to standard error.")
@click.option("--json", "as_json", is_flag=True, help="Print what a client needs to know as one line of JSON.")
@click.option("--open-browser", is_flag=True, help="Open the server's page in a browser.")
@click.pass_obj
def serve_command(
    settings: Settings,
    /,
    data: Path | None,
    clients: tuple[str, ...],
    faults: tuple[str, ...],
    log_requests: bool,
    as_json: bool,
    open_browser: bool,
    **listening: Any,
) -> None:
    """Serve the whole Flattr API v2 and its OAuth 2 server on 127.0.0.1, with invented data.

    Prints what a client needs to know. Press ctrl+c to stop it. Data that clients wrote is kept.
    """
    from flattr_tui.cli.openapi import describe  # noqa: PLC0415 -- not needed for --help
    from flattr_tui.sandbox.fault_injection import parse_faults  # noqa: PLC0415
    from flattr_tui.sandbox.models import Credentials  # noqa: PLC0415
    from flattr_tui.sandbox.server import ServeError, ServeOptions, serve  # noqa: PLC0415

    base = listening["base"]
    if base is not None and not base.startswith(("http://", "https://")):
        raise BadInputError(f"{base!r} does not begin with http:// or https://.")
    try:
        options = ServeOptions(
            host=listening["host"],
            port=listening["port"],
            public=listening["public"],
            allowed_hosts=listening["hosts"],
            rate_limit=settings.rate_limit,
            base=base,
            clients=tuple(Credentials.parse(text) for text in clients),
            faults=parse_faults(faults) if faults else None,
            description=describe,
        )
    except ValueError as error:
        raise BadInputError(str(error)) from error
    logging.getLogger("flattr_tui.sandbox").addHandler(logging.StreamHandler())  # the sandbox logs its own failures
    try:
        serve(
            _opener(settings, data),
            options,
            as_json=as_json,
            say=click.echo,
            log=partial(click.echo, err=True) if log_requests else None,
            started=click.launch if open_browser else None,
        )
    except ServeError as error:
        hint = (
            f" Add the extra 'server': {install_command('server')}." if isinstance(error.__cause__, ImportError) else ""
        )
        raise BadInputError(f"{error}{hint}") from error


def _opener(settings: Settings, data: Path | None) -> "Callable[[], World]":
    def opened() -> "World":
        file = data or world_file(settings)
        try:
            return open_world(settings, file)
        except OSError as error:
            raise BadInputError(f"The sandbox's data in {file} can't be opened ({error}).") from error

    return opened


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
