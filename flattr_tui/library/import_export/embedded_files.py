"""Finds files within other files: rows of SQLite caches, pages in Scrapy's cache, e-mails, and saved web pages.

Each row of a database is read like a file of its own. Scrapy has a folder with several files for each page: the body is
in the file `response_body`, and the address and the time in `meta`.
https://docs.scrapy.org/en/latest/topics/downloader-middleware.html#filesystem-storage-backend-default

E-mails, mailboxes (mbox) and MHTML have attachments (RFC 5322, 2045, 4155, 2557). Browsers show JSON and text in a web
page, with the response in an element `<pre>`. They and their extensions save that page as HTML or MHTML, often with the
address in a comment. Safari saves a web archive, which contains the response unchanged: a property list with the main
resource, the other resources, and the web archives of frames.
"""

import ast
import html
import plistlib
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from functools import partial
from io import BytesIO
from itertools import groupby
from operator import itemgetter
from pathlib import PurePosixPath
from typing import Any, Final
from xml.parsers.expat import ExpatError

import msgspec

from flattr_tui.library.import_export.archive_members import MAX_MEMBERS, Member, UnpackBudget
from flattr_tui.library.import_export.captured_response import CapturedResponse, parse_moment, read_time
from flattr_tui.library.import_export.decompression import UnreadableError, is_packed, unpack_beginning
from flattr_tui.library.import_export.request_recognition import ROOT
from flattr_tui.model.response_body_parser import is_html
from flattr_tui.model.text_sanitizer import single_line
from flattr_tui.store.foreign_database import ForeignDatabase, ForeignDatabaseError, open_foreign_database

_HISHEL: Final = (
    "SELECT entries.rowid AS number, data, chunk_data FROM entries JOIN streams ON entry_id = id"
    " WHERE chunk_number >= 0 ORDER BY number, chunk_number"
)
"""Selects the responses that hishel 1 and 2 cache: headers in one table, the parts of the bodies in another.

The headers are in MessagePack.
"""
_BESIDE: Final = "its body is in a file beside the database: import the whole folder, which is read file by file"
"""Why the body of a row can't be read: diskcache stores long bodies in files beside the database."""
_RESPONSE: Final = re.compile(rb"\s*(?:[\[{<]|---|HTTP/\d|[\w.-]+:\s|cc=\d,|\x80[\x02-\x05])")
"""Matches the beginning of a response, or of a recorded exchange. Pickles match, too, so that they are reported."""
_ROW_ADDRESS: Final = re.compile(rb"https?://[^\s\"']{1,4096}?" + ROOT.encode() + rb"[^\s\"']*")
_TIME_COLUMN: Final = re.compile(r"creat|fetch|sav|stor\w*_?(?:time|at)|^date|^time", re.IGNORECASE)
"""Matches the names of columns that contain the time at which a row was written."""
_MAX_META: Final = 16 * 1024
_SCRAPY_OTHERS: Final = frozenset({"pickled_meta", "request_headers", "request_body", "response_headers"})
"""The other files in the folder of a cached page. They are not read, because requests contain secrets."""
_PRE: Final = (re.compile(rb"<pre\b[^<>]{0,1000}>", re.IGNORECASE), re.compile(rb"</pre\s*>", re.IGNORECASE))
_XML_VIEWER: Final = (re.compile(rb'<div id="webkit-xml-viewer-source-xml"[^<>]{0,1000}>'), re.compile(rb"</div>"))
"""Match the opening and closing tag of the element in which Chromium shows XML."""
_TAG: Final = re.compile(rb"<[^<>]*>")
_PAGE_ADDRESS: Final = re.compile(rb"<!--[^>]{0,200}?(?:saved from url=\(\d+\)|\n\s*url:\s*)(\S+)")
"""Matches the comment with the page's address, as Chromium and SingleFile write it."""
_STARTS: Final = (b"{", b"[", b"<", b"---")
_PROPERTY_LIST: Final = re.compile(rb"bplist0|\s*<\?xml[^<>]{0,200}>\s*<!DOCTYPE plist\b")
MAX_MAIL: Final = 64 * 1024 * 1024
_FIELD: Final = rb"[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*"
_MAIL: Final = re.compile(
    rb"(?:From [^\n]*\n)?(?:" + _FIELD + rb"){0,200}?(?:MIME-Version|Message-ID|Received|Delivered-To):", re.IGNORECASE
)
_NEXT_MAIL: Final = re.compile(rb"(?:\A|\n)From [^\n]*\n(?=[A-Za-z][A-Za-z0-9-]*:)")


def database_members(data: bytes) -> Iterator[Member]:
    """Yield a member for each row of an SQLite database that looks like a response. `data` is the database file.

    Raises `UnreadableError` if the database is damaged, or if no row looks like a response.
    """
    budget, number = UnpackBudget(len(data)), 0
    try:
        with open_foreign_database(data) as database:
            is_hishel = "streams" in database.tables() and "chunk_data" in next(database.rows("streams"), ())
            for number, row in enumerate(_read_hishel(database) if is_hishel else _read_rows(database), 1):
                if number > MAX_MEMBERS:
                    raise UnreadableError(f"has more than {MAX_MEMBERS:,} responses; only the first were read")
                name, changed, body, url = row
                budget.spend(len(body))
                yield Member(name, changed, partial(BytesIO, body), "" if body else _BESIDE, url)
    except ForeignDatabaseError as error:
        raise UnreadableError("is a damaged SQLite database; what came before the damage was read") from error
    if not number:
        raise UnreadableError("an SQLite database in which no row is a response")


_Row = tuple[str, float, bytes, str]
"""A row that may be a response: its place, its time in Unix seconds (0.0 if unknown), its body and its address."""


def _read_rows(database: ForeignDatabase) -> Iterator[_Row]:
    for table in database.tables():
        for number, row in enumerate(database.rows(table), 1):
            values = [value for value in row.values() if isinstance(value, bytes)]
            body = max((one for one in values if _RESPONSE.match(one) or is_packed(one)), key=len, default=b"")
            if row.get("filename"):
                body = b""
            elif not body:
                continue
            found = next((at for value in values if value is not body and (at := _ROW_ADDRESS.search(value))), None)
            url = found[0].decode("utf-8", "replace") if found else ""
            changed = max((_to_seconds(row[name]) for name in row if _TIME_COLUMN.search(name)), default=0.0)
            yield f"{single_line(table)[:80]} row {number}", changed, body, url


def _to_seconds(value: object) -> float:
    if not isinstance(value, int | float | bytes):
        return 0.0
    return parse_moment(value.decode("utf-8", "replace") if isinstance(value, bytes) else float(value))


def _read_hishel(database: ForeignDatabase) -> Iterator[_Row]:
    for number, chunks in groupby(database.select(_HISHEL), key=itemgetter("number")):
        pieces = [(row["data"], row["chunk_data"]) for row in chunks]
        try:
            head = msgspec.msgpack.decode(pieces[0][0], type=dict[str, Any])
            head["response"]["body"] = b"".join(piece for _, piece in pieces)
            recording = msgspec.json.encode({name: head[name] for name in ("request", "response")})
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError, KeyError):
            recording = b"{"
        yield f"entries row {number}", 0.0, recording, ""


def join_cached_pages(members: Iterator[Member]) -> Iterator[Member]:
    """Yield the members of a folder or archive, with one member for each page that Scrapy's cache has in several files.

    That member has the page's body, and the page's address and time. Both come from the file `meta`, which must come
    before the file with the body, as in a sorted folder. All other members are yielded unchanged.
    """
    pages: dict[str, Mapping[str, Any]] = {}
    for member in members:
        folder, _, name = member.name.rpartition("/")
        if name == "meta" and not member.refused and (meta := _read_meta(member)):
            pages = {folder: meta}
            continue
        page = pages.get(folder)
        if page is None:
            yield member
        elif name == "response_body":
            status = page.get("status")
            refused = "" if status == 200 else f"the response was not successful ({status})"
            yield member._replace(url=page["url"], changed=float(page["timestamp"]), refused=member.refused or refused)
        elif name not in _SCRAPY_OTHERS:
            yield member


def _read_meta(member: Member) -> Mapping[str, Any] | None:
    """Return the content of the file `meta` that Scrapy's cache has for each page: the page's address, status and time.

    Returns None if `member` is a file of another program.
    """
    try:
        with closing(member.open()) as file:
            data = file.read(_MAX_META)
        text = (unpack_beginning(data, _MAX_META) if is_packed(data) else data).decode()
        meta = ast.literal_eval(text) if text.startswith("{'") else None
    except (UnreadableError, OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return None  # the file is then imported like any other file, which reports what is wrong
    if isinstance(meta, dict) and isinstance(meta.get("url"), str) and isinstance(meta.get("timestamp"), int | float):
        return meta
    return None


def read_web_page(data: bytes, url: str) -> CapturedResponse | None:
    """Return the API response that a saved HTML page shows; None for a page without a response, and for other files.

    `url` is the address of the response; with "", the address in a comment of the page is used.
    """
    if not is_html(data):
        return None
    if (body := _find_within(_XML_VIEWER, data)) is None and (shown := _find_within(_PRE, data)) is not None:
        body = html.unescape(_TAG.sub(b"", shown).decode("utf-8", "replace")).strip().encode("utf-8", "replace")
    if body is None or not body.startswith(_STARTS):
        return None
    named = _PAGE_ADDRESS.search(data, 0, 4096)
    address = html.unescape(named[1].decode("utf-8", "replace")) if named else ""
    return CapturedResponse(place="", url=url or (address if ROOT in address else ""), body=body)


def _find_within(tags: tuple[re.Pattern[bytes], re.Pattern[bytes]], data: bytes) -> bytes | None:
    """Return the bytes between an opening tag and the next closing tag; None if one of the tags is missing.

    `tags` are two patterns: for the opening tag, and for the closing tag.
    """
    start = tags[0].search(data)
    end = tags[1].search(data, start.end()) if start else None
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
    """Yield the resources (files) in web archives of Safari, and in the archives of the frames inside them.

    `archives` are decoded property lists, in which the same object may occur many times. Each resource is yielded once.
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


_OBJECT: Final = re.compile(rb'\{\s*"type"\s*:\s*"(?:user|thing|flattr|subscription)"')


def read_mails(data: bytes) -> Iterator[Member] | None:
    """Return the files in the e-mails that a file contains; None for any other file.

    The iterator raises `UnreadableError` if the e-mails contain no files.
    """
    return _members(data) if _MAIL.match(data) else None


def _members(data: bytes) -> Iterator[Member]:
    starts = [found.end() for found in _NEXT_MAIL.finditer(data)] or [0]
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
    """Yield the files attached to an e-mail, and its text if that is JSON or contains an object of the API."""
    changed = read_time(str(mail.get("Date", "")))
    for number, part in enumerate(mail.walk(), 1):
        data = None if part.is_multipart() else part.get_payload(decode=True)
        if not isinstance(data, bytes):
            continue
        name, address = part.get_filename(), str(part.get("Content-Location", "")).strip()
        has_json = data.lstrip()[:1] in {b"{", b"["} or _OBJECT.search(data)
        if name or address or has_json or not part.get_content_type().startswith("text/"):
            shown = PurePosixPath(name or "").name or f"part {number}"
            yield Member(shown, changed, partial(BytesIO, data), url=address)
