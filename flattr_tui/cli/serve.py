"""`flattr-tui serve`: the sandbox on a loopback port, for other clients."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flattr_tui.cli.composition import open_world, standard_world
from flattr_tui.cli.errors import BadInputError
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
  flattr-tui --source http://127.0.0.1:8080/rest/v2
""",
)
@click.option("--port", type=click.IntRange(0, 65_535), default=8080, show_default=True, metavar="PORT",
              help="The port on 127.0.0.1; 0 for any free one.")  # fmt: skip
@click.option("--data", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Keep the world in FILE, which is made where it is missing; else the program's own.")  # fmt: skip
@click.option("--base", metavar="URL", help="What `resource` and `link` addresses begin with, as https://flattr.com.")
@click.option("--client", "clients", multiple=True, metavar="ID:SECRET[:CALLBACK]",
              help="A client that may log in besides the built-in one. Can be given several times.")  # fmt: skip
@click.option("--open-browser", is_flag=True, help="Open the server's page in a browser.")
@click.pass_obj
def command(
    settings: Settings, port: int, data: Path | None, base: str | None, clients: tuple[str, ...], open_browser: bool
) -> None:
    """Serve the whole Flattr API v2 and its OAuth 2 server on 127.0.0.1, over believable data.

    Prints what a client needs to know. Ctrl+C ends it; what was written stays.
    """
    from flattr_tui.sandbox.oauth_clients import Credentials  # noqa: PLC0415 -- Starlette: not for --help
    from flattr_tui.sandbox.serve import ServeError, serve  # noqa: PLC0415

    try:
        known = [Credentials.parse(text) for text in clients]
    except ValueError as error:
        raise BadInputError(str(error)) from error
    if base is not None and not base.startswith(("http://", "https://")):
        raise BadInputError(f"{base!r} does not begin with http:// or https://.")
    try:
        serve(
            _opener(settings, data),
            port=port,
            rate_limit=settings.rate_limit,
            base=base,
            clients=known,
            say=click.echo,
            started=click.launch if open_browser else None,
        )
    except ServeError as error:
        raise BadInputError(str(error)) from error


def _opener(settings: Settings, data: Path | None) -> "Callable[[], World]":
    def opened() -> "World":
        file = data or standard_world(settings)
        try:
            return open_world(settings, file)
        except OSError as error:
            raise BadInputError(f"The world {file} can't be opened ({error}).") from error

    return opened
