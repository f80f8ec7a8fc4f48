"""Bytes that are no text, laid out as a table: where they stand, what they are, what letters they would be."""

from typing import Final

LOOKED_AT: Final = 8_000
"""Bytes in which a NUL is looked for: text holds none."""
A_LINE: Final = 8
"""Octets that stand in a line."""


def is_binary(body: bytes) -> bool:
    """Whether a body is no text."""
    return b"\0" in body[:LOOKED_AT]


def table(body: bytes, most: int) -> list[str]:
    """Lay out a body in as many lines as are wanted at most: `000000  89 50 4e 47 0d 0a 1a 0a  ·PNG····`."""
    return [_line(body[start : start + A_LINE], start) for start in range(0, len(body), A_LINE)[:most]]


def is_cut(body: bytes, most: int) -> bool:
    """Whether so many lines do not hold all of it."""
    return len(body) > most * A_LINE


def _line(part: bytes, start: int) -> str:
    letters = "".join(chr(octet) if 0x20 <= octet < 0x7F else "·" for octet in part)
    return f"{start:06x}  {part.hex(' '):<{A_LINE * 3 - 1}}  {letters}"
