"""HTTP archives (HAR 1.2) entry by entry, as browsers and proxies really write them.

A field that is missing, null or of another type costs nothing that it does not say; an archive that breaks off is
read as far as it goes.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from flattr_tui.library.transfer.capture import Capture, found_at, seconds
from flattr_tui.library.transfer.content_encoding import decode_packed
from flattr_tui.library.transfer.packed_stream import UnreadableError

_LOG = re.compile(r'\s*\{\s*"log"\s*:\s*\{')
_ENTRIES = re.compile(r'"entries"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")


class _Named(msgspec.Struct):
    name: str | None = None
    value: str | None = None


class _Content(msgspec.Struct, rename={"mime_type": "mimeType", "file": "_file"}):
    text: str | None = None
    encoding: str | None = None
    mime_type: str | None = None
    file: str | None = None
    """The name of a file beside the archive that holds the body, as Playwright writes it."""


class _Asked(msgspec.Struct):
    url: str | None = None
    method: str | None = None


class _Answered(msgspec.Struct, rename={"redirect": "redirectURL"}):
    status: float | None = None
    content: _Content | None = None
    headers: list[_Named] | None = None
    redirect: str | None = None


class _Entry(msgspec.Struct, rename={"started": "startedDateTime"}):
    """An entry, what is needed of it: its request's headers, cookies and tokens are not even read."""

    request: _Asked | None = None
    response: _Answered | None = None
    started: str | float | None = None


class _Log(msgspec.Struct):
    entries: list[msgspec.Raw]


class _Har(msgspec.Struct):
    log: _Log


_ODD = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


Beside = Callable[[str], bytes | None]
"""Reads a file that lies beside the archive, by its bare name; None where there is none."""


def har(data: bytes, beside: Beside = lambda name: None) -> Iterator[Capture] | None:
    """Read an HTTP archive; None where it is none. The iterator raises `UnreadableError` where it breaks off."""
    try:
        archive = msgspec.json.decode(data, type=_Har)
    except _ODD:
        text = data.decode(json.detect_encoding(data), errors="replace")
        log = _LOG.match(text)
        found = _ENTRIES.search(text, log.end()) if log else None
        return _captures(_scanned(text, found.end()), beside) if found else None
    return _captures(archive.log.entries, beside)


def _scanned(text: str, at: int) -> Iterator[Any]:
    """Read the entries of an archive that is not strict JSON, or not whole."""
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
            raise UnreadableError(f"is broken after entry {number}; what stands before it was read") from error
        number += 1
        yield value


def _captures(entries: Iterable[Any], beside: Beside) -> Iterator[Capture]:
    for number, found in enumerate(entries, 1):
        place = f"entry {number}"
        try:
            if isinstance(found, msgspec.Raw):
                entry = msgspec.json.decode(found, type=_Entry, strict=False)
            else:
                entry = msgspec.convert(found, type=_Entry, strict=False)
        except _ODD:  # ValidationError is a DecodeError
            yield Capture(place=place, problem="is no entry of an HTTP archive")
            continue
        yield _capture(entry, place, beside)


def _capture(entry: _Entry, place: str, beside: Beside) -> Capture:
    asked, answered = entry.request or _Asked(), entry.response or _Answered()
    content = answered.content or _Content()
    capture = Capture(
        place=place,
        url=asked.url or "",
        verb=(asked.method or "GET").upper(),
        status=int(answered.status or 0),
        content_type=content.mime_type or "",
        fetched_at=seconds(entry.started),
    )
    try:
        capture.body = _body(answered, content, beside)
    except UnreadableError as error:
        capture.problem = str(error)
    return capture


def _body(answered: _Answered, content: _Content, beside: Beside) -> bytes:
    if content.file and not content.text:
        body = beside(content.file)
        if body is None:
            raise UnreadableError(f"its body is not here: {content.file[:80]!a} is missing beside the archive")
        return decode_packed(body)
    if not content.text:
        named = answered.headers or []
        location = next((one.value for one in named if (one.name or "").lower() == "location"), answered.redirect)
        if location:
            return found_at(location)
        if content.text is None:
            raise UnreadableError("its body was not saved in the archive")
        return b""
    if content.encoding != "base64" or content.text.lstrip()[:1] in set("{[<"):  # which base64 has not
        return content.text.encode("utf-8", errors="replace")
    return decode_packed(from_base64(content.text))


def from_base64(text: str) -> bytes:
    """Decode base64, URL-safe or not, padded or not; raises `UnreadableError`."""
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/") + "==")
    except (binascii.Error, ValueError) as error:
        raise UnreadableError("its base64 is broken") from error
