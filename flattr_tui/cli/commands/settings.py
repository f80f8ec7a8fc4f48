"""The commands `settings`, which opens the settings file in an editor, and `keys`, which lists the program's keys.

After editing, the settings are checked. `[keys]` in the settings file changes keys by the ids that `keys` lists.
"""

import json
import shlex
from pathlib import Path
from typing import Any

import click

from flattr_tui.cli.command_output import format_columns
from flattr_tui.cli.errors import BadInputError, echo_done, echo_error
from flattr_tui.cli.setting_options import check_tables, read_settings
from flattr_tui.cli.settings_file import make_template
from flattr_tui.paths import Paths, exists
from flattr_tui.settings import OwnCommand, Settings
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
def settings_command(context: click.Context, only_path: bool) -> None:
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
    faults = check_settings(file, context)
    for fault in faults:
        echo_error(fault)
    if faults:
        context.exit(2)
    echo_done(f"{file} has no errors. The program uses it when it next starts.")


def check_settings(file: Path, context: click.Context) -> list[str]:
    """Return a sentence for each invalid entry of a settings file.

    Settings, key bindings, the user's own commands, the theme and the options of commands are checked. Raises
    `BadSettingError` if the file can't be read.
    """
    from flattr_tui.cli.app_start import find_theme_fault  # noqa: PLC0415 -- imports Textual, which --help does not need
    from flattr_tui.ui.key_settings import check_commands, check_keymap  # noqa: PLC0415 -- imports Textual

    group = context.find_root().command
    commands = group.list_commands(context) if isinstance(group, click.Group) else ()
    settings, tables, faults = read_settings(file, {}, commands)
    keymap, wrong_keys = check_keymap(settings.keys)
    wrong_theme = filter(None, [find_theme_fault(settings.theme)])
    wrong_commands = check_commands(settings.commands, keymap)[1]
    return [
        *faults,
        *check_tables(tables, file, context),
        *wrong_keys,
        *wrong_commands,
        *wrong_theme,
    ]


@click.command(
    "keys",
    epilog="""\b
Examples:
  flattr-tui keys
  flattr-tui keys | grep console
  flattr-tui keys --json | jq -r '.[] | "\\(.id) = \\(.keys)"'
""",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for scripts.")
@click.pass_obj
def keys_command(settings: Settings, as_json: bool) -> None:
    """List every key binding: its id, its keys, and what it does.

    Under [keys] in the settings, an id can be given other keys. They are shown here.
    """
    from flattr_tui.ui.key_settings import check_commands, check_keymap  # noqa: PLC0415 -- imports Textual

    keymap, faults = check_keymap(settings.keys)
    commands, wrong_commands = check_commands(settings.commands, keymap)
    for fault in (*faults, *wrong_commands):
        echo_error(fault)
    rows = [*describe_bindings(keymap), *map(describe_command, commands)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        cells = [(row["id"], " ".join(row["keys"]), row["description"]) for row in rows]
        click.echo("\n".join(format_columns(("ID", "KEYS", "WHAT IT DOES"), cells, text_columns=3)))


def describe_bindings(keymap: dict[str, str]) -> list[dict[str, Any]]:
    """Return each key binding as a dictionary with `id`, `keys`, `default`, `description` and `group`, for JSON.

    `keymap` maps the id of a binding to the keys that the user has set. Other bindings have their default keys.
    """
    from flattr_tui.ui.bindings import GROUPS  # noqa: PLC0415
    from flattr_tui.ui.key_settings import configurable_bindings  # noqa: PLC0415

    found = [
        (binding.id or "", binding.key, binding.tooltip or binding.description) for binding in configurable_bindings()
    ]
    return [
        {
            "id": name,
            "keys": [key.strip() for key in keymap.get(name, keys).split(",")],
            "default": keys.split(","),
            "description": description,
            "group": GROUPS[name.partition(".")[0]],
        }
        for name, keys, description in found
    ]


def describe_command(command: OwnCommand) -> dict[str, Any]:
    """Return a command that the user defined as a dictionary for JSON, with the same entries as a key binding."""
    return {
        "id": "[[commands]]",
        "keys": [command.key],
        "default": [],
        "description": command.name,
        "group": "Own commands",
    }
