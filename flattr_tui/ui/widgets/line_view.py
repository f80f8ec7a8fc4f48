"""A scrollable view of one-line rows with a cursor. Only the rows on screen are drawn."""

from functools import cache
from typing import ClassVar

from rich.segment import Segment
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

MARGIN = 2
"""Number of cells to the left of each row, in which the symbols of the cursor, of marks and of folds are drawn."""


class LineView(ScrollView):
    """A scrollable view: a header that does not scroll, rows of one line each, and an optional last line.

    Subclasses provide the rows and draw them (`render_line`). A subclass may hide lines, such as the lines of a folded
    block. Row numbers count only the lines that are shown, but `cursor` is a line number, which counts hidden lines,
    too. `row_of` and `cursor_at` convert one to the other. If no line is hidden, both are equal.
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
        """Return the number of the row that shows the line with the number `cursor`."""
        return cursor

    def cursor_at(self, row: int) -> int:
        """Return the number of the line that a row shows: the value of `cursor` on this row."""
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
        """Scroll to the cursor; if it is on the last row, also to the line below that row."""
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
        """Whether the cursor's row is visible, and neither this view nor a container has scrolled it out of sight."""
        y = self.region.y + self.HEADER + self.row_of(self.cursor) - self.scroll_offset.y
        return all(
            node.region.y <= y < node.region.bottom for node in self.ancestors_with_self if isinstance(node, Widget)
        )

    def move_to_row(self, row: int) -> None:
        """Move the cursor to a row; if `row` is too large, to the last row."""
        self.cursor = self.cursor_at(max(0, min(row, self.row_count - 1)))
        self.show_cursor_line()

    def action_move(self, by: int) -> None:
        """Move the cursor by a number of rows. Moving down while the cursor is out of sight only scrolls to it."""
        outer = self._outer_container
        is_below = outer is not None and outer.scroll_y < outer.max_scroll_y and not self.is_cursor_on_screen
        self.move_to_row(self.row_of(self.cursor) + (0 if is_below and by > 0 else by))

    def action_page(self, pages: float) -> None:
        """Move the cursor and scroll by a number of screenfuls, which may be negative or a fraction."""
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
        """Return the drawn row of the cursor, truncated or padded to `width` cells."""
        style = self.cursor_style
        if self.app.native_ansi_color or self.app.no_color:
            # The theme's colours may not be visible here, so the whole row is reversed.
            content, style = content.without_spans, style + Style(reverse=self.has_focus, bold=True)
        return self.draw_line(content, width, style)

    def draw_line(self, content: Content, width: int, style: Style) -> Strip:
        """Return a drawn line, truncated or padded to `width` cells."""
        content = content.truncate(width, ellipsis=True, pad=True)
        runs = content.render(style, "", parse_style=self._parse_style)
        return Strip([Segment(text, run.rich_style) for text, run in runs], width)
