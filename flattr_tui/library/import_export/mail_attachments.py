"""Reads the files in e-mails, mailboxes (mbox) and pages saved as MHTML (RFC 5322, 2045, 4155, 2557)."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from functools import partial
from io import BytesIO
from pathlib import PurePosixPath
from typing import Final

from flattr_tui.library.import_export.archive_members import Member
from flattr_tui.library.import_export.captured_response import read_time
from flattr_tui.library.import_export.decompression import UnreadableError

MAX_MAIL: Final = 64 * 1024 * 1024
_FIELD: Final = rb"[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*"
_MAIL: Final = re.compile(
    rb"(?:From [^\n]*\n)?(?:" + _FIELD + rb"){0,200}?(?:MIME-Version|Message-ID|Received|Delivered-To):", re.IGNORECASE
)
_NEXT: Final = re.compile(rb"(?:\A|\n)From [^\n]*\n(?=[A-Za-z][A-Za-z0-9-]*:)")


def read_mails(data: bytes) -> Iterator[Member] | None:
    """Return the files in the e-mails that a file contains; None for any other file.

    The iterator raises `UnreadableError` if the e-mails contain no files.
    """
    return _members(data) if _MAIL.match(data) else None


def _members(data: bytes) -> Iterator[Member]:
    starts = [found.end() for found in _NEXT.finditer(data)] or [0]
    count = 0
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(data)], strict=True), 1):
        if end - start > MAX_MAIL:
            yield Member(f"mail {number}", 0.0, BytesIO, f"a mail of more than {MAX_MAIL:,} bytes")
            continue
        try:
            found = list(_parts(message_from_bytes(data[start:end])))
        except (MessageError, ValueError, LookupError, RecursionError):
            yield Member(f"mail {number}", 0.0, BytesIO, "is a damaged mail")
            continue
        count += len(found)
        for member in found:
            yield member._replace(name=f"mail {number}: {member.name}") if len(starts) > 1 else member
    if not count:
        raise UnreadableError("mail without an attached file")


def _parts(mail: Message) -> Iterator[Member]:
    """Yield the files attached to an e-mail, and its text if that looks like JSON."""
    changed = read_time(str(mail.get("Date", "")))
    for number, part in enumerate(mail.walk(), 1):
        data = None if part.is_multipart() else part.get_payload(decode=True)
        if not isinstance(data, bytes):
            continue
        name, address = part.get_filename(), str(part.get("Content-Location", "")).strip()
        if name or address or not part.get_content_type().startswith("text/") or data.lstrip()[:1] in {b"{", b"["}:
            shown = PurePosixPath(name or "").name or f"part {number}"
            yield Member(shown, changed, partial(BytesIO, data), url=address)
