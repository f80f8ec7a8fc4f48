"""The command `web`: shows the program in a browser, on a loopback port."""

import asyncio
import sys
from pathlib import Path

import click

from flattr_tui.cli.errors import BadInputError
from flattr_tui.cli.library_factory import read_source
from flattr_tui.cli.setting_options import SETTINGS
from flattr_tui.pip_command import install_command
from flattr_tui.settings import Settings


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
    settings: Settings = context.obj
    read_source(settings)
    try:
        from flattr_tui.cli.web_server import listen, serve_terminal  # noqa: PLC0415 -- the extra `web`
    except ImportError as error:
        raise BadInputError(f"The browser needs the extra 'web': {install_command('web')}.") from error
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
