"""Shows binary data as a table of offsets, bytes and characters."""

from typing import Final

SNIFFED_BYTES: Final = 8_000
"""Bytes that are searched for a NUL, which text doesn't contain."""
BYTES_PER_LINE: Final = 8
"""Bytes in a line."""


def is_binary(body: bytes) -> bool:
    """Whether a body is not text."""
    return b"\0" in body[:SNIFFED_BYTES]


def hexdump(body: bytes, most: int) -> list[str]:
    """Return at most `most` lines of a body: `000000  89 50 4e 47 0d 0a 1a 0a  ·PNG····`."""
    return [_line(body[start : start + BYTES_PER_LINE], start) for start in range(0, len(body), BYTES_PER_LINE)[:most]]


def is_cut(body: bytes, most: int) -> bool:
    """Whether a hex dump of the body has more than `most` lines."""
    return len(body) > most * BYTES_PER_LINE


def _line(part: bytes, start: int) -> str:
    letters = "".join(chr(octet) if 0x20 <= octet < 0x7F else "·" for octet in part)
    return f"{start:06x}  {part.hex(' '):<{BYTES_PER_LINE * 3 - 1}}  {letters}"
