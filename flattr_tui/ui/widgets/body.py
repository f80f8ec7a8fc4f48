"""A document that is read: coloured, folded, searched. Only the lines on screen are drawn, at 30 lines or 400,000."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from flattr_tui.library.console.body import Document, Kind
from flattr_tui.ui import format as fmt
from flattr_tui.ui.keys import BODY
from flattr_tui.ui.widgets.body_folding import Folding, block_at, places, second_level
from flattr_tui.ui.widgets.colours import colour

SIGNS = 2
"""Cells left of a line: room for the sign of a fold."""
WIDEST = 4_000
"""Cells that can be scrolled to; longer lines are whole in the raw view."""
EMPTY = Document(Kind.TEXT, [])
_CLOSED = frozenset({Kind.JSON, Kind.XML})
"""What ends in a line that says so."""


class BodyView(ScrollView, can_focus=True):
    """Shows a document, with a cursor on one of its lines."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "body--cursor",
        "body--cursor-blurred",
        "body--sign",
        "body--folded",
    }
    DEFAULT_CSS = """
    BodyView {
        height: 1fr;
        background: $background;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        & > .body--cursor { background: $cursor; }
        & > .body--cursor-blurred { background: $background; }
        & > .body--sign { color: $muted; }
        & > .body--folded { color: $muted; text-style: italic; }
        &:ansi > .body--cursor { background: ansi_default; }
        &:ansi > .body--cursor-blurred { background: ansi_default; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = list(BODY)

    cursor: reactive[int] = reactive(0, init=False)
    """The line that it is on."""
    aside: reactive[int] = reactive(0, init=False)
    """Cells that are scrolled away on the left."""
    word: reactive[str] = reactive("", init=False)
    """What is looked for, and marked."""

    class Found(Message):
        """The places of a word are known."""

        def __init__(self, document: Document, word: str, lines: Sequence[int]) -> None:
            super().__init__()
            self.document, self.word, self.lines = document, word, lines

    class Searched(Message):
        """How many lines hold the word that is looked for, and which of them the cursor is on, from 1; 0 for none."""

        def __init__(self, word: str, count: int, at: int) -> None:
            super().__init__()
            self.word, self.count, self.at = word, count, at

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._document = EMPTY
        self._folded: set[int] = set()
        self._folding = Folding()
        self.places: Sequence[int] = ()
        """The lines that hold the word that is looked for."""
        self._begun = 0
        """The line from which it is looked for."""

    # -- what is shown

    @property
    def document(self) -> Document:
        """What is read; another one is read from its top, with nothing folded."""
        return self._document

    @document.setter
    def document(self, document: Document) -> None:
        self._document = document
        self._folded = set()
        self.places = ()
        self.set_reactive(BodyView.cursor, 0)
        self.set_reactive(BodyView.aside, 0)
        self._refold()
        self.scroll_home(animate=False)
        if self.word:
            self.find(self.word)

    def _refold(self) -> None:
        self._folding = Folding.of(self._folded, self._document)
        self.virtual_size = Size(self.scrollable_content_region.width, self.row_count)
        self._bring_into_view()
        self.refresh()

    @property
    def row_count(self) -> int:
        """Rows that there are, without what is folded away."""
        return len(self._document.lines) - self._folding.all_hidden + self._document.cut

    @property
    def page_rows(self) -> int:
        """Rows that fit on the screen."""
        return max(1, self.scrollable_content_region.height)

    def on_resize(self) -> None:
        """Keep the cursor on screen."""
        self.virtual_size = Size(self.scrollable_content_region.width, self.row_count)
        self._bring_into_view()

    # -- the cursor

    @property
    def cursor_row(self) -> int:
        """The row that the cursor is in."""
        return self._folding.row(self.cursor)

    def validate_cursor(self, cursor: int) -> int:
        """Keep it on a line."""
        return max(0, min(cursor, len(self._document.lines) - 1))

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw both lines, and scroll where needed."""
        for line in (old, new):
            y = self._folding.row(line) - self.scroll_offset.y
            self.refresh(Region(0, y, self.size.width, 1))
        self._bring_into_view()

    def watch_aside(self) -> None:
        """Draw anew."""
        self.refresh()

    def watch_word(self) -> None:
        """Draw the marks."""
        self.refresh()

    def _bring_into_view(self) -> None:
        row, top, page = self.cursor_row, self.scroll_offset.y, self.page_rows
        if row < top:
            self.scroll_to(y=row, animate=False, force=True)
        elif row >= top + page:
            self.scroll_to(y=row - page + 1 + self._document.cut, animate=False, force=True)

    def _to_row(self, row: int) -> None:
        last = len(self._document.lines) - self._folding.all_hidden - 1
        self.cursor = self._folding.line(max(0, min(row, last)))

    def action_move(self, by: int) -> None:
        """Move by rows."""
        self._to_row(self.cursor_row + by)

    def action_page(self, pages: float) -> None:
        """Move by pages, the screen with the cursor."""
        by = max(1, int(self.page_rows * abs(pages))) * (1 if pages > 0 else -1)
        self.scroll_to(y=max(0, self.scroll_offset.y + by), animate=False, force=True)
        self._to_row(self.cursor_row + by)

    def action_edge(self, end: bool) -> None:
        """Move to the top or the end."""
        self._to_row(self.row_count if end else 0)

    def action_aside(self, by: int) -> None:
        """Look further right or left."""
        self.aside = max(0, min(self.aside + by, WIDEST))

    # -- folding

    def action_fold(self) -> None:
        """Fold what begins in this line, or what is around it; unfold what is folded."""
        start = block_at(self._document, self.cursor)
        if start is None:
            return
        self._folded ^= {start}
        self.cursor = start
        self._refold()

    def action_fold_all(self) -> None:
        """Fold all that is within the outermost, or unfold everything."""
        if self._folded:
            self._folded = set()
        else:
            self._folded = second_level(self._document)
        self._refold()

    def _unfold(self, line: int) -> None:
        around = {start for start in self._folded if start < line <= self._document.folds[start]}
        if around:
            self._folded -= around
            self._refold()

    # -- searching

    def find(self, word: str) -> None:
        """Look for a word in all lines, in a thread, and go to the first that has it, from where one began to look."""
        if not self.word:
            self._begun = self.cursor
        self.word = word
        self.places = ()
        if not word:
            return
        document, wanted = self._document, word.casefold()

        def look() -> None:
            lines = [at for at, text in enumerate(document.lines) if wanted in text.casefold()]
            self.post_message(self.Found(document, word, lines))

        self.app.run_worker(look, "searching", group="body-find", exclusive=True, exit_on_error=False, thread=True)

    def on_body_view_found(self, message: Found) -> None:
        """Take in the places, and go to the first."""
        message.stop()
        if message.document is self._document and message.word == self.word:
            self.places = message.lines
            if self.places:
                self._go_to(bisect_left(self.places, self._begun))
            else:
                self.post_message(self.Searched(self.word, 0, 0))

    def go_to_place(self, by: int) -> None:
        """Go to the next place of the word, or the one before, and round at the ends."""
        if self.places:
            self._go_to(bisect_right(self.places, self.cursor) if by > 0 else bisect_left(self.places, self.cursor) - 1)

    def _go_to(self, at: int) -> None:
        at %= len(self.places)
        self._unfold(self.places[at])
        self.cursor = self.places[at]
        self.post_message(self.Searched(self.word, len(self.places), at + 1))

    async def _on_click(self, event: events.Click) -> None:
        """Put the cursor there; on the sign, or with a second click, fold."""
        self._to_row(self.scroll_offset.y + event.y)
        if (event.x < SIGNS and self.cursor in self._document.folds) or event.chain == 2:
            self.action_fold()

    # -- drawing

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        width = self.scrollable_content_region.width
        row = self.scroll_offset.y + y
        base = self.visual_style
        last = len(self._document.lines) - self._folding.all_hidden
        if row >= last:
            told = "  … there is more; the raw view begins the same, `flattr-tui get` has all of it"
            text = told if row == last and self._document.cut else ""
            return self._strip(Content.styled(text, ".body--folded"), width, base)
        line = self._folding.line(row)
        content = self._content(line, width)
        if line == self.cursor_row_line:
            base = self.get_visual_style("body--cursor" if self.has_focus else "body--cursor-blurred")
            if self.app.native_ansi_color or self.app.no_color:
                # No colour of ours can be relied on: the row is turned round, in one piece.
                content, base = content.without_spans, base + Style(reverse=self.has_focus, bold=True)
        return self._strip(content, width, base)

    @property
    def cursor_row_line(self) -> int:
        """The line that stands in the cursor's row."""
        return self._folding.line(self.cursor_row)

    def _content(self, line: int, width: int) -> Content:
        end = self._document.folds.get(line)
        folded = line in self._folded
        sign = "  " if end is None else "▸ " if folded else "▾ "
        text = self._document.lines[line][: self.aside + 2 * width + 64]
        content = colour(self._document.kind, text)
        for start in places(text, self.word):
            content = content.stylize("reverse", start, start + len(self.word))
        content = content[self.aside :]
        if folded and end is not None:
            content += Content.styled(f" ⋯ {fmt.plural(end - line, 'line')} ", ".body--folded")
            if self._document.kind in _CLOSED:
                content += colour(self._document.kind, self._document.lines[end].strip())
        return Content.styled(sign, ".body--sign") + content

    def _strip(self, content: Content, width: int, style: Style) -> Strip:
        content = content.truncate(width, ellipsis=True, pad=True)
        segments = [
            Segment(text, run.rich_style) for text, run in content.render(style, "", parse_style=self._get_style)
        ]
        return Strip(segments, content.cell_length).adjust_cell_length(width, style.rich_style)
