"""Tables for people, and what stands in them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from flattr_tui.cli.local_timezone import LocalZone
from flattr_tui.model.sanitizer import single_line

NONE: Final = "-"
"""What stands where there is nothing: no account is meant, or no time is known."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, words: int = 2) -> Iterator[str]:
    """Lay out rows in columns: the first ones, `words` of them, from the left, numbers behind them from the right."""
    cells = [tuple(map(single_line, row)) for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        parts = (
            cell.rjust(width) if place >= words else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(parts).rstrip()


def size(number: int) -> str:
    """Write a number of bytes: `512 bytes`, `21.4 KB`, `3.0 GB`."""
    if number < 1_000:
        return f"{number} bytes"
    for unit in ("KB", "MB"):
        number_ = number / {"KB": 1e3, "MB": 1e6}[unit]
        if number_ < 1_000:
            return f"{number_:.1f} {unit}"
    return f"{number / 1e9:,.1f} GB"


def day(seconds: float | None) -> str:
    """Write a date of this machine's time zone: `2018-01-03`."""
    return NONE if seconds is None else f"{datetime.fromtimestamp(seconds, LocalZone()):%Y-%m-%d}"
