"""Turns what HTTP clients print and log into plain HTTP messages: wget, curl, Ruby, OkHttp, `http.client` and others.

Logs of OkHttp, Apache HttpClient and Python's `http.client` have each line of a message behind a mark, and often behind
a time and the name of the logger. A log of wget contains bodies only if they were written to the same file
(`wget -S -O - … 2>&1`).

`curl --trace` writes all bytes that were sent and received in hexadecimal digits. The output of `--trace-ascii` is not
read, because it has a full stop in place of each byte beyond ASCII. https://curl.se/docs/manpage.html#--trace
"""

import json
import re
import sys
from collections.abc import Iterator
from typing import Final

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
_BEGINNING: Final = 64 * 1024
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
_SENT: Final = re.compile(rb"^send: b?(['\"])((?:GET|HEAD) [^\n]*)\1\r?\n", re.MULTILINE)
"""Matches a request in the output of `http.client` with a `debuglevel`, as Python prints bytes."""
_REPLY: Final = re.compile(rb"^reply: ['\"](HTTP/[^\n\\]*)\\r\\n['\"]\r?\n((?:header: [^\n]*\n)*)", re.MULTILINE)
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


def repair_headers(data: bytes) -> bytes:
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


def read_client_log(data: bytes) -> bytes:
    """Return the HTTP messages in a log of OkHttp, Apache HttpClient or Python's `http.client`.

    The content of any other file is returned unchanged.
    """
    if _REPLY.search(data, 0, _BEGINNING):
        data = _SENT.sub(lambda found: found[2].replace(rb"\r\n", b"\r\n"), data)
        return _REPLY.sub(lambda found: found[1] + b"\r\n" + found[2].replace(b"header: ", b"") + b"\r\n", data)
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


def split_trace(data: bytes) -> Iterator[tuple[bytes, bytes]]:
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
