"""The table of the app's modes. Each mode has a key, a label, and a first page, which is imported when first shown."""

import importlib
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from textual.screen import Screen


SCREENS: Final = "flattr_tui.ui.screens"
"""The package of the screens. They are imported by name, to avoid a circular import."""


class Mode(msgspec.Struct, frozen=True):
    """A mode of the app (Textual's term), with its own stack of pages."""

    id: str
    key: str
    label: str
    help: str
    """What the mode shows: the help text in the command palette."""
    screen: str
    """The class of the first page, as `module:Class`. The module is in the package `flattr_tui.ui.screens`."""
    user_scoped: bool = True
    """Whether the first page shows the data of one user, `FlattrApp.user`."""

    def make_screen(self, username: str = "") -> "Screen[None]":
        """Return a new first page of the mode. It shows the user `username`; with "", the user that the app shows.

        The module of the page is not imported before this method is called.
        """
        module, _, name = self.screen.partition(":")
        made: Screen[None] = getattr(importlib.import_module(f"{SCREENS}.{module}"), name)(*filter(None, [username]))
        return made


MODES: tuple[Mode, ...] = (
    Mode("profile", "1", "Profile", "Who they are, whom they support, and when", "profile:ProfileScreen"),
    Mode("things", "2", "Things", "What they added to Flattr", "user_lists:ThingsScreen"),
    Mode("flattrs", "3", "Flattrs", "What they flattred", "user_lists:FlattrsScreen"),
    Mode(
        "activities",
        "4",
        "Activities",
        "What they did, and what others did with theirs",
        "user_lists:ActivitiesScreen",
    ),
    Mode("search", "5", "Search", "Things on the server and in saved data", "search:SearchScreen", user_scoped=False),
    Mode("review", "6", "Review", "Charts of their saved flattrs", "review:ReviewScreen"),
    Mode("console", "7", "Console", "Send any request to the API", "console:ConsoleScreen", user_scoped=False),
)
BY_ID: Final = {mode.id: mode for mode in MODES}


def import_screens() -> None:
    """Import the modules of all pages, so that each page opens 5 to 20 ms faster.

    Call this in a thread, when the first page has been shown.
    """
    import pkgutil  # noqa: PLC0415 -- not before the first screen

    for module in pkgutil.iter_modules(importlib.import_module(SCREENS).__path__, f"{SCREENS}."):
        importlib.import_module(module.name)
