"""Limits the content of a JSON body before anything is built from it.

A body of 16 MiB can hold millions of tiny records, which would take a gigabyte of memory and minutes to index.
"""

import re
from typing import Final

MAX_ITEMS: Final = 20_000
"""Members of one list that are read: 200 times Flattr's largest page (100)."""
MAX_VALUES: Final = 1_000_000
"""Values of one body that are read, whatever they are nested in."""
_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},]', re.DOTALL)
_START: Final = re.compile(rb"\s*[\[{]")
_CLOSING: Final = {b"[": b"]", b"{": b"}"}


def cut_long_lists(body: bytes) -> tuple[bytes, bool]:
    """Cut JSON after `MAX_ITEMS` members of a list or object, or after `MAX_VALUES` values; it remains valid JSON.

    Returns the body and whether it was cut. Takes microseconds for ordinary pages.
    """
    if body.count(b",") < MAX_ITEMS or not _START.match(body):
        return body, False
    opened: list[bytes] = []
    members: list[int] = []
    values = 0
    for token in _TOKEN.finditer(body):
        sign = token[0]
        if sign == b",":
            if not members:
                break  # not JSON: the parser says what is wrong
            members[-1] += 1
            values += 1
            if members[-1] >= MAX_ITEMS or values >= MAX_VALUES:
                closing = b"".join(_CLOSING[one] for one in reversed(opened))
                return body[: token.start()] + closing, True
        elif sign in _CLOSING:
            opened.append(sign)
            members.append(0)
        elif len(sign) == 1 and opened:
            opened.pop()
            members.pop()
    return body, False
