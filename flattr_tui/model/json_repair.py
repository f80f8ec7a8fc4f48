"""JSON that is spoiled, read all the same.

Something stands around it (a call of JSONP, a guard against scripts, the notices of a broken PHP page), backslashes
in it mean nothing, or a field of one record is nested beyond all sense.

Only what is whole is found: a body that breaks off is none, since a part of a list would look like all of it.
"""

import re
from itertools import islice
from json import JSONDecoder
from typing import Any

_CALL = re.compile(r"\s*+(?:/\*.{0,40}?\*/)?\s*+[\w.$]{1,200}+\s*+\(\s*+(?=[{\[])", re.DOTALL)
"""The beginning of a call. content/api/index.md, 'Cross origin requests'."""
_CALLED = re.compile(r"\s*\)\s*;?\s*(?=$|<)")
_END = re.compile(r"\s*(?=$|<)")
_BEGINNING = re.compile(r"[{\[]")
_FARTHEST = 4_096
"""Characters that may stand before the JSON."""
_MOST = 8
"""Beginnings that are tried: the text of a notice has brackets too."""
_ESCAPE = re.compile(r"\\(?:([\\/bfnrt\"]|u[0-9A-Fa-f]{4})|(.))", re.DOTALL)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[{\]}]', re.DOTALL)
_RECORDS = re.compile(r"\s*(?:\[\s*)?\{")
DEEPEST = 40
"""Levels of nesting that are kept: an answer has five."""


def unescaped(text: str) -> str:
    """Take out the backslashes of escapes that JSON has not, and leave what they stand before: an apostrophe, say."""
    return _ESCAPE.sub(lambda found: found[0] if found[2] is None else found[2], text) if "\\" in text else text


def flattened(text: str) -> str:
    """Put null in the place of what is nested deeper than `DEEPEST` within records; other texts stay as they are."""
    if not _RECORDS.match(text):
        return text
    parts: list[str] = []
    depth = done = begun = 0
    for token in _TOKEN.finditer(text):
        if token[0] in {"[", "{"}:
            depth += 1
            if depth == DEEPEST + 1:
                begun = token.start()
        elif token[0] in {"]", "}"}:
            if depth == DEEPEST + 1:
                parts += [text[done:begun], "null"]
                done = token.end()
            depth -= 1
    return "".join([*parts, text[done:]])


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
        if value and (isinstance(value, dict) or any(isinstance(item, dict) for item in value)):
            break  # an answer, and another behind it: neither is all that there is
    raise ValueError("no JSON within")


def _value(text: str, start: int, decoder: JSONDecoder) -> tuple[Any, int]:
    """Return the value that begins there and where it ends; None for none."""
    try:
        return decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, start
