"""Every key of the app and its screens, each with an id that the settings' `[keys]` can give other keys.

The ids are a public interface: `group.action`. Widgets declare theirs (`table.down`) beside what they do.
"""

from collections.abc import Iterator, Mapping

from textual.binding import Binding

from flattr_tui.ui.modes import MODES

GROUPS: Mapping[str, str] = {
    "mode": "Places",
    "page": "This page",
    "list": "This list",
    "search": "Search",
    "table": "Moving",
    "app": "Program",
}
"""The groups of the help, by the first part of a binding's id, in its order."""

APP: tuple[Binding, ...] = (
    *(
        Binding(mode.key, f"mode('{mode.id}')", mode.label, show=False, id=f"mode.{mode.id}", tooltip=mode.label)
        for mode in MODES
    ),
    Binding("u", "ask_user", "user", tooltip="Go to a user", id="app.user"),
    Binding("question_mark", "help", "help", key_display="?", tooltip="The keys of this screen", id="app.help"),
    Binding("ctrl+p", "command_palette", "commands", show=False, tooltip="All commands, by name", id="app.commands"),
    Binding("q,ctrl+q", "quit", "quit", show=False, tooltip="Quit", id="app.quit"),
    Binding("ctrl+c", "quit_twice", "quit", show=False, tooltip="Quit, when pressed twice", id="app.interrupt"),
    Binding("ctrl+z", "suspend_process", "suspend", show=False, tooltip="Back to the shell", id="app.suspend"),
)

PAGE: tuple[Binding, ...] = (
    Binding("r", "refresh", "refresh", tooltip="Fetch what is new", id="page.refresh"),
    Binding("R", "refresh_all", "all", show=False, tooltip="Fetch all of it, to its end", id="page.refresh_all"),
    Binding("o", "browse", "browser", tooltip="Open in the browser", id="page.browser"),
    Binding("y", "copy", "copy", tooltip="Copy the address", id="page.copy"),
    Binding("p", "person", "person", show=False, tooltip="Whose it is: open the user's page", id="page.person"),
    Binding("escape,backspace", "back", "back", show=False, tooltip="Back", id="page.back"),
)

LIST: tuple[Binding, ...] = (
    Binding(
        "slash", "filter", "filter", key_display="/", tooltip="Filter what is saved, as you type", id="list.filter"
    ),
    Binding("s", "sort", "sort", tooltip="Sort by the next column", id="list.sort"),
    Binding("S", "sort_back", "sort back", show=False, tooltip="The other way round", id="list.sort_back"),
)

ACTIVITIES: tuple[Binding, ...] = (
    Binding("t", "toggle_incoming", "in/out", tooltip="What the user did, or what befell the user", id="list.incoming"),
)

USER: tuple[Binding, ...] = (
    Binding("t", "things", "things", tooltip="The user's things", id="page.things"),
    Binding("f", "flattrs", "flattrs", tooltip="The user's flattrs", id="page.flattrs"),
    Binding("a", "activities", "activities", tooltip="The user's activities", id="page.activities"),
    Binding("h", "adopt", "show everywhere", show=False, tooltip="Show this user in 1 to 4", id="page.adopt"),
)

SEARCH: tuple[Binding, ...] = (
    Binding("slash", "query", "query", key_display="/", tooltip="Back to the fields", id="search.query"),
    Binding("c", "categories", "category", tooltip="Choose categories", id="search.categories"),
    Binding("l", "languages", "language", tooltip="Choose languages", id="search.languages"),
    Binding("s", "order", "sort", tooltip="The next order", id="search.order"),
    Binding("x", "clear", "clear", tooltip="Empty all fields", id="search.clear"),
)

DECLARED: tuple[tuple[Binding, ...], ...] = (APP, PAGE, LIST, ACTIVITIES, USER, SEARCH)


NAMES: Mapping[str, str] = {
    "enter": "enter",
    "escape": "esc",
    "backspace": "backspace",
    "space": "space",
    "question_mark": "?",
    "slash": "/",
    "pagedown": "page down",
    "pageup": "page up",
}
"""Keys as people call them, where Textual has a sign that not every font has."""


def declared() -> Iterator[Binding]:
    """Go through every binding of this module, once."""
    for group in DECLARED:
        yield from group
