"""Checks `[keys]` in the settings for unknown binding ids, impossible keys, and keys with two actions."""

import difflib
from collections.abc import Iterator, Mapping

from textual.binding import Binding, BindingType
from textual.keys import KEY_ALIASES, KEY_NAME_REPLACEMENTS, REPLACED_KEYS, Keys, key_to_character

from flattr_tui.ui.bindings import declared_bindings
from flattr_tui.ui.widgets.table import RowTable

_NAMES = frozenset(key.value for key in Keys) | frozenset(KEY_ALIASES)
SHARED_GROUPS = frozenset({"app", "mode", "page", "list", "table", "act"})
"""The groups of binding ids whose keys all work while a list is focused."""
SENT_AS = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+left_square_bracket": "escape",
    "ctrl+[": "escape",
}
"""Keys whose code equals that of another key (ECMA-48: HT, CR, ESC), so that a program can't tell the two apart."""
_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "meta", "hyper"})


def configurable_bindings() -> Iterator[Binding]:
    """Yield each binding whose keys the settings can change, once."""
    yield from declared_bindings()
    yield from _bindings(RowTable.BINDINGS)


def _bindings(given: list[BindingType]) -> Iterator[Binding]:
    yield from (binding for binding in given if isinstance(binding, Binding))


def find_key_fault(key: str) -> str:
    """Return why no binding can use a key, as the end of a sentence about the key; "" if bindings can use it."""
    if alias := SENT_AS.get(key):
        return f"which terminals send as {alias!r}; choose another"
    return "" if is_key(key) else "which no keyboard sends"


def is_key(text: str) -> bool:
    """Whether Textual knows a key of this name, such as `x`, `X`, `ctrl+g`, `f5`, `question_mark` or `/`."""
    *modifiers, key = text.split("+") if text != "+" else [text]
    return set(modifiers) <= _MODIFIERS and bool(key) and (len(key) == 1 or key in _NAMES or _is_character(key))


def _is_character(name: str) -> bool:
    """Whether Textual has a character of this name: `question_mark`, but not `hyphen_minus`, which it calls `minus`."""
    character = key_to_character(REPLACED_KEYS.get(name, name)) or ""
    is_canonical = name == name.lower() and name not in KEY_NAME_REPLACEMENTS and not character.isalnum()
    return is_canonical and len(character) == 1 and " " <= character <= "~"


def check_keymap(keymap: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Return the valid entries of a keymap, and a sentence for each entry that is invalid or in conflict."""
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


def _find_clashes(known: Mapping[str, Binding], usable: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each key that, because of the settings, has two actions on one page."""
    for name, keys in usable.items():
        place = name.partition(".")[0]
        for other, binding in known.items():
            together = {place, *(SHARED_GROUPS if place in SHARED_GROUPS else {"app"})}
            if other == name or other.partition(".")[0] not in together or (other in usable and other < name):
                continue
            taken = {key.strip() for key in usable.get(other, binding.key).split(",")}
            for key in sorted(taken & {key.strip() for key in keys.split(",")}):
                clash = f"[keys] in the settings gives {key!r} to {name!r}, and {other!r} has it too"
                yield f"{clash}: only one of them works."
