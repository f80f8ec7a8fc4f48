"""The command `settings`: opens the settings file in an editor, then reports the invalid settings in the file."""

import shlex
from pathlib import Path

import click

from flattr_tui.cli.errors import BadInputError, echo_done, echo_error
from flattr_tui.cli.settings_file import make_template
from flattr_tui.paths import Paths, exists
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
