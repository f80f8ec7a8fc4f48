"""Rewrites values that are almost JSON as JSON: JSON5, what Python and Ruby print, and the JSON of some databases.

MongoDB writes numbers and times as objects (https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/), and
Elasticsearch's bulk format has a line before each document that says where it belongs
(https://www.elastic.co/guide/en/elasticsearch/reference/current/docs-bulk.html). Scripts assign JSON to a variable.
People add comments to JSON.
"""

import html
import json
import re
from typing import Final

from flattr_tui.library.import_export.captured_response import parse_moment

_EXTENDED: Final = re.compile(
    rb'\{\s*"\$(oid|date|numberInt|numberLong|numberDouble)"\s*:\s*'
    rb'(?:"([^"\\]*)"|(-?\d{1,18})|\{\s*"\$numberLong"\s*:\s*"(-?\d{1,18})"\s*\})\s*\}'
)
_NUMBER: Final = re.compile(rb"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_BULK_ACTION: Final = re.compile(
    rb'^\{\s*"(?:index|create)"\s*:\s*\{\s*"_(?:index|type|id)"[^\n]*\}\s*\}\s*?\n', re.MULTILINE
)
_ASSIGNMENT: Final = re.compile(
    rb"^\s*+(?:export\s++default|(?:(?:var|let|const)\s++)?[A-Za-z_$][\w$.]{0,200}\s*+=)\s*+(?=[\[{])", re.MULTILINE
)
"""Matches what precedes a value that a script assigns to a variable."""
_STATEMENT_END: Final = re.compile(rb";[ \t\r]*+$", re.MULTILINE)
_ESCAPED: Final = re.compile(rb"\s*+[\[{]\s*+\{?\s*+(\\\"|&quot;|&#34;)\w+\1\s*+:")
"""Matches the beginning of JSON that was copied from a string of a program, or from the source of a web page."""
_PRINTED: Final = re.compile(
    rb"(?:\s++|//[^\n]*+\n|/\*.*?\*/)*+[\[{](?:\s++|//[^\n]*+\n|/\*.*?\*/|\{)*+"
    rb"(?:[A-Za-z_$][\w$]*+\s*+:\s*+['\"\[{\d-]|u?'\w++'\s*+:|(?::\w++|\"\w++\")\s*+=>)",
    re.DOTALL,
)
"""Matches the beginning of a value of JSON5 or JavaScript, or as Python or Ruby prints it."""
_COMMENT: Final = re.compile(rb"^[ \t]*+(?://|/\*)", re.MULTILINE)
_QUOTED: Final = r"(?:(?<!\w)[ub])?(?:'((?:[^'\\]|\\.)*+)'|\"((?:[^\"\\]|\\.)*+)\")"
_STRING: Final = re.compile(_QUOTED, re.DOTALL)
_UNCOUNTED: Final = _QUOTED.replace("((?:", "(?:(?:")
_TOKEN: Final = re.compile(
    rf"({_UNCOUNTED}(?:\s++{_UNCOUNTED})*+)"  # Python's pprint writes a long string in several parts
    r"|//[^\n]*+|/\*.*?\*/"
    r"|([A-Za-z_$][\w$]*+)(?=\s*+:)|:([A-Za-z_]\w*+)(?=\s*+=>)|(=>)"
    r"|\b(True|False|None|nil|undefined)\b|,(?=\s*+[\]}])",
    re.DOTALL,
)
_CONSTANTS: Final = {"True": "true", "False": "false", "None": "null", "nil": "null", "undefined": "null"}
_ESCAPE: Final = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|U([0-9A-Fa-f]{8})|u\{([0-9A-Fa-f]{1,6})\}|.)|\"", re.DOTALL)
_BOXED: Final = re.compile(rb'("[^"\\]*"\s*:\s*)\[\s*("(?:[^"\\]|\\.)*+"|[-\w.+]+)\s*\](?=\s*[,}])', re.DOTALL)
"""Matches a field in JSON of R's jsonlite, which writes each value as a list unless `auto_unbox = TRUE` is set."""
_BOXED_TYPE: Final = re.compile(rb'\{\s*"type"\s*:\s*\[\s*"')


def to_plain_json(data: bytes) -> bytes:
    """Return the content of a JSON file in the form that most programs write.

    MongoDB's objects for numbers and times become numbers and times in Unix seconds. Lines that Elasticsearch writes
    before each document are left out, and so are the variables to which a script assigns JSON. The content of any other
    file is returned unchanged.
    """
    if _ASSIGNMENT.match(data):
        data = _STATEMENT_END.sub(b"", _ASSIGNMENT.sub(b"\n", data))
    if escaped := _ESCAPED.match(data):
        data = _unescape(data.decode("utf-8", "replace"), by_html=escaped[1] != b'\\"').encode("utf-8", "replace")
    if _PRINTED.match(data) or (data[:1] in {b"[", b"{"} and _COMMENT.search(data)):
        data = to_json_text(data.decode("utf-8", "replace")).encode("utf-8", "replace")
    data = _BOXED.sub(rb"\1\2", data) if _BOXED_TYPE.search(data, 0, 4096) else data
    data = _EXTENDED.sub(_to_plain_value, data) if b'"$' in data else data
    return _BULK_ACTION.sub(b"", data) if _BULK_ACTION.match(data) else data


def _unescape(text: str, *, by_html: bool) -> str:
    """Return a text without the escapes of HTML, or of a string of JSON; unchanged if it is not such a string."""
    if by_html:
        return html.unescape(text)
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return text


def to_json_text(text: str) -> str:
    """Convert a value in JSON5, or a value that Python or Ruby printed, to JSON. JSON is returned unchanged."""
    return _TOKEN.sub(_to_json_token, text)


def _to_json_token(found: re.Match[str]) -> str:
    strings, name, symbol, arrow, constant = found.groups()
    if strings:
        parts = (one[1] or one[2] or "" for one in _STRING.finditer(strings))
        return f'"{"".join(_ESCAPE.sub(_to_json_escape, part) for part in parts)}"'
    if constant:
        return _CONSTANTS[constant]
    return f'"{name or symbol}"' if name or symbol else ":" if arrow else ""


def _to_json_escape(found: re.Match[str]) -> str:
    """Return what replaces `found` in JSON: an escape of JSON5, Python or Ruby, or a bare quotation mark."""
    byte, python, ruby = found.groups()
    if byte:
        return f"\\u00{byte}"
    if python or ruby:
        number = int(python or ruby, 16)
        return json.dumps(chr(number))[1:-1] if number <= 0x10FFFF else "\\ufffd"
    return {'"': '\\"', "\\'": "'"}.get(found[0], found[0])


def _to_plain_value(found: re.Match[bytes]) -> bytes:
    kind, text, *numbers = found.groups()
    number = next((one for one in numbers if one), b"")
    if kind == b"oid":
        return b'"%b"' % (text or number)
    if kind == b"date":
        seconds = int(number) // 1000 if number else int(parse_moment((text or b"").decode("ascii", "replace")))
        return b"%d" % seconds if seconds else b"null"
    return number or (text if text and _NUMBER.fullmatch(text) else b"null")
