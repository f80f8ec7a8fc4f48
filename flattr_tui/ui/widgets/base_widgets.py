"""The widgets that others are built on: containers, texts, placeholders, and a scrollable view of rows with a cursor.

They are drawn with less work than Textual's own: of the rows, only those on screen.
"""

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, ClassVar

import msgspec
from rich.segment import Segment
from textual.containers import Horizontal, ScrollableContainer, VerticalScroll
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style
from textual.visual import VisualType
from textual.widget import Widget
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.widget import Widget as _Base
else:
    _Base = object  # not a widget: Textual inherits the styles of the first base class that is a widget
COUNT_PADDING = 2
"""Cells between the title and the counts of a heading."""
HORIZONTAL_EDGES = ("border_top", "border_bottom", "outline_top", "outline_bottom")


class EvenLines(_Base):
    """A base class for containers whose lines all look the same: one line of the background is drawn, then repeated.

    A container with a border or outline at its top or bottom is drawn as usual. Textual draws every line of every
    container on a page, although the children cover nearly all lines. With five containers, that was half the CPU time
    of drawing a page with a list: the page took 25 ms, and takes 14 ms with this class (120×40). Measure:
    `python -m tests.benchmarks digits`.
    """

    def render_lines(self, crop: Region) -> list[Strip]:
        if self.styles.has_any_rules(*HORIZONTAL_EDGES):
            return super().render_lines(crop)
        return super().render_lines(Region(crop.x, crop.y, crop.width, min(1, crop.height))) * crop.height


class Row(EvenLines, Horizontal):
    """A container that puts its widgets side by side."""


class Split(Row):
    """A container that puts two panes side by side: a list and its detail pane."""

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


class Severity(StrEnum):
    """How serious the message of a placeholder is. This decides its colour and symbol."""

    INFO = "quiet"
    """Loading or empty: nothing is wrong."""
    WAITING = "waiting"
    ERROR = "error"


class Placeholder(msgspec.Struct, frozen=True):
    """A text about the state of the data: a sentence, and advice on what to do about that state."""

    text: str
    advice: str = ""
    severity: Severity = Severity.INFO


SEVERITY_STYLES = {
    Severity.INFO: ("", "$muted"),
    Severity.WAITING: ("◌ ", "$warning"),
    Severity.ERROR: ("! ", "$error"),
}
"""Symbol and colour of each severity."""


def no_match(text: str) -> Content:
    """Return a text that says that nothing matches the typed `text`."""
    return Content.styled(f"No match for “{text}”.", "$warning")


class PlaceholderLine(Widget):
    """A line that shows a placeholder. It is hidden while the placeholder is None."""

    DEFAULT_CSS = """
    PlaceholderLine { height: auto; width: 1fr; padding: 0 2; }
    PlaceholderLine.-fills-pane { height: 1fr; padding: 1 2; }
    """

    placeholder: reactive[Placeholder | None] = reactive[Placeholder | None](None, layout=True)
    fills_pane: reactive[bool] = reactive(False, toggle_class="-fills-pane")
    """Whether the placeholder fills its pane; False if the pane also shows data."""

    def watch_placeholder(self) -> None:
        self.display = self.placeholder is not None

    def render(self) -> Content:
        if self.placeholder is None:
            return Content("")
        sign, style = SEVERITY_STYLES[self.placeholder.severity]
        text = Content.assemble((sign, f"bold {style}"), (self.placeholder.text, style))
        return text + Content.styled(f" {self.placeholder.advice}", "$muted") if self.placeholder.advice else text


MARGIN = 2
"""Number of cells to the left of each row, in which the symbols of the cursor, of marks and of folds are drawn."""


class LineView(ScrollView):
    """A scrollable view of lines: a header that does not scroll, rows of one line each, and an optional last line.

    Subclasses provide the rows and draw them (`render_line`). A subclass may hide lines, such as the lines of a folded
    block. So there are two kinds of numbers. Row numbers count only the lines that are shown. Line numbers, such as
    `cursor`, count hidden lines, too. `row_of` returns the row number of a line, and `cursor_at` the line number of a
    row. If no line is hidden, both numbers are equal.
    """

    ALLOW_SELECT = False  # a selection would not be visible
    HEADER: ClassVar[int] = 0
    """Number of header lines."""
    COMPONENT_CLASSES: ClassVar[set[str]] = {"lines--cursor", "lines--cursor-blurred"}
    DEFAULT_CSS = """
    LineView {
        height: 1fr;
        background: $background;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        & > .lines--cursor { background: $cursor; }
        & > .lines--cursor-blurred { background: $cursor-blurred; }
        &:ansi > .lines--cursor { background: $background; }
        &:ansi > .lines--cursor-blurred { background: $background; }
    }
    """

    cursor: reactive[int] = reactive(0, init=False, repaint=False)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._line_width = 0
        """Width in cells of the lines that were drawn last."""
        self._parse_style = cache(self._find_style)
        """Returns the style with a name. The styles are cached, because all rows use the same few names."""

    # -- rows

    @property
    def row_count(self) -> int:
        """Number of rows. Hidden lines are not counted."""
        raise NotImplementedError

    @property
    def has_last_line(self) -> bool:
        """Whether a line that is not a row, such as a footer, follows the last row."""
        return False

    def row_of(self, cursor: int) -> int:
        """Return the number of the row that shows a line. `cursor` is the line number; hidden lines count."""
        return cursor

    def cursor_at(self, row: int) -> int:
        """Return the number of the line that is shown in a row. `row` is the number of the row."""
        return row

    @property
    def page_rows(self) -> int:
        """Number of rows that fit into the view at a time; at least 1."""
        return max(1, self.scrollable_content_region.height - self.HEADER)

    def update_size(self) -> None:
        """Update the scrollable size after the number of rows has changed, and redraw."""
        lines = self.row_count + self.HEADER + self.has_last_line
        self.virtual_size = Size(self.scrollable_content_region.width, lines)
        self.refresh()

    def fit_width(self) -> None:
        """Adapt the rows to the current width."""
        self.update_size()

    def on_resize(self) -> None:
        """Fit the rows to the new width, and keep the cursor on screen."""
        self.fit_width()
        self.scroll_to_cursor()
        if self.row_of(self.cursor):
            self.call_after_refresh(self.show_cursor_line)

    # -- the cursor

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, self.row_count - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Redraw only the rows that the cursor has left and reached, and scroll if needed."""
        for cursor in (old, new):
            y = self.row_of(cursor) + self.HEADER - self.scroll_offset.y
            self.refresh(Region(0, y, self.size.width, 1))
        self.scroll_to_cursor()

    def scroll_to_cursor(self) -> None:
        """Scroll to the cursor. If the cursor is on the last row, also scroll to the line below that row."""
        row, top, page = self.row_of(self.cursor), self.scroll_offset.y, self.page_rows
        is_last = row == self.row_count - 1
        if row < top:
            self.scroll_to(y=row, animate=False, force=True)
        elif row >= top + page or is_last:
            below = is_last and self.has_last_line
            self.scroll_to(y=max(top, row - page + 1 + below), animate=False, force=True)

    @property
    def _outer_container(self) -> ScrollableContainer | None:
        """The innermost container that can scroll this widget; None if no container can."""
        return next((node for node in self.ancestors if isinstance(node, ScrollableContainer)), None)

    def show_cursor_line(self) -> None:
        """Scroll the containers around this widget until the cursor's row is on screen."""
        outer = self._outer_container
        if outer is not None and outer.max_scroll_y:
            self.call_after_refresh(self._show_cursor_line_in, outer)  # regions are those of the last layout

    def _show_cursor_line_in(self, outer: Widget) -> None:
        row = self.row_of(self.cursor)
        above = self.HEADER if row == 0 else 0
        y = self.region.y + self.HEADER + row - self.scroll_offset.y - above
        line = Region(
            outer.scroll_offset.x, y - outer.scrollable_content_region.y + outer.scroll_offset.y, 1, 1 + above
        )
        outer.scroll_to_region(line, animate=False, force=True, x_axis=False, immediate=True)

    @property
    def is_cursor_on_screen(self) -> bool:
        """Whether the cursor's row is on screen: neither this view nor a container has scrolled that row away."""
        y = self.region.y + self.HEADER + self.row_of(self.cursor) - self.scroll_offset.y
        return all(
            node.region.y <= y < node.region.bottom for node in self.ancestors_with_self if isinstance(node, Widget)
        )

    def move_to_row(self, row: int) -> None:
        """Move the cursor to a row; if `row` is too large, to the last row."""
        self.cursor = self.cursor_at(max(0, min(row, self.row_count - 1)))
        self.show_cursor_line()

    def action_move(self, by: int) -> None:
        """Move the cursor by `by` rows.

        If `by` is positive and the cursor is below the visible part of the page, scroll to the cursor without moving
        it.
        """
        outer = self._outer_container
        is_below = outer is not None and outer.scroll_y < outer.max_scroll_y and not self.is_cursor_on_screen
        self.move_to_row(self.row_of(self.cursor) + (0 if is_below and by > 0 else by))

    def action_page(self, pages: float) -> None:
        """Move the cursor and scroll by `pages` screenfuls. The number may be negative or a fraction."""
        by = max(1, int(self.page_rows * abs(pages))) * (1 if pages > 0 else -1)
        self.scroll_to(y=max(0, self.scroll_offset.y + by), animate=False, force=True)
        self.move_to_row(self.row_of(self.cursor) + by)

    def action_edge(self, end: bool) -> None:
        self.move_to_row(self.row_count - 1 if end else 0)

    # -- drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        self._line_width = self.scrollable_content_region.width  # read once, not for each line
        return super().render_lines(crop)

    def _find_style(self, style: Style | str) -> Style:
        """Return the style for a style definition or for the name of a component class (`.lines--cursor`)."""
        if isinstance(style, Style):
            return style
        return self.get_visual_style(style[1:], partial=True) if style.startswith(".") else Style.parse(style)

    def notify_style_update(self) -> None:
        self._parse_style.cache_clear()
        super().notify_style_update()

    @property
    def cursor_style(self) -> Style:
        """The style of the cursor's row."""
        return self.get_visual_style("lines--cursor" if self.has_focus else "lines--cursor-blurred")

    def draw_cursor_line(self, content: Content, width: int) -> Strip:
        """Return `content` drawn as the row of the cursor, truncated or padded to `width` cells."""
        style = self.cursor_style
        if self.app.native_ansi_color or self.app.no_color:
            # The theme's colours may not be visible here, so the whole row is reversed.
            content, style = content.without_spans, style + Style(reverse=self.has_focus, bold=True)
        return self.draw_line(content, width, style)

    def draw_line(self, content: Content, width: int, style: Style) -> Strip:
        """Return `content` drawn in `style` as one line, truncated or padded to `width` cells."""
        content = content.truncate(width, ellipsis=True, pad=True)
        runs = content.render(style, "", parse_style=self._parse_style)
        return Strip([Segment(text, run.rich_style) for text, run in runs], width)
