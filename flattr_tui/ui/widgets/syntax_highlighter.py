"""Colours the lines of a document by regular expressions, one line at a time."""

import re
from collections.abc import Mapping

from textual.content import Content

from flattr_tui.library.console.pretty_printer import Syntax

_NAME, _TEXT, _NUMBER, _WORD, _QUIET = "$secondary", "$success", "$accent", "$warning", "$muted"
_JSON = re.compile(
    r'(?P<name>"[^"\\]*(?:\\.[^"\\]*)*"(?=: ))|(?P<text>"[^"\\]*(?:\\.[^"\\]*)*"?)'
    r"|(?P<number>-?\d[\d.eE+-]*)|(?P<word>true|false|null)|(?P<mark>[{}\[\],])"
)
_XML = re.compile(r"(?P<aside><[!?].*)|(?P<tag></?[^\s<>/]+|/?>)|(?P<value>\"[^\"]*\"|'[^']*')|(?P<entity>&[^;\s]+;)")
_YAML = re.compile(r"^(?P<name>\s*(?:- )*(?:[^\s:'\"][^:]*|'[^']*'|\"[^\"]*\"):(?=\s|$))|^(?P<mark>\s*(?:- )+|---)")
_HEADER = re.compile(r"^(?P<name>[\w-]+:)(?= |$)|^(?P<word>HTTP \d+|[A-Z]+(?= \S+://)|[A-Z]+(?= /))")
_RECORD = re.compile(r"^(?P<title>\d+  .*)|^(?P<quiet>#.*)|^(?P<mended>!.*)|^(?P<name>\s+\w+:)")

_STYLES: Mapping[str, str] = {
    "name": _NAME,
    "text": _TEXT,
    "number": _NUMBER,
    "word": _WORD,
    "mark": _QUIET,
    "aside": _QUIET,
    "tag": _NAME,
    "value": _TEXT,
    "entity": _NUMBER,
    "title": "bold $accent",
    "quiet": _QUIET,
    "mended": _WORD,
}
_PATTERNS: Mapping[Syntax, re.Pattern[str]] = {
    Syntax.JSON: _JSON,
    Syntax.XML: _XML,
    Syntax.YAML: _YAML,
    Syntax.HEADERS: _HEADER,
    Syntax.RECORDS: _RECORD,
}


def highlight_line(kind: Syntax, text: str) -> Content:
    """Return a line of a document, coloured by the rules of its syntax. `Syntax.TEXT` has no colours."""
    if kind is Syntax.DIFF:
        return _highlight_diff(text)
    pattern = _PATTERNS.get(kind)
    content = Content(text)
    if pattern is None:
        return content
    for found in pattern.finditer(text):
        content = content.stylize(_STYLES[str(found.lastgroup)], *found.span(str(found.lastgroup)))
    return content


_DIFFERENCE: Mapping[str, str] = {"+": "$success", "-": "$error", "@": _QUIET}


def _highlight_diff(text: str) -> Content:
    return Content.styled(text, _DIFFERENCE.get(text[:1], ""))


_ADDRESS = re.compile(r"(?P<quiet>^[a-z]+://[^/?]+)|(?P<mark>[/?&=,])|(?P<text>(?<==)[^&]+)")


def highlight_url(text: str) -> Content:
    """Return an address in colours: its host and separators muted, its values highlighted."""
    content = Content(text)
    for found in _ADDRESS.finditer(text):
        content = content.stylize(_STYLES[str(found.lastgroup)], *found.span())
    return content
