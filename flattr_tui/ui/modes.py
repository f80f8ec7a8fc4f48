"""The table of modes: each a digit, a tab, and a first screen that is imported when it is first shown."""

import importlib
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from textual.screen import Screen


class Mode(msgspec.Struct, frozen=True):
    """One place of the program, with its own stack of screens and its own way back."""

    id: str
    key: str
    label: str
    screen: str
    """`module:Class` of its first screen, the module below `flattr_tui.ui.screens`."""
    of_user: bool = True
    """Whether it is about the user whom the app shows."""

    def make(self) -> "Screen[None]":
        """Import and make its first screen."""
        module, _, name = self.screen.partition(":")
        made: Screen[None] = getattr(importlib.import_module(f"flattr_tui.ui.screens.{module}"), name)()
        return made


MODES: tuple[Mode, ...] = (
    Mode("profile", "1", "Profile", "profile:ProfileScreen"),
    Mode("things", "2", "Things", "lists:ThingsScreen"),
    Mode("flattrs", "3", "Flattrs", "lists:FlattrsScreen"),
    Mode("activities", "4", "Activities", "lists:ActivitiesScreen"),
    Mode("search", "5", "Search", "search:SearchScreen", of_user=False),
    Mode("review", "6", "Review", "review:ReviewScreen"),
    Mode("console", "7", "Console", "console:ConsoleScreen", of_user=False),
)
