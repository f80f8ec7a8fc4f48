"""Rewrites what document databases export, and scripts for browsers, as plain JSON.

MongoDB writes numbers and times as objects (https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/), and
Elasticsearch's bulk format has a line before each document that says where it belongs
(https://www.elastic.co/guide/en/elasticsearch/reference/current/docs-bulk.html). Scripts assign JSON to a variable.
"""

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
    rb"\s*+(?:export\s++default|(?:(?:var|let|const)\s++)?[A-Za-z_$][\w$.]{0,200}\s*+=)\s*+(?=[\[{])"
)
"""Matches what precedes a value that a script assigns to a variable."""
_JSON5: Final = re.compile(
    rb"(?:\s++|//[^\n]*+\n|/\*.*?\*/)*+[\[{](?:\s++|//[^\n]*+\n|\{)*+[A-Za-z_$][\w$]*+\s*+:\s*+['\"\[{\d]", re.DOTALL
)
_JSON5_TOKEN: Final = re.compile(
    r"'((?:[^'\\]|\\.)*+)'|\"(?:[^\"\\]|\\.)*+\"|//[^\n]*+|/\*.*?\*/|([A-Za-z_$][\w$]*+)(?=\s*+:)|,(?=\s*+[\]}])",
    re.DOTALL,
)


def to_plain_json(data: bytes) -> bytes:
    """Return the content of a JSON file in the form that most programs write.

    MongoDB's objects for numbers and times become numbers and times in Unix seconds. Lines that Elasticsearch writes
    before each document are left out, and so is a variable to which a script assigns the JSON. The content of any other
    file is returned unchanged.
    """
    if assigned := _ASSIGNMENT.match(data):
        data = data[assigned.end() :].rstrip().removesuffix(b";")
    if _JSON5.match(data):
        data = _JSON5_TOKEN.sub(_to_json_token, data.decode("utf-8", "replace")).encode("utf-8", "replace")
    data = _EXTENDED.sub(_to_plain_value, data) if b'"$' in data else data
    return _BULK_ACTION.sub(b"", data) if _BULK_ACTION.match(data) else data


def _to_json_token(found: re.Match[str]) -> str:
    if found[1] is not None:
        return '"' + re.sub(r'(?<!\\)"', r"\"", found[1].replace("\\'", "'")) + '"'
    return f'"{found[2]}"' if found[2] else found[0] if found[0].startswith('"') else ""


def _to_plain_value(found: re.Match[bytes]) -> bytes:
    kind, text, *numbers = found.groups()
    number = next((one for one in numbers if one), b"")
    if kind == b"oid":
        return b'"%b"' % (text or number)
    if kind == b"date":
        seconds = int(number) // 1000 if number else int(parse_moment((text or b"").decode("ascii", "replace")))
        return b"%d" % seconds if seconds else b"null"
    return number or (text if text and _NUMBER.fullmatch(text) else b"null")
