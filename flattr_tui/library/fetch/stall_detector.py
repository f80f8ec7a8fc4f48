"""Detects that fetching more pages no longer completes a list, so that fetching ends whatever the server does."""

from typing import Final

from flattr_tui.store.types import ListStats

MAX_FRUITLESS: Final = 24
"""After so many pages in a row that changed the list without completing it further, it is stalled."""
Shape = tuple[int, int, bool]
"""Rows, items, and whether the end is known: if a page leaves it unchanged, the page was useless."""


class StallDetector:
    """Counts fetches that brought nothing new. A place in the list is identified by its offset at the server."""

    def __init__(self) -> None:
        self._shape: Shape = (0, 0, False)
        self._tried: dict[int, int] = {}
        """How often a page at a place was useless while the list had this shape."""
        self._best: Shape = (0, 0, False)
        """The best state so far: number of items, gaps left (negative), whether the end was known."""
        self._fruitless = 0

    @property
    def is_stalled(self) -> bool:
        """Whether fetching no longer completes the list, even if its content keeps changing."""
        return self._fruitless >= MAX_FRUITLESS

    def tries_at(self, stats: ListStats, place: int) -> int:
        """Return how many fetches at a place brought nothing new since the list last changed."""
        return self._tried.get(place, 0) if self._shape == _shape(stats) else 0

    def record(self, before: ListStats, after: ListStats, place: int) -> None:
        """Record what fetching a page at a place changed."""
        rows, saved, ended = shape = _shape(after)
        if shape == _shape(before):
            tries = self.tries_at(after, place) + 1
            self._tried = (self._tried if self._shape == shape else {}) | {place: tries}
            self._shape = shape
            self._fruitless += (
                len(self._tried) > rows - saved + 1
            )  # more places than gaps: they keep changing their sizes
        elif (reached := (saved, saved - rows, ended)) > self._best:
            self._best, self._fruitless = reached, 0
        else:
            self._fruitless += 1


def _shape(stats: ListStats) -> Shape:
    return len(stats), stats.saved, stats.ended
