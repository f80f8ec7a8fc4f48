"""The pages of a list, one after the other, for `flattr-tui get --all`: whatever the server does, they end."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Final

import msgspec

from flattr_tui.api.methods import Format, Method
from flattr_tui.library.console.api_console import DEFAULT_COUNT, Console
from flattr_tui.library.console.exchange import Exchange
from flattr_tui.model.body_parser import RepairLog, parse_body
from flattr_tui.model.decoder import DecodedPage, decode_page
from flattr_tui.model.entities import Item
from flattr_tui.model.envelopes import find_records
from flattr_tui.model.errors import Json, NotFlattrError
from flattr_tui.model.response_kind import ResponseKind

LARGEST: Final = 100
"""Items a page that are asked for where no `count` is given; the server may grant fewer."""
MOST_PAGES: Final = 100_000
"""No more are followed: a server that never ends a list must not be asked forever."""
ROUND: Final = "the server sends the same page under each number; what came may not be all of the list."


async def pages(
    console: Console, method: Method, arguments: Mapping[str, str], format: Format | None
) -> AsyncIterator[Exchange]:
    """Ask for page after page until one is empty, which alone ends a list; an exchange that failed is the last.

    A page with fewer items than were asked for may be all that is granted, or have some hidden; one with none but
    known ones comes of a server that minds no page's number. content/api/index.md, 'Pagination'.
    """
    count = int(arguments.get("count") or LARGEST)
    first = int(arguments.get("page") or 1)
    walk = _Walk()
    for page in range(first, first + MOST_PAGES):
        asked = {**arguments, "count": str(count), "page": str(page)}
        exchange = await console.send(method, asked, format, remember=False)
        if walk.short and exchange.status == 404:
            return  # so other servers say that there is no such page
        read = _read(exchange)
        if page > first and read is not None and not read.records:
            return
        if read is not None and not exchange.exit_code and walk.goes_round(read, count):
            if walk.doubtful:
                yield msgspec.structs.replace(exchange, problem=ROUND, exit_code=1)
            return
        yield exchange
        if exchange.exit_code or read is None or not read.records:
            return
        if console.offline and walk.short_for_saved:
            return  # nobody could say whether there is another
        if page == first and DEFAULT_COUNT <= read.records < count:
            count = read.records  # what is granted is asked for: so the pages lie as the rest of the program has them


class _Walk:
    """What the pages so far say of where they lead."""

    def __init__(self) -> None:
        self.short = False
        """Whether the last page had fewer than were asked for."""
        self.short_for_saved = False
        """Whether it had fewer than the first, or than any server grants."""
        self._known: set[str] = set()
        self._first = 0
        self._pages = self._stale = 0
        self._full = False
        self._went_on = False

    @property
    def doubtful(self) -> bool:
        """Whether there may be more than the one page that comes under each number."""
        return self._full and not self._went_on

    def goes_round(self, read: DecodedPage, count: int) -> bool:
        """Take in a page; whether it is the second in a row with nothing new: one may be, of a list that grows."""
        keys = {entity.key for entity in read.entities if isinstance(entity, Item)}
        is_new = not self._known.issuperset(keys)
        self._known |= keys
        self._pages += 1
        self.short = read.records < count
        self._first = self._first or read.records
        self.short_for_saved = read.records < min(count, max(DEFAULT_COUNT, self._first))
        if self._pages == 1:
            self._full = DEFAULT_COUNT <= read.records <= count
            return False
        self._went_on |= is_new
        self._stale = 0 if is_new else self._stale + 1
        return self._stale > 1


def _read(exchange: Exchange) -> DecodedPage | None:
    try:
        return decode_page(exchange.declared.answer, exchange.body or b"", exchange.content_type)
    except NotFlattrError:
        return None  # what it is instead is said where it is written


def items_of(exchange: Exchange) -> list[bytes]:
    """Take a page's array apart into its items, each as it was sent; raises `NotFlattrError` where it is none.

    A page that is odd in another way than in what it says is read as all of the program reads it, and written anew.
    """
    raw: bytes | msgspec.Raw = exchange.body or b"[]"
    try:
        if exchange.declared.answer is ResponseKind.SEARCH:
            raw = msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).get("things", msgspec.Raw(b"[]"))
        return [bytes(item) for item in msgspec.json.decode(raw, type=list[msgspec.Raw])]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        repair = RepairLog()
        found = find_records(
            exchange.declared.answer, parse_body(exchange.body or b"", exchange.content_type, repair), repair
        )
        return [_written_anew(item) for item in found]


def _written_anew(item: Json) -> bytes:
    try:
        return msgspec.json.encode(item)
    except UnicodeEncodeError:
        return json.dumps(item).encode()  # half a pair of surrogates, which only an escape can write
