"""What a table shows: the sources from which it reads rows, and the columns that fit its width."""

from collections.abc import Callable, Sequence
from datetime import UTC, tzinfo
from typing import Literal, NamedTuple, Protocol

import msgspec
from textual.content import Content

from flattr_tui.library.query.list_feed import Gap, Row, Sort

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


def column_titles(fitted: Sequence[tuple[Column, int]], sort: Sort, descending: bool) -> Content:
    """Return the line of the titles of `fitted` columns, which `fit_columns` returns.

    The title of the column by which the table is sorted has an arrow, which points down if `descending` is true.
    """
    parts: list[Content] = []
    for column, cells in fitted:
        on = column.sort is not None and column.sort is sort
        arrow = ("↓" if descending else "↑") if on else ""
        fits = len(column.title) + len(arrow) <= cells
        title = (column.title if fits else column.short_title or column.title)[: max(1, cells - len(arrow))] + arrow
        text = title.rjust(cells) if column.align == "right" else title.ljust(cells)
        parts.append(Content.styled(text, ".rowtable--sorted") if on else Content(text))
    return Content(" " * GAP).join(parts)


class RowSource(Protocol):
    """Protocol: provides the rows of a table by index, and finds a row by key."""

    def __len__(self) -> int: ...

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Return the rows from `start` to `stop` (excluded). Rows beyond the end are left out."""
        ...

    def find_row(self, key: str) -> int | None:
        """Return the index of the row with this key; None if there is none."""
        ...


class RowList:
    """A source of rows that are all in memory."""

    def __init__(self, rows: Sequence[Row | Gap]) -> None:
        self._rows = list(rows)
        self._places = {row.key: at for at, row in enumerate(rows) if isinstance(row, Row)}

    def __len__(self) -> int:
        return len(self._rows)

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        """Return the rows from `start` to `stop` (excluded). Rows beyond the end are left out."""
        return self._rows[max(0, start) : stop]

    def find_row(self, key: str) -> int | None:
        """Return the index of the row with this key; None if there is none."""
        return self._places.get(key)


class Position(NamedTuple):
    """A position of a table's cursor, to which the table can return later."""

    key: str | None
    """Key of the row under the cursor; None on a gap or without rows."""
    cursor: int
    """Index of the row under the cursor."""
    line: int
    """Number of the cursor's line on screen, counted from the first visible row of the table."""


def gap_text(gap: Gap) -> str:
    """Return the text of a gap: how many rows are missing, and how to fetch them."""
    if gap.loading:
        return "⋯ loading" if gap.missing is None else f"⋯ loading {gap.missing:,} rows"
    if gap.missing is not None:
        return f"⋯ {gap.missing:,} row{'s' if gap.missing != 1 else ''} not saved — r fetches them"
    return "⋯ more is not saved — r fetches it" if not gap.at_end else "⋯ more to come — r fetches it"
