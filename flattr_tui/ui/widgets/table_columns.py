"""The columns of a table, and the function that chooses the columns that fit a width."""

from collections.abc import Callable, Sequence
from datetime import UTC, tzinfo
from typing import Literal

import msgspec
from textual.content import Content

from flattr_tui.library.query.list_feed import Row, Sort

GAP = 2
"""Cells between two columns."""


class RowStyle(msgspec.Struct, frozen=True):
    """All that the text of a cell depends on, apart from the row."""

    now: float = 0.0
    """The current time in Unix seconds."""
    tz: tzinfo = UTC
    words: tuple[str, ...] = ()
    """The words of the search or filter. Words in cells that begin with one of these are highlighted."""
    owner: str = ""
    """Name of the user whose list the table shows. Rows do not repeat this name."""
    starred: frozenset[tuple[str, str]] = frozenset()
    """Pairs of kind and key of the bookmarked items."""


class Column(msgspec.Struct, frozen=True):
    """One column of a table: its title, its width, and the function that draws its cells."""

    id: str
    title: str
    render: Callable[[Row, RowStyle], Content]
    width: int | None = None
    """Width in cells; with None, the column gets a share of the width that is left."""
    minimum: int = 12
    """Minimum width in cells if `width` is None. Other columns are hidden to leave that much."""
    align: Literal["left", "right"] = "left"
    priority: int = 0
    """On a narrow screen, columns are hidden in the order of this number, lowest first."""
    sort: Sort | None = None
    """The order in which a click on the title sorts the list; None if the list can't be sorted by this column."""
    short_title: str = ""
    """The title to show if `title` does not fit; "" for none."""
    weight: int = 1
    """Share of the width that is left, relative to other columns whose `width` is None."""


def fit_columns(columns: Sequence[Column], width: int) -> list[tuple[Column, int]]:
    """Return the columns that fit into `width` cells, in the given order, each with its width in cells."""
    kept = list(columns)
    while len(kept) > 1 and sum(_minimum_width(column) for column in kept) + GAP * (len(kept) - 1) > width:
        kept.remove(min(kept, key=lambda column: column.priority))
    left = width - sum(column.width or 0 for column in kept) - GAP * (len(kept) - 1)
    weights = sum(column.weight for column in kept if column.width is None)
    fitted: list[tuple[Column, int]] = []
    for column in kept:
        if column.width is None:
            share = left * column.weight // weights if weights else 0
            left, weights = left - share, weights - column.weight
            fitted.append((column, max(1, share)))
        else:
            fitted.append((column, min(column.width, max(1, width))))
    return fitted


def _minimum_width(column: Column) -> int:
    return column.minimum if column.width is None else column.width
