"""A document's lines and the rows of the screen: what is folded away, what is around a line, where a word stands."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from flattr_tui.library.console.pretty_printer import Document

LOOKED_BACK = 20_000
"""Lines in which what is around a line is looked for: a key must not take longer in a longer body."""


@dataclass(frozen=True, slots=True)
class Folding:
    """Which lines are folded away, and so which row of the screen shows which line."""

    starts: Sequence[int] = ()
    """Lines that stand for those that they hold, the outermost only, in order."""
    ends: Sequence[int] = ()
    hidden: Sequence[int] = ()
    """How many lines are hidden up to the end of each."""
    rows: Sequence[int] = field(default=())
    """The rows that they are shown in."""

    @classmethod
    def of(cls, folded: set[int], document: Document) -> "Folding":
        """Reckon it from the lines that are folded."""
        starts: list[int] = []
        ends: list[int] = []
        hidden: list[int] = []
        rows: list[int] = []
        total = 0
        for start in sorted(folded):
            if ends and start <= ends[-1]:
                continue  # within one that is folded
            starts.append(start)
            rows.append(start - total)
            ends.append(document.folds[start])
            total += ends[-1] - start
            hidden.append(total)
        return cls(starts, ends, hidden, rows)

    @property
    def all_hidden(self) -> int:
        """How many lines are folded away."""
        return self.hidden[-1] if self.hidden else 0

    def line(self, row: int) -> int:
        """Return the line that a row shows."""
        at = bisect_right(self.rows, row) - 1
        if at < 0 or row == self.rows[at]:
            return row if at < 0 else self.starts[at]
        return row + self.hidden[at]

    def row(self, line: int) -> int:
        """Return the row that shows a line, or what it is folded into."""
        at = bisect_right(self.starts, line) - 1
        if at < 0:
            return line
        return self.rows[at] if line <= self.ends[at] else line - self.hidden[at]


def block_at(document: Document, line: int) -> int | None:
    """Return the line that begins what a line belongs to, itself where it begins something; None where nothing does."""
    folds = document.folds
    if line in folds:
        return line
    first = max(-1, line - LOOKED_BACK)
    return next((at for at in range(line - 1, first, -1) if folds.get(at, -1) >= line), None)


def second_level(document: Document) -> set[int]:
    """List what can be folded with the outermost still open."""
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


def places(text: str, word: str) -> list[int]:
    """List where a word stands in a line, whatever its case."""
    if not word:
        return []
    folded, wanted = text.casefold(), word.casefold()
    if len(folded) != len(text):
        return []  # letters that fold to two: where they stand can't be told by counting
    found, at = [], folded.find(wanted)
    while at >= 0:
        found.append(at)
        at = folded.find(wanted, at + len(wanted))
    return found
