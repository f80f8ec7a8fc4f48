"""Recognises files that are not supported, to tell the user what to do instead."""

import re
from typing import Final

_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"SQLite format 3\0", "an SQLite database: export what is in it as JSON first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it, and import the folder"),
    (b"Rar!\x1a\x07", "a RAR archive: unpack it, and import the folder"),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\xd0\xcf\x11\xe0", "an Office document: save the sheet as CSV"),
    (b"\xd4\xc3\xb2\xa1", "a capture of network packets: export its HTTP objects first"),
    (b"\x0a\x0d\x0d\x0a", "a capture of network packets: export its HTTP objects first"),
    (b"bplist00", "a property list"),
    (b"\x1f\x9d", "compressed by compress: unpack it with `uncompress`"),
    (b"\x04\x22\x4d\x18", "compressed by lz4: unpack it with `lz4 -d`"),
    (b"MDMP", "a memory dump"),
)
_PICKLE: Final = re.compile(rb"\x80[\x02-\x05](?:\x95.{8}|[}\]c(X\x8c])", re.DOTALL)
_MITMPROXY: Final = re.compile(rb"\d{1,12}:(?:\d{1,6}:|.{0,200}?(?:version;|backup|response;))", re.DOTALL)
_TRACE: Final = re.compile(rb"(?:\A|\n)(?:== Info:|=> Send header, \d+ bytes|<= Recv header, \d+ bytes)")
_TABLE: Final = re.compile(rb"(?:\| )?(?:[a-z_.]+(?:,| \| ))+(?:[a-z_]+\.)*(?:username|resource)(?:,| \||\r?\n)")
"""The first line of what `export` writes as csv or md."""
_OLD_API: Final = re.compile(
    rb"flattr\.com/rest/0\.|<flattr>\s*<(?:version|clicks|thing|things|user|language|languages|category|categories)>"
)
_OLD_VERSION: Final = re.compile(rb"<version>\s*0\.(?:0\.1|5)\s*</version>|/rest/(0\.0\.1|0\.5)/")
OLD_API: Final = (
    "XML of Flattr's first API (0.0.1 or 0.5, from 2010 and 2011), which is not supported: only version 2 has the ids"
    " and times that the other data uses"
)


def name_unsupported(head: bytes) -> str:
    """Return the kind of an unsupported file by its first bytes; "" for any other file."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if _PICKLE.match(head):
        return "a Python pickle, which could run code: it is never opened"
    if _MITMPROXY.match(head):
        return "flows of mitmproxy: write them as HAR, with `mitmdump -nr FILE --set hardump=FILE.har`"
    if _TRACE.search(head):
        return "a trace of curl (--trace), which holds what was sent: record it with `curl -i`"
    if _TABLE.match(head):
        return "a table that `export` wrote, which leaves details out: export it as json or jsonl"
    if is_old_api(head):
        return OLD_API
    return ""


def is_old_api(head: bytes) -> bool:
    """Whether it is a response of Flattr's API before version 2."""
    return bool(_OLD_VERSION.search(head, 0, 4096) or _OLD_API.search(head, 0, 4096))
