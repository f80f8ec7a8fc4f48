"""Formats tables, sizes and dates for people."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from flattr_tui.cli.local_timezone import LocalZone
from flattr_tui.model.sanitizer import single_line

NOTHING: Final = "-"
"""Stands for a missing account or time."""


def format_columns(head: Sequence[str], rows: Sequence[Sequence[str]], *, words: int = 2) -> Iterator[str]:
    """Align rows in columns: the first `words` columns to the left, the others to the right."""
    cells = [tuple(map(single_line, row)) for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        parts = (
            cell.rjust(width) if place >= words else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(parts).rstrip()


def format_size(number: int) -> str:
    """Format a number of bytes: `512 bytes`, `21.4 KB`, `3.0 GB`."""
    if number < 1_000:
        return f"{number} bytes"
    for unit in ("KB", "MB"):
        number_ = number / {"KB": 1e3, "MB": 1e6}[unit]
        if number_ < 1_000:
            return f"{number_:.1f} {unit}"
    return f"{number / 1e9:,.1f} GB"


def format_date(seconds: float | None) -> str:
    """Format a date in this machine's time zone: `2018-01-03`."""
    return NOTHING if seconds is None else f"{datetime.fromtimestamp(seconds, LocalZone()):%Y-%m-%d}"
