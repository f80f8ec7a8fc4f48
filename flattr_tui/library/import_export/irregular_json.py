"""Reads JSON in other forms than that of one API response: several values, damaged, nested, or of a database.

Examples are API pages appended to one file (`curl … >> flattrs.json`), JSON lines of several kinds, RFC 7464 sequences,
and files of interrupted programs. All complete values are read; damaged parts are reported.

Objects of the API are found at any depth of other JSON, in what a script or a database saved around them. Examples are
`{"flattrs": [...], "user": {...}}`, documents of Elasticsearch (`hits.hits[]._source`), CouchDB (`rows[].doc`), TinyDB
and Firebase, responses of GraphQL, and JSON in a text of JSON.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, groupby
from typing import Any, Final, NamedTuple

import msgspec

from flattr_tui.library.import_export.captured_response import LENIENT_DECODER, CapturedResponse
from flattr_tui.library.import_export.decompression import UnreadableError
from flattr_tui.library.import_export.request_recognition import ROOT, UnrecognizedError, guess_kind
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.entities import NotFlattrError
from flattr_tui.model.response_body_parser import parse_body
from flattr_tui.model.text_sanitizer import single_line

_START: Final = re.compile(rb"[\x1e\s]*[\[{\"]")
_BETWEEN: Final = re.compile(r"[\x1e\ufeff\s,]*")
_DOCUMENT: Final = re.compile(rb"^(?:---|\.\.\.)(?=\s|\Z)", re.MULTILINE)
"""Matches a marker between YAML documents. https://yaml.org/spec/1.2.2/#92-streams"""
_NEXT_LINE: Final = re.compile(r"\n[\x1e\ufeff]?(?=[\[{])")
_WITHIN: Final = re.compile(
    r"\"(?:\[\s*+)?\{\s*+\\\"|(?:\[\s*+)?\{\s*+\"(type\"\s*+:\s*+\"(?:user|thing|flattr|subscription)\")?"
)
"""Matches the beginning of JSON, or of JSON in a text of JSON, in a text, with the type of an object of the API."""
_LINE: Final = re.compile(r"\n|\Z")
_DAMAGED: Final = "not valid JSON, or cut off; the rest of the file was read"
MAX_DAMAGED: Final = 1_000
"""Maximum number of damaged parts of a file. After that, reading stops."""
MAX_ALONE: Final = 100_000
"""Maximum number of values in a file that are responses by themselves, such as profiles. After that, reading stops."""
_ROWS: Final = frozenset({ResponseKind.THING, ResponseKind.FLATTRS, ResponseKind.SUBSCRIPTIONS, ResponseKind.CHOICES})
"""The kinds that a single object may have to be taken as an item of a list, not as a response by itself."""
_whole: Final = msgspec.json.Decoder(list[msgspec.Raw] | dict[str, msgspec.Raw] | str)
_MAX_DEPTH: Final = 12
"""Number of levels that are searched below the outermost value."""
_TYPES: Final = frozenset({"user", "thing", "flattr", "subscription"})
_OWN_FIELDS: Final = frozenset(
    {"type", "error", "message", "title", "username", "thing", "verb", "items", "total_items"}
)
"""Names of fields that the API's own objects have. `flattr/developers.flattr.net`, content/api/resources/."""


class _Value(NamedTuple):
    place: str
    kind: ResponseKind | None
    """The kind of response whose items are such values; None if the value is a response by itself."""
    text: str
    problem: str = ""
    url: str = ""


def read_concatenated_json(data: bytes) -> Iterator[CapturedResponse] | None:
    """Return the responses in a file with several JSON values, or in a damaged JSON file; None for any other file.

    The iterator raises `UnreadableError` if too many parts are damaged, or if there are too many responses.
    """
    if not _START.match(data) or _are_lines_of_one_list(data):
        return None
    try:
        whole = _whole.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        text = data.decode("utf-8", errors="replace")
    else:
        if whole and isinstance(whole, list) and all(map(_is_list, whole)):
            return _pages(whole)
        if isinstance(whole, list) and _has_mixed_types(whole):
            return _captures(_items(whole))
        if not isinstance(whole, str) and not is_foreign(_decode_first(whole)):
            return None
        nested = _nested_values(data.decode("utf-8", errors="replace"))
        first = next(nested, None)
        return None if first is None else _captures(chain([first], nested))
    at = _skip(text, 0)
    found = _read_value(text, at)
    if found is None and text[at] == "[":
        first_item = _read_value(text, _skip(text, at + 1))  # a number may be the date of a line in a log
        is_cut = first_item is not None and not isinstance(first_item[0], int) and not _is_repairable(data)
        return _cut_list(text, at + 1) if is_cut else None
    if found is None:
        return _captures(_values(text)) if _NEXT_LINE.search(text, at) else None
    end = _skip(text, found[1])
    follows = text[end : end + 1] in {"[", "{"} or (text[at] == "{" and _NEXT_LINE.search(text, found[1]))
    return _captures(_values(text)) if follows else None


class _Typed(msgspec.Struct):
    type: str = ""


def _are_lines_of_one_list(data: bytes) -> bool:
    """Whether a file is JSON lines with items of one type. Such a file is read as a list, in less memory."""
    try:
        types = {line.type for line in _typed.decode_lines(data)}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return len(types) == 1 and types <= _TYPES - {"user"}


def _has_mixed_types(items: list[msgspec.Raw]) -> bool:
    """Whether a list contains objects of several types, or only users. No method of the API returns such a list."""
    try:
        types = {_typed.decode(item).type for item in items}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return types <= _TYPES and (len(types) > 1 or types == {"user"})


def _items(items: list[msgspec.Raw]) -> Iterator[_Value]:
    for number, item in enumerate(items, 1):
        text = bytes(item).decode("utf-8", "replace")
        found = _read_value(text, 0)
        yield _Value(f"item {number}", found and _row_kind(found[0]), text)


def read_json_in_text(data: bytes) -> Iterator[CapturedResponse] | None:
    """Return the objects of the API within a text, such as a log or a page of notes; None if there are none.

    Returns None also for a file that is JSON as a whole, or that the JSON parser can repair.
    """
    if _WITHIN.match(data[:512].decode("utf-8", errors="replace").lstrip()):
        return None
    text = data.decode("utf-8", errors="replace")
    if '{""' in text or '{\\""' in text:  # a table in CSV doubles quotation marks
        text = text.replace('""', '"')
    if not _WITHIN.search(text) or _is_repairable(data):
        return None
    values = _values_within(text)
    first = next(values, None)
    return None if first is None else _captures(chain([first], values))


def _values_within(text: str) -> Iterator[_Value]:
    at = failed = counted = 0
    line = 1
    while (begun := _WITHIN.search(text, at)) and failed < MAX_DAMAGED:
        before = text[max(at, begun.start() - 200) : begun.start()].rstrip()
        if before.endswith(("},", "[", "{", '":')):  # a part of a value that is damaged
            at = begun.end()
            continue
        if before.endswith("}"):
            yield _Value(f"line {line}", None, "", _DAMAGED)
        line, counted = line + text.count("\n", counted, begun.start()), begun.start()
        if (found := _read_value(text, begun.start())) is None:
            failed += 1
            if begun[1]:
                yield _Value(f"line {line}", None, "", _DAMAGED)
            at = _LINE.search(text, begun.end()).end()  # type: ignore[union-attr] # it also matches the end
            continue
        at = found[1]
        yield from _nested_values(text[begun.start() : at], f"line {line}")


def read_yaml_documents(data: bytes) -> Iterator[CapturedResponse] | None:
    """Return the responses in a YAML file with several documents, or with objects of the API inside other values.

    Returns None for any other file.
    """
    parts = [part for part in _DOCUMENT.split(data) if part.strip() and not part.startswith(b"%")]
    if len(parts) > 1:
        return _captures(_document_values(parts))
    try:
        value = parse_body(data, "application/yaml")
    except NotFlattrError:
        return None
    return read_concatenated_json(json.dumps(value).encode()) if is_foreign(value) else None


def _document_values(documents: Iterable[bytes]) -> Iterator[_Value]:
    for number, document in enumerate(documents, 1):
        place = f"document {number}"
        try:
            value = parse_body(document, "application/yaml")
        except NotFlattrError as error:
            yield _Value(place, None, "", str(error))
            continue
        if value is not None:  # nothing but comments
            yield _Value(place, _row_kind(value), json.dumps(value))


def _is_list(value: msgspec.Raw) -> bool:
    return bytes(memoryview(value)[:1]) == b"["


def _pages(lists: list[msgspec.Raw]) -> Iterator[CapturedResponse]:
    """Yield each list in a list of lists as a response: API pages that `jq -s` has joined."""
    return (CapturedResponse(place=f"page {number}", body=bytes(page)) for number, page in enumerate(lists, 1))


def _decode_first(whole: list[msgspec.Raw] | dict[str, msgspec.Raw]) -> Any:
    """Return the first item of the list `whole`, decoded; None if the list is empty.

    If `whole` is a dictionary, it is returned unchanged.
    """
    if isinstance(whole, dict):
        return whole
    found = _read_value(bytes(whole[0]).decode("utf-8", errors="replace"), 0) if whole else None
    return found and found[0]


def _nested_values(text: str, place: str = "") -> Iterator[_Value]:
    for nested in find_nested(text.strip().encode("utf-8", "replace"), place):
        value = nested.text.decode("utf-8", errors="replace")
        found = None if nested.url else _read_value(value, 0)
        yield _Value(nested.place, found and _row_kind(found[0]), value, url=nested.url)


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
    """Return the JSON value at the position `at` in a text, and the position after it; None for an incomplete value."""
    try:
        return LENIENT_DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None


def _captures(values: Iterable[_Value]) -> Iterator[CapturedResponse]:
    """Yield values as responses. Successive values of the same kind become one response, with a list of them.

    The iterator raises `UnreadableError` if there are too many values that are responses by themselves.
    """
    alone = 0
    for (kind, _), same in groupby(values, key=lambda value: (value.kind, value.kind or value.place)):
        first = next(same)
        if first.problem or kind is None:
            body = first.text
            alone += not first.problem
            if alone > MAX_ALONE:
                raise UnreadableError(f"has more than {MAX_ALONE:,} responses; what came before was read")
        else:
            body = f"[{','.join([first.text, *(value.text for value in same)])}]"
        yield CapturedResponse(
            place=first.place, url=first.url, body=body.encode("utf-8", errors="replace"), problem=first.problem
        )


def _values(text: str) -> Iterator[_Value]:
    at = number = damaged = counted = 0
    line = 1
    while (at := _skip(text, at)) < len(text):
        number += 1
        if (found := _read_value(text, at)) is not None:
            value, at = text[at : found[1]], found[1]
            nested = list(_nested_values(value, f"value {number}")) if is_foreign(found[0]) else []
            yield from nested or [_Value(f"value {number}", _row_kind(found[0]), value)]
            continue
        damaged += 1
        if damaged > MAX_DAMAGED:
            raise UnreadableError(f"is damaged in more than {MAX_DAMAGED:,} places; what came before was read")
        line, counted = line + text.count("\n", counted, at), at
        yield _Value(f"line {line}", None, "", _DAMAGED)
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
    """Yield a response with the complete items of a damaged list, and a response that says where the damage is.

    `at` is the position of the first item in the text. The first response is left out if no item is complete, and the
    second if the list has no damage.
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


class NestedValue(NamedTuple):
    """An object of the API, or a list of such objects, inside other JSON."""

    place: str
    """The names and positions that lead to the value, for users: `hits.hits.3._source`."""
    url: str
    """The address of the value, if its name is one; otherwise ""."""
    text: bytes


def is_foreign(value: Any) -> bool:
    """Whether a decoded value, or the first item of a list, is an object without any field of the API's own objects."""
    value = value[0] if isinstance(value, list) and value else value
    return isinstance(value, Mapping) and _OWN_FIELDS.isdisjoint(value)


def find_nested(text: bytes | msgspec.Raw, place: str = "", url: str = "", depth: int = 0) -> Iterator[NestedValue]:
    """Yield the objects of the API, and the lists of such objects, at any depth of a JSON text, in order.

    `place` says where the text is in the file, and `url` from which address it came; "" if unknown. `depth` is the
    number of lists and objects around the text. Inside an object of the API, only lists are searched: a single object,
    such as a thing's owner, is a part of the object around it.
    """
    if depth > _MAX_DEPTH or bytes(memoryview(text)[:2]).lstrip(b'"')[:1] not in {b"[", b"{", b"\\"}:
        return
    try:
        value = _whole.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    if isinstance(value, str):
        yield from find_nested(value.encode("utf-8", "replace"), place, url, depth + 1)
        return
    is_typed = _is_typed(value)
    if is_typed:
        yield NestedValue(place, url, bytes(text))
    if isinstance(value, list):
        members = [] if is_typed else enumerate(value)
    else:
        members = (
            (name, inner) for name, inner in value.items() if not is_typed or bytes(memoryview(inner)[:1]) == b"["
        )
    for name, inner in members:
        shown = single_line(str(name))
        within = shown if ROOT in shown else ""
        yield from find_nested(inner, f"{place}.{shown}"[-80:] if place else shown[:80], within, depth + 1)


def _is_typed(value: list[msgspec.Raw] | dict[str, msgspec.Raw]) -> bool:
    if isinstance(value, list):
        try:
            first = _whole.decode(value[0]) if value else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        return isinstance(first, dict) and _is_typed(first)
    return bytes(value.get("type", b"")).strip(b'"').decode("ascii", "replace") in _TYPES


_typed: Final = msgspec.json.Decoder(_Typed)
