"""Containers and texts that are drawn with less work than Textual's own."""

from typing import TYPE_CHECKING

from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
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
