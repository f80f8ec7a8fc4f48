"""The columns of a table, and the choice of those that fit a width."""

from collections.abc import Callable, Sequence
from datetime import UTC, tzinfo
from typing import Literal

import msgspec
from textual.content import Content

from flattr_tui.library.query.list_feed import Row, Sort

GAP = 2
"""Cells between two columns."""


class RowStyle(msgspec.Struct, frozen=True):
    """What the text of a cell depends on besides the row."""

    now: float = 0.0
    """The current time in Unix seconds."""
    tz: tzinfo = UTC
    words: tuple[str, ...] = ()
    """The words of the search or filter, which are highlighted where a word in a cell begins with one."""
    owner: str = ""
    """The user whose list it is. Rows do not repeat this name."""
    starred: frozenset[tuple[str, str]] = frozenset()
    """Pairs of kind and key of the bookmarked items."""


class Column(msgspec.Struct, frozen=True):
    """One column of a table: its title, its width, and the function that draws its cells."""

    id: str
    title: str
    render: Callable[[Row, RowStyle], Content]
    width: int | None = None
    """Width in cells; with None, the column gets a share of the remaining width."""
    minimum: int = 12
    """Minimum width in cells of a column without a fixed width; other columns are hidden to keep it."""
    align: Literal["left", "right"] = "left"
    priority: int = 0
    """The column with the lowest priority is hidden first."""
    sort: Sort | None = None
    """The order in which a click on the title sorts the list; None if that is impossible."""
    short_title: str = ""
    """A shorter title for when `title` does not fit."""
    weight: int = 1
    """Share of the remaining width, relative to the other columns without a fixed width."""


def fit_columns(columns: Sequence[Column], width: int) -> list[tuple[Column, int]]:
    """Return the columns that fit into `width` cells, in order, each with its width in cells."""
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
