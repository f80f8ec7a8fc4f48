"""What is gone through line by line, however long it is: a cursor on one line, and only those on screen are drawn."""

from functools import cache
from typing import ClassVar

from rich.segment import Segment
from textual.content import Content
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

MARGIN = 2
"""Cells left of a line: room for the cursor's, the marks' and the folds' signs."""


class LineView(ScrollView):
    """Rows of one line each, below a header that does not scroll, above a last line that says something of them all.

    What they are and how each is drawn (`render_line`) is the subclasses'; where the cursor stands is not always the
    row that shows it, since rows can be folded away (`row_of`, `at_row`).
    """

    HEADER: ClassVar[int] = 0
    """Lines of the header."""
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
        &:ansi > .lines--cursor { background: ansi_default; }
        &:ansi > .lines--cursor-blurred { background: ansi_default; }
    }
    """

    cursor: reactive[int] = reactive(0, init=False)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._named = cache(self._get_style)
        """What styles' names stand for: each row asks for the same few."""

    # -- what there is

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    @property
    def has_last_line(self) -> bool:
        """Whether a line follows the rows."""
        return False

    def row_of(self, cursor: int) -> int:
        """Return the row in which the cursor is seen when it stands there."""
        return cursor

    def at_row(self, row: int) -> int:
        """Return where the cursor stands when it is seen in a row."""
        return row

    @property
    def page_rows(self) -> int:
        """How many rows fit on the screen."""
        return max(1, self.scrollable_content_region.height - self.HEADER)

    def measure(self) -> None:
        """Take in that there are more rows or fewer, and draw."""
        lines = self.row_count + self.HEADER + self.has_last_line
        self.virtual_size = Size(self.scrollable_content_region.width, lines)
        self.refresh()

    def refit(self) -> None:
        """Fit the rows to another width."""
        self.measure()

    def on_resize(self) -> None:
        """Fit the rows to the new width, and keep the cursor on screen."""
        self.refit()
        self.bring_into_view()

    # -- the cursor

    def validate_cursor(self, cursor: int) -> int:
        """Keep it on a row."""
        return max(0, min(cursor, self.row_count - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw the two rows that change, and scroll where needed."""
        for cursor in (old, new):
            y = self.row_of(cursor) + self.HEADER - self.scroll_offset.y
            self.refresh(Region(0, y, self.size.width, 1))
        self.bring_into_view()

    def bring_into_view(self) -> None:
        """Scroll to the cursor; at the last row, to the line behind it too."""
        row, top, page = self.row_of(self.cursor), self.scroll_offset.y, self.page_rows
        is_last = row == self.row_count - 1
        if row < top:
            self.scroll_to(y=row, animate=False, force=True)
        elif row >= top + page or is_last:
            below = is_last and self.has_last_line
            self.scroll_to(y=max(top, row - page + 1 + below), animate=False, force=True)

    def go_to_row(self, row: int) -> None:
        """Put the cursor on a row, the last where there are not so many."""
        self.cursor = self.at_row(max(0, min(row, self.row_count - 1)))

    def action_move(self, by: int) -> None:
        """Move by rows."""
        self.go_to_row(self.row_of(self.cursor) + by)

    def action_page(self, pages: float) -> None:
        """Move by pages, the screen with the cursor."""
        by = max(1, int(self.page_rows * abs(pages))) * (1 if pages > 0 else -1)
        self.scroll_to(y=max(0, self.scroll_offset.y + by), animate=False, force=True)
        self.go_to_row(self.row_of(self.cursor) + by)

    def action_edge(self, end: bool) -> None:
        """Move to the first or the last row."""
        self.go_to_row(self.row_count - 1 if end else 0)

    # -- drawing

    def notify_style_update(self) -> None:
        """Forget what the names of styles stood for."""
        self._named.cache_clear()
        super().notify_style_update()

    @property
    def cursor_style(self) -> Style:
        """The style of the cursor's row."""
        return self.get_visual_style("lines--cursor" if self.has_focus else "lines--cursor-blurred")

    def draw_cursor(self, content: Content, width: int) -> Strip:
        """Draw the cursor's row."""
        style = self.cursor_style
        if self.app.native_ansi_color or self.app.no_color:
            # No colour of ours can be relied on: the row is turned round, in one piece.
            content, style = content.without_spans, style + Style(reverse=self.has_focus, bold=True)
        return self.draw(content, width, style)

    def draw(self, content: Content, width: int, style: Style) -> Strip:
        """Draw a line, cut or filled to the width."""
        content = content.truncate(width, ellipsis=True, pad=True)
        runs = content.render(style, "", parse_style=self._named)
        return Strip([Segment(text, run.rich_style) for text, run in runs], width)
