"""The settings' `[keys]`: which ids there are, and what is wrong with what was given."""

import difflib
from collections.abc import Iterator, Mapping

from textual.binding import Binding, BindingType
from textual.keys import KEY_ALIASES, Keys, _character_to_key

from flattr_tui.ui.bindings import declared
from flattr_tui.ui.widgets.table import RowTable

_NAMES = frozenset(key.value for key in Keys) | frozenset(KEY_ALIASES)
_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "meta", "hyper"})


def bindings() -> Iterator[Binding]:
    """Go through all bindings that the settings can change, once."""
    yield from declared()
    yield from _bindings(RowTable.BINDINGS)


def _bindings(given: list[BindingType]) -> Iterator[Binding]:
    yield from (binding for binding in given if isinstance(binding, Binding))


def is_key(text: str) -> bool:
    """Whether Textual could ever send a key of this name: `x`, `X`, `ctrl+g`, `f5`, `question_mark`, `/`."""
    *modifiers, key = text.split("+") if text != "+" else [text]
    return set(modifiers) <= _MODIFIERS and bool(key) and (len(key) == 1 or key in _NAMES or _is_character(key))


def _is_character(name: str) -> bool:
    return any(_character_to_key(chr(number)) == name for number in range(32, 127))


def problems(keymap: Mapping[str, str]) -> str:
    """Say in one sentence what is wrong with a keymap; "" where it is fine."""
    ids = {binding.id for binding in bindings() if binding.id}
    said: list[str] = []
    for name, keys in keymap.items():
        if name not in ids:
            near = difflib.get_close_matches(name, ids, 1)
            said.append(f"there is no key {name!r}{f' (did you mean {near[0]!r}?)' if near else ''}")
        elif bad := [key for key in keys.split(",") if not is_key(key.strip())]:
            said.append(f"{bad[0]!r} for {name!r} is no key")
    return f"The settings' [keys] were left out: {'; '.join(said)}." if said else ""
