"""Reads web archives (WARC, ISO 28500, and its predecessor ARC) record by record."""

import re
from collections.abc import Iterator
from typing import IO, Any, Final

from flattr_tui.installation import install_command
from flattr_tui.library.transfer import capture
from flattr_tui.library.transfer.capture import Capture, Revisit, make_lookup_body, parse_moment
from flattr_tui.library.transfer.content_encoding import decode_body
from flattr_tui.library.transfer.packed_stream import UnreadableError, unpack, unpack_beginning
from flattr_tui.library.transfer.url_matcher import NO_ADDRESS, ROOT
from flattr_tui.library.transfer.warc_records import MAX_HEAD, LostPart, Record, parse_fields, read_records

_ARC: Final = b"filedesc://"
_OF_INTEREST: Final = re.compile(rb"\nWARC-Type:[ \t]*(?:response|resource|revisit)\b", re.IGNORECASE)
_TARGET: Final = re.compile(rb"\nWARC-Target-URI:[ \t]*<?([^\r\n>]*)", re.IGNORECASE)
_REPORTS: Final = "flattr.com/transaction/view/"
"""Addresses of revenue reports."""
_XML: Final = re.compile(rb"\nContent-Type:[ \t]*[a-z]+/(?:\w+\+)?xml", re.IGNORECASE)
"""Content types of feeds."""
_SNIFFED: Final = 2048
_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")
_STATUS: Final = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})")


def read_warc(file: IO[bytes], head: bytes) -> Iterator[Capture]:
    """Read a web archive that begins with `head`; unreadable parts become captures with a problem."""
    if unpack_beginning(head).startswith(_ARC) or head.startswith(_ARC):
        yield from _read_arc(file)
        return
    number = 0
    for record in read_records(unpack(file, head)):
        if isinstance(record, LostPart):
            if record.after or number:
                yield Capture(place=f"after record {record.after}", problem=record.reason)
            continue
        number = record.number
        found = _OF_INTEREST.search(record.head)
        if found and (one := _capture(record)):
            yield one
    if number == 0:
        raise UnreadableError("is broken: no record in it could be read")


def _capture(record: Record) -> Capture | None:
    target = _TARGET.search(record.head)
    url = target[1].decode("utf-8", "replace").strip() if target else ""
    place = f"record {record.number}"
    begun = b""
    if ROOT not in url and _REPORTS not in url:
        begun = record.read(_SNIFFED) or b""
        if not _XML.search(begun, 0, end if (end := begun.find(b"\n\r\n")) > 0 else _SNIFFED):
            return Capture(place=place, url=url, problem=NO_ADDRESS)
    headers = record.headers
    kind = headers.get("warc-type", "").lower()
    one = Capture(place=place, url=url, fetched_at=parse_moment(headers.get("warc-date")))
    one.record_id = headers.get("warc-record-id", "")
    rest = record.read(capture.MAX_BODY + MAX_HEAD)
    if rest is None:
        one.problem = "ends early"
        return one
    block = begun + rest
    if "application/http" in headers.get("content-type", "").lower() or kind != "resource":
        return _read_http(one, block, kind, headers)
    one.content_type, one.body = headers.get("content-type", ""), block
    return one


def _read_http(one: Capture, block: bytes, kind: str, named: dict[str, str]) -> Capture:
    """Fill in the head and the body of a response."""
    end = _HEAD_END.search(block, 0, MAX_HEAD)
    head, body = (block[: end.start()], block[end.end() :]) if end else (block[:MAX_HEAD], b"")
    headers = parse_fields(head)
    status = _STATUS.match(head)
    one.status = int(status[1]) if status else 0
    one.content_type = headers.get("content-type", "")
    if kind == "revisit":
        one.revisit = Revisit(
            named.get("warc-refers-to", ""),
            named.get("warc-refers-to-target-uri", one.url).strip("<>"),
            parse_moment(named.get("warc-refers-to-date")),
            named.get("warc-payload-digest", ""),
        )
        return one
    one.digest = named.get("warc-payload-digest", "")
    try:
        one.body = decode_body(body, headers)
    except UnreadableError as error:
        one.problem = str(error)
    if not one.body.strip() and not one.problem and headers.get("location"):
        one.body = make_lookup_body(headers["location"])
    return one


def _read_arc(file: IO[bytes]) -> Iterator[Capture]:
    try:
        from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415 -- an extra, for those who have such old ones
        from warcio.exceptions import ArchiveLoadFailed  # noqa: PLC0415
    except ImportError as error:
        raise UnreadableError(f"is an ARC file: reading it needs `{install_command('warc')}`") from error
    number = 0
    try:
        for record in ArchiveIterator(file, arc2warc=True):
            number += 1
            if record.rec_type == "response":
                yield _arc_capture(record, f"record {number}")
    except (ArchiveLoadFailed, EOFError, UnicodeDecodeError) as error:
        raise UnreadableError(f"is broken after record {number}; what came before it was read") from error


def _arc_capture(record: Any, place: str) -> Capture:
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    one = Capture(place=place, url=url, fetched_at=parse_moment(record.rec_headers.get_header("WARC-Date")))
    headers = record.http_headers
    named = {name.lower(): value for name, value in headers.headers} if headers else {}
    status = headers.get_statuscode() if headers else "200"
    one.status = int(status) if status and status.isdigit() else 0
    one.content_type = named.get("content-type", "")
    try:
        # Not with warcio's own decoding, which has no limit and fails on br.
        one.body = decode_body(record.raw_stream.read(capture.MAX_BODY + 1), named)
    except UnreadableError as error:
        one.problem = str(error)
    if not one.body.strip() and not one.problem and named.get("location"):
        one.body = make_lookup_body(named["location"])
    return one
