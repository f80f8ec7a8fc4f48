"""Finds the addresses and times of web pages in a cache of Scrapy, which has a folder with several files for each page.

The body is in the file `response_body`, and the address and the time in `meta`.

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
"""The other files in the folder of a cached page. They are not read, because requests contain secrets."""


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
