"""Dialogs that only show text: the keys of the screen, help about the query language, or a text to copy.

The help takes the keys from the bindings of the screen. Beside a text to copy, nothing is shown, so that the terminal's
mouse selection can select it as a whole.
"""

import sys
from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from flattr_tui.model.query_language import EXAMPLES
from flattr_tui.ui.bindings import GROUPS, OWN_COMMAND
from flattr_tui.ui.textual_private import can_suspend
from flattr_tui.ui.widgets.dialogs import Dialog, KeyHints

MIN_COLUMNS_WIDTH = 60
"""Minimum width of the terminal in cells at which all descriptions are aligned in one column."""
MIN_EXAMPLES_WIDTH = 76
"""Minimum width in cells at which an example of a query and its meaning are on one line."""
SERVER_NOTE = (
    "A row must match all parts of a query. Flattr's own search knows words, tags, categories, languages and one \
owner; the program applies the rest to its results."
)


def list_keys(screen: "Screen[object]") -> Mapping[str, Mapping[str, list[str]]]:
    """Return the keys that work on a screen, by the title of their group and then by what they do.

    For example: `{"Moving": {"Down": ["j", "down"]}}`.
    """
    groups: dict[str, dict[str, list[str]]] = {name: {} for name in GROUPS.values()}
    for active in screen.active_bindings.values():
        if active.enabled and (described := _describe(active)) is not None:
            group, does = described
            groups[group].setdefault(does, []).append(screen.app.get_key_display(active.binding))
    return {name: found for name, found in groups.items() if found}


_TEXTUALS_OWN: Mapping[str, tuple[str, str]] = {
    "app.focus_next": ("Moving", "Go to the next part of the screen"),
    "app.focus_previous": ("Moving", "Go to the previous part of the screen"),
    "cursor_down": ("Moving", "Down"),
    "cursor_up": ("Moving", "Up"),
    "scroll_down": ("Moving", "Scroll down"),
    "scroll_up": ("Moving", "Scroll up"),
    "page_down": ("Moving", "A page down"),
    "page_up": ("Moving", "A page up"),
    "first": ("Moving", "To the top"),
    "last": ("Moving", "To the end"),
    "select": ("Moving", "Open or choose the highlighted entry"),
    "screen.copy_text": ("Program", "Copy the text selected with the mouse"),
}
"""Group and description, by action, of the bindings of Textual's own widgets, which have no ids."""
_EDITING = {binding.action for binding in Input.BINDINGS if isinstance(binding, Binding)}


def _describe(active: ActiveBinding) -> tuple[str, str] | None:
    """Return the title of a binding's group, and its description; None if the help does not list the binding."""
    binding = active.binding
    if binding.action.startswith(OWN_COMMAND):
        return GROUPS["own"], binding.description
    if (group := GROUPS.get((binding.id or "").partition(".")[0])) is not None:
        return group, binding.tooltip or binding.description
    if binding.id is None and isinstance(active.node, Input) and binding.action in _EDITING:
        return "Field", binding.description
    return _TEXTUALS_OWN.get(binding.action) if binding.id is None else None


class HelpText(Dialog[None]):
    """A dialog with a long text that keys scroll."""

    LIST_LINES = 10_000

    def action_scroll(self, by: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)


class HelpDialog(HelpText):
    """Lists the keys of a screen. The keys `?`, esc, backspace and q close the dialog."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace,q,question_mark,enter", "dismiss", "back", id="help.back"),
        Binding("j,down", "scroll(1)", "down", show=False, id="help.down"),
        Binding("k,up", "scroll(-1)", "up", show=False, id="help.up"),
        Binding("ctrl+d", "page(0.5)", "half down", show=False, id="help.half_down"),
        Binding("ctrl+u", "page(-0.5)", "half up", show=False, id="help.half_up"),
        Binding("pagedown,space", "page(1.0)", "page down", show=False, id="help.page_down"),
        Binding("pageup", "page(-1.0)", "page up", show=False, id="help.page_up"),
        Binding("g,home", "edge(False)", "top", show=False, id="help.top"),
        Binding("G,end", "edge(True)", "end", show=False, id="help.end"),
    ]

    def __init__(self, keys: Mapping[str, Mapping[str, list[str]]]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog help"):
            yield Static(Content.styled("Keys of this screen", "bold"), markup=False)
            with VerticalScroll(can_focus=False):
                yield Static(self._make_content(), markup=False, id="keys")

    def on_resize(self) -> None:
        """Align the descriptions for the new width."""
        self.query_one("#keys", Static).update(self._make_content())

    def _make_content(self) -> Content:
        width = max((len(" ".join(keys)) for found in self._keys.values() for keys in found.values()), default=0)
        if self.app.size.width < MIN_COLUMNS_WIDTH:
            width = 0
        lines: list[Content] = []
        for group, found in self._keys.items():
            lines += [Content(""), Content.styled(group, "bold $accent")]
            lines += [
                Content.styled(" ".join(keys).ljust(min(width, 16)) + "  ", "$primary") + Content(does)
                for does, keys in found.items()
            ]
        return Content("\n").join(lines[1:])

    def action_page(self, pages: float) -> None:
        """Scroll down by `pages` screenfuls. The number may be negative or a fraction."""
        keys = self.query_one(VerticalScroll)
        keys.scroll_relative(y=int(keys.size.height * pages) or (1 if pages > 0 else -1), animate=False)

    def action_edge(self, end: bool) -> None:
        """Scroll to the last key if `end` is true, otherwise to the first."""
        keys = self.query_one(VerticalScroll)
        keys.scroll_end(animate=False) if end else keys.scroll_home(animate=False)


class QueryHelp(HelpText):
    """A dialog that explains the query language with examples."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace,q,question_mark,f1,enter", "dismiss", "back", id="syntax.back"),
        Binding("j,down", "scroll(1)", "down", show=False, id="syntax.down"),
        Binding("k,up", "scroll(-1)", "up", show=False, id="syntax.up"),
        Binding("pagedown,space", "scroll(8)", "page down", show=False, id="syntax.page_down"),
        Binding("pageup", "scroll(-8)", "page up", show=False, id="syntax.page_up"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog help"), VerticalScroll(can_focus=False):
            yield Static(markup=False, id="examples")

    def on_mount(self) -> None:
        self._write()

    def on_resize(self) -> None:
        self._write()

    def _write(self) -> None:
        width = max(len(example) for example, _ in EXAMPLES) + 2 if self.app.size.width >= MIN_EXAMPLES_WIDTH else 0
        lines = [Content.styled("Queries in filters and searches", "bold"), Content("")]
        for example, meaning in EXAMPLES:
            if width:
                lines.append(Content.styled(example.ljust(width), "$primary") + Content(meaning))
            else:
                lines += [Content.styled(example, "$primary"), Content.styled(f"  {meaning}", "$muted")]
        lines += [Content(""), Content.styled(SERVER_NOTE, "$muted")]
        self.query_one("#examples", Static).update(Content("\n").join(lines))


class CopyableTextDialog(Dialog[None]):
    """Shows a text in the full width of the terminal.

    A line that is longer than the width is broken here. A key prints the text outside the app, without these breaks, so
    that the user can copy a long line as one line.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,q,backspace,y", "dismiss", "back", id="text.back"),
        Binding("p", "print", "print", id="text.print"),
    ]
    DEFAULT_CSS = """
    CopyableTextDialog .whole { width: 100%; height: auto; max-height: 100%; background: $panel; padding: 1 0; }
    CopyableTextDialog .whole .told { padding: 0 1; }
    CopyableTextDialog .whole #text { margin: 1 0; text-wrap: wrap; text-overflow: fold; background: $background; }
    CopyableTextDialog .whole KeyHints { padding: 0 1; }
    """

    def __init__(self, text: str, message: str) -> None:
        """Show `text` below `message`, which says why the text is shown."""
        super().__init__()
        self._text = text
        self._message = message

    def compose(self) -> ComposeResult:
        """Compose the message, the text and the keys."""
        with Vertical(classes="whole"):
            yield Static(Content(self._message), classes="told", markup=False)
            yield Static(Content(self._text), id="text", markup=False)
            prints = [("p", "prints it on the terminal")] if self._can_print else []
            yield KeyHints(("esc", "back"), *prints, ("shift+mouse", "selects it in most terminals"))

    @property
    def _can_print(self) -> bool:
        return can_suspend(self.app)

    def action_print(self) -> None:
        """Print the text on the terminal without wrapping its lines, and show it until the user presses enter."""
        if self._can_print:
            with self.app.suspend():
                sys.__stdout__.write(f"{self._text}\n\nPress enter to return to flattr-tui. ")  # type: ignore[union-attr]
                sys.__stdout__.flush()  # type: ignore[union-attr]
                sys.__stdin__.readline()  # type: ignore[union-attr]
            self.dismiss()
