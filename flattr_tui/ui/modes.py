"""The table of modes: each a digit, a tab, and a first screen that is imported when it is first shown."""

import importlib
from typing import TYPE_CHECKING, Final

import msgspec

from flattr_tui.ui import screens

if TYPE_CHECKING:
    from textual.screen import Screen


class Mode(msgspec.Struct, frozen=True):
    """One place of the program, with its own stack of screens and its own way back."""

    id: str
    key: str
    label: str
    screen: str
    """`module:Class` of its first screen, the module below `flattr_tui.ui.screens`."""
    user_scoped: bool = True
    """Whether it is about the user whom the app shows."""

    def make_screen(self, *arguments: str) -> "Screen[None]":
        """Import and make its screen: the first one, or (with a user name) another user's."""
        module, _, name = self.screen.partition(":")
        made: Screen[None] = getattr(importlib.import_module(f"{screens.__name__}.{module}"), name)(*arguments)
        return made


MODES: tuple[Mode, ...] = (
    Mode("profile", "1", "Profile", "profile:ProfileScreen"),
    Mode("things", "2", "Things", "user_lists:ThingsScreen"),
    Mode("flattrs", "3", "Flattrs", "user_lists:FlattrsScreen"),
    Mode("activities", "4", "Activities", "user_lists:ActivitiesScreen"),
    Mode("search", "5", "Search", "search:SearchScreen", user_scoped=False),
    Mode("review", "6", "Review", "review:ReviewScreen"),
    Mode("console", "7", "Console", "console:ConsoleScreen", user_scoped=False),
)
BY_ID: Final = {mode.id: mode for mode in MODES}


def import_screens() -> None:
    """Import all screens, those of no mode too: done behind the first one, it saves the others 5 to 20 ms each."""
    import pkgutil  # noqa: PLC0415 -- not before the first screen

    for module in pkgutil.iter_modules(screens.__path__, f"{screens.__name__}."):
        importlib.import_module(module.name)
