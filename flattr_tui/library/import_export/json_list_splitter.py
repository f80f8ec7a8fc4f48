"""Splits JSON lists of records into shorter lists: pages, and the lists of several users."""

from collections.abc import Sequence

import msgspec

from flattr_tui.model.api_request import ResponseKind, fold_username
from flattr_tui.model.entities import Flattr
from flattr_tui.model.entity_decoder import decode_page

_array = msgspec.json.Decoder(list[msgspec.Raw])
_raw = msgspec.json.Decoder(msgspec.Raw)


def split_records(body: bytes) -> list[msgspec.Raw]:
    """Return the values in a JSON array or in JSON lines; empty for anything else, also for damaged JSON."""
    head = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    try:
        if head == b"[":
            return _array.decode(body)
        lines = _raw.decode_lines(body) if head == b"{" else []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    return lines if len(lines) > 1 else []


def split_list(records: list[msgspec.Raw], size: int, *, overlap: bool = False) -> list[bytes]:
    """Split `records` into JSON lists of `size` values each. The last list may be shorter.

    With `overlap`, the last of several lists is also full: it begins with the last values of the list before it. The
    lists are stored as pages, and a short page would mean that the server's list ends there.
    """
    starts = list(range(0, len(records), size))
    if overlap and len(records) > size:
        starts[-1] = len(records) - size
    return [join_records(records[start : start + size]) for start in starts]


def split_by_user(records: Sequence[msgspec.Raw]) -> list[bytes]:
    """Split flattrs into one JSON list for each user who gave some. Each list is sorted newest first, as in the API.

    Exported files may contain flattrs of several users, and in any order. A list with an undated flattr is not sorted.
    """
    users: dict[str, list[tuple[int, msgspec.Raw]]] = {}
    unread: list[tuple[int, msgspec.Raw]] = []
    for record in records:
        [flattr] = decode_page(ResponseKind.FLATTRS, b"[%b]" % record).entities or [None]
        if not isinstance(flattr, Flattr):
            unread.append((0, record))
            continue
        name = fold_username(flattr.owner.username) if flattr.owner else ""
        users.setdefault(name, []).append((flattr.created_at or 0, record))
    for own in users.values():
        if all(time for time, _ in own):
            own.sort(key=lambda dated: -dated[0])
    if not users:
        return [join_records(records)]
    next(iter(users.values())).extend(unread)  # where they are counted
    return [join_records([record for _, record in own]) for own in users.values()]


def join_records(records: Sequence[msgspec.Raw]) -> bytes:
    """Return records as one JSON list."""
    return b"[" + b",".join(records) + b"]"
