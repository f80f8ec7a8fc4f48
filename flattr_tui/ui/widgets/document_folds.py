"""Folding of a document: which line each row on screen shows, and which block encloses a line."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from flattr_tui.library.console.pretty_printer import Document

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
        """Number of hidden lines."""
        return self.hidden[-1] if self.hidden else 0

    def line(self, row: int) -> int:
        """Return the number of the line that a row shows."""
        at = bisect_right(self.rows, row) - 1
        if at < 0 or row == self.rows[at]:
            return row if at < 0 else self.starts[at]
        return row + self.hidden[at]

    def row(self, line: int) -> int:
        """Return the number of the row that shows a line; for a hidden line, the row of the block that hides it."""
        at = bisect_right(self.starts, line) - 1
        if at < 0:
            return line
        return self.rows[at] if line <= self.ends[at] else line - self.hidden[at]


def enclosing_block(document: Document, line: int) -> int | None:
    """Return the number of the first line of the innermost block that contains `line`; None if no block does.

    At most `MAX_LOOKBACK` lines are searched.
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
