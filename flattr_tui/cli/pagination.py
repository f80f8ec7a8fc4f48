"""Reads a list page by page for `flattr-tui get --all`. It ends whatever the server does."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Final

import msgspec

from flattr_tui.api.methods import Format, Method
from flattr_tui.library.console.api_console import DEFAULT_COUNT, ApiConsole
from flattr_tui.library.console.exchange import Exchange
from flattr_tui.model.body_parser import RepairLog, parse_body
from flattr_tui.model.decoder import DecodedPage, decode_page
from flattr_tui.model.entities import Item
from flattr_tui.model.envelopes import find_records
from flattr_tui.model.errors import Json, NotFlattrError
from flattr_tui.model.response_kind import ResponseKind

MAX_COUNT: Final = 100
"""Items per page that are requested without a `count`; the server may send fewer."""
MAX_PAGES: Final = 100_000
"""Pages after which a list is considered endless."""
SAME_PAGE: Final = "the server sends the same page for every page number, so the list may be incomplete."


async def iter_pages(
    console: ApiConsole, method: Method, arguments: Mapping[str, str], format: Format | None
) -> AsyncIterator[Exchange]:
    """Fetch pages until one is empty, which alone proves the end of a list. A failed exchange is the last one.

    A short page may be due to the server's page size or to hidden items. If a page has no new items, the server ignores
    page numbers. content/api/index.md, 'Pagination'.
    """
    count = int(arguments.get("count") or MAX_COUNT)
    first = int(arguments.get("page") or 1)
    walk = _PageTracker()
    for page in range(first, first + MAX_PAGES):
        asked = {**arguments, "count": str(count), "page": str(page)}
        exchange = await console.send(method, asked, format, remember=False)
        if walk.short and exchange.status == 404:
            return  # how other servers say that there is no such page
        read = _decode(exchange)
        if page > first and read is not None and not read.records:
            return
        if read is not None and not exchange.exit_code and walk.add_repeats(read, count):
            if walk.may_be_incomplete:
                yield msgspec.structs.replace(exchange, problem=SAME_PAGE, exit_code=1)
            return
        yield exchange
        if exchange.exit_code or read is None or not read.records:
            return
        if console.offline and walk.short_as_saved:
            return  # offline nobody knows whether there is another page
        if page == first and DEFAULT_COUNT <= read.records < count:
            count = (
                read.records
            )  # ask for the granted size, so that pages have the same bounds as in the rest of the program


class _PageTracker:
    """Tracks the pages read so far, to tell whether the list goes on."""

    def __init__(self) -> None:
        self.short = False
        """Whether the last page had fewer items than requested."""
        self.short_as_saved = False
        """Whether it had fewer than the first page, and fewer than the smallest page size of any server."""
        self._known: set[str] = set()
        self._first = 0
        self._pages = self._stale = 0
        self._full = False
        self._went_on = False

    @property
    def may_be_incomplete(self) -> bool:
        """Whether the server returns the same page for every number, so that the list may have more items."""
        return self._full and not self._went_on

    def add_repeats(self, read: DecodedPage, count: int) -> bool:
        """Record a page; return whether it is the second in a row without new items. A growing list can cause one."""
        keys = {entity.key for entity in read.entities if isinstance(entity, Item)}
        is_new = not self._known.issuperset(keys)
        self._known |= keys
        self._pages += 1
        self.short = read.records < count
        self._first = self._first or read.records
        self.short_as_saved = read.records < min(count, max(DEFAULT_COUNT, self._first))
        if self._pages == 1:
            self._full = DEFAULT_COUNT <= read.records <= count
            return False
        self._went_on |= is_new
        self._stale = 0 if is_new else self._stale + 1
        return self._stale > 1


def _decode(exchange: Exchange) -> DecodedPage | None:
    try:
        return decode_page(exchange.declared.response_kind, exchange.body or b"", exchange.content_type)
    except NotFlattrError:
        return None  # reported when the page is written


def split_items(exchange: Exchange) -> list[bytes]:
    """Split a page's array into its items, without changing their text; raises `NotFlattrError` if there is no array.

    A page with irregular wrapping is decoded leniently and encoded again.
    """
    raw: bytes | msgspec.Raw = exchange.body or b"[]"
    try:
        if exchange.declared.response_kind is ResponseKind.SEARCH:
            raw = msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).get("things", msgspec.Raw(b"[]"))
        return [bytes(item) for item in msgspec.json.decode(raw, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        repair = RepairLog()
        found = find_records(
            exchange.declared.response_kind, parse_body(exchange.body or b"", exchange.content_type, repair), repair
        )
        return [_encode_again(item) for item in found]


def _encode_again(item: Json) -> bytes:
    try:
        return msgspec.json.encode(item)
    except UnicodeEncodeError:
        return json.dumps(item).encode()  # a lone surrogate, which only an escape can represent
