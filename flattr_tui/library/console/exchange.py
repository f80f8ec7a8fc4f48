"""Exchanges, that is, API requests with their responses: what the console shows, compares, copies and remembers.

`History` stores them in a file without tokens, and without bodies except those of errors. Two running programs can
share the file: both keep what the other one adds.

The code snippets send a request again: with curl, with httpx or with `flattr-tui get`. Unless a token is given, the
snippets read the token from the environment variable FLATTR_TOKEN.

The documents are the texts that show an exchange on screen. Bodies can be large, so call the functions that make
documents in a thread.
"""

import difflib
import shlex
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from flattr_tui.api.method_table import BY_NAME, Format, Method
from flattr_tui.api.prepared_request import PreparedRequest
from flattr_tui.api.rate_limit_headers import rate_limit_at
from flattr_tui.library.console.pretty_printer import STEP, Document, Syntax, format_body, raw_text
from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.entities import Entity, NotFlattrError, RateLimit
from flattr_tui.model.entity_decoder import DecodedPage, decode_page
from flattr_tui.model.response_body_parser import Repair
from flattr_tui.model.text_sanitizer import single_line
from flattr_tui.paths import exists
from flattr_tui.store.shared_files import NoticeCallback, file_lock, replace_file, set_aside

REMEMBERED_BODY: Final = 4_096
"""Maximum number of bytes of an error response's body in the history file.

Bodies of other responses are in the store.
"""

REMEMBERED_HEADER: Final = 300
"""Maximum number of characters of a header in the history file."""
MAX_EXCHANGES: Final = 100
"""Maximum number of exchanges in the history."""
MAX_BODY_BYTES: Final = 32 * 1024 * 1024
"""Maximum number of bytes of all bodies in memory. Bodies of older responses are read from the store again."""
MAX_FILE_BYTES: Final = 16 * 1024 * 1024
"""Maximum size of the history file in bytes. A larger file was not written by this program."""
TOKEN_VARIABLE = "FLATTR_TOKEN"
"""Name of the environment variable that contains the token."""
MAX_COMPARED: Final = 4_000
"""Maximum number of lines of each of two bodies that are compared. Equal lines at both ends are not counted.

Comparing more lines takes minutes.
"""
_AROUND: Final = 3
"""Number of equal lines that are shown around a difference."""


class Exchange(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An API request, and its response or the reason why there is none. The token is not part of this object."""

    method: str
    arguments: dict[str, str] = {}
    format: str = "json"
    source: str
    account: str = ""
    """The account that sent the request; "" if the response is public."""
    request: PreparedRequest
    """The request as it was sent, with the token masked."""
    sent_at: float
    """When the request was sent, in Unix seconds."""
    status: int = 0
    """The HTTP status; 0 if there is no response."""
    headers: dict[str, str] = {}
    """The response's headers, by their names in lower case."""
    body: bytes | None = None
    """The response's body; None if it is not in memory. `ApiConsole.body` reads it from the store."""
    size: int = 0
    """Size of the body in bytes."""
    elapsed: float = 0.0
    """Time in seconds between sending the request and the end of the response."""
    fetched_at: float = 0.0
    """When the server sent the response, or last confirmed a saved one, in Unix seconds."""
    saved: bool = False
    """Whether the response is a saved one, instead of the server's response to this request."""
    note: str = ""
    """A remark about the response; "" for none."""
    problem: str = ""
    """A sentence that says why the request failed; "" if it succeeded."""
    unsure: bool = False
    """Whether the request failed, but the server may have made the change that it asked for."""
    exit_code: int = 0
    """The exit code of `flattr-tui get` for this exchange."""
    sequence: int = 0
    """The response's number in the store; 0 if it is not stored."""

    @property
    def api_method(self) -> Method:
        """The API method of the request."""
        return BY_NAME[self.method]

    @property
    def requested_format(self) -> Format:
        """The requested format, as a member of the enumeration `Format`."""
        return Format(self.format)

    @property
    def has_response(self) -> bool:
        """Whether there is a response, successful or not."""
        return self.status > 0

    @property
    def content_type(self) -> str:
        """The content type of the body; JSON if the response names no content type."""
        return self.headers.get("content-type", "application/json")

    @property
    def rate(self) -> RateLimit | None:
        """The rate limit in the headers of the response; None if the headers contain no rate limit."""
        return rate_limit_at(self.headers, self.fetched_at or self.sent_at)

    @property
    def has_records(self) -> bool:
        """Whether the body of the response contains items, because the call of the API method succeeded."""
        looked_up = self.api_method.response_kind is ResponseKind.LOOKUP and self.status in {302, 404}
        return self.has_response and (not self.problem or self.saved) and (200 <= self.status < 300 or looked_up)

    def __str__(self) -> str:
        return " ".join([self.method, *(f"{name}={value}" for name, value in self.arguments.items())])

    def for_history(self) -> "Exchange":
        """Return the part of the exchange that the history file stores."""
        small = bool(self.problem) and not self.saved and self.size <= REMEMBERED_BODY
        headers = {name: value[:REMEMBERED_HEADER] for name, value in self.headers.items()}
        return msgspec.structs.replace(self, body=self.body if small else None, headers=headers)


class History:
    """The exchanges (requests with their responses) of this run of the program and earlier ones.

    `path` is the history file; None to keep the history in memory only. `notice` is called with sentences for the user.
    `load` and `add` access the disk: call them in a thread.
    """

    def __init__(self, path: Path | None = None, *, notice: NoticeCallback = lambda text: None) -> None:
        self._path = path
        self._notice = notice
        self._lock = threading.Lock()
        self._exchanges: list[Exchange] = []
        self._loaded = path is None

    def load(self) -> None:
        """Read the history of earlier runs from the file, unless this was done before. An invalid file is set aside."""
        with self._lock:
            if not self._loaded:
                self._loaded = True
                self._exchanges = [*self._read(), *self._exchanges][-MAX_EXCHANGES:]

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """All exchanges in the history, the latest last."""
        return tuple(self._exchanges)

    def add(self, exchange: Exchange) -> None:
        """Add an exchange to the history. If the file can't be written, the user gets a notice once.

        The history is then in memory only.
        """
        self.load()
        with self._lock:
            self._exchanges = _within_bounds([*self._exchanges, exchange])
            if self._path is None:
                return
            try:
                with file_lock(self._path):
                    kept = [*self._read(), exchange.for_history()][-MAX_EXCHANGES:]
                    replace_file(self._path, msgspec.json.encode(kept), durable=False)
            except OSError as error:
                self._notice(f"The console's history can't be kept in {self._path} ({error.strerror}).")
                self._path = None

    def _read(self) -> list[Exchange]:
        if self._path is None:
            return []
        try:
            if not exists(self._path):
                return []
            with self._path.open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)  # of a larger file, too little is decoded, so it is invalid
            found = msgspec.json.decode(data[:MAX_FILE_BYTES], type=list[Exchange])
        except OSError as error:
            self._notice(f"The console's history can't be read from {self._path} ({error.strerror}).")
            return []
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            place = set_aside(self._path)
            self._notice(f"The console's history was unreadable ({error}); it was set aside as {place.name}.")
            return []
        return [exchange for exchange in found if exchange.method in BY_NAME]


def _within_bounds(exchanges: list[Exchange]) -> list[Exchange]:
    """Return the latest `MAX_EXCHANGES` exchanges, with bodies of at most `MAX_BODY_BYTES` bytes in total.

    The bodies of the oldest exchanges are left out if there are more bytes. The latest exchange keeps its body.
    """
    kept: list[Exchange] = []
    room = MAX_BODY_BYTES
    for exchange in reversed(exchanges[-MAX_EXCHANGES:]):
        room -= len(exchange.body or b"")
        kept.append(exchange if room >= 0 or not kept else exchange.for_history())
    return kept[::-1]


def curl_command(request: PreparedRequest, token: str | None = None) -> str:
    """Return a curl command for a POSIX shell that sends a request.

    With `token` None, the command reads the token from the environment variable FLATTR_TOKEN.
    """
    words = ["curl"]
    if request.verb != "GET":
        words += ["-X", request.verb]
    for name, value in request.headers.items():
        if name == "Authorization" and token is None:
            words += ["-H", f'"Authorization: Bearer ${TOKEN_VARIABLE}"']
        else:
            words += ["-H", shlex.quote(f"{name}: Bearer {token}" if name == "Authorization" else f"{name}: {value}")]
    if request.body is not None:
        words += ["--data-raw", shlex.quote(request.body.decode())]
    return " ".join([*words, shlex.quote(request.url)])


def httpx_program(request: PreparedRequest) -> str:
    """Return a Python program that sends a request with httpx, and reads the token from the environment."""
    lines = ["import httpx", ""]
    headers = []
    for name, value in request.headers.items():
        shown = repr(value)
        if name == "Authorization":
            shown = f"f\"Bearer {{os.environ['{TOKEN_VARIABLE}']}}\""
            lines[0] = "import os\n\nimport httpx"
        headers.append(f"        {name!r}: {shown},")
    lines += ["answer = httpx.request(", f"    {request.verb!r},", f"    {request.url!r},"]
    if headers:
        lines += ["    headers={", *headers, "    },"]
    if request.body is not None:
        lines.append(f"    content={request.body.decode()!r}.encode(),")
    return "\n".join([*lines, ")", "print(answer.status_code, answer.text)"])


def get_command(method: Method, arguments: Mapping[str, str], format: Format, source: str) -> str:
    """Return a `flattr-tui get` command that calls an API method of a source, and requests `format`.

    `arguments` are the arguments of the call.
    """
    words = ["flattr-tui"]
    if source != SourceKind.SANDBOX:
        words += ["--source", source]
    may_empty = {parameter.name for parameter in method.parameters if parameter.may_empty}
    given = (f"{name}={value}" for name, value in arguments.items() if value or name in may_empty)
    words += ["get", method.name, *given]
    if format is not method.default_format:
        words += ["--format", format.value]
    if method.writes:
        words.append("--yes")
    return shlex.join(words)


def body_document(exchange: Exchange, body: bytes | None) -> Document:
    """Return the body of an exchange's response formatted for reading, or a line that says why there is no body.

    `body` contains the bytes of the body; None if they are no longer available.
    """
    if not exchange.has_response:
        return Document(Syntax.TEXT, ["No response came."])
    if body is None:
        return Document(Syntax.TEXT, ["The body of this response is no longer in memory. Send the request again."])
    if not body:
        return Document(Syntax.TEXT, ["(an empty body)"])
    return format_body(body, exchange.content_type)


def raw_document(exchange: Exchange, body: bytes | None, width: int) -> Document:
    """Return the body of an exchange's response unformatted, in lines of at most `width` characters.

    `body` contains the bytes of the body. If `body` is empty or None (no longer available), the result is a line that
    says so.
    """
    return raw_text(body, width) if body else body_document(exchange, body)


def records_document(exchange: Exchange, body: bytes | None) -> Document:
    """Return the decoded items in the body of an exchange's response, below a list of the repairs of invalid parts.

    `body` contains the bytes of the body; None if they are no longer available. If there is nothing to decode, the
    result is a line that says why.
    """
    if not exchange.has_records or body is None:
        return Document(Syntax.TEXT, ["This kind of response has no records."])
    try:
        page = decode_page(exchange.api_method.response_kind, body, exchange.content_type)
    except NotFlattrError as error:
        return Document(Syntax.TEXT, [f"This response can't be decoded: {error}."])
    lines = _summary(page)
    folds: dict[int, int] = {}
    for number, entity in enumerate(page.entities, 1):
        start = len(lines)
        lines.append(f"{number}  {_record_title(entity)}")
        lines += _field_lines(entity, 1)
        if len(lines) - 1 > start:
            folds[start] = len(lines) - 1
    return Document(Syntax.RECORDS, lines, folds)


def _summary(page: DecodedPage) -> list[str]:
    count = len(page.entities)
    parts = [f"{count:,} record{'' if count == 1 else 's'}"]
    if page.records > count:
        parts.append(f"{page.records - count:,} left out")
    if page.total is not None:
        parts.append(f"{page.total:,} in all")
    lines = ["# " + ", ".join(parts)]
    lines += [_format_repair(repair) for repair in page.repairs] or ["# nothing had to be repaired"]
    return [*lines, ""]


def _format_repair(repair: Repair) -> str:
    return f"! {single_line(repair.where)}: {single_line(repair.action)}"


def _record_title(entity: Entity) -> str:
    return " ".join([type(entity).__name__, str(getattr(entity, "key", ""))]).strip()


def _field_lines(entity: msgspec.Struct, depth: int) -> list[str]:
    lines: list[str] = []
    for name in entity.__struct_fields__:
        value = getattr(entity, name)
        if value is None:
            continue
        start = f"{' ' * STEP * depth}{name}: "
        if isinstance(value, msgspec.Struct):
            lines += [start.rstrip(), *_field_lines(value, depth + 1)]
        elif isinstance(value, tuple):
            lines.append(start + ", ".join(value))
        elif isinstance(value, bool):
            lines.append(start + ("yes" if value else "no"))
        else:
            lines += _indent_lines(start, str(value))
    return lines


def _indent_lines(start: str, text: str) -> list[str]:
    first, *more = text.split("\n")
    return [start + first, *(" " * len(start) + part for part in more)]


def headers_document(exchange: Exchange) -> Document:
    """Return the request of an exchange as it was sent, and the status and headers of the response."""
    request = exchange.request
    lines = [f"{request.verb} {request.url}", *_header_lines(request.headers.items())]
    if request.body is not None:
        lines += ["", *format_body(request.body, "application/json").lines]
    if exchange.has_response:
        lines += ["", f"HTTP {exchange.status}", *_header_lines(exchange.headers.items())]
    elif exchange.problem:
        lines += ["", f"No response: {exchange.problem}"]
    return Document(Syntax.HEADERS, lines)


def _header_lines(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [f"{name}: {single_line(value)}" for name, value in pairs]


def diff_document(old: Exchange, old_body: bytes | None, new: Exchange, new_body: bytes | None) -> Document:
    """Return the differences between two responses, line by line, as `diff -u` prints them.

    `old_body` and `new_body` are the bodies of the responses; None if no longer available. They are formatted first.
    """
    before, after = body_document(old, old_body).lines, body_document(new, new_body).lines
    lines = [f"--- {old}", f"+++ {new}"]
    if (old.status, old.content_type) != (new.status, new.content_type):
        lines += [f"-HTTP {old.status} {old.content_type}", f"+HTTP {new.status} {new.content_type}"]
    if before == after:
        return Document(Syntax.DIFF, [*lines, " The bodies are the same."])
    top = _count_equal(before, after)
    bottom = _count_equal(before[top:][::-1], after[top:][::-1])
    start, middle_before, middle_after = top, before[top : len(before) - bottom], after[top : len(after) - bottom]
    cut = max(len(middle_before), len(middle_after)) > MAX_COMPARED
    shown = difflib.unified_diff(
        [*before[max(0, top - _AROUND) : top], *middle_before[:MAX_COMPARED], *_lines_after(before, bottom, cut=cut)],
        [*after[max(0, top - _AROUND) : top], *middle_after[:MAX_COMPARED], *_lines_after(after, bottom, cut=cut)],
        n=_AROUND,
        lineterm="",
    )
    lines += [f" … {start - _AROUND:,} equal lines"] if start > _AROUND else []
    lines += [text for at, text in enumerate(shown) if at > 1]
    return Document(Syntax.DIFF, lines, cut=cut)


def _count_equal(one: list[str], other: list[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _lines_after(lines: list[str], bottom: int, *, cut: bool) -> list[str]:
    start = len(lines) - bottom
    return [] if cut else lines[start : start + _AROUND]
