"""Reads HTTP responses that were saved with their headers, as curl and HTTPie print them (RFC 9112).

`curl -v` marks the headers of requests with `>`, those of responses with `<`, and its own notes with `*`. Bodies have
no mark. Of requests, only the address is read. https://curl.se/docs/manpage.html#-v
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from flattr_tui.library.import_export.captured_response import (
    CapturedResponse,
    decode_body,
    make_lookup_body,
    read_time,
)
from flattr_tui.library.import_export.client_logs import is_readable_trace, read_client_log, repair_headers, split_trace
from flattr_tui.library.import_export.decompression import UnreadableError
from flattr_tui.library.import_export.irregular_json import read_json_in_text
from flattr_tui.library.import_export.request_recognition import ROOT

_STATUS = rb"HTTP/\d(?:\.\d)?[ ]+(\d{3})(?=[ \r\n])[^\r\n]*\r?\n"
_REQUEST = rb"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)[ ]+((?:/|https?://)\S*)(?:[ ]+HTTP/\d(?:\.\d)?)?\r?\n"
"""Matches the first line of a request. LWP and node-replay leave out the version."""
_STATUS_LINE = re.compile(_STATUS)
_MESSAGE = re.compile(rb"(?:\A\s*+|(?<=[\n}\]>;]))(?:" + _STATUS + rb"|" + _REQUEST + rb")")
_HEAD_END = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*)")
_TRAILERS = re.compile(rb"(?<=[}\]>])\n?(?:" + _FIELD.pattern + rb"\r\n)+\Z")
"""Matches trailer fields, which `curl -i` prints directly after a chunked body."""
_BEGINNING = 64 * 1024
_EDGE: Final = rb"(?:\A|(?<=[\n\r \d}\]>;-]))"
"""Matches what may precede a marked line: a progress meter, or a body that does not end with a newline."""
_SENT: Final = re.compile(
    _EDGE + rb"> (GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\S+) HTTP/[\d.]+\r*\n(?:> [^\n]*\n)*?>[ ]?\r*\n"
)
_RECEIVED: Final = re.compile(_EDGE + rb"(< HTTP/[\d.]+ \d{3}[^\n]*\n(?:< [^\n]*\n)*?)<[ ]?\r*\n")
_HOST: Final = re.compile(rb"\n> Host:[ ]*([^\s]+)", re.IGNORECASE)
_LENGTH: Final = re.compile(rb"\ncontent-length:[ ]*(\d{1,9})", re.IGNORECASE)
_ENCODED: Final = re.compile(rb"\ncontent-encoding:", re.IGNORECASE)
"""Matches the header of an encoded body.

curl may have decoded it (`--compressed`), so `Content-Length` is unreliable.
"""
_NOTE: Final = re.compile(
    rb"(?:\* [^\n]*|[{}] \[\d+ bytes data\][^\n]*|[ \d.:kMGTP\r-]*--:--:--[ \d.:kMGTP\r-]*|[ \t\r]*)(?:\n|\Z)"
)
_NOTES_AT_END: Final = re.compile(
    rb"(?:\* [A-Z][^\n]*(?:\n|\Z)|[{}] \[\d+ bytes data\]\r*\n|Script done on [^\n]*\n|\s)+\Z"
)
_RESULT: Final = re.compile(rb"\r?\n\r?\nResponse code: \d{3}[^\n]*\s*\Z")
"""Matches the line that the HTTP clients of JetBrains print after a body."""
_NOTE_INSIDE: Final = re.compile(
    rb"[{}] \[\d+ bytes data\]\r*\n|\* (?:Connection #\d+ to host [^\n]* left intact|Closing connection[^\n]*)\n"
)
"""Matches notes of curl within a body. They are there if standard output and standard error of curl went to one file.

curl writes notes at once, but bodies in blocks.
"""


def _is_transcript(data: bytes) -> bool:
    """Whether a file is the output of `curl -v`."""
    return _RECEIVED.search(data, 0, _BEGINNING) is not None or _SENT.search(data, 0, _BEGINNING) is not None


def _split_transcript(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the headers and the body of each request and response in the output of `curl -v`.

    Of a request, only the first line and `Host` are returned, and no body.
    """
    messages = sorted([*_SENT.finditer(data), *_RECEIVED.finditer(data)], key=lambda found: found.start())
    ends = [*(found.start() for found in messages[1:]), len(data)]
    for message, end in zip(messages, ends, strict=True):
        if message.re is _SENT:
            host = _HOST.search(message[0])
            yield b"%s %s HTTP/1.1\r\n%s" % (message[1], message[2], b"Host: %s" % host[1] if host else b""), b""
            continue
        head = message[1].replace(b"\r", b"").replace(b"\n< ", b"\n").removeprefix(b"< ")
        start = message.end()
        while start < end and (note := _NOTE.match(data, start, end)) and note.end() > start:
            start = note.end()
        repeated = _STATUS_LINE.match(data, start, end) and _HEAD_END.search(data, start, end)  # `curl -iv`
        start = repeated.end() if repeated else start
        size = _body_length(head)
        body = _NOTE_INSIDE.sub(b"", data[start:end])
        yield head, _NOTES_AT_END.sub(b"", body[:size] if 0 < size <= len(body) else body)


def _body_length(head: bytes) -> int:
    """Return the length in bytes of the body that follows the headers `head`, according to these headers.

    Returns 0 if the headers contain no length, or only the length of the body in compressed form.
    """
    length = _LENGTH.search(head)
    return int(length[1]) if length and not _ENCODED.search(head) else 0


def read_transcript(data: bytes, url: str) -> Iterator[CapturedResponse] | None:
    """Return the responses in a file with printed HTTP messages; None for any other file.

    The address of a response is the address of the request before it. `url` is the address of responses without such a
    request; "" if unknown.
    """
    if is_readable_trace(data):
        return _read_responses(_join_head(split_trace(data)), url)
    data = repair_headers(read_client_log(data))
    if b"\r\r\n" in data[:_BEGINNING]:
        data = data.replace(b"\r\r\n", b"\r\n")  # CRLF written as text on Windows
    if _is_transcript(data):
        return _read_responses(_join_head(_split_transcript(data)), url)
    is_body = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"{", b"[", b"<"}
    begun = _MESSAGE.match(data) or (not is_body and _MESSAGE.search(data, 0, _BEGINNING))
    if not begun:
        return None
    messages = list(_split_messages(data))
    has_response = any(message[1] for message, _, _ in messages)
    return (None if has_response else read_json_in_text(data)) or _read_responses(iter(messages), url)


Message = tuple[re.Match[bytes], bytes, bytes]
"""An HTTP message: the match of its first line, the rest of its headers, and its body."""


def _join_head(parts: Iterator[tuple[bytes, bytes]]) -> Iterator[Message]:
    for head, body in parts:
        if message := _MESSAGE.match(head):
            yield message, head[message.end() :], body


def _split_messages(data: bytes) -> Iterator[Message]:
    begun = list(_MESSAGE.finditer(data))
    for message, following in zip(begun, [*begun[1:], None], strict=True):
        rest = data[message.end() : following.start() if following else len(data)]
        end = _HEAD_END.search(rest)
        head, body = (rest[: end.start()], rest[end.end() :]) if end else (rest, b"")
        yield message, head, _cut_body(_RESULT.sub(b"", body), _body_length(b"\n" + head))


def _cut_body(body: bytes, size: int) -> bytes:
    """Remove the text that curl (`-w`) or wget printed after a body, and return the body.

    `size` is the body's length according to its headers. This length is wrong if HTTPie has reformatted the body; the
    body is then returned unchanged.
    """
    if not 0 < size < len(body):
        return body
    try:
        _json.decode(body[:size])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body[:size] if body[:size].rstrip().endswith(b">") else body
    return body[:size]


def _read_responses(messages: Iterator[Message], url: str) -> Iterator[CapturedResponse]:
    every = list(messages)
    if not every:
        raise UnreadableError("holds no response")
    asked, verb, number = url, "GET", 0
    for (message, head, body), following in zip(every, [*every[1:], None], strict=True):
        headers = {name.decode().lower(): value.decode("utf-8", "replace") for name, value in _FIELD.findall(head)}
        if message[2]:
            asked, verb = _full_address(message[3].decode("utf-8", "replace"), headers) or url, message[2].decode()
            continue
        status = int(message[1])
        if following is not None and not body.strip() and status != 200 and not following[0][2]:
            continue  # a preliminary response: 100, a redirect, a challenge
        number += 1
        yield _capture(CapturedResponse(place=f"answer {number}", url=asked, verb=verb, status=status), headers, body)
    if not number:
        raise UnreadableError("holds requests, but no response")


def _capture(capture: CapturedResponse, headers: Mapping[str, str], body: bytes) -> CapturedResponse:
    capture.content_type = headers.get("content-type", "")
    capture.fetched_at = read_time(headers.get("date", ""))
    if "chunked" in headers.get("transfer-encoding", "").lower():
        body = _TRAILERS.sub(b"", body)
    try:
        capture.body = decode_body(body, headers)
    except UnreadableError as error:
        capture.problem = str(error)
    if not capture.body.strip() and headers.get("location"):
        capture.body = make_lookup_body(headers["location"])
    if not capture.url and capture.status != 200:
        capture.problem = f"the response was not successful ({capture.status})"
    elif not capture.body.strip() and not capture.problem:
        capture.problem = "has no body"
    return capture


def _full_address(target: str, headers: Mapping[str, str]) -> str:
    """Return the full address of a request. `target` is what its first line contains: an address or a path.

    The host in the header `Host` is added to a path; without this header, Flattr's host is added to a path of the API.
    Returns "" for any other path.
    """
    if target.startswith(("http://", "https://")):
        return target
    host = headers.get("host") or ("api.flattr.com" if target.startswith(ROOT) else "")
    return f"https://{host}{target}" if host else ""


_json: Final = msgspec.json.Decoder(msgspec.Raw)
