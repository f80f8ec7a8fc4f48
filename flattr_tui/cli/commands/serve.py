"""The command `serve`, which serves the sandbox on a port."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flattr_tui.cli.embedded_sandbox import open_world, world_file
from flattr_tui.cli.errors import BadInputError
from flattr_tui.pip_command import install_command
from flattr_tui.settings import Settings

if TYPE_CHECKING:
    from flattr_tui.sandbox.world import World


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
