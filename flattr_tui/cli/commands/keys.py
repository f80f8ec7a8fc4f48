"""The command `keys`: lists the program's key bindings, with the ids by which `[keys]` in the settings changes them."""

import json
from typing import Any

import click

from flattr_tui.cli.command_output import format_columns
from flattr_tui.cli.errors import echo_error
from flattr_tui.settings import OwnCommand, Settings


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
def command(settings: Settings, as_json: bool) -> None:
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
    """Return each key binding as a dictionary of plain values: `id`, `keys`, `default`, `description`, `group`.

    `keys` are those in `keymap` (keys by the id of the binding), or else the default ones.
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
    """Return a command that the user defined as a dictionary with the same keys as that of a key binding."""
    return {
        "id": "[[commands]]",
        "keys": [command.key],
        "default": [],
        "description": command.name,
        "group": "Own commands",
    }
