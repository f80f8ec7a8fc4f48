"""What came of fetching what is missing of a list, so that it ends whatever the server does."""

from typing import Final

from flattr_tui.store.types import ListStats

ASTRAY: Final = 24
"""After so many pages in a row that changed the list, but completed it no further, it is in vain."""
Shape = tuple[int, int, bool]
"""Rows, items, whether the end is known: the same again means that nothing came of a page."""


class Efforts:
    """See the module. A place is told by how many items of the server's list come before it."""

    def __init__(self) -> None:
        self._shape: Shape = (0, 0, False)
        self._tried: dict[int, int] = {}
        """How often a page for a place changed nothing since the list has this shape."""
        self._best: Shape = (0, 0, False)
        """The most items that were saved, the fewest holes (negative) left then, whether the end was known."""
        self._astray = 0

    @property
    def in_vain(self) -> bool:
        """Whether the list is completed no further, however much it changes."""
        return self._astray >= ASTRAY

    def tries(self, facts: ListStats, place: int) -> int:
        """Say how often a page for a place changed nothing of the list as it is."""
        return self._tried.get(place, 0) if self._shape == _shape(facts) else 0

    def note(self, before: ListStats, after: ListStats, place: int) -> None:
        """Take in what came of a page for a place."""
        rows, saved, ended = shape = _shape(after)
        if shape == _shape(before):
            tries = self.tries(after, place) + 1
            self._tried = (self._tried if self._shape == shape else {}) | {place: tries}
            self._shape = shape
            self._astray += len(self._tried) > rows - saved + 1  # there are not so many places: holes change their size
        elif (reached := (saved, saved - rows, ended)) > self._best:
            self._best, self._astray = reached, 0
        else:
            self._astray += 1


def _shape(facts: ListStats) -> Shape:
    return len(facts), facts.saved, facts.ended
