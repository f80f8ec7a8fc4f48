"""Reads the HTTP responses in what clients print and log: curl, HTTPie, wget, Ruby, OkHttp, `http.client` and others.

Messages are printed with their headers (RFC 9112). `curl -v` marks the headers of requests with `>`, those of responses
with `<`, and its own notes with `*`. Bodies have no mark. Of requests, only the address is read.
https://curl.se/docs/manpage.html#-v

Logs of OkHttp, Apache HttpClient and Python's `http.client` have each line of a message behind a mark, and often behind
a time and the name of the logger. A log of wget contains bodies only if they were written to the same file
(`wget -S -O - … 2>&1`).

`curl --trace` writes all bytes that were sent and received in hexadecimal digits. The output of `--trace-ascii` is not
read, because it has a full stop in place of each byte beyond ASCII. https://curl.se/docs/manpage.html#--trace
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from flattr_tui.library.import_export.captured_response import (
    CapturedResponse,
    decode_body,
    make_lookup_body,
    read_time,
)
from flattr_tui.library.import_export.decompression import UnreadableError
from flattr_tui.library.import_export.irregular_json import read_json_in_text
from flattr_tui.library.import_export.request_recognition import ROOT

_BEGINNING: Final = 64 * 1024
"""Number of bytes at the beginning of a file in which the marks of a client are searched."""
_FIELDS: Final = rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\n]*\n)"
_WGET: Final = re.compile(rb"--\d[\d: -]*--  \S+\r?\n|  HTTP/|(?:[^\n]*\n){0,2}DEBUG output created by Wget")
_WGET_STEPS: Final = (
    (re.compile(rb"---request begin---\n.*?\n---request end---\n", re.DOTALL), rb""),  # with its cookies and tokens
    (re.compile(rb"^--\d[\d: -]*--  (\S+)\r?\n", re.MULTILINE), rb"GET \1 HTTP/1.1\r\n\r\n"),
    (
        re.compile(rb"^HTTP request sent, awaiting response\.\.\. (\d{3} [^\n]*)\n(?=Length: (\d*))", re.MULTILINE),
        rb"HTTP/1.1 \1\r\nContent-Length: \2\r\n\r\n",  # without -S
    ),
    (re.compile(rb"^---response begin---\n(.*?\n)---response end---\n", re.MULTILINE | re.DOTALL), rb"\1"),
    (
        re.compile(rb"^  (?=HTTP/\d)((?:  )?[^\n]*\n(?:  " + _FIELDS + rb")+)", re.MULTILINE),
        lambda found: found[1].replace(b"\n  ", b"\n") + b"\r\n",
    ),
    (re.compile(rb"(?<=\n\r\n)(?:[A-Za-z0-9][^\n]*\n){0,30}?Saving to: [^\n]*\n\n?"), rb""),
    (re.compile(rb"\r[^\r\n\[]*\d%\[[ =>]*\] +[\d.]+[KMG]? +[-\d.]+[KMG]?B/s +(?:(?:in|eta) +[\dhms. ]+)?"), rb""),
    (re.compile(rb"\n? +\d+K[ .]*[^\n{}\[\]\"]*=\S+\n\n[^\n]* written to stdout [^\n]*\n\s*"), rb""),
)
"""Replacements in a log of wget, in this order: requests, addresses, headers (-d), headers (-S), notes, progress."""
_WGET_BODY: Final = re.compile(rb"^Length: (\d{4,9})[^\n]*\nSaving to: [^\n]*\n\n?", re.MULTILINE)
_WGET_BLOCK: Final = 8192
"""Number of bytes that wget writes at a time, before it prints a dot for each KiB."""
_WGET_DOTS: Final = re.compile(rb"(?:(?:\n *\d+K)? ?\.(?: *\d+%[^\n{}\[\]\"]*(?=\n *\d+K ))?){8}")
_K6: Final = re.compile(
    rb'^time="[^"\n]*" level=info msg=("(?:Request|Response):\\n(?:[^"\\\n]|\\.)*")[^\n]*\n?', re.MULTILINE
)
_RUBY: Final = re.compile(rb'^(?:<-|->) "((?:[^"\\\n]|\\.)*)"[^\n]*\n?', re.MULTILINE)
"""Matches what was sent or received in the output of Ruby's `Net::HTTP#set_debug_output`, a `String#dump`."""
_RUBY_ESCAPE: Final = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|(.))")
_RUBY_LETTERS: Final = {
    b"r": b"\r",
    b"n": b"\n",
    b"t": b"\t",
    b"e": b"\x1b",
    b"f": b"\f",
    b"v": b"\v",
    b"b": b"\b",
    b"a": b"\a",
}
_GUZZLE: Final = re.compile(rb"[^\n]{0,200}>{8}\r?\n[A-Z]+ \S+ HTTP/")
"""Matches the beginning of a log of Guzzle (`MessageFormatter::DEBUG`); the logger may write text before it."""
_GUZZLE_BETWEEN: Final = re.compile(rb"\r?\n-{8}\r?\n[^\n]*(?:\n(?:[^\n]*>{8}\r?\n)?|\Z)")
_FOLLOWED: Final = re.compile(rb"\s*={20,}\r?\nFollow: \w+,(ascii|raw)\r?\n(?:[^\n]*\n){3}")
"""Matches the title of the output of `tshark -z follow`. The data follows in hexadecimal digits, or with lengths."""
_HEXADECIMAL: Final = re.compile(rb"\t?((?:[0-9a-f]{2})+)\r?\n")
_PIECE_LENGTH: Final = re.compile(rb"\n?\t?(\d{1,9})\r?\n")
_LWP: Final = re.compile(
    rb"(?:(?:GET|HEAD) \S+\r?\n" + _FIELDS + rb"{0,99}\r?\n)?\d{3} [A-Z][^\n]*\n(?=" + _FIELDS + rb"{1,99}\r?\n)"
)
_LWP_STATUS: Final = re.compile(rb"(?:^|(?<=[}\]>]))(?=\d{3} [A-Z][^\n]*\n[A-Z][\w-]*: )", re.MULTILINE)
_HTTPLIB2: Final = re.compile(_FIELDS + rb"{0,99}?status: (\d{3})\r?\n" + _FIELDS + rb"{0,99}\r?\n")
_TOOLBELT: Final = re.compile(rb"< (?:GET|HEAD) \S+ HTTP/[\d.]+\r\n")
"""Matches a request in the output of requests-toolbelt. It marks sent lines with `<`, the opposite of curl."""
_TOOLBELT_MARK: Final = re.compile(
    rb"(?:^|(?<=[}\]>]))[<>] ?(?=\r\n|" + _FIELDS + rb"|HTTP/|[A-Z]+ \S+ HTTP/)", re.MULTILINE
)
_LOCATION: Final = re.compile(rb"^content-location: (\S+)\r?$", re.MULTILINE)
_WIRE: Final = re.compile(rb'^[^\n"]{0,300}?(?:>>|<<) "([^\n]*)"\r?\n?', re.MULTILINE)
"""Matches a line of the wire log of Apache HttpClient 3, 4 or 5."""
_WIRE_ESCAPE: Final = re.compile(rb"\[(?:0x([0-9a-f]{1,2})|\\([rn]))\]")
_PYTHON_SENT: Final = re.compile(rb"^send: b?(['\"])((?:GET|HEAD) [^\n]*)\1\r?\n", re.MULTILINE)
"""Matches a request in the output of `http.client` with a `debuglevel`, as Python prints bytes."""
_PYTHON_REPLY: Final = re.compile(rb"^reply: ['\"](HTTP/[^\n\\]*)\\r\\n['\"]\r?\n((?:header: [^\n]*\n)*)", re.MULTILINE)
_OKHTTP: Final = re.compile(rb"^([^\n]{0,300}?)<-- \d{3}(?: [^\n]*?)? https?://\S+ \(\d+ ?ms\b", re.MULTILINE)
"""Matches a status in a log of OkHttp's `HttpLoggingInterceptor`, with what the logger wrote before it."""
_LOGGER_NAME: Final = re.compile(rb"[A-Za-z][^\d\n]*\Z")
"""Matches the end of what a logger writes before each line. It is the same on each line."""
_OKHTTP_STEPS: Final = (
    (re.compile(rb"^[^\n]* okhttp3\.[^\n]* log\r?\n", re.MULTILINE), rb""),  # java.util.logging
    (re.compile(rb"^([^\n]{4000})\r?\n", re.MULTILINE), rb"\1"),  # the longest line of Android's log
    (re.compile(rb"^--> ([A-Z]+) (https?://\S+)[^\n]*\n", re.MULTILINE), rb"\1 \2 HTTP/1.1\r\n"),
    (re.compile(rb"^<-- (\d{3}) [^\n]*\n", re.MULTILINE), rb"HTTP/1.1 \1 OK\r\n"),
    (re.compile(rb"^(?:--> END [A-Z]|<-- END HTTP)[^\n]*\n?", re.MULTILINE), rb""),
)
_TRACE_MARK: Final = rb"(?:[\d:.]+ )?(?:\[\d[\d-]*\] )?"
"""Matches the beginning of a line with `--trace-time` and `--trace-ids`: a time, and numbers of the connection."""
_TRACE_PART: Final = re.compile(
    rb"^" + _TRACE_MARK + rb"(<= Recv|=> Send) (header|data), \d+ bytes[^\n]*\n((?:[0-9a-f]{4,}: [^\n]*\n?)*)",
    re.MULTILINE,
)
_TRACE_BYTES: Final = re.compile(rb"^[0-9a-f]{4,}: ((?:[0-9a-f]{2} ){1,16})", re.MULTILINE)
_TRACED_BYTES: Final = re.compile(rb"^[0-9a-f]{4,}: (?:[0-9a-f]{2} ){2,16} *[^ ]", re.MULTILINE)
_TRACE: Final = re.compile(
    rb"^" + _TRACE_MARK + rb"(?:== Info:|(?:<= Recv|=> Send) (?:SSL )?(?:header|data), \d+ bytes)"
)
_TRACE_HOST: Final = re.compile(rb"\nHost:[ ]*(\S+)", re.IGNORECASE)


def _repair_headers(data: bytes) -> bytes:
    """Convert the headers in a file of wget, LWP or a similar program to the form of HTTP.

    Returns the new content of the file. The content of any other file is returned unchanged.
    """
    if _WGET.match(data):
        data = _remove_dots(data)
        for pattern, replacement in _WGET_STEPS:
            data = pattern.sub(replacement, data)
        return data
    if followed := _FOLLOWED.match(data):
        return _join_stream(data[followed.end() :], followed[1] == b"raw")
    if _K6.search(data, 0, _BEGINNING):
        return _K6.sub(lambda found: _unquote(found[1]) + b"\n", data)
    if _LWP.match(data):
        return _LWP_STATUS.sub(b"HTTP/1.0 ", data)
    if _TOOLBELT.match(data):
        return _TOOLBELT_MARK.sub(b"", data)
    return _repair_debug_output(data)


def _repair_debug_output(data: bytes) -> bytes:
    """Convert the headers in debug output of Ruby, Guzzle or httplib2 to the form of HTTP.

    Returns the new content of the file. The content of any other file is returned unchanged.
    """
    if b'\n-> "HTTP/' in data[:_BEGINNING]:
        return b"".join(_RUBY_ESCAPE.sub(_unescape, found[1]) for found in _RUBY.finditer(data))
    if begun := _GUZZLE.match(data):
        return _GUZZLE_BETWEEN.sub(b"", data[begun[0].index(b"\n") + 1 :])
    if cached := _HTTPLIB2.match(data):
        address = _LOCATION.search(cached[0])
        asked = b"GET %s HTTP/1.1\r\n\r\n" % address[1] if address else b""
        return b"%sHTTP/1.1 %s OK\r\n%s" % (asked, cached[1], data)
    return data


def _remove_dots(log: bytes) -> bytes:
    """Return a log of wget without the dots that wget printed between the blocks of a body.

    If the log contains no bodies, it is returned unchanged.
    """
    done, at = bytearray(), 0
    for found in _WGET_BODY.finditer(log):
        if found.start() < at:
            continue
        body, start, left = bytearray(), found.end(), int(found[1])
        while left > _WGET_BLOCK and (dots := _WGET_DOTS.match(log, start + _WGET_BLOCK)):
            body += log[start : start + _WGET_BLOCK]
            start, left = dots.end(), left - _WGET_BLOCK
        done += log[at : found.end()] + body
        at = start
    return bytes(done) + log[at:]


def _unquote(text: bytes) -> bytes:
    try:
        return str(json.loads(text, strict=False)).encode("utf-8", "replace")
    except ValueError:
        return text


def _unescape(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return bytes.fromhex(found[1].decode())
    if code := found[2] or found[3]:
        number = int(code, 16)
        return chr(number).encode("utf-8", "replace") if number <= sys.maxunicode else b"?"
    return _RUBY_LETTERS.get(found[4], found[4])


def _join_stream(text: bytes, is_hexadecimal: bool) -> bytes:
    """Return the bytes that were sent and received, in order, from the output of `tshark -z follow`.

    `is_hexadecimal` says that the output has the bytes in hexadecimal digits, not as they are.
    """
    text = text.replace(b"\r\n", b"\n") if b"\r\r\n" in text else text  # written as text on Windows
    stream, at = bytearray(), 0
    while is_hexadecimal and (line := _HEXADECIMAL.match(text, at)):
        stream += bytes.fromhex(line[1].decode())
        at = line.end()
    while not is_hexadecimal and (length := _PIECE_LENGTH.match(text, at)):
        at = length.end() + int(length[1])
        stream += text[length.end() : at]
    return bytes(stream)


def _read_client_log(data: bytes) -> bytes:
    """Return the HTTP messages in a log of OkHttp, Apache HttpClient or Python's `http.client`.

    The content of any other file is returned unchanged.
    """
    if _PYTHON_REPLY.search(data, 0, _BEGINNING):
        data = _PYTHON_SENT.sub(lambda found: found[2].replace(rb"\r\n", b"\r\n"), data)
        return _PYTHON_REPLY.sub(lambda found: found[1] + b"\r\n" + found[2].replace(b"header: ", b"") + b"\r\n", data)
    if found := _OKHTTP.search(data, 0, _BEGINNING):
        if name := _LOGGER_NAME.search(found[1]):
            data = re.sub(rb"(?m)^[^\n]{0,300}?" + re.escape(name[0]), b"", data)
        for pattern, replacement in _OKHTTP_STEPS:
            data = pattern.sub(replacement, data)
        return data
    if re.search(rb'<< "HTTP/\d', data[:_BEGINNING]):
        return b"".join(_WIRE_ESCAPE.sub(_unescape_octet, line[1]) for line in _WIRE.finditer(data))
    return data


def _unescape_octet(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)]) if found[1] else {b"r": b"\r", b"n": b"\n"}[found[2]]


def is_trace(head: bytes) -> bool:
    """Whether a file that begins with `head` was written by `curl --trace` or `--trace-ascii`."""
    return _TRACE.match(head) is not None


def is_readable_trace(head: bytes) -> bool:
    """Whether a file that begins with `head` was written by `curl --trace`, and not by `curl --trace-ascii`.

    Only `curl --trace` writes all bytes of the messages.
    """
    return is_trace(head) and _TRACED_BYTES.search(head, 0, _BEGINNING) is not None


def _split_trace(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the headers and the body of each HTTP message in the output of `curl --trace`.

    Of a request's headers, only the first line and `Host` are returned.
    """
    head, body = b"", b""
    for part in _TRACE_PART.finditer(data):
        content = b"".join(bytes.fromhex(line[1].decode()) for line in _TRACE_BYTES.finditer(part[3]))
        is_sent, is_head = part[1].startswith(b"=>"), part[2] == b"header"
        if is_head and (is_sent or content.startswith(b"HTTP/")):
            if head:
                yield head, body
            head, body = shorten_request(content) if is_sent else content, b""
        elif is_head:
            head += content
        elif not is_sent:
            body += content
    if head:
        yield head, body


def shorten_request(head: bytes) -> bytes:
    """Return the first line and the header `Host` of a request. All other headers are left out: they may be secret."""
    host = _TRACE_HOST.search(head)
    return head.partition(b"\n")[0] + b"\n" + (b"Host: %s\r\n" % host[1] if host else b"")


_STATUS = rb"HTTP/\d(?:\.\d)?[ ]+(\d{3})(?=[ \r\n])[^\r\n]*\r?\n"
_REQUEST = rb"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)[ ]+((?:/|https?://)\S*)(?:[ ]+HTTP/\d(?:\.\d)?)?\r?\n"
"""Matches the first line of a request. LWP and node-replay leave out the version."""
_STATUS_LINE = re.compile(_STATUS)
_MESSAGE = re.compile(rb"(?:\A\s*+|(?<=[\n}\]>;]))(?:" + _STATUS + rb"|" + _REQUEST + rb")")
_HEAD_END = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n]*)")
_TRAILERS = re.compile(rb"(?<=[}\]>])\n?(?:" + _FIELD.pattern + rb"\r\n)+\Z")
"""Matches trailer fields, which `curl -i` prints directly after a chunked body."""
_EDGE: Final = rb"(?:\A|(?<=[\n\r \d}\]>;-]))"
"""Matches what may precede a marked line: a progress meter, or a body that does not end with a newline."""
_SENT: Final = re.compile(
    _EDGE + rb"> (GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\S+) HTTP/[\d.]+\r*\n(?:> [^\n]*\n)*?>[ ]?\r*\n"
)
_RECEIVED: Final = re.compile(_EDGE + rb"(< HTTP/[\d.]+ \d{3}[^\n]*\n(?:< [^\n]*\n)*?)<[ ]?\r*\n")
_HOST: Final = re.compile(rb"\n> Host:[ ]*([^\s]+)", re.IGNORECASE)
_LENGTH: Final = re.compile(rb"\ncontent-length:[ ]*(\d{1,9})", re.IGNORECASE)
_ENCODED: Final = re.compile(rb"\ncontent-encoding:", re.IGNORECASE)
"""Matches the header of an encoded body. `Content-Length` is then unreliable: `curl --compressed` decodes bodies."""
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
"""Matches notes of curl within a body, if both went to one file. curl writes notes at once, but bodies in blocks."""


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
        return _read_responses(_join_head(_split_trace(data)), url)
    data = _repair_headers(_read_client_log(data))
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
        yield _capture(CapturedResponse(place=f"response {number}", url=asked, verb=verb, status=status), headers, body)
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
    """Return the full address of a request; "" if the host is unknown.

    `target` is the address or path in the request line. A path is joined to the host in the header `Host`. Without this
    header, a path of the API is joined to Flattr's host.
    """
    if target.startswith(("http://", "https://")):
        return target
    host = headers.get("host") or ("api.flattr.com" if target.startswith(ROOT) else "")
    return f"https://{host}{target}" if host else ""


_json: Final = msgspec.json.Decoder(msgspec.Raw)
