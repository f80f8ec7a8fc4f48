"""Finds responses in documents: web pages that a browser saved, and the files in e-mails, mailboxes and MHTML.

Browsers show JSON and text in a web page, with the response in an element `<pre>`. They and their extensions save that
page as HTML or MHTML, often with the address in a comment. Safari saves a web archive, which contains the response
unchanged: a property list with the main resource, the other resources, and the web archives of frames. E-mails,
mailboxes (mbox) and MHTML: RFC 5322, 2045, 4155, 2557.
"""

import html
import plistlib
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from functools import partial
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any, Final
from xml.parsers.expat import ExpatError

from flattr_tui.library.import_export.archive_members import Member
from flattr_tui.library.import_export.captured_response import CapturedResponse, read_time
from flattr_tui.library.import_export.decompression import UnreadableError
from flattr_tui.library.import_export.request_matcher import ROOT
from flattr_tui.model.response_body_parser import is_html

_PRE: Final = (re.compile(rb"<pre\b[^<>]{0,1000}>", re.IGNORECASE), re.compile(rb"</pre\s*>", re.IGNORECASE))
_XML_VIEWER: Final = (re.compile(rb'<div id="webkit-xml-viewer-source-xml"[^<>]{0,1000}>'), re.compile(rb"</div>"))
"""Match the opening and closing tag of the element in which Chromium shows XML."""
_TAG: Final = re.compile(rb"<[^<>]*>")
_ADDRESS: Final = re.compile(rb"<!--[^>]{0,200}?(?:saved from url=\(\d+\)|\n\s*url:\s*)(\S+)")
"""Matches the comment with the page's address, as Chromium and SingleFile write it."""
_STARTS: Final = (b"{", b"[", b"<", b"---")
_PROPERTY_LIST: Final = re.compile(rb"bplist0|\s*<\?xml[^<>]{0,200}>\s*<!DOCTYPE plist\b")
MAX_MAIL: Final = 64 * 1024 * 1024
_FIELD: Final = rb"[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*"
_MAIL: Final = re.compile(
    rb"(?:From [^\n]*\n)?(?:" + _FIELD + rb"){0,200}?(?:MIME-Version|Message-ID|Received|Delivered-To):", re.IGNORECASE
)
_NEXT: Final = re.compile(rb"(?:\A|\n)From [^\n]*\n(?=[A-Za-z][A-Za-z0-9-]*:)")


def read_web_page(data: bytes, url: str) -> CapturedResponse | None:
    """Return the API response that a saved HTML page shows; None if it shows none, and for any other file.

    `url` is the address of the response; with "", the address in a comment of the page is used.
    """
    if not is_html(data):
        return None
    if (body := _find_within(_XML_VIEWER, data)) is None and (shown := _find_within(_PRE, data)) is not None:
        body = html.unescape(_TAG.sub(b"", shown).decode("utf-8", "replace")).strip().encode("utf-8", "replace")
    if body is None or not body.startswith(_STARTS):
        return None
    named = _ADDRESS.search(data, 0, 4096)
    address = html.unescape(named[1].decode("utf-8", "replace")) if named else ""
    return CapturedResponse(place="", url=url or (address if ROOT in address else ""), body=body)


def _find_within(edges: tuple[re.Pattern[bytes], re.Pattern[bytes]], data: bytes) -> bytes | None:
    """Return what is between an opening tag and the next closing tag; None if one of them is missing.

    `edges` are two patterns, which match the opening and the closing tag.
    """
    start = edges[0].search(data)
    end = edges[1].search(data, start.end()) if start else None
    return data[start.end() : end.start()].strip() if start and end else None


def is_property_list(head: bytes) -> bool:
    """Whether a file that begins with `head` is a property list of macOS, binary or in XML."""
    return _PROPERTY_LIST.match(head) is not None


def web_archive_members(data: bytes) -> Iterator[Member]:
    """Yield the resources in a web archive of Safari, each with its address, as members.

    Raises `UnreadableError` if the data is damaged, or is another kind of property list.
    """
    try:
        archive = plistlib.loads(data)
    except (ValueError, LookupError, AttributeError, TypeError, ExpatError, RecursionError) as error:
        raise UnreadableError("a damaged property list") from error
    members = list(_resources([archive]))
    if not members:
        raise UnreadableError("a property list that is not a web archive of Safari: save the responses in it as JSON")
    yield from members


def _resources(archives: list[Any]) -> Iterator[Member]:
    """Yield the resources in web archives and in the archives of their frames, each once.

    An object of a property list may occur in it many times.
    """
    seen = set[int]()
    for archive in archives:
        if not isinstance(archive, dict) or id(archive) in seen:
            continue
        seen.add(id(archive))
        others, frames = (_list(archive.get(name)) for name in ("WebSubresources", "WebSubframeArchives"))
        archives.extend(frames)
        for resource in (archive.get("WebMainResource"), *others):
            data = resource.get("WebResourceData") if isinstance(resource, dict) else None
            if isinstance(data, bytes) and id(resource) not in seen:
                seen.add(id(resource))
                url = resource.get("WebResourceURL")
                address = url if isinstance(url, str) else ""
                yield Member(address or "a resource", 0.0, partial(BytesIO, data), url=address)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


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
