"""Turns logs of OkHttp, Apache HttpClient and Python's `http.client` into plain HTTP messages.

These programs log each line of a message behind a mark, and often behind a time and the name of the logger.
"""

import re
from typing import Final

_BEGINNING: Final = 64 * 1024
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


def read_client_log(data: bytes) -> bytes:
    """Return the HTTP messages in a log of one of these programs. The content of any other file is unchanged."""
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
        return b"".join(_WIRE_ESCAPE.sub(_unescape, line[1]) for line in _WIRE.finditer(data))
    return data


def _unescape(found: re.Match[bytes]) -> bytes:
    return bytes([int(found[1], 16)]) if found[1] else {b"r": b"\r", b"n": b"\n"}[found[2]]
