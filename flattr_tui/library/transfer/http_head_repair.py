"""Repairs heads of messages that wget, LWP, httplib2 and requests-toolbelt write in forms of their own.

The log of wget holds a body only if it went to the same file (`wget -S -O - … 2>&1`), between its lines.
"""

import re
from typing import Final

_FIELDS: Final = rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\n]*\n)"
_WGET: Final = re.compile(rb"--\d[\d: -]*--  \S+\r?\n|  HTTP/|(?:[^\n]*\n){0,2}DEBUG output created by Wget")
_WGET_STEPS: Final = (
    (re.compile(rb"---request begin---\n.*?\n---request end---\n", re.DOTALL), rb""),  # with its cookies and tokens
    (re.compile(rb"^--\d[\d: -]*--  (\S+)\r?\n", re.MULTILINE), rb"GET \1 HTTP/1.1\r\n\r\n"),
    (re.compile(rb"^---response begin---\n(.*?\n)---response end---\n", re.MULTILINE | re.DOTALL), rb"\1"),
    (
        re.compile(rb"^  (?=HTTP/\d)((?:  )?[^\n]*\n(?:  " + _FIELDS + rb")+)", re.MULTILINE),
        lambda found: found[1].replace(b"\n  ", b"\n") + b"\r\n",
    ),
    (re.compile(rb"(?<=\n\r\n)(?:[A-Za-z0-9][^\n]*\n){0,30}?Saving to: [^\n]*\n\n?"), rb""),
    (re.compile(rb"\n? +\d+K[ .]*[^\n{}\[\]\"]*=\S+\n\n[^\n]* written to stdout [^\n]*\n\s*"), rb""),
)
"""What each step replaces, and by what: requests, addresses, heads of -d, heads of -S, notes, progress."""
_LWP: Final = re.compile(
    rb"(?:(?:GET|HEAD) \S+\r?\n" + _FIELDS + rb"{0,99}\r?\n)?\d{3} [A-Z][^\n]*\n(?=" + _FIELDS + rb"{1,99}\r?\n)"
)
_LWP_STATUS: Final = re.compile(rb"(?:^|(?<=[}\]>]))(?=\d{3} [A-Z][^\n]*\n[A-Z][\w-]*: )", re.MULTILINE)
_HTTPLIB2: Final = re.compile(_FIELDS + rb"{0,99}?status: (\d{3})\r?\n" + _FIELDS + rb"{0,99}\r?\n")
_TOOLBELT: Final = re.compile(rb"< (?:GET|HEAD) \S+ HTTP/[\d.]+\r\n")
"""The output of requests-toolbelt, which marks sent lines with `<`, as curl marks received ones."""
_TOOLBELT_MARK: Final = re.compile(
    rb"(?:^|(?<=[}\]>]))[<>] ?(?=\r\n|" + _FIELDS + rb"|HTTP/|[A-Z]+ \S+ HTTP/)", re.MULTILINE
)
_LOCATION: Final = re.compile(rb"^content-location: (\S+)\r?$", re.MULTILINE)


def restore_heads(data: bytes) -> bytes:
    """Return such a file with its heads in the form of HTTP; return any other file unchanged."""
    if _WGET.match(data):
        for pattern, replacement in _WGET_STEPS:
            data = pattern.sub(replacement, data)
        return data
    if _LWP.match(data):
        return _LWP_STATUS.sub(b"HTTP/1.0 ", data)
    if _TOOLBELT.match(data):
        return _TOOLBELT_MARK.sub(b"", data)
    if cached := _HTTPLIB2.match(data):
        address = _LOCATION.search(cached[0])
        asked = b"GET %s HTTP/1.1\r\n\r\n" % address[1] if address else b""
        return b"%sHTTP/1.1 %s OK\r\n%s" % (asked, cached[1], data)
    return data
