"""Reads files with several JSON values one after another, and JSON files that are cut off or damaged in places.

Examples are API pages appended to one file (`curl … >> flattrs.json`), JSON lines of several kinds, RFC 7464 sequences,
and files of interrupted programs. All complete values are read; damaged parts are reported.
"""

import json
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final, NamedTuple

import msgspec

from flattr_tui.library.import_export.api_url_matcher import ROOT, UnrecognizedError
from flattr_tui.library.import_export.captured_response import CapturedResponse
from flattr_tui.library.import_export.content_sniffer import guess_kind
from flattr_tui.library.import_export.decompression import UnreadableError
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.errors import NotFlattrError
from flattr_tui.model.response_body_parser import parse_body
from flattr_tui.model.text_sanitizer import single_line

_START: Final = re.compile(rb"[\x1e\s]*[\[{]")
_BETWEEN: Final = re.compile(r"[\x1e\s,]*")
_NEXT_LINE: Final = re.compile(r"\n\x1e?(?=[\[{])")
MAX_DAMAGED: Final = 1_000
"""Maximum number of damaged parts of a file. After that, reading stops."""
MAX_ALONE: Final = 100_000
"""Maximum number of values in a file that are responses by themselves, such as profiles. After that, reading stops."""
_ROWS: Final = frozenset({ResponseKind.THING, ResponseKind.FLATTRS, ResponseKind.SUBSCRIPTIONS, ResponseKind.CHOICES})
"""The kinds that a single object may have to be taken as an item of a list, not as a response by itself."""
_TYPES: Final = frozenset({"user", "thing", "flattr", "subscription"})
_OWN_FIELDS: Final = frozenset(
    {"type", "error", "message", "title", "username", "thing", "verb", "items", "total_items"}
)
"""Names of fields that the API's own objects have. `flattr/developers.flattr.net`, content/api/resources/."""
_whole: Final = msgspec.json.Decoder(list[msgspec.Raw] | dict[str, msgspec.Raw])


class _Value(NamedTuple):
    place: str
    kind: ResponseKind | None
    """The kind of response whose items are such values; None if the value is a response by itself."""
    text: str
    problem: str = ""


def read_concatenated_json(data: bytes) -> Iterator[CapturedResponse] | None:
    """Return the responses in a file with several JSON values, or in a damaged JSON file; None for any other file.

    The iterator raises `UnreadableError` after too many damaged parts, or too many values that are responses by
    themselves.
    """
    if not _START.match(data):
        return None
    try:
        whole = _whole.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        text = data.decode("utf-8", errors="replace")
    else:
        if isinstance(whole, dict):
            return _named_responses(whole)
        return _pages(whole) if whole and all(map(_is_list, whole)) else None
    at = _skip(text, 0)
    found = _read_value(text, at)
    if found is None and text[at] == "[":
        is_cut = _read_value(text, _skip(text, at + 1)) is not None and not _is_repairable(data)
        return _cut_list(text, at + 1) if is_cut else None
    if found is None:
        return _captures(text) if _NEXT_LINE.search(text, at) else None
    end = _skip(text, found[1])
    follows = text[end : end + 1] in {"[", "{"} or (text[at] == "{" and _NEXT_LINE.search(text, found[1]))
    return _captures(text) if follows else None


def _is_list(value: msgspec.Raw) -> bool:
    return bytes(memoryview(value)[:1]) == b"["


def _pages(lists: list[msgspec.Raw]) -> Iterator[CapturedResponse]:
    """Yield each list in a list of lists as a response: API pages that `jq -s` has joined."""
    return (CapturedResponse(place=f"page {number}", body=bytes(page)) for number, page in enumerate(lists, 1))


def _named_responses(members: dict[str, msgspec.Raw]) -> Iterator[CapturedResponse] | None:
    """Return the responses in an object that a script saved: `{"flattrs": [...], "user": {...}}`.

    The names in the object may also be addresses. Returns None if the object is a response itself, or if no value is an
    object of the API.
    """
    if not _OWN_FIELDS.isdisjoint(members):
        return None
    found = [
        CapturedResponse(place=single_line(name)[:80], url=name if ROOT in name else "", body=bytes(value))
        for name, value in members.items()
        if bytes(memoryview(value)[:1]) in {b"[", b"{"} and _is_typed(value)
    ]
    return iter(found) if found else None


def _is_typed(value: msgspec.Raw) -> bool:
    try:
        record = msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    record = record[0] if isinstance(record, list) and record else record
    return isinstance(record, dict) and str(record.get("type")) in _TYPES


def _is_repairable(data: bytes) -> bool:
    try:
        parse_body(data, "application/json")
    except NotFlattrError:
        return False
    return True


def _skip(text: str, at: int) -> int:
    between = _BETWEEN.match(text, at)
    return between.end() if between else at


def _read_value(text: str, at: int) -> tuple[Any, int] | None:
    """Return the JSON value at the position `at` and the position after it; None if there is no complete value."""
    try:
        return _decoder.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None


def _captures(text: str) -> Iterator[CapturedResponse]:
    """Yield each JSON value in a text as a response. Successive items of the same kind become one list."""
    for (kind, _), values in groupby(_values(text), key=lambda value: (value.kind, value.kind or value.place)):
        first = next(values)
        if first.problem or kind is None:
            body = first.text
        else:
            body = f"[{','.join([first.text, *(value.text for value in values)])}]"
        yield CapturedResponse(place=first.place, body=body.encode("utf-8", errors="replace"), problem=first.problem)


def _values(text: str) -> Iterator[_Value]:
    at = number = damaged = alone = counted = 0
    line = 1
    while (at := _skip(text, at)) < len(text):
        number += 1
        if (found := _read_value(text, at)) is not None:
            kind = _row_kind(found[0])
            alone += kind is None
            if alone > MAX_ALONE:
                raise UnreadableError(f"has more than {MAX_ALONE:,} responses; what came before was read")
            yield _Value(f"value {number}", kind, text[at : found[1]])
            at = found[1]
            continue
        damaged += 1
        if damaged > MAX_DAMAGED:
            raise UnreadableError(f"is damaged in more than {MAX_DAMAGED:,} places; what came before was read")
        line, counted = line + text.count("\n", counted, at), at
        yield _Value(f"line {line}", None, "", "not valid JSON, or cut off; the rest of the file was read")
        following = _NEXT_LINE.search(text, at)
        at = following.end() if following else len(text)


def _row_kind(value: Any) -> ResponseKind | None:
    if not isinstance(value, dict):
        return None
    try:
        kind = guess_kind(value)
    except UnrecognizedError:
        return None
    if kind is ResponseKind.ACTIVITIES and "verb" in value:
        return kind
    return kind if kind in _ROWS else None


def _cut_list(text: str, at: int) -> Iterator[CapturedResponse]:
    """Yield the complete items of a list as one response, then a problem that says where it is damaged or cut off.

    `at` is the position of the first item in the text.
    """
    rows: list[str] = []
    while (found := _read_value(text, at := _skip(text, at))) is not None:
        rows.append(text[at : found[1]])
        at = found[1]
    if rows:
        yield CapturedResponse(place="", body=f"[{','.join(rows)}]".encode("utf-8", errors="replace"))
    if text[at:].strip() != "]":
        problem = "the list is cut off or damaged here; what came before was read"
        yield CapturedResponse(place=f"record {len(rows) + 1}", problem=problem)


_decoder: Final = json.JSONDecoder(strict=False)
