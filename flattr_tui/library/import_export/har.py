"""Reads HTTP archives (HAR 1.2), as browsers and proxies write them, entry by entry.

A field that is null or has another type counts as missing. Of an archive that is cut off, the complete entries are
read.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from flattr_tui.library.import_export.captured_response import CapturedResponse, make_lookup_body, parse_moment
from flattr_tui.library.import_export.content_encoding import decode_body, decode_unlabelled
from flattr_tui.library.import_export.decompression import UnreadableError

_LOG = re.compile(r'\s*\{\s*"log"\s*:\s*\{')
_ENTRIES = re.compile(r'"entries"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")


class _NameValue(msgspec.Struct):
    name: str | None = None
    value: str | None = None


class _Content(msgspec.Struct, rename={"mime_type": "mimeType", "file": "_file"}):
    text: str | None = None
    encoding: str | None = None
    mime_type: str | None = None
    file: str | None = None
    """The name of a file beside the archive that contains the body, as Playwright writes it; None if there is none."""


class _HarRequest(msgspec.Struct):
    url: str | None = None
    method: str | None = None


class _HarResponse(msgspec.Struct, rename={"redirect": "redirectURL"}):
    status: float | None = None
    content: _Content | None = None
    headers: list[_NameValue] | None = None
    redirect: str | None = None


class _Entry(msgspec.Struct, rename={"started": "startedDateTime"}):
    """The parts of a HAR entry that the importer needs. Headers, cookies and tokens of the request are not read."""

    request: _HarRequest | None = None
    response: _HarResponse | None = None
    started: str | float | None = None


class _Log(msgspec.Struct):
    entries: list[msgspec.Raw]


class _Har(msgspec.Struct):
    log: _Log


_ODD = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


SiblingReader = Callable[[str], bytes | None]
"""Called with the name of a file beside an imported file. It returns the file's content; None if there is no file."""


def read_har(data: bytes, beside: SiblingReader = lambda name: None) -> Iterator[CapturedResponse] | None:
    """Return the responses in an HTTP archive (HAR); None for any other file.

    The iterator raises `UnreadableError` where the archive is cut off. `beside` returns the content of a file beside
    the archive, by its name, for bodies that are not in the archive.
    """
    try:
        archive = msgspec.json.decode(data, type=_Har)
    except _ODD:
        text = data.decode(json.detect_encoding(data), errors="replace")
        log = _LOG.match(text)
        found = _ENTRIES.search(text, log.end()) if log else None
        return _captures(_scan_entries(text, found.end()), beside) if found else None
    return _captures(archive.log.entries, beside)


def _scan_entries(text: str, at: int) -> Iterator[Any]:
    """Yield the entries of an HTTP archive that is cut off or not strict JSON.

    `at` is the position of the first entry in the text.
    """
    decoder = json.JSONDecoder(strict=False)
    number = 0
    while True:
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
        if text.startswith("]", at):
            return
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise UnreadableError(f"is broken after entry {number}; what came before it was read") from error
        number += 1
        yield value


def _captures(entries: Iterable[Any], beside: SiblingReader) -> Iterator[CapturedResponse]:
    for number, found in enumerate(entries, 1):
        place = f"entry {number}"
        try:
            if isinstance(found, msgspec.Raw):
                entry = msgspec.json.decode(found, type=_Entry, strict=False)
            else:
                entry = msgspec.convert(found, type=_Entry, strict=False)
        except _ODD:  # ValidationError is a DecodeError
            yield CapturedResponse(place=place, problem="is not an entry of an HTTP archive")
            continue
        yield _capture(entry, place, beside)


def _capture(entry: _Entry, place: str, beside: SiblingReader) -> CapturedResponse:
    asked, answered = entry.request or _HarRequest(), entry.response or _HarResponse()
    content = answered.content or _Content()
    capture = CapturedResponse(
        place=place,
        url=asked.url or "",
        verb=(asked.method or "GET").upper(),
        status=int(answered.status or 0),
        content_type=content.mime_type or "",
        fetched_at=parse_moment(entry.started),
    )
    try:
        capture.body = _body(answered, content, beside)
    except UnreadableError as error:
        capture.problem = str(error)
    return capture


def _body(answered: _HarResponse, content: _Content, beside: SiblingReader) -> bytes:
    if content.file and not content.text:
        body = beside(content.file)
        if body is None:
            raise UnreadableError(f"its body is missing: {content.file[:80]!a} is not beside the archive")
        return decode_unlabelled(body)
    if not content.text:
        named = answered.headers or []
        location = next((one.value for one in named if (one.name or "").lower() == "location"), answered.redirect)
        if location:
            return make_lookup_body(location)
        if content.text is None:
            raise UnreadableError("its body was not saved in the archive")
        return b""
    if content.encoding != "base64":
        return _to_bytes(content.text)
    if content.text.lstrip()[:1] in set("{[<"):  # characters that base64 doesn't have
        chunks = _decode_chunks(content.text, answered.headers or [])
        return _to_bytes(content.text) if chunks is None else chunks
    return decode_unlabelled(decode_base64(content.text))


def _decode_chunks(text: str, headers: list[_NameValue]) -> bytes | None:
    """Return the decoded body of an entry of Polly.js, which is a JSON list with the base64 of each chunk.

    Returns None for any other text.
    """
    encoding = next((one.value for one in headers if (one.name or "").lower() == "content-encoding"), None)
    if not encoding:
        return None
    try:
        packed = b"".join(base64.b64decode(one, validate=True) for one in msgspec.json.decode(text, type=list[str]))
    except (msgspec.DecodeError, ValueError):
        return None
    return decode_body(packed, {"content-encoding": encoding})


def _to_bytes(text: str) -> bytes:
    """Return the text of a body as bytes. mitmproxy writes invalid UTF-8 as surrogates, which become bytes again."""
    try:
        return text.encode("utf-8", errors="surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", errors="replace")


def decode_base64(text: str) -> bytes:
    """Decode base64, whether it is URL-safe or not, and padded or not. Raises `UnreadableError` if it is invalid."""
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/") + "==")
    except (binascii.Error, ValueError) as error:
        raise UnreadableError("its base64 is broken") from error
