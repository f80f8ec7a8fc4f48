"""A document that is read: coloured, folded, searched. Only the lines on screen are drawn, at 30 lines or 400,000."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from flattr_tui.library.console.pretty_printer import Document, Kind
from flattr_tui.ui import format as fmt
from flattr_tui.ui.bindings import BODY
from flattr_tui.ui.widgets.document_folds import Folding, block_at, places, second_level
from flattr_tui.ui.widgets.highlighter import colour
from flattr_tui.ui.widgets.line_view import MARGIN, LineView

WIDEST = 4_000
"""Cells that can be scrolled to; longer lines are whole in the raw view."""
EMPTY = Document(Kind.TEXT, [])
_CLOSED = frozenset({Kind.JSON, Kind.XML})
"""What ends in a line that says so."""


class BodyView(LineView, can_focus=True):
    """Shows a document, with a cursor on one of its lines."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"body--sign", "body--folded"}
    DEFAULT_CSS = """
    BodyView {
        & > .lines--cursor-blurred { background: $background; }
        & > .body--sign { color: $muted; }
        & > .body--folded { color: $muted; text-style: italic; }
        &:ansi > .lines--cursor-blurred { background: ansi_default; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = list(BODY)

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
        self.measure()
        self.bring_into_view()

    @property
    def row_count(self) -> int:
        """Rows that there are, without what is folded away."""
        return len(self._document.lines) - self._folding.all_hidden

    @property
    def has_last_line(self) -> bool:
        """Whether there is more than is shown."""
        return self._document.cut

    def row_of(self, cursor: int) -> int:
        """Return the row that shows a line, or what it is folded into."""
        return self._folding.row(cursor)

    def at_row(self, row: int) -> int:
        """Return the line that a row shows."""
        return self._folding.line(row)

    # -- the cursor

    def validate_cursor(self, cursor: int) -> int:
        """Keep it on a line."""
        return max(0, min(cursor, len(self._document.lines) - 1))

    def watch_aside(self) -> None:
        """Draw anew."""
        self.refresh()

    def watch_word(self) -> None:
        """Draw the marks."""
        self.refresh()

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
        self.go_to_row(self.scroll_offset.y + event.y)
        if (event.x < MARGIN and self.cursor in self._document.folds) or event.chain == 2:
            self.action_fold()

    # -- drawing

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        width = self.scrollable_content_region.width
        row, last = self.scroll_offset.y + y, self.row_count
        if row >= last:
            told = "  … there is more; the raw view begins the same, `flattr-tui get` has all of it"
            text = told if row == last and self._document.cut else ""
            return self.draw(Content.styled(text, ".body--folded"), width, self.visual_style)
        content = self._content(self.at_row(row), width)
        if row == self.row_of(self.cursor):
            return self.draw_cursor(content, width)
        return self.draw(content, width, self.visual_style)

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
