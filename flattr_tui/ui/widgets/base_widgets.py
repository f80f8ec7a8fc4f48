"""Textual's basic widgets, adapted: cheaper containers and texts, option lists, and inputs of one line."""

import re
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.visual import VisualType
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
from textual.widgets.input import Selection

from flattr_tui.model.lazy_pattern import lazy_pattern
from flattr_tui.ui.bindings import OPTIONS

if TYPE_CHECKING:
    from textual.widget import Widget as _Base
else:
    _Base = object  # not a widget: Textual inherits the styles of the first base class that is a widget
COUNT_PADDING = 2
"""Cells between the title and the counts of a heading."""
HORIZONTAL_EDGES = ("border_top", "border_bottom", "outline_top", "outline_bottom")
_ADDRESS = lazy_pattern(r"[a-z][a-z0-9+.-]*://\S", re.IGNORECASE)


class EvenLines(_Base):
    """A container that draws one line of its background, and uses it for all its lines.

    Textual draws every line of every container on a page, although the children cover nearly all of them. With five
    containers that was half the CPU time of drawing a page with a list: 25 ms; with this class 14 ms (120×40). Measure:
    `python -m tests.benchmarks digits`.
    """

    def render_lines(self, crop: Region) -> list[Strip]:
        if self.styles.has_any_rules(*HORIZONTAL_EDGES):
            return super().render_lines(crop)
        return super().render_lines(Region(crop.x, crop.y, crop.width, min(1, crop.height))) * crop.height


class Row(EvenLines, Horizontal):
    """Widgets side by side."""


class Split(Row):
    """Panes side by side: a list and its detail pane."""

    DEFAULT_CLASSES = "split"


class PageScroll(EvenLines, VerticalScroll):
    """A container for a whole page, which scrolls if the terminal is too low."""


class SteadyText(Static):
    """Shows content that is never parsed as markup. Setting the same content again does nothing.

    `Static.update` lays out the whole screen every time, which takes 5 to 30 ms in this program. New text of the same
    size needs no layout. Measure: `python -m tests.benchmarks`.
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(Content(""), id=id, classes=classes, markup=False)

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Show other content. With `layout=False`, the new content must be as large as the old content."""
        shown = self.content
        if isinstance(shown, Content) and isinstance(content, Content) and shown.is_same(content):
            return
        super().update(content, layout=False)
        if layout and self._size_changes():
            self.refresh(layout=True)

    def _size_changes(self) -> bool:
        width, height = self.content_size
        parent = self.parent
        if not width or not isinstance(parent, Widget):
            return True
        styles, around, screen = self.styles, parent.content_size, self.app.size
        if styles.is_auto_width and self.get_content_width(around, screen) != width:
            return True
        if not styles.is_auto_height:
            return False
        least = styles.min_height.resolve(around, screen) - styles.gutter.height if styles.min_height else 0
        return max(self.get_content_height(around, screen, width), int(least)) != height


class Heading(Widget):
    """The line above a list: its title and its counts. On a narrow list, the counts have a short form."""

    DEFAULT_CLASSES = "heading"
    DEFAULT_CSS = "Heading { width: 1fr; height: 1; }"

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self._title = Content.styled(title, "bold")
        self._count = self._short = Content("")

    def show(self, title: Content | None, count: Content, short: Content | None = None) -> None:
        """Show a title and counts. `short` is the short form of the counts; None if there is none.

        If `title` is None, the previous title stays.
        """
        before = (self._title, self._count, self._short)
        self._title = title if title is not None else self._title
        self._count, self._short = count, short if short is not None else count
        if not all(map(Content.is_same, before, (self._title, self._count, self._short))):
            self.refresh()

    def render(self) -> Content:
        """Return the title and the counts. If the full counts don't fit beside the title, use their short form."""
        width = self.content_size.width
        needed = self._title.cell_length + COUNT_PADDING + self._count.cell_length
        count = self._count if needed <= width else self._short
        room = max(0, width - COUNT_PADDING - count.cell_length)
        return self._title.truncate(room, ellipsis=True, pad=True) + Content(" " * COUNT_PADDING) + count


class PageableOptionList(OptionList):
    """An option list that ignores page up and page down while no line is visible. Textual would raise an error."""

    def move(self, by: int) -> None:
        """Move the cursor to the next (1) or previous (-1) option, and from the last option to the first."""
        self.action_cursor_down() if by > 0 else self.action_cursor_up()

    def action_page_up(self) -> None:
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]


class PageOptionList(PageableOptionList):
    """An option list on a page. The key bar shows enter only while an option is highlighted."""

    BINDINGS: ClassVar[list[BindingType]] = list(OPTIONS)

    def watch_highlighted(self, highlighted: int | None) -> None:
        super().watch_highlighted(highlighted)
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.highlighted is not None if action == "select" else super().check_action(action, parameters)


def join_lines(text: str) -> str:
    """Return the lines of a pasted text as one line, with a blank between two lines.

    Nothing is put between the lines of one address that a terminal or an e-mail program has wrapped: then the text
    begins with a scheme, no line contains a blank, and no other line begins with a scheme.
    """
    if len(text.splitlines()) < 2 and not text.endswith(("\n", "\r")):
        return text
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    is_address = bool(lines) and _ADDRESS.match(lines[0]) is not None
    is_one = is_address and not any(" " in line or _ADDRESS.match(line) for line in lines[1:]) and " " not in lines[0]
    return ("" if is_one else " ").join(lines)


class LineInput(Input):
    """An input that joins the lines of a pasted text. Textual's `Input` keeps only the first line."""

    def action_copy(self) -> None:
        """Copy the selected text, and end the selection, so that the next ctrl+c can quit."""
        super().action_copy()
        self.selection = Selection.cursor(self.cursor_position)

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        if text := join_lines(event.text):
            self.replace(text, *self.selection) if not self.selection.is_empty else self.insert_text_at_cursor(text)
