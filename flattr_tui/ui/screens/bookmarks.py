"""Bookmarks and what was opened last: two groups in one list, filtered as one types, each opened by enter."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from flattr_tui.library.bookmarks import Mark, MarkKind
from flattr_tui.model.entities import Entity
from flattr_tui.ui import format as fmt
from flattr_tui.ui.bindings import MARKS
from flattr_tui.ui.bookmark_actions import RemovedBookmark, bookmark_title
from flattr_tui.ui.columns import STAR
from flattr_tui.ui.panes.detail_pane import DetailPane
from flattr_tui.ui.screens.base import Page
from flattr_tui.ui.typed_app import app_of
from flattr_tui.ui.widgets.line_input import LineInput
from flattr_tui.ui.widgets.option_list import PageableOptionList
from flattr_tui.ui.widgets.placeholder import Placeholder, PlaceholderLine
from flattr_tui.ui.widgets.steady_text import SteadyText

NONE = Placeholder(
    "Nothing is bookmarked yet.", "b bookmarks the thing, the user or the search on screen; B lists them here."
)


class Line(NamedTuple):
    """One line that can be opened."""

    mark: Mark
    opened: bool
    """Whether it stands in the history, not among the bookmarks."""

    @property
    def id(self) -> tuple[bool, tuple[str, str, str]]:
        """What makes it the same line at another time."""
        return self.opened, self.mark.identity


class MarksScreen(Page):
    """All bookmarks, then all that was opened, the latest first in each."""

    CSS_PATH = "bookmarks.tcss"
    BINDINGS: ClassVar[list[BindingType]] = list(MARKS)
    AUTO_FOCUS = "OptionList"

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Line | None] = []
        """What stands on each line; None for a title."""
        self._removed: list[RemovedBookmark] = []

    def body(self) -> ComposeResult:
        """The filter and the list, and the detail beside it."""
        with Horizontal(classes="split"):
            with Vertical(classes="list marks"):
                with Horizontal(classes="heading"):
                    yield Static(Content.styled("Bookmarks and history", "bold"), classes="title", markup=False)
                    yield SteadyText(classes="count")
                yield LineInput(placeholder="filter", compact=True, classes="filter")
                yield PlaceholderLine()
                yield PageableOptionList(markup=False, compact=True)
            yield DetailPane(classes="detail")

    def on_mount(self) -> None:
        """List what there is, and follow it."""
        super().on_mount()
        self._show()
        self.watch(app_of(self), "bookmarks_version", self._show, init=False)

    # -- what is listed

    def _show(self) -> None:
        marks = app_of(self).bookmarks
        options = self.query_one(OptionList)
        before, at = self.line, options.highlighted or 0
        words = self.query_one(Input).value.casefold().split()
        marked, opened = (_having(words, found) for found in (marks.marks, marks.opened))
        groups = {"Bookmarks": [Line(mark, False) for mark in marked], "Opened lately": [Line(m, True) for m in opened]}
        self._lines = []
        options.clear_options()
        for title, lines in groups.items():
            if lines:
                self._lines += [None, *lines]
                options.add_option(Option(Content.styled(title, "bold $accent"), disabled=True))
                options.add_options(self._option(line) for line in lines)
        options.highlighted = self._place(before, at)
        told = [fmt.plural(len(marked), "bookmark") if marked else "", f"{len(opened):,} opened" if opened else ""]
        self.query_one(".marks .count", SteadyText).update(Content.styled(" · ".join(filter(None, told)), "$muted"))
        if not self._lines and options.has_focus:
            self.set_focus(None)  # else the filter has it, and takes the keys
        self.query_one(Input).display = bool(self._lines or words)
        line, options.display = self.query_one(PlaceholderLine), bool(self._lines)
        line.placeholder, line.fills_pane = self._state(bool(words)), not self._lines
        if self._lines and self.focused is None:
            options.focus()

    def _state(self, filtered: bool) -> Placeholder | None:
        if filtered:
            return None if self._lines else Placeholder("None of these has that.", "esc takes the filter away.")
        return None if app_of(self).bookmarks.marks else NONE

    def _place(self, before: Line | None, at: int) -> int | None:
        """Say where the cursor goes: with its line, else to the nearest one."""
        lines = {line.id: number for number, line in enumerate(self._lines) if line is not None}
        if before is not None and before.id in lines:
            return lines[before.id]
        return min(lines.values(), key=lambda number: abs(number - at), default=None)

    def _option(self, line: Line) -> Option:
        app, mark = app_of(self), line.mark
        star = STAR if app.bookmarks.is_marked(mark) else " "
        told = [mark.kind.value, fmt.when(mark.at, app.clock(), app.tz)]
        if mark.source != app.library.source.name:
            told.append(mark.source)
        name = mark.key if mark.kind is MarkKind.USER else mark.title or mark.key
        return Option(Content.assemble((f"{star} ", "$accent"), name, (f"  {' · '.join(told)}", "$muted")))

    @property
    def line(self) -> Line | None:
        """The line under the cursor."""
        at = self.query_one(OptionList).highlighted
        return self._lines[at] if at is not None and at < len(self._lines) else None

    @property
    def subject(self) -> Entity | None:
        """The user or thing under the cursor, where it is of the source that is shown."""
        line = self.line if self.is_mounted else None
        if line is None or line.mark.source != app_of(self).library.source.name:
            return None
        return line.mark.item

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.query_one(DetailPane).item = self.subject
        self.refresh_bindings()

    def source_changed(self) -> None:
        """Say anew what is of another source."""
        self._show()

    # -- keys

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if (line := self.line) is not None:
            app_of(self).open_bookmark(line.mark)

    @on(Input.Changed)
    def _filtered(self, event: Input.Changed) -> None:
        event.stop()
        self._show()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(OptionList).focus()

    def key_down(self) -> None:
        """Go from the filter to the list."""
        if self.query_one(Input).has_focus:
            self.query_one(OptionList).focus()

    def action_filter(self) -> None:
        """Type what is looked for."""
        self.set_focus(self.query_one(Input))

    def action_move(self, way: str) -> None:
        """Go through the list."""
        options = self.query_one(OptionList)
        {"down": options.action_cursor_down, "up": options.action_cursor_up}[way]()

    def action_remove(self) -> None:
        """Take the line away; it can be put back."""
        if (line := self.line) is not None:
            self._removed.append(app_of(self).remove_bookmark(line.mark, opened=line.opened))
            what = (
                f"{bookmark_title(line.mark, start=True)} is forgotten"
                if line.opened
                else f"No bookmark of {bookmark_title(line.mark)}"
            )
            app_of(self).notify_user(f"{what}. U puts it back.")

    def action_put_back(self) -> None:
        """Undo the last removal."""
        if self._removed:
            app_of(self).restore_bookmark(self._removed.pop())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what there is something for."""
        if action == "remove":
            return self.is_mounted and self.line is not None
        if action == "put_back":
            return bool(self._removed)
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Take the filter away, or leave."""
        entry = self.query_one(Input)
        if entry.value:
            entry.value = ""
            self.query_one(OptionList).focus()
        elif entry.has_focus:
            self.query_one(OptionList).focus()
        else:
            super().action_back()


def _having(words: Sequence[str], marks: Sequence[Mark]) -> list[Mark]:
    """Keep the marks that have all the words somewhere, the latest first."""

    def found() -> Iterator[Mark]:
        for mark in marks:
            text = f"{mark.kind.value} {mark.key} {mark.title} {mark.source}".casefold()
            if all(word in text for word in words):
                yield mark

    return sorted(found(), key=lambda mark: -mark.at)
