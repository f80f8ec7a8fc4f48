"""Columns of a row table: what they show, and which of them fit a width."""

from collections.abc import Callable, Sequence
from datetime import UTC, tzinfo
from typing import Literal

import msgspec
from textual.content import Content

from flattr_tui.library.query.feed import Row, Sort

GAP = 2
"""Cells between two columns."""


class Look(msgspec.Struct, frozen=True):
    """What a cell may need to know besides its row."""

    now: float = 0.0
    """Unix seconds."""
    tz: tzinfo = UTC
    words: tuple[str, ...] = ()
    """Words to be marked where they begin a word."""
    starred: frozenset[tuple[str, str]] = frozenset()
    """What is bookmarked: kinds and keys."""


class Column(msgspec.Struct, frozen=True):
    """One column."""

    id: str
    title: str
    render: Callable[[Row, Look], Content]
    width: int | None = None
    """Cells; None takes what the others leave."""
    minimum: int = 12
    """Cells below which a column without a width makes others leave."""
    align: Literal["left", "right"] = "left"
    priority: int = 0
    """The lowest leaves first when it is narrow."""
    sort: Sort | None = None
    weight: int = 1
    """Its share of what is left, among columns without a width."""


def fit(columns: Sequence[Column], width: int) -> list[tuple[Column, int]]:
    """Choose the columns that fit `width` cells, in their order, each with its cells."""
    kept = list(columns)
    while len(kept) > 1 and sum(_least(column) for column in kept) + GAP * (len(kept) - 1) > width:
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


def _least(column: Column) -> int:
    return column.minimum if column.width is None else column.width
