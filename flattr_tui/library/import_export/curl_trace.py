"""Reads the output of `curl --trace`, which contains all bytes that were sent and received in hexadecimal digits.

The output of `--trace-ascii` is not read, because it has a full stop in place of each byte beyond ASCII.
https://curl.se/docs/manpage.html#--trace
"""

import re
from collections.abc import Iterator
from typing import Final

_MARK: Final = rb"(?:[\d:.]+ )?(?:\[\d[\d-]*\] )?"
"""Matches the beginning of a line with `--trace-time` and `--trace-ids`: a time, and numbers of the connection."""
_PART: Final = re.compile(
    rb"^" + _MARK + rb"(<= Recv|=> Send) (header|data), \d+ bytes[^\n]*\n((?:[0-9a-f]{4,}: [^\n]*\n?)*)", re.MULTILINE
)
_BYTES: Final = re.compile(rb"^[0-9a-f]{4,}: ((?:[0-9a-f]{2} ){1,16})", re.MULTILINE)
_HEXADECIMAL: Final = re.compile(rb"^[0-9a-f]{4,}: (?:[0-9a-f]{2} ){2,16} *[^ ]", re.MULTILINE)
_TRACE: Final = re.compile(rb"^" + _MARK + rb"(?:== Info:|(?:<= Recv|=> Send) (?:SSL )?(?:header|data), \d+ bytes)")
_HOST: Final = re.compile(rb"\nHost:[ ]*(\S+)", re.IGNORECASE)
_BEGINNING: Final = 64 * 1024


def is_trace(head: bytes) -> bool:
    """Whether a file that begins with `head` was written by `curl --trace` or `--trace-ascii`."""
    return _TRACE.match(head) is not None


def is_readable_trace(head: bytes) -> bool:
    """Whether a file that begins with `head` was written by `curl --trace`, and not by `curl --trace-ascii`.

    Only `curl --trace` writes all bytes of the messages.
    """
    return is_trace(head) and _HEXADECIMAL.search(head, 0, _BEGINNING) is not None


def split_trace(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the headers and the body of each HTTP message in the output of `curl --trace`.

    Of a request's headers, only the first line and `Host` are returned.
    """
    head, body = b"", b""
    for part in _PART.finditer(data):
        content = b"".join(bytes.fromhex(line[1].decode()) for line in _BYTES.finditer(part[3]))
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
    """Return the headers of a request without those that may be secret: only the first line and `Host` are left."""
    host = _HOST.search(head)
    return head.partition(b"\n")[0] + b"\n" + (b"Host: %s\r\n" % host[1] if host else b"")
