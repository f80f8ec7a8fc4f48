"""JSON with something around it: a call of JSONP, a guard against scripts, the notices of a broken PHP page.

Only what is whole is found: a body that breaks off is none, since a part of a list would look like all of it.
"""

import re
from itertools import islice
from json import JSONDecoder
from typing import Any

_CALL = re.compile(r"\s*(?:/\*.{0,40}?\*/)?\s*[\w.$]{1,200}\s*\(\s*(?=[{\[])", re.DOTALL)
"""The beginning of a call. content/api/index.md, 'Cross origin requests'."""
_CALLED = re.compile(r"\s*\)\s*;?\s*(?=$|<)")
_END = re.compile(r"\s*(?=$|<)")
_BEGINNING = re.compile(r"[{\[]")
_FARTHEST = 4_096
"""Characters that may stand before the JSON."""
_MOST = 8
"""Beginnings that are tried: the text of a notice has brackets too."""


def find(text: str, decoder: JSONDecoder) -> Any:
    """Return the one value in a text that holds more than it; raises ValueError where there is none.

    An empty value that anything but a call stands around is none: any page with a script in it has one.
    """
    if call := _CALL.match(text):
        value, end = _value(text, call.end(), decoder)
        if _CALLED.match(text, end):
            return value
    beginnings = _BEGINNING.finditer(text, 0, _FARTHEST)
    alone = text.lstrip()[:1] in {"{", "["}
    for beginning in islice(beginnings, 1 if alone else _MOST):
        value, end = _value(text, beginning.start(), decoder)
        if value and _END.match(text, end):
            return value
    raise ValueError("no JSON within")


def _value(text: str, start: int, decoder: JSONDecoder) -> tuple[Any, int]:
    """Return the value that begins there and where it ends; None for none."""
    try:
        return decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, start
