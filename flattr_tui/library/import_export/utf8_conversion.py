"""Converts text files to plain UTF-8, without byte order mark, escape sequences and NULs at the end.

PowerShell's `>` and spreadsheets write UTF-16. Windows editors write a byte order mark, and `jq -C` and
`http --pretty=colors` write escape sequences. After a power failure, files on some file systems end in NULs. asciinema
records what a terminal showed. https://docs.asciinema.org/manual/asciicast/v2/
"""

import json
import re
from typing import Any, Final

_MARK: Final = b"\xef\xbb\xbf"
_WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_ASCII: Final = frozenset(b"\0\t\r\n" + bytes(range(0x20, 0x7F)))
_DECLARED: Final = re.compile(r"(\A\s*+<\?xml\b[^>]{0,200}?\bencoding\s*=\s*)[\"'][\w.:-]+[\"']")
_ESCAPE: Final = re.compile(rb"\x1b(?:\[[0-9;:?]*[@-~]|\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\))")
_CAST: Final = re.compile(rb'\{\s*"version":\s*[123],')


def to_utf8(data: bytes) -> bytes:
    """Return the content of a text file (UTF-16, a terminal recording) as UTF-8 text. Other data stays as it is."""
    data = data.rstrip(b"\0") if data[-2:] == b"\0\0" and not _is_wide(data) else data
    if _is_wide(data):
        text = data.decode(json.detect_encoding(data), errors="replace").removeprefix("\ufeff").rstrip("\0")
        data = _DECLARED.sub(r'\1"UTF-8"', text, count=1).encode("utf-8", errors="replace")
    data = data.removeprefix(_MARK)
    data = _terminal_output(data) if _CAST.match(data) else data
    return _ESCAPE.sub(b"", data) if b"\x1b" in data and _is_utf8(data) else data


def _terminal_output(cast: bytes) -> bytes:
    """Return the text that a terminal showed, from a recording of asciinema (versions 1 to 3)."""
    events: list[Any] = []
    for line in [cast, *cast.splitlines()]:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue  # not an event: the whole file, or a line that is cut off
        events += event["stdout"] if isinstance(event, dict) and isinstance(event.get("stdout"), list) else [event]
    shown = []
    for event in events:
        match event:
            case [_, str(text)] | [_, "o", str(text)]:
                shown.append(text)
    return "".join(shown).encode("utf-8", "replace") or cast


def _is_wide(data: bytes) -> bool:
    """Whether a text is UTF-16 or UTF-32: it begins with a byte order mark, or has NULs between ASCII characters."""
    head = data[:4]
    if head[:2] in _WIDE_MARKS or head == b"\0\0\xfe\xff":
        return True
    return len(head) == 4 and head.strip(b"\0") != b"" and set(head) <= _ASCII and json.detect_encoding(head) != "utf-8"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
