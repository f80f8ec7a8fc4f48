"""Formats a response's body for reading: one JSON value or XML element per line, in blocks that can be folded.

Bodies are only split into tokens. No objects are built, no entity is expanded and no alias is followed, so an entity
bomb stays harmless text. Numbers, duplicate names and their order stay as sent; white space in XML is collapsed. A body
that is neither JSON nor XML is shown as text, and binary data as a hex dump. Call the functions in a thread: 16 MB take
seconds.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from flattr_tui.model.response_body_parser import media_type
from flattr_tui.model.text_sanitizer import escape_controls

MAX_LINES: Final = 400_000
"""Maximum number of lines of a formatted body. Further lines are left out."""
MAX_INDENT: Final = 40
"""Maximum number of levels by which a line is indented. Deeper levels are indented as much, to save memory."""
STEP: Final = 2
"""Number of spaces by which each level is indented."""
SNIFFED_BYTES: Final = 8_000
"""Number of bytes at the beginning of a body in which a NUL shows that the body is binary."""
BYTES_PER_LINE: Final = 8
"""Number of bytes in a line of a hex dump."""


def is_binary(body: bytes) -> bool:
    """Whether a body is binary data, because there is a NUL near its beginning."""
    return b"\0" in body[:SNIFFED_BYTES]


def hexdump(body: bytes, max_lines: int) -> list[str]:
    """Return a hex dump of a body: `000000  89 50 4e 47 0d 0a 1a 0a  ·PNG····`, at most the first `max_lines` lines."""
    starts = range(0, len(body), BYTES_PER_LINE)[:max_lines]
    return [_hex_line(body[start : start + BYTES_PER_LINE], start) for start in starts]


def is_cut(body: bytes, max_lines: int) -> bool:
    """Whether a complete hex dump of a body has more than `max_lines` lines."""
    return len(body) > max_lines * BYTES_PER_LINE


def _hex_line(part: bytes, start: int) -> str:
    letters = "".join(chr(octet) if 0x20 <= octet < 0x7F else "·" for octet in part)
    return f"{start:06x}  {part.hex(' '):<{BYTES_PER_LINE * 3 - 1}}  {letters}"


class Syntax(StrEnum):
    """The syntax of a text, which decides how the text is highlighted on screen."""

    JSON = "json"
    XML = "xml"
    YAML = "yaml"
    TEXT = "text"
    RECORDS = "records"
    HEADERS = "headers"
    DIFF = "diff"


@dataclass(frozen=True, slots=True)
class Document:
    """Lines of text to show on screen, with blocks of lines that can be folded."""

    kind: Syntax
    lines: list[str]
    folds: Mapping[int, int] = field(default_factory=dict)
    """For each block, the index of its first line and that of its last line."""
    cut: bool = False
    """Whether lines after the last one are left out."""

    def __str__(self) -> str:
        return "\n".join(self.lines)


_KINDS: Final[Mapping[str, Syntax]] = {
    "application/json": Syntax.JSON,
    "text/json": Syntax.JSON,
    "application/stream+json": Syntax.JSON,
    "text/xml": Syntax.XML,
    "application/xml": Syntax.XML,
    "application/atom+xml": Syntax.XML,
    "text/html": Syntax.XML,
    "application/yaml": Syntax.YAML,
    "text/yaml": Syntax.YAML,
}


def syntax_of(content_type: str) -> Syntax:
    """Return the syntax for highlighting a body with this content type; `TEXT` if the type is unknown."""
    return _KINDS.get(media_type(content_type), Syntax.TEXT)


def format_body(body: bytes, content_type: str) -> Document:
    """Return a response's body formatted for reading.

    A body that is not valid in the syntax of its content type is returned as plain text or as a hex dump.
    """
    kind = syntax_of(content_type)
    text = body.decode("utf-8", errors="replace").removeprefix("\ufeff")
    try:
        if kind is Syntax.JSON:
            return _JsonFormatter(escape_controls(text, _json_escape)).read()
        if kind is Syntax.XML:
            return _XmlFormatter(escape_controls(text, _xml_escape)).read()
    except _WrongSyntaxError:
        kind = Syntax.TEXT
    if is_binary(body):
        return _hex_document(body)
    return _fold_by_indent(kind, escape_controls(text, _json_escape))


def raw_text(body: bytes, width: int) -> Document:
    """Return a body without formatting, in lines of at most `width` characters, with control characters escaped.

    Binary data is returned as a hex dump.
    """
    if is_binary(body):
        return _hex_document(body)
    text = escape_controls(body.decode("utf-8", errors="replace"), _json_escape)
    lines: list[str] = []
    width = max(8, width)
    for line in text.splitlines():
        plain = line.replace("\t", "    ")
        lines.append(plain[:width])
        for start in range(width, len(plain), width):
            if len(lines) >= MAX_LINES:
                break
            lines.append(plain[start : start + width])
        if len(lines) >= MAX_LINES:
            return Document(Syntax.TEXT, lines, cut=True)
    return Document(Syntax.TEXT, lines)


def _hex_document(body: bytes) -> Document:
    return Document(Syntax.TEXT, hexdump(body, MAX_LINES), cut=is_cut(body, MAX_LINES))


def pretty(body: bytes, content_type: str) -> str:
    """Return a response's body formatted for reading, as one text."""
    return str(format_body(body, content_type))


class _WrongSyntaxError(ValueError):
    """Raised if a body is not valid in the syntax of its content type."""


def _json_escape(code: int) -> str:
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def _xml_escape(code: int) -> str:
    return f"&#x{code:x};"


class _Lines:
    """Collects the lines of a document, indented by their depth, and the blocks that can be folded."""

    def __init__(self, kind: Syntax) -> None:
        self._kind = kind
        self.lines: list[str] = []
        self.folds: dict[int, int] = {}
        self.open: list[int] = []
        self.full = False

    def add(self, text: str) -> None:
        if len(self.lines) < MAX_LINES:
            self.lines.append(" " * (STEP * min(len(self.open), MAX_INDENT)) + text)
        else:
            self.full = True

    def enter(self) -> None:
        self.open.append(len(self.lines) - 1)

    def leave(self) -> None:
        start = self.open.pop()
        if not self.full:
            self.folds[start] = len(self.lines)

    def done(self) -> Document:
        while self.open:
            start = self.open.pop()
            if start < len(self.lines) - 1:
                self.folds[start] = len(self.lines) - 1
        return Document(self._kind, self.lines, self.folds, self.full)


_JSON_TOKEN = re.compile(
    r"[ \t\r\n]*(?:(?P<string>\"[^\"\\]*(?:\\.[^\"\\]*)*\")|(?P<open>[{\[])|(?P<close>[}\]])"
    r"|(?P<mark>[,:])|(?P<word>[-+.\w]+))",
    re.DOTALL,
)


class _JsonFormatter:
    """Formats JSON: each name with its value, and each item of a list, gets a line of its own."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._out = _Lines(Syntax.JSON)
        self._line = ""
        """The beginning of the current line: a name and its colon, or an opening bracket."""
        self._expected: list[str] = []

    def read(self) -> Document:
        at, end = 0, len(self._text.rstrip())
        opened = False
        while at < end and not self._out.full:
            found = _JSON_TOKEN.match(self._text, at)
            if found is None:
                raise _WrongSyntaxError
            at = found.end()
            kind, token = str(found.lastgroup), found[str(found.lastgroup)]
            if opened and kind != "close":
                self._start_block()
            opened = kind == "open"
            self._add_token(kind, token, was_open=self._line.endswith(("{", "[")))
        if not self._out.full:
            if self._expected:
                raise _WrongSyntaxError
            self._flush()
        return self._out.done()

    def _add_token(self, kind: str, token: str, *, was_open: bool) -> None:
        if kind == "string":
            self._line += _WHITE.sub(_escape_white_space, _unescape_json(token))
        elif kind == "word":
            self._line += token
        elif kind == "open":
            self._line += token
            self._expected.append("}" if token == "{" else "]")
        elif kind == "close":
            if not self._expected or self._expected.pop() != token:
                raise _WrongSyntaxError
            if was_open:  # empty
                self._line += token
            else:
                self._flush()
                self._out.leave()
                self._line = token
        elif token == ":":
            self._line += ": "
        else:
            self._line += ","
            self._flush()

    def _start_block(self) -> None:
        self._flush()
        self._out.enter()

    def _flush(self) -> None:
        if self._line:
            self._out.add(self._line)
            self._line = ""


_WHITE = re.compile("[\t\n\r\u2028\u2029]")


def _escape_white_space(found: re.Match[str]) -> str:
    return {"\t": "\\t", "\n": "\\n", "\r": "\\r"}.get(found[0]) or _json_escape(ord(found[0]))


def _unescape_json(token: str) -> str:
    r"""Return a JSON string, in its quotation marks, with escapes like `\u00e4` replaced by characters."""
    if "\\u" not in token:
        return token
    try:
        return escape_controls(json.dumps(json.loads(token), ensure_ascii=False), _json_escape)
    except (ValueError, UnicodeError):
        return token


_XML_TOKEN = re.compile(
    r"(?P<aside><!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>|<![^>]*>)|(?P<close></[^>]*>)|(?P<tag><[^>]*>)|(?P<text>[^<]+)",
    re.DOTALL,
)


class _XmlFormatter:
    """Formats XML, such as Atom, tag by tag. An element that contains only text gets one line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._out = _Lines(Syntax.XML)

    def read(self) -> Document:
        held = ""
        """The opening tag on the current line, whose text may still follow on that line."""
        for kind, token in self._tokens():
            if self._out.full:
                break
            if held and kind == "text" and not held.endswith("\n"):
                held += token + "\n"
                continue
            if held and kind == "close":
                self._out.add(held.rstrip("\n") + token)
                held = ""
                continue
            if held:
                self._open_element(held)
                held = ""
            if kind == "tag" and not token.endswith("/>"):
                held = token
            elif kind == "close":
                if not self._out.open:
                    raise _WrongSyntaxError
                self._out.leave()
                self._out.add(token)
            else:
                self._out.add(token)
        if held:
            self._open_element(held)
        if not self._out.lines or not self._out.lines[0].startswith("<"):
            raise _WrongSyntaxError
        return self._out.done()

    def _open_element(self, held: str) -> None:
        tag, _, text = held.rstrip("\n").partition(">")
        self._out.add(f"{tag}>")
        self._out.enter()
        if text:
            self._out.add(text)

    def _tokens(self) -> Iterator[tuple[str, str]]:
        at = 0
        while at < len(self._text):
            found = _XML_TOKEN.match(self._text, at)
            if found is None:
                raise _WrongSyntaxError
            at = found.end()
            token = " ".join(found[0].split())
            if token:
                yield str(found.lastgroup), token


def _fold_by_indent(kind: Syntax, text: str) -> Document:
    """Return a text as a document with the syntax `kind`.

    In YAML, a line and the lines below it that are indented further form a block, which can be folded.
    """
    lines = [line.replace("\t", "    ") for line in text.splitlines()]
    cut = len(lines) > MAX_LINES
    del lines[MAX_LINES:]
    if kind is not Syntax.YAML:
        return Document(kind, lines, cut=cut)
    folds: dict[int, int] = {}
    above: list[tuple[int, int]] = []
    for at, line in enumerate(lines):
        depth = _indent_depth(line)
        if depth < 0:
            continue
        while above and above[-1][0] >= depth:
            _add_fold(folds, above.pop()[1], at - 1)
        above.append((depth, at))
    for _, start in above:
        _add_fold(folds, start, len(lines) - 1)
    return Document(kind, lines, folds, cut)


def _indent_depth(line: str) -> int:
    """Return how far a line of YAML is indented; -1 for an empty line or a document marker.

    The result is not a number of blanks. It only serves to compare lines: a list item counts as indented further than a
    name in the same column.
    """
    if not line.strip() or line.startswith(("---", "...")):
        return -1
    blanks = len(line) - len(line.lstrip(" "))
    return blanks * 2 + line[blanks:].startswith("- ")  # YAML may indent a list like its name


def _add_fold(folds: dict[int, int], start: int, end: int) -> None:
    if end > start:
        folds[start] = end
