"""Repairs invalid JSON: removes text around it, invalid escapes, trailing commas and excessive nesting.

The text around JSON may be a JSONP call, a prefix against script inclusion, or error messages of PHP. A truncated body
is never repaired, since part of a list would look like the whole list.
"""

import re
from itertools import islice
from json import JSONDecoder
from typing import Any

_NAME = r"[\w.$\[\]]{1,200}+"
_CALL = re.compile(
    rf"\s*+(?:/\*.{{0,40}}?\*/)?\s*+(?:typeof\s++{_NAME}\s*+={{2,3}}\s*+'function'\s*+&&\s*+)?{_NAME}\s*+\(\s*+(?=[{{\[])",
    re.DOTALL,
)
"""Matches the beginning of a JSONP call; Express checks the function first.

Source: content/api/index.md, 'Cross origin requests'.
"""
_CALLED = re.compile(r"\s*\)\s*;?\s*(?=$|<)")
_END = re.compile(r"\s*(?=$|<)")
_BEGINNING = re.compile(r"[{\[]")
_MAX_PREFIX = 4_096
"""Maximum number of characters before the JSON."""
_MAX_ATTEMPTS = 8
"""Maximum number of brackets that are tried as the beginning of JSON, as other text may precede it."""
_ESCAPE = re.compile(r"\\(?:([\\/bfnrt\"]|u[0-9A-Fa-f]{4})|(.))", re.DOTALL)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[{\]}]', re.DOTALL)
_TRAILING_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+")|(?<![\[{,]),(?=\s*+[\]}])', re.DOTALL)
_RECORDS = re.compile(r"\s*(?:\[\s*)?\{")
MAX_NESTING = 40
"""Maximum number of levels of nesting that are kept. A response of Flattr has five."""


def remove_invalid_escapes(text: str) -> str:
    r"""Return a text without the backslashes of escapes that JSON does not have, such as `\'`."""
    return _ESCAPE.sub(lambda found: found[0] if found[2] is None else found[2], text) if "\\" in text else text


def remove_trailing_commas(text: str) -> str:
    """Return a text without the commas before closing brackets."""
    return _TRAILING_COMMA.sub(r"\1", text)


def limit_nesting(text: str) -> str:
    """Return a text in which null replaces the lists and objects nested deeper than `MAX_NESTING` levels."""
    if not _RECORDS.match(text):
        return text
    parts: list[str] = []
    depth = done = begun = 0
    for token in _TOKEN.finditer(text):
        if token[0] in {"[", "{"}:
            depth += 1
            if depth == MAX_NESTING + 1:
                begun = token.start()
        elif token[0] in {"]", "}"}:
            if depth == MAX_NESTING + 1:
                parts += [text[done:begun], "null"]
                done = token.end()
            depth -= 1
    return "".join([*parts, text[done:]])


def extract_json(text: str, decoder: JSONDecoder) -> Any:
    """Return the JSON list or object in a text with other text around it.

    An empty list or object counts only at the beginning of the text or in a JSONP call, because any page with a script
    contains `[]` or `{}`. Raises `ValueError` if the text contains no list or object, or several.
    """
    if call := _CALL.match(text):
        value, end = _parse_at(text, call.end(), decoder)
        if _CALLED.match(text, end):
            return value
    beginnings = _BEGINNING.finditer(text, 0, _MAX_PREFIX)
    alone = text.lstrip()[:1] in {"{", "["}
    for beginning in islice(beginnings, 1 if alone else _MAX_ATTEMPTS):
        value, end = _parse_at(text, beginning.start(), decoder)
        if (value or (alone and value is not None)) and _END.match(text, end):
            return value
        if value and alone and not _BEGINNING.search(text, end):
            return value
        if value and (isinstance(value, dict) or any(isinstance(item, dict) for item in value)):
            break  # a response followed by another: neither is complete
    raise ValueError("no JSON within")


def _parse_at(text: str, start: int, decoder: JSONDecoder) -> tuple[Any, int]:
    """Return the JSON value that begins at `start` and the position of its end; None and `start` if there is none."""
    try:
        return decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, start
