"""Reads the output of `curl -v`: only its responses, nothing that was sent.

curl marks the lines of the request's head with `>`, those of the response's head with `<`, and its own notes with `*`.
The body is between them without a mark. https://curl.se/docs/manpage.html#-v
"""

import re
from collections.abc import Iterator
from typing import Final

_EDGE: Final = rb"(?:\A|(?<=[\n\r \d}\]>;-]))"
"""A marked line may follow a progress meter, or a body that doesn't end with a newline."""
_REQUEST: Final = re.compile(
    _EDGE + rb"> (GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (\S+) HTTP/[\d.]+\r*\n(?:> [^\n]*\n)*?>[ ]?\r*\n"
)
_RESPONSE: Final = re.compile(_EDGE + rb"(< HTTP/[\d.]+ \d{3}[^\n]*\n(?:< [^\n]*\n)*?)<[ ]?\r*\n")
_HOST: Final = re.compile(rb"\n> Host:[ ]*([^\s]+)", re.IGNORECASE)
_LENGTH: Final = re.compile(rb"\ncontent-length:[ ]*(\d{1,9})", re.IGNORECASE)
_ENCODED: Final = re.compile(rb"\ncontent-encoding:", re.IGNORECASE)
"""curl may have decoded such a body (`--compressed`); its length tells nothing."""
_NOTE: Final = re.compile(
    rb"(?:\* [^\n]*|[{}] \[\d+ bytes data\][^\n]*|[ \d.:kMGTP\r-]*--:--:--[ \d.:kMGTP\r-]*|[ \t\r]*)(?:\n|\Z)"
)
_NOTES_AT_END: Final = re.compile(
    rb"(?:\* [A-Z][^\n]*(?:\n|\Z)|[{}] \[\d+ bytes data\]\r*\n|Script done on [^\n]*\n|\s)+\Z"
)
_NOTE_INSIDE: Final = re.compile(
    rb"[{}] \[\d+ bytes data\]\r*\n|\* (?:Connection #\d+ to host [^\n]* left intact|Closing connection[^\n]*)\n"
)
"""Notes that stand within a body where one file got both outputs: curl writes them at once, and the body in blocks."""
_BEGINNING: Final = 64 * 1024


def is_transcript(data: bytes) -> bool:
    """Whether a file is the output of `curl -v`."""
    return _RESPONSE.search(data, 0, _BEGINNING) is not None or _REQUEST.search(data, 0, _BEGINNING) is not None


def read_responses(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Return a head and a body for each response. The head begins with the line of its request.

    Of a request only the first line and `Host` are returned, never a body.
    """
    messages = sorted([*_REQUEST.finditer(data), *_RESPONSE.finditer(data)], key=lambda found: found.start())
    ends = [*(found.start() for found in messages[1:]), len(data)]
    for message, end in zip(messages, ends, strict=True):
        if message.re is _REQUEST:
            host = _HOST.search(message[0])
            yield b"%s %s HTTP/1.1\r\n%s" % (message[1], message[2], b"Host: %s" % host[1] if host else b""), b""
            continue
        head = message[1].replace(b"\r", b"").replace(b"\n< ", b"\n").removeprefix(b"< ")
        start = message.end()
        while start < end and (note := _NOTE.match(data, start, end)) and note.end() > start:
            start = note.end()
        length = _LENGTH.search(head)
        size = int(length[1]) if length and not _ENCODED.search(head) else 0
        body = _NOTE_INSIDE.sub(b"", data[start:end])
        yield head, _NOTES_AT_END.sub(b"", body[:size] if 0 < size <= len(body) else body)
