"""Parses response bodies of any format and encoding into plain values (dicts, lists), for `model.entity_decoder`.

It also limits the size of bodies, finds the errors that bodies describe, and repairs invalid JSON: text around it (a
JSONP call, a prefix against script inclusion, error messages of PHP), invalid escapes, trailing commas and excessive
nesting. Repairs are recorded. A truncated body is never repaired, since part of a list would look like the whole list.

Source: `flattr/developers.flattr.net`, content/api/index.md, 'Response Formats' and 'Client errors'; RFC 8259 (JSON).
"""

import json
import re
from collections.abc import Mapping
from itertools import islice
from typing import Final

import msgspec

from flattr_tui.model.entities import Json, NotFlattrError
from flattr_tui.model.lazy_pattern import lazy_pattern
from flattr_tui.model.text_sanitizer import single_line

MAX_REPAIRS = 100
"""Maximum number of recorded repairs of one body, so that a page of rubbish can't fill the memory."""
MAX_REPAIRED = 4 * 1024 * 1024
"""Maximum number of characters of invalid JSON that is repaired."""
_MARKUP = frozenset({"text/xml", "application/xml", "application/atom+xml", "application/yaml", "text/yaml"})
_CHARSETS = lazy_pattern(
    r"iso-?8859-\d{1,2}|latin-?\d|(?:windows-|cp)\d{3,4}|utf-?(?:16|32)(?:-?[bl]e)?|us-ascii|koi8-[ru]|gb(?:k|2312|18030)"
    r"|big5|shift-?jis|euc-(?:jp|kr)",
    re.ASCII,
)
"""Matches the encodings that a body's `charset` may name. Python has more, some of which are not for text."""
_FAILED = ("error", "fail", "failed")
_HTML = lazy_pattern(rb"\s*(?:<!doctype\s+html|<html|<head)[\s>]", re.IGNORECASE)
MAX_ITEMS: Final = 20_000
"""Maximum number of members of one list that are read: 200 times Flattr's largest page (100)."""
MAX_VALUES: Final = 1_000_000
"""Maximum number of values of one body that are read, on all levels together."""
_TOKEN: Final = lazy_pattern(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},]', re.DOTALL)
_START: Final = lazy_pattern(rb"\s*[\[{]")
_CLOSING: Final = {b"[": b"]", b"{": b"}"}
_FUNCTION_NAME = r"[\w.$\[\]]{1,200}+"
_JSONP_CALL = lazy_pattern(
    rf"\s*+(?:/\*.{{0,40}}?\*/)?\s*+(?:typeof\s++{_FUNCTION_NAME}\s*+={{2,3}}\s*+'function'\s*+&&\s*+)?"
    rf"{_FUNCTION_NAME}\s*+\(\s*+(?=[{{\[])",
    re.DOTALL,
)
"""Matches the beginning of a JSONP call; Express checks the function first.

Source: content/api/index.md, 'Cross origin requests'.
"""
_JSONP_END = lazy_pattern(r"\s*\)\s*;?\s*(?=$|<)")
_END = lazy_pattern(r"\s*(?=$|<)")
_OPENING = lazy_pattern(r"[{\[]")
_MAX_PREFIX = 4_096
"""Maximum number of characters before the JSON."""
_MAX_ATTEMPTS = 8
"""Maximum number of brackets that are tried as the beginning of JSON, as other text may precede it."""
_ESCAPE = lazy_pattern(r"\\(?:([\\/bfnrt\"]|u[0-9A-Fa-f]{4})|(.))", re.DOTALL)
_STRING_OR_BRACKET = lazy_pattern(r'"(?:[^"\\]|\\.)*+"|[\[{\]}]', re.DOTALL)
_TRAILING_COMMA = lazy_pattern(r'("(?:[^"\\]|\\.)*+")|(?<![\[{,]),(?=\s*+[\]}])', re.DOTALL)
_RECORDS = lazy_pattern(r"\s*(?:\[\s*)?\{")
MAX_NESTING = 40
"""Maximum number of levels of nesting that are kept. A response of Flattr has five."""


def cut_long_lists(body: bytes) -> tuple[bytes, bool]:
    """Return a JSON body with at most `MAX_ITEMS` members per list or object, and whether members were cut off.

    All levels together have at most `MAX_VALUES` values. A cut body is still valid JSON. Without the limits, a body of
    16 MiB can have millions of tiny records, which take a gigabyte of memory and minutes to index. For an ordinary
    page, this function takes microseconds.
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


class Repair(msgspec.Struct, frozen=True):
    """One deviation of a body from the documentation, and how it was repaired."""

    where: str
    """The repaired field, as `Class.field` after the number of the record: `3: Thing.created_at`."""
    action: str
    """What the body contained, and what it was replaced by, in words."""


class RepairLog(msgspec.Struct):
    """Records the repairs of one body. Call it with the field and a description (see `Repair`)."""

    record_number: int = 0
    """Number of the record that is being read, from 0. It is added to each field."""
    repairs: list[Repair] = msgspec.field(default_factory=list)
    is_cut: bool = False
    """Whether the body was cut (`cut_long_lists`)."""
    unread_times: list[str] = msgspec.field(default_factory=list)
    """The texts in place of times that could not be read."""

    def __call__(self, where: str, action: str) -> None:
        """Record the repair `action` of the field `where`, unless `MAX_REPAIRS` are already recorded."""
        if len(self.repairs) < MAX_REPAIRS:
            self.repairs.append(Repair(f"{self.record_number}: {where}", action))


class ErrorBody(msgspec.Struct, frozen=True):
    """An error, as a body describes it. Missing parts are ""."""

    code: str
    description: str


def find_error(data: Json) -> ErrorBody | None:
    """Return the error that a parsed body describes, in the documented form or another one; None if it describes none.

    Other servers put an object, a list or `true` in the place of the code, send `errors` or a `status` instead, and
    have other names for the description.
    """
    if not isinstance(data, Mapping):
        return None
    reported = data.get("error")
    if reported is None and isinstance(status := data.get("status"), int) and status >= 400 and "title" in data:
        return ErrorBody("", single_line(_first_text(data, ("detail", "title"))))  # RFC 9457
    if reported is None:
        reported = data.get("errors") or next((word for word in _FAILED if data.get("status") == word), None)
    if isinstance(reported, list) and reported:
        reported = reported[0]
    if reported is None or reported is False or reported == []:
        return None
    inner: Mapping[str, Json] = reported if isinstance(reported, Mapping) else {}
    code = reported if isinstance(reported, str) else _first_text(inner, ("error", "code", "type", "name"))
    names = ("error_description", "description", "message", "error_message", "detail", "title")
    description = _first_text(data, names[:1]) or _first_text(inner, names) or _first_text(data, names)
    return ErrorBody(single_line(code), single_line(description))


def _first_text(data: Mapping[str, Json], names: tuple[str, ...]) -> str:
    return next((text for name in names if isinstance(text := data.get(name), str) and text), "")


def is_html(body: bytes) -> bool:
    """Whether a body begins like an HTML page, whatever its content type says."""
    return _HTML.match(body, 0, 512) is not None


def parse_body(body: bytes, content_type: str, repair: RepairLog | None = None) -> Json:
    """Return the plain values in a body in any of the service's formats. Repairs are recorded in `repair`, if given.

    If the content type and the body contradict each other, the body decides which format it has. Raises
    `NotFlattrError` for a body in no known format.
    """
    repair = repair or RepairLog()
    kind = media_type(content_type)
    if kind in _MARKUP and (kind.endswith("yaml") or body.lstrip()[:1] not in {b"{", b"["}):
        from flattr_tui.model import xml_yaml_parser  # noqa: PLC0415 -- XML and YAML are only for the console

        charset = _charset(content_type)
        return xml_yaml_parser.parse_xml_or_yaml(kind, body if is_utf8(body) else _recode(body, charset, repair))
    text = _as_utf8(body, content_type, repair).rstrip(b"\0")
    if not text.strip():
        raise NotFlattrError("an empty body instead of a response")
    text, is_cut = cut_long_lists(text)
    repair.is_cut |= is_cut
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return _parse_invalid_json(text, repair, error)


def media_type(content_type: str) -> str:
    """Return a content type without its parameters, in lower case (RFC 9110, 8.3.1)."""
    return content_type.partition(";")[0].strip().lower()


def _as_utf8(body: bytes, content_type: str, repair: RepairLog) -> bytes:
    """Return a JSON body in UTF-8 without a byte order mark, converted if necessary.

    The `charset` of the content type is used only if the body is not UTF-8: JSON is UTF-8 by RFC 8259, 8.1, whatever
    the `charset` says.
    """
    if body[:3] == b"\xef\xbb\xbf":
        repair("body", "a byte order mark was removed")
        return body[3:]
    if b"\0" in body[:4] or body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        encoding = json.detect_encoding(body)
        repair("body", f"{encoding.upper()}, instead of UTF-8")
        return body.decode(encoding, errors="replace").encode("utf-8", errors="replace")
    charset = _charset(content_type)
    return body if not charset or is_utf8(body) else _recode(body, charset, repair)


def _recode(body: bytes, charset: str, repair: RepairLog) -> bytes:
    """Convert a body from the encoding `charset` to UTF-8. `repair` records that this was necessary.

    A body that is not valid in `charset` is returned unchanged, and so is any body if `charset` is unknown.
    """
    try:
        text = body.decode(charset)
    except (LookupError, UnicodeDecodeError):
        return body
    repair("body", f"{charset}, instead of UTF-8")
    return text.encode("utf-8", errors="replace")


def _charset(content_type: str) -> str:
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type, re.IGNORECASE | re.ASCII)
    named = found[1].lower().replace("_", "-") if found else ""
    return named if _CHARSETS.fullmatch(named) else ""


def is_utf8(body: bytes) -> bool:
    """Whether `body` is valid UTF-8."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _parse_invalid_json(body: bytes, repair: RepairLog, first: Exception) -> Json:
    """Return the values in a body that a strict JSON parser refused with the error `first`.

    Accepts invalid UTF-8, lone surrogates, NaN, control characters in strings, trailing commas, and text around the
    JSON. XML is accepted, too. What was accepted is recorded in `repair`. Raises `NotFlattrError` for any other body.
    """
    head = body[:512].lstrip().lower()
    is_page = b"<html" in head or b"<!doctype" in head
    if head.startswith(b"<?xml") and not is_page:
        from flattr_tui.model import xml_yaml_parser  # noqa: PLC0415

        repair("body", "XML instead of JSON")
        return xml_yaml_parser.parse_xml_or_yaml("text/xml", body)
    if head.startswith(b"<") and is_page:
        raise NotFlattrError(
            "an HTML page, not a response of Flattr's API (a captive portal, or another site at this address?)"
        ) from first
    try:
        data, around = _parse_leniently(body.decode("utf-8", errors="replace"))
    except RecursionError as error:
        raise NotFlattrError("a body nested too deeply to be a response of Flattr") from error
    except ValueError as error:
        problem = f"not JSON ({single_line(str(first))[:120]})"
        raise NotFlattrError("markup, not a response of Flattr" if head.startswith(b"<") else problem) from error
    odd = "text around the JSON was left out" if around else "read anyway"
    repair("body", f"not strict JSON ({single_line(str(first))[:120]}); {odd}")
    return data


def _parse_leniently(text: str) -> tuple[Json, bool]:
    """Parse JSON with mistakes, or with other text around it. Returns the value, and whether there was other text.

    Raises `ValueError` if the mistakes can't be repaired, or `RecursionError` if the JSON is nested too deeply.
    """
    decoder = json.JSONDecoder(parse_int=_parse_int, strict=False)  # not strict: control characters within a text
    if len(text) > MAX_REPAIRED:
        return decoder.decode(text), False
    text = _remove_trailing_commas(_remove_invalid_escapes(text))
    try:
        return decoder.decode(text), False
    except ValueError:
        return _extract_json(text, decoder), True
    except RecursionError:
        return decoder.decode(_limit_nesting(text)), False


def _parse_int(digits: str) -> int | float:
    """Return an integer. For 20 digits or more, return a float, because Python may refuse to parse so many digits.

    The float may be infinite.
    """
    return int(digits) if len(digits) < 20 else float(digits)


def _remove_invalid_escapes(text: str) -> str:
    r"""Return a text without the backslashes of escapes that JSON does not have, such as `\'`."""
    return _ESCAPE.sub(lambda found: found[0] if found[2] is None else found[2], text) if "\\" in text else text


def _remove_trailing_commas(text: str) -> str:
    """Return a text without the commas before closing brackets."""
    return _TRAILING_COMMA.sub(r"\1", text)


def _limit_nesting(text: str) -> str:
    """Return a text in which null replaces the lists and objects nested deeper than `MAX_NESTING` levels."""
    if not _RECORDS.match(text):
        return text
    parts: list[str] = []
    depth = done = begun = 0
    for token in _STRING_OR_BRACKET.finditer(text):
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


def _extract_json(text: str, decoder: json.JSONDecoder) -> Json:
    """Return the JSON list or object in a text with other text around it.

    An empty list or object counts only at the beginning of the text or in a JSONP call, because any page with a script
    contains `[]` or `{}`. Raises `ValueError` if the text contains no list or object, or several.
    """
    if call := _JSONP_CALL.match(text):
        value, end = _parse_at(text, call.end(), decoder)
        if _JSONP_END.match(text, end):
            return value
    beginnings = _OPENING.finditer(text, 0, _MAX_PREFIX)
    alone = text.lstrip()[:1] in {"{", "["}
    for beginning in islice(beginnings, 1 if alone else _MAX_ATTEMPTS):
        value, end = _parse_at(text, beginning.start(), decoder)
        if (value or (alone and value is not None)) and _END.match(text, end):
            return value
        if value and alone and not _OPENING.search(text, end):
            return value
        if value and (isinstance(value, dict) or any(isinstance(item, dict) for item in value)):
            break  # a response followed by another: neither is complete
    raise ValueError("no JSON within")


def _parse_at(text: str, start: int, decoder: json.JSONDecoder) -> tuple[Json, int]:
    """Parse the JSON value that begins at `start`, and return it with the position of its end.

    Returns None and `start` if no valid JSON value begins at `start`.
    """
    try:
        return decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, start
