"""Gives the pages in a cache of Scrapy (`…/response_body`) their addresses and times, from the `meta` next to each.

https://docs.scrapy.org/en/latest/topics/downloader-middleware.html#filesystem-storage-backend-default
"""

import ast
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, Final

from flattr_tui.library.import_export.archive_members import Member
from flattr_tui.library.import_export.decompression import UnreadableError, is_packed, unpack_beginning

_MAX_META: Final = 16 * 1024
_OTHERS: Final = frozenset({"pickled_meta", "request_headers", "request_body", "response_headers"})
"""Other files in the folder of a page. They are not read, because requests contain secrets."""


def join_cached_pages(members: Iterator[Member]) -> Iterator[Member]:
    """Yield the members. Of a cached page's folder, yield only the page, with its address and time.

    `meta` must come before the page, as in a sorted folder.
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
    """Return the address, the status and the time of a page; None if another program wrote the file."""
    try:
        with closing(member.open()) as file:
            data = file.read(_MAX_META)
        text = (unpack_beginning(data, _MAX_META) if is_packed(data) else data).decode()
        meta = ast.literal_eval(text) if text.startswith("{'") else None
    except (UnreadableError, OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return None  # it is read as any other file, which reports it
    if isinstance(meta, dict) and isinstance(meta.get("url"), str) and isinstance(meta.get("timestamp"), int | float):
        return meta
    return None
