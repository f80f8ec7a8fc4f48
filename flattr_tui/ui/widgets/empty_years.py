"""Replaces years without data in a chart of months by a mark, so that the other years have more room."""

from collections.abc import Sequence
from typing import Final

MIN_EMPTY_YEARS: Final = 2
"""Minimum number of whole empty years in a row that are collapsed."""
GAP_MARK: Final = "⋯"
"""The mark that stands for empty years."""


def find_empty_years(months: Sequence[tuple[str, int]]) -> list[tuple[int, int]]:
    """Return the runs of whole empty years as index pairs: the first month, and the one after the last.

    `months` are pairs of `YYYY-MM` and a count, for every month from the first to the last.
    """
    runs: list[tuple[int, int]] = []
    for start in range(len(months)):
        stop = start + 12
        if not months[start][0].endswith("-01") or stop > len(months) or any(count for _, count in months[start:stop]):
            continue
        if runs and runs[-1][1] == start:
            runs[-1] = (runs[-1][0], stop)
        else:
            runs.append((start, stop))
    return [run for run in runs if run[1] - run[0] >= MIN_EMPTY_YEARS * 12]


def collapse_empty_years(months: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return the months, as in `find_empty_years`, with one entry `("", 0)` in place of each run of empty years."""
    kept, at = [], 0
    for start, stop in find_empty_years(months):
        kept += [*months[at:start], ("", 0)]
        at = stop
    return [*kept, *months[at:]]
