"""A read-only view of a JSON, XML or text document with colours, folding and search. Draws only the lines on screen."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from flattr_tui.library.console.pretty_printer import Document, Syntax
from flattr_tui.ui import format as fmt
from flattr_tui.ui.bindings import BODY
from flattr_tui.ui.widgets.base_widgets import MARGIN, LineView

MAX_LOOKBACK = 20_000
"""Maximum number of lines above the cursor that are searched for the enclosing block, so that folding stays fast."""


@dataclass(frozen=True, slots=True)
class Folding:
    """The folded blocks of a document. They decide which line each row on screen shows."""

    starts: Sequence[int] = ()
    """Number of the first line of each folded block, in ascending order. Blocks inside a folded block are left out."""
    ends: Sequence[int] = ()
    """Number of the last line of each folded block."""
    hidden: Sequence[int] = ()
    """For each folded block, the number of lines that are hidden by this block and all folded blocks above it."""
    rows: Sequence[int] = field(default=())
    """Number of the row that shows each folded block."""

    @classmethod
    def of(cls, folded: set[int], document: Document) -> "Folding":
        """Return the folding of a document. `folded` contains the numbers of the first lines of the folded blocks."""
        starts: list[int] = []
        ends: list[int] = []
        hidden: list[int] = []
        rows: list[int] = []
        total = 0
        for start in sorted(folded):
            if ends and start <= ends[-1]:
                continue  # inside a folded block
            starts.append(start)
            rows.append(start - total)
            ends.append(document.folds[start])
            total += ends[-1] - start
            hidden.append(total)
        return cls(starts, ends, hidden, rows)

    @property
    def hidden_count(self) -> int:
        """Number of lines that are hidden inside folded blocks."""
        return self.hidden[-1] if self.hidden else 0

    def line(self, row: int) -> int:
        """Return the number of the document's line that is shown in the row with the number `row`."""
        at = bisect_right(self.rows, row) - 1
        if at < 0 or row == self.rows[at]:
            return row if at < 0 else self.starts[at]
        return row + self.hidden[at]

    def row(self, line: int) -> int:
        """Return the number of the row that shows the line with the number `line`.

        If the line is hidden in a folded block, the row shows the first line of the block.
        """
        at = bisect_right(self.starts, line) - 1
        if at < 0:
            return line
        return self.rows[at] if line <= self.ends[at] else line - self.hidden[at]


def enclosing_block(document: Document, line: int) -> int | None:
    """Return the number of the first line of the innermost block that contains `line`; None if no block is found.

    A block contains its own first line. Blocks that begin `MAX_LOOKBACK` or more lines above `line` are not found.
    """
    folds = document.folds
    if line in folds:
        return line
    first = max(-1, line - MAX_LOOKBACK)
    return next((at for at in range(line - 1, first, -1) if folds.get(at, -1) >= line), None)


def inner_blocks(document: Document) -> set[int]:
    """Return the numbers of the first lines of all blocks that lie inside the outermost block."""
    folds, found = document.folds, set()
    last = len(document.lines) - 1
    line = 0
    while line < last:
        end = folds.get(line)
        if end is not None and end < last:
            found.add(line)
            line = end
        line += 1
    return found


def find_matches(text: str, word: str) -> list[int]:
    """Return the positions in a line at which `word` begins, ignoring case."""
    if not word:
        return []
    folded, wanted = text.casefold(), word.casefold()
    if len(folded) != len(text):
        return []  # a letter has become two by case folding, so positions do not match those in the text
    found, at = [], folded.find(wanted)
    while at >= 0:
        found.append(at)
        at = folded.find(wanted, at + len(wanted))
    return found


_NAME, _TEXT, _NUMBER, _WORD, _QUIET = "$secondary", "$success", "$accent", "$warning", "$muted"
_JSON = re.compile(
    r'(?P<name>"[^"\\]*(?:\\.[^"\\]*)*"(?=: ))|(?P<text>"[^"\\]*(?:\\.[^"\\]*)*"?)'
    r"|(?P<number>-?\d[\d.eE+-]*)|(?P<word>true|false|null)|(?P<mark>[{}\[\],])"
)
_XML = re.compile(r"(?P<aside><[!?].*)|(?P<tag></?[^\s<>/]+|/?>)|(?P<value>\"[^\"]*\"|'[^']*')|(?P<entity>&[^;\s]+;)")
_YAML = re.compile(r"^(?P<name>\s*(?:- )*(?:[^\s:'\"][^:]*|'[^']*'|\"[^\"]*\"):(?=\s|$))|^(?P<mark>\s*(?:- )+|---)")
_HEADER = re.compile(r"^(?P<name>[\w-]+:)(?= |$)|^(?P<word>HTTP \d+|[A-Z]+(?= \S+://)|[A-Z]+(?= /))")
_RECORD = re.compile(r"^(?P<title>\d+  .*)|^(?P<quiet>#.*)|^(?P<mended>!.*)|^(?P<name>\s+\w+:)")

_STYLES: Mapping[str, str] = {
    "name": _NAME,
    "text": _TEXT,
    "number": _NUMBER,
    "word": _WORD,
    "mark": _QUIET,
    "aside": _QUIET,
    "tag": _NAME,
    "value": _TEXT,
    "entity": _NUMBER,
    "title": "bold $accent",
    "quiet": _QUIET,
    "mended": _WORD,
}
_PATTERNS: Mapping[Syntax, re.Pattern[str]] = {
    Syntax.JSON: _JSON,
    Syntax.XML: _XML,
    Syntax.YAML: _YAML,
    Syntax.HEADERS: _HEADER,
    Syntax.RECORDS: _RECORD,
}
_DIFFERENCE: Mapping[str, str] = {"+": "$success", "-": "$error", "@": _QUIET}
"""The style of a line of a difference, by its first character."""


def highlight_line(syntax: Syntax, text: str) -> Content:
    """Return a line of a document, coloured by the rules of its syntax. `Syntax.TEXT` has no colours."""
    if syntax is Syntax.DIFF:
        return Content.styled(text, _DIFFERENCE.get(text[:1], ""))
    pattern = _PATTERNS.get(syntax)
    content = Content(text)
    if pattern is None:
        return content
    for found in pattern.finditer(text):
        content = content.stylize(_STYLES[str(found.lastgroup)], *found.span(str(found.lastgroup)))
    return content


_ADDRESS = re.compile(r"(?P<quiet>^[a-z]+://[^/?]+)|(?P<mark>[/?&=,])|(?P<text>(?<==)[^&]+)")


def highlight_url(text: str) -> Content:
    """Return the address `text` in colours: host and separators are muted, the values of parameters are highlighted."""
    content = Content(text)
    for found in _ADDRESS.finditer(text):
        content = content.stylize(_STYLES[str(found.lastgroup)], *found.span())
    return content


MAX_SCROLL_X = 4_000
"""Maximum number of cells by which long lines can be scrolled. The raw view wraps such lines."""
EMPTY_DOCUMENT = Document(Syntax.TEXT, [])
_CLOSING_KINDS = frozenset({Syntax.JSON, Syntax.XML})
"""Syntaxes in which a block ends with a closing line."""


class DocumentView(LineView, can_focus=True):
    """Shows a document, with a cursor on one of its lines."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"document--sign", "document--folded"}
    DEFAULT_CSS = """
    DocumentView {
        & > .lines--cursor-blurred { background: $background; }
        & > .document--sign { color: $muted; }
        & > .document--folded { color: $muted; text-style: italic; }
        &:ansi > .lines--cursor-blurred { background: $background; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = list(BODY)

    left_offset: reactive[int] = reactive(0, init=False)
    """Number of cells by which the lines are scrolled to the left."""
    search_text: reactive[str] = reactive("", init=False)
    """The text that is searched for, and highlighted."""

    class MatchesFound(Message):
        """Message: a search has ended. `lines` are the numbers of the lines of `document` that contain `word`."""

        def __init__(self, document: Document, word: str, lines: Sequence[int]) -> None:
            super().__init__()
            self.document, self.word, self.lines = document, word, lines

    class MatchChanged(Message):
        """Message: the search or the cursor has changed.

        `count` is the number of matching lines. `at` is the number of the match under the cursor, from 1; 0 for none.
        """

        def __init__(self, word: str, count: int, at: int) -> None:
            super().__init__()
            self.word, self.count, self.at = word, count, at

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._document = EMPTY_DOCUMENT
        self._folded: set[int] = set()
        self._folding = Folding()
        self.matches: Sequence[int] = ()
        """Numbers of the lines that contain `search_text`."""
        self._search_origin = 0
        """The line of the cursor when the search began."""

    # -- the document

    @property
    def document(self) -> Document:
        """The document shown. Setting another one scrolls to the top, and unfolds all blocks."""
        return self._document

    @document.setter
    def document(self, document: Document) -> None:
        self._document = document
        self._folded = set()
        self.matches = ()
        self.set_reactive(DocumentView.cursor, 0)
        self.set_reactive(DocumentView.left_offset, 0)
        self._update_folding()
        self.scroll_home(animate=False)
        if self.search_text:
            self.find(self.search_text)
        self.screen.refresh_bindings()

    def _update_folding(self) -> None:
        self._folding = Folding.of(self._folded, self._document)
        self.update_size()
        self.scroll_to_cursor()

    @property
    def row_count(self) -> int:
        """Number of rows. Lines hidden by folding do not count."""
        return len(self._document.lines) - self._folding.hidden_count

    @property
    def has_last_line(self) -> bool:
        """Whether a line below the last row says that the document was truncated."""
        return self._document.cut

    def row_of(self, cursor: int) -> int:
        """Return the number of the row that shows the line with the number `cursor`.

        If this line is hidden, return the row of the folded block that hides it.
        """
        return self._folding.row(cursor)

    def cursor_at(self, row: int) -> int:
        """Return the number of the document's line that is shown in the row with the number `row`."""
        return self._folding.line(row)

    # -- the cursor

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self._document.lines) - 1))

    def action_aside(self, by: int) -> None:
        self.left_offset = max(0, min(self.left_offset + by, MAX_SCROLL_X))

    # -- folding

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self._document.folds) if action in {"fold", "fold_all"} else True

    def action_fold(self) -> None:
        """Fold or unfold the innermost block that contains the cursor's line."""
        start = enclosing_block(self._document, self.cursor)
        if start is None:
            return
        self._folded ^= {start}
        self.cursor = start
        self._update_folding()

    def action_fold_all(self) -> None:
        """Fold all blocks inside the outermost block; if any block is folded, unfold all."""
        if self._folded:
            self._folded = set()
        else:
            self._folded = inner_blocks(self._document)
        self._update_folding()

    def _unfold_around(self, line: int) -> None:
        around = {start for start in self._folded if start < line <= self._document.folds[start]}
        if around:
            self._folded -= around
            self._update_folding()

    # -- searching

    def find(self, word: str) -> None:
        """Search all lines for `word` in a thread, ignoring case; "" ends the search.

        The cursor moves to the first match at or below the line where the cursor was when the search began. If there is
        no such match, the cursor moves to the first match of the document.
        """
        if not self.search_text:
            self._search_origin = self.cursor
        self.search_text = word
        self.matches = ()
        if not word:
            return
        document, wanted = self._document, word.casefold()

        def look() -> None:
            lines = [at for at, text in enumerate(document.lines) if wanted in text.casefold()]
            self.post_message(self.MatchesFound(document, word, lines))

        self.app.run_worker(look, "searching", group="body-find", exclusive=True, exit_on_error=False, thread=True)

    def on_document_view_matches_found(self, message: MatchesFound) -> None:
        message.stop()
        if message.document is self._document and message.word == self.search_text:
            self.matches = message.lines
            if self.matches:
                self._show_match(bisect_left(self.matches, self._search_origin))
            else:
                self.post_message(self.MatchChanged(self.search_text, 0, 0))

    def move_to_match(self, by: int) -> None:
        """Move the cursor to the next (1) or previous (-1) match. After the last match comes the first."""
        if self.matches:
            self._show_match(
                bisect_right(self.matches, self.cursor) if by > 0 else bisect_left(self.matches, self.cursor) - 1
            )

    def _show_match(self, at: int) -> None:
        at %= len(self.matches)
        self._unfold_around(self.matches[at])
        self.cursor = self.matches[at]
        self.post_message(self.MatchChanged(self.search_text, len(self.matches), at + 1))

    async def _on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked line. A double click, or one on the fold symbol, folds or unfolds a block."""
        self.move_to_row(self.scroll_offset.y + event.y)
        if (event.x < MARGIN and self.cursor in self._document.folds) or event.chain == 2:
            self.action_fold()

    # -- drawing

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        row, last = self.scroll_offset.y + y, self.row_count
        if row >= last:
            label = "  … truncated: `flattr-tui get` prints all of it"
            text = label if row == last and self._document.cut else ""
            return self.draw_line(Content.styled(text, ".document--folded"), width, self.visual_style)
        content = self._content(self.cursor_at(row), width)
        if row == self.row_of(self.cursor):
            return self.draw_cursor_line(content, width)
        return self.draw_line(content, width, self.visual_style)

    def _content(self, line: int, width: int) -> Content:
        end = self._document.folds.get(line)
        folded = line in self._folded
        sign = "  " if end is None else "▸ " if folded else "▾ "
        text = self._document.lines[line][: self.left_offset + 2 * width + 64]
        content = highlight_line(self._document.kind, text)
        for start in find_matches(text, self.search_text):
            content = content.stylize("reverse", start, start + len(self.search_text))
        content = content[self.left_offset :]
        if folded and end is not None:
            content += Content.styled(f" ⋯ {fmt.plural(end - line, 'line')} ", ".document--folded")
            if self._document.kind in _CLOSING_KINDS:
                content += highlight_line(self._document.kind, self._document.lines[end].strip())
        return Content.styled(sign, ".document--sign") + content
