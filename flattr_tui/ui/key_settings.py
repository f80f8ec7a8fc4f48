"""Checks the user's keys and own commands: `[keys]` and `[[commands]]` in the settings. Fills in a command's values.

Unknown binding ids, impossible keys, keys with two actions, and commands that can't be run are reported as faults. A
command is a list of arguments; no shell reads it. Text from a server is inserted only where the user has put a
placeholder. Such text never becomes an option or the program, and `{url}` accepts only web addresses.
"""

import difflib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from msgspec.structs import replace
from textual.binding import Binding, BindingType
from textual.keys import KEY_ALIASES, KEY_NAME_REPLACEMENTS, REPLACED_KEYS, Keys, key_to_character

from flattr_tui.model.entities import Activity, Entity, User, address_of, thing_of, username_of
from flattr_tui.model.lazy_pattern import lazy_pattern
from flattr_tui.model.pasted_address import is_web
from flattr_tui.settings import OwnCommand
from flattr_tui.ui.bindings import declared_bindings
from flattr_tui.ui.widgets.table import RowTable

_NAMES = frozenset(key.value for key in Keys) | frozenset(KEY_ALIASES)
SHARED_GROUPS = frozenset({"app", "mode", "page", "list", "table", "act"})
"""The groups of binding ids whose keys all work while a list is focused, so that the user's commands can't use them."""
SENT_AS = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+left_square_bracket": "escape",
    "ctrl+[": "escape",
}
"""Keys whose code equals that of another key (ECMA-48: HT, CR, ESC), so that a program can't tell the two apart."""
_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "meta", "hyper"})


def configurable_bindings() -> Iterator[Binding]:
    """Yield the bindings whose keys the settings can change. No binding is yielded twice."""
    yield from declared_bindings()
    yield from _bindings(RowTable.BINDINGS)


def _bindings(given: list[BindingType]) -> Iterator[Binding]:
    yield from (binding for binding in given if isinstance(binding, Binding))


def find_key_fault(key: str) -> str:
    """Return why no binding can use a key; "" if bindings can use it.

    The text can follow the name of the key in a sentence, for example `which no keyboard sends`.
    """
    if alias := SENT_AS.get(key):
        return f"which terminals send as {alias!r}; choose another"
    return "" if is_key(key) else "which no keyboard sends"


def is_key(text: str) -> bool:
    """Whether Textual knows a key of this name, such as `x`, `X`, `ctrl+g`, `f5`, `question_mark` or `/`."""
    *modifiers, key = text.split("+") if text != "+" else [text]
    return set(modifiers) <= _MODIFIERS and bool(key) and (len(key) == 1 or key in _NAMES or _is_character(key))


def _is_character(name: str) -> bool:
    """Whether Textual has a key of this name for a character that can be typed, such as `question_mark`.

    A name that Textual replaces doesn't count: the key `-` is called `minus`, so `hyphen_minus` is no key.
    """
    character = key_to_character(REPLACED_KEYS.get(name, name)) or ""
    is_canonical = name == name.lower() and name not in KEY_NAME_REPLACEMENTS and not character.isalnum()
    return is_canonical and len(character) == 1 and " " <= character <= "~"


def check_keymap(keymap: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the valid entries of `keymap`, the user's keys by binding id, and a sentence for each problem.

    An entry is invalid if its id is unknown, or if a key of it can't be used. A key that two bindings share is a
    problem, too, but its entries are valid.
    """
    known = {binding.id: binding for binding in configurable_bindings() if binding.id}
    usable: dict[str, str] = {}
    faults: list[str] = []
    for name, keys in keymap.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            meant = f"; did you mean {near[0]!r}?" if near else "."
            faults.append(f"[keys] in the settings names {name!r}, which is not the id of a key{meant}")
        elif bad := [(key, fault) for key in map(str.strip, keys.split(",")) if (fault := find_key_fault(key))]:
            faults.append(f"[keys] in the settings gives {name!r} the key {bad[0][0]!r}, {bad[0][1]}.")
        else:
            usable[name] = keys
    return usable, [*faults, *_find_clashes(known, usable)]


def _find_clashes(bindings: Mapping[str, Binding], keymap: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each key of `keymap` that two bindings share, so that only one of them works.

    `keymap` contains the user's keys, and `bindings` all bindings, both by binding id. Two bindings may share a key if
    they never work at the same time.
    """
    for name, keys in keymap.items():
        place = name.partition(".")[0]
        for other, binding in bindings.items():
            together = {place, *(SHARED_GROUPS if place in SHARED_GROUPS else {"app"})}
            if other == name or other.partition(".")[0] not in together or (other in keymap and other < name):
                continue
            taken = {key.strip() for key in keymap.get(other, binding.key).split(",")}
            for key in sorted(taken & {key.strip() for key in keys.split(",")}):
                clash = f"[keys] in the settings gives {key!r} to {name!r}, and {other!r} has it too"
                yield f"{clash}: only one of them works."


_PLACEHOLDER: Final = lazy_pattern(r"\{([a-z]+)\}")


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

    `keymap` contains the keys that the user has given to the program's own bindings, by the id of the binding. A
    command whose key belongs to a binding is invalid.
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
    """Yield the id and the keys of each binding that works while a list is focused.

    `keymap` contains the user's keys by binding id; a binding without an entry has its default keys.
    """
    for binding in configurable_bindings():
        if binding.id and binding.id.partition(".")[0] in SHARED_GROUPS:
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
