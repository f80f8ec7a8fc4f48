"""Reads caches of HTTP responses: SQLite databases of any program, and the folders of Scrapy.

Each row of a database is read like a file of its own. Scrapy has a folder with several files for each page: the body is
in the file `response_body`, and the address and the time in `meta`.
https://docs.scrapy.org/en/latest/topics/downloader-middleware.html#filesystem-storage-backend-default
"""

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from io import BytesIO
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import msgspec

from flattr_tui.library.import_export.archive_members import MAX_MEMBERS, Member, UnpackBudget
from flattr_tui.library.import_export.captured_response import parse_moment
from flattr_tui.library.import_export.decompression import UnreadableError, is_packed, unpack_beginning
from flattr_tui.library.import_export.request_matcher import ROOT
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
_ADDRESS: Final = re.compile(rb"https?://[^\s\"']{1,4096}?" + ROOT.encode() + rb"[^\s\"']*")
_TIME: Final = re.compile(r"creat|fetch|sav|stor\w*_?(?:time|at)|^date|^time", re.IGNORECASE)
"""Matches the names of columns that contain the time at which a row was written."""
_MAX_META: Final = 16 * 1024
_OTHERS: Final = frozenset({"pickled_meta", "request_headers", "request_body", "response_headers"})
"""The other files in the folder of a cached page. They are not read, because requests contain secrets."""


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
            found = next((at for value in values if value is not body and (at := _ADDRESS.search(value))), None)
            url = found[0].decode("utf-8", "replace") if found else ""
            changed = max((_to_seconds(row[name]) for name in row if _TIME.search(name)), default=0.0)
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
    """Yield members of a folder or archive. Of the files for a page in Scrapy's cache, yield only the body.

    That member gets the address and the time of the page. The file `meta` must come before it, as in a sorted folder.
    Other members are yielded unchanged.
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
        elif name not in _OTHERS:
            yield member


def _read_meta(member: Member) -> Mapping[str, Any] | None:
    """Return the content of a file `meta`: the address, the status and the time of a cached page.

    Returns None if it is not a file of Scrapy.
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
