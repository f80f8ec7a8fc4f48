"""Checks the commands that the user has defined, and fills in the values of the item under the cursor.

A command is a list of arguments; no shell reads it. Text from a server is inserted only where the user has put a
placeholder. Such text never becomes an option or the program, and `{url}` accepts only web addresses.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace
from textual.binding import Binding

from flattr_tui.model.entities import Activity, Entity, User, address_of, thing_of, username_of
from flattr_tui.model.lazy_pattern import lazy_pattern
from flattr_tui.model.pasted_address import is_web
from flattr_tui.settings import OwnCommand
from flattr_tui.ui.keymap_check import configurable_bindings, find_key_fault

_PLACEHOLDER: Final = lazy_pattern(r"\{([a-z]+)\}")
_RESERVED: Final = frozenset({"app", "mode", "page", "list", "table", "act"})
"""Groups of binding ids. Their keys work wherever an item is selected, so the user's commands can't use them."""


class CommandRefusedError(Exception):
    """A command can't be run on an item; the message is a sentence that says why."""


def _title(item: Entity | None) -> str:
    if isinstance(item, User):
        return item.name
    thing = thing_of(item)
    if thing is not None:
        return thing.title
    return item.title if isinstance(item, Activity) else ""


def _id(item: Entity | None) -> str:
    thing = thing_of(item)
    return thing.key if thing is not None else ""


VALUES: Final[Mapping[str, Callable[[Entity | None], str]]] = {
    "url": address_of,
    "title": _title,
    "username": username_of,
    "id": _id,
}
"""The placeholders that an argument can contain in braces, each with a function that takes its value from an item.

The function returns "" if the item has no such value.
"""


def fill_command(command: OwnCommand, item: Entity | None) -> list[str]:
    """Return a command as a list: the program, and its arguments with the values of an item filled in.

    A leading `~` in the program is the home folder. Raises `CommandRefusedError` if the item lacks a value that the
    command needs, or if a value could be read as an option.
    """
    return [
        os.path.expanduser(command.command[0]),  # noqa: PTH111 -- Path would turn ./x into x
        *(_fill(command, argument, item) for argument in command.command[1:]),
    ]


def _fill(command: OwnCommand, argument: str, item: Entity | None) -> str:
    def value(found: re.Match[str]) -> str:
        name = found[1]
        text = VALUES[name](item)
        if not text:
            raise CommandRefusedError(f"{command.name} was not run: there is no {name} here.")
        if name == "url" and not is_web(text):
            raise CommandRefusedError(f"{command.name} was not run: {text} is not a web address.")
        return text

    filled = _PLACEHOLDER.sub(value, argument)
    if filled.startswith("-") and not argument.startswith("-"):
        raise CommandRefusedError(
            f"{command.name} was not run: {command.command[0]} would take {filled} for an option."
            " Put something in front of it, as in --title={title}."
        )
    return filled


def check_commands(commands: Sequence[OwnCommand], keymap: Mapping[str, str]) -> tuple[list[OwnCommand], list[str]]:
    """Return the valid commands, and for each invalid command a sentence that says why.

    `keymap` maps ids of the program's own bindings to other keys.
    """
    usable: list[OwnCommand] = []
    faults: list[str] = []
    taken = {key: name for name, keys in _reserved_keys(keymap) for key in keys} if commands else {}
    for written in commands:
        command = replace(written, key=_name_key(written.key))
        fault = _find_fault(command)
        if not fault and (other := taken.get(command.key)):
            fault = f"the key {written.key!r} belongs to {other!r}; choose another"
        if fault:
            faults.append(f"[[commands]] in the settings, {command.name!r}: {fault}. It was left out.")
        else:
            usable.append(command)
            taken[command.key] = command.name
    return usable, faults


def _name_key(key: str) -> str:
    """Return Textual's name for a key: `exclamation_mark` for `!`."""
    (named,) = Binding.make_bindings([Binding(key, "")]) if len(key) == 1 else [Binding(key, "")]
    return named.key


def _reserved_keys(keymap: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each binding that works while an item is selected, with its keys."""
    for binding in configurable_bindings():
        if binding.id and binding.id.partition(".")[0] in _RESERVED:
            keys = keymap.get(binding.id, binding.key)
            yield binding.id, [_name_key(key.strip()) for key in keys.split(",")]


def _find_fault(command: OwnCommand) -> str:
    if found := re.fullmatch(r"shift\+([a-z])", command.key, re.IGNORECASE):
        return f"no keyboard sends the key {command.key!r}; write {found[1].upper()!r}"
    if fault := find_key_fault(command.key):
        return f"it has the key {command.key!r}, {fault}"
    if not command.command or not command.command[0].strip():
        return "its command is empty"
    if _PLACEHOLDER.search(command.command[0]):
        return "the program can't be a placeholder"
    names = {name for argument in command.command for name in _PLACEHOLDER.findall(argument)}
    if unknown := sorted(names - set(VALUES)):
        return f"there is no {{{unknown[0]}}}, only {', '.join(f'{{{name}}}' for name in VALUES)}"
    return ""
