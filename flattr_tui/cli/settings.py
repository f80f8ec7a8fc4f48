"""`flattr-tui settings`: opens the settings file in an editor, and then reports what can't be used."""

import shlex
from pathlib import Path

import click
import msgspec

from flattr_tui.cli.errors import BadInputError, echo_done, echo_error
from flattr_tui.cli.options import SETTINGS
from flattr_tui.paths import Paths, exists
from flattr_tui.settings import Settings
from flattr_tui.ui.external_programs import find_editor


@click.command(
    "settings",
    epilog="""\b
Examples:
  flattr-tui settings                     # in $VISUAL or $EDITOR
  flattr-tui settings --path
""",
)
@click.option("--path", "only_path", is_flag=True, help="Print the file's path instead.")
@click.pass_context
def command(context: click.Context, only_path: bool) -> None:
    """Open the settings file in an editor, and check it afterwards.

    If there is no file yet, it is created with every setting and its default, commented out.
    """
    file: Path = context.find_root().params.get("config") or Paths.standard().settings
    if only_path:
        click.echo(file)
        return
    try:
        if not exists(file):
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file.write_text(make_template(), encoding="utf-8")
        click.edit(filename=str(file), editor=shlex.join(find_editor() or ["vi"]))
    except OSError as error:
        raise BadInputError(f"{file} can't be written ({error.strerror}).") from error
    except click.ClickException as error:
        raise BadInputError(f"{error.format_message()}. Set EDITOR to an editor, or edit {file} yourself.") from error
    from flattr_tui.cli.root_command import check_settings  # noqa: PLC0415 -- it imports this module

    faults = check_settings(file)
    for fault in faults:
        echo_error(fault)
    if faults:
        context.exit(2)
    echo_done(f"{file} has no errors. The program uses it when it next starts.")


def make_template() -> str:
    """Return a settings file that changes nothing: every option is commented out, with its default and meaning."""
    defaults = Settings()
    lines = ["# Settings of flattr-tui. Remove the # in front of a line to change its value.", ""]
    for name, setting in SETTINGS.items():
        value = msgspec.json.encode(getattr(defaults, name)).decode()  # for these types TOML writes the same
        if value == "null":  # left to the terminal, which TOML has no value for
            lines += [f"# {setting.help}", f"# {name}: true or false; the default depends on the terminal", ""]
            continue
        lines += [f"# {setting.help}", f"# {name} = {value}", ""]
    return "\n".join(lines)
