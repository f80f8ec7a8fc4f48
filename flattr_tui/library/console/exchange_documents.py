"""Makes the texts that show an exchange (a request and its response): body, decoded items, headers, and differences.

In all functions, `body` is the response's body; None if it is no longer available. Call the functions in a thread,
because bodies can be large.
"""

import difflib
from collections.abc import Iterable
from typing import Final

import msgspec

from flattr_tui.library.console.exchange import Exchange
from flattr_tui.library.console.pretty_printer import STEP, Document, Syntax, format_body, raw_text
from flattr_tui.model.entities import Entity
from flattr_tui.model.entity_decoder import DecodedPage, decode_page
from flattr_tui.model.errors import NotFlattrError
from flattr_tui.model.response_body_parser import Repair
from flattr_tui.model.text_sanitizer import single_line

MAX_COMPARED: Final = 4_000
"""Maximum number of lines of each of two bodies that are compared. Equal lines at both ends are not counted.

Comparing more lines takes minutes.
"""
_AROUND: Final = 3
"""Number of equal lines that are shown around a difference."""


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

    `body` contains the bytes of the body. If it is empty or None (no longer available), the result is a line that says
    so.
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
        lines.append(f"{number}  {_title(entity)}")
        lines += _fields(entity, 1)
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


def _title(entity: Entity) -> str:
    return " ".join([type(entity).__name__, str(getattr(entity, "key", ""))]).strip()


def _fields(entity: msgspec.Struct, depth: int) -> list[str]:
    lines: list[str] = []
    for name in entity.__struct_fields__:
        value = getattr(entity, name)
        if value is None:
            continue
        start = f"{' ' * STEP * depth}{name}: "
        if isinstance(value, msgspec.Struct):
            lines += [start.rstrip(), *_fields(value, depth + 1)]
        elif isinstance(value, tuple):
            lines.append(start + ", ".join(value))
        elif isinstance(value, bool):
            lines.append(start + ("yes" if value else "no"))
        else:
            lines += _wrapped(start, str(value))
    return lines


def _wrapped(start: str, text: str) -> list[str]:
    first, *more = text.split("\n")
    return [start + first, *(" " * len(start) + part for part in more)]


def headers_document(exchange: Exchange) -> Document:
    """Return the request as it was sent, and the status and headers of the response."""
    request = exchange.request
    lines = [f"{request.verb} {request.url}", *_named(request.headers.items())]
    if request.body is not None:
        lines += ["", *format_body(request.body, "application/json").lines]
    if exchange.has_response:
        lines += ["", f"HTTP {exchange.status}", *_named(exchange.headers.items())]
    elif exchange.problem:
        lines += ["", f"No response: {exchange.problem}"]
    return Document(Syntax.HEADERS, lines)


def _named(pairs: Iterable[tuple[str, str]]) -> list[str]:
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
    top = _common(before, after)
    bottom = _common(before[top:][::-1], after[top:][::-1])
    start, middle_before, middle_after = top, before[top : len(before) - bottom], after[top : len(after) - bottom]
    cut = max(len(middle_before), len(middle_after)) > MAX_COMPARED
    shown = difflib.unified_diff(
        [*before[max(0, top - _AROUND) : top], *middle_before[:MAX_COMPARED], *_tail(before, bottom, cut=cut)],
        [*after[max(0, top - _AROUND) : top], *middle_after[:MAX_COMPARED], *_tail(after, bottom, cut=cut)],
        n=_AROUND,
        lineterm="",
    )
    lines += [f" … {start - _AROUND:,} equal lines"] if start > _AROUND else []
    lines += [text for at, text in enumerate(shown) if at > 1]
    return Document(Syntax.DIFF, lines, cut=cut)


def _common(one: list[str], other: list[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _tail(lines: list[str], bottom: int, *, cut: bool) -> list[str]:
    start = len(lines) - bottom
    return [] if cut else lines[start : start + _AROUND]
