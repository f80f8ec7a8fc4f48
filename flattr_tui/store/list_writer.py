"""Lists on their way in: a response that is a page of a list is laid over what is known of the list."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from flattr_tui.model.api_request import Request
from flattr_tui.model.decoder import Page, decode
from flattr_tui.model.source import SourceKind
from flattr_tui.store.database import Database
from flattr_tui.store.item_writer import Intake, Placed
from flattr_tui.store.list_rows import Row, Rows
from flattr_tui.store.page_merger import Merged, Merger
from flattr_tui.store.page_snapshots import Pages, PageSeen
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.schema import LISTED, ItemKind
from flattr_tui.store.stored_response import Place, Stored
from flattr_tui.store.types import Taken

LATE: Final = 3600.0
"""Seconds that an imported response may be older than its feed before the feed is made anew in the order of time."""
DEFAULT_PAGE: Final = 30
"""What the service grants at least. content/api/index.md, 'Pagination'."""
DESCRIBED_BY_PERSON: Final = frozenset({"thing-flattrs"})
"""Lists whose rows differ only in who: there the user's words describe a row."""


class _Feed(NamedTuple):
    id: int
    kind: int
    low: int
    high: int
    ended: bool
    timed: bool
    newest: float


class Lists:
    """Lays pages over the catalogue's lists, within the transaction of the connection that is given."""

    def __init__(self, database: Database, responses: ResponseStore) -> None:
        self._database = database
        self._responses = responses

    def take(
        self,
        connection: sqlite3.Connection,
        scope: int,
        stored: Stored,
        page: Page,
        placed: Sequence[Placed],
        late: set[int] | None,
    ) -> Taken:
        """Lay a response over its list; one that comes too late only marks the list in `late`, where that is given."""
        self._grant(connection, stored, page.records)
        feed = self._feed(connection, scope, stored.request, LISTED[stored.answer], create=True)
        assert feed is not None  # noqa: S101 -- it was just made
        behind = stored.source == SourceKind.SAVED and stored.fetched_at < feed.newest - LATE
        connection.execute(
            "INSERT OR IGNORE INTO origin VALUES (?, ?, ?)",
            (feed.id, stored.fetched_at if behind else max(feed.newest, stored.fetched_at), stored.sequence),
        )
        if behind:
            if late is None:
                self.remake(connection, feed.id)
            else:
                late.add(feed.id)
            return Taken(stored.request, items=page.records)
        seen = self._seen(connection, feed, stored, page, placed)
        merged = self._lay(connection, feed, stored, seen)
        self._settle(connection, feed, merged, stored, page.total)
        more = _goes_on(Pages(connection, feed.id), seen.count, seen.page, seen.records)
        return Taken(stored.request, merged.new, merged.met, seen.ends, page.records, merged.suspicious, more)

    def _grant(self, connection: sqlite3.Connection, stored: Stored, records: int) -> None:
        if stored.count:
            connection.execute(
                "INSERT INTO source VALUES (?, ?) ON CONFLICT DO UPDATE SET granted = max(granted, excluded.granted)",
                (stored.source, min(records, stored.count)),
            )

    def _seen(
        self, connection: sqlite3.Connection, feed: _Feed, stored: Stored, page: Page, placed: Sequence[Placed]
    ) -> PageSeen:
        who = stored.request.method in DESCRIBED_BY_PERSON
        rows = {
            one.item: (Row(one.item, (one.person or one.subject) if who else one.subject), one.time) for one in placed
        }
        granted = connection.execute("SELECT granted FROM source WHERE name = ?", (stored.source,)).fetchone()
        full = min(stored.count, max(DEFAULT_PAGE, granted[0] if granted else 0))
        number = max(1, stored.page)
        is_short = stored.count > 0 and page.records < full
        return PageSeen(
            page=number,
            count=stored.count,
            offset=self._offset(connection, feed, stored.count, stored.page),
            rows=tuple(row for row, _ in rows.values()),
            times=tuple(time for _, time in rows.values()),
            records=page.records,
            ends=is_short and not _goes_on(Pages(connection, feed.id), stored.count, number, page.records),
        )

    def _offset(self, connection: sqlite3.Connection, feed: _Feed, count: int, page: int) -> int:
        if page <= 1:
            return 0
        first = Pages(connection, feed.id).records(count, 1)
        granted = first if first is not None and first >= DEFAULT_PAGE else count
        return (page - 1) * min(count, granted)

    def _lay(self, connection: sqlite3.Connection, feed: _Feed, place: Place, seen: PageSeen) -> Merged:
        rows = Rows(connection, feed.id, feed.low, feed.high)
        answers_whole = not seen.count and feed.kind != ItemKind.ACTIVITY
        tick = self._database.number(connection, "tick") + 1
        self._database.set_fact(connection, "tick", tick)
        merger = Merger(
            connection,
            rows,
            timed=feed.timed,
            ended=feed.ended,
            search=place.request.method == "search",
            tick=tick,
        )
        if answers_whole:
            merged = merger.whole(seen)
        elif feed.kind == ItemKind.ACTIVITY:  # the newest ones, and there is no asking for older ones
            merged = merger.merge(seen) if seen.rows else Merged(False, 0, True, False, True, False)
            merged = merged._replace(ended=True, met=True)
        else:
            merged = merger.merge(seen)
        holes = connection.execute(
            "SELECT coalesce(sum(holes), 0) FROM block WHERE feed = ? AND holes > 0", (feed.id,)
        ).fetchone()[0]
        connection.execute(
            "UPDATE feed SET low = ?, high = ?, saved = ?, timed = ?, ended = ?, edition = edition + ? WHERE id = ?",
            (
                rows.low,
                rows.high,
                len(rows) - holes,
                merger.timed,
                feed.ended if merged.ended is None else merged.ended,
                merged.changed or merged.ended not in {None, feed.ended},
                feed.id,
            ),
        )
        return merged

    def _settle(
        self, connection: sqlite3.Connection, feed: _Feed, merged: Merged, stored: Stored, total: int | None
    ) -> None:
        """Note what the response said of the list as a whole."""
        at = max(stored.fetched_at, stored.checked_at) if stored.page <= 1 else 0
        connection.execute(
            "UPDATE feed SET total = coalesce(?, total), fetched_at = nullif(max(coalesce(fetched_at, 0), ?), 0),"
            " newest = max(newest, ?) WHERE id = ?",
            (total, at, stored.fetched_at, feed.id),
        )

    def remake(self, connection: sqlite3.Connection, feed: int) -> None:
        """Lay all pages of a feed anew, in the order of time: one came that is older than what was known."""
        Rows(connection, feed).clear()
        Pages(connection, feed).forget()
        connection.execute(
            "UPDATE feed SET low = 0, high = -1, ended = 0, timed = (method != 'search'), edition = edition + 1"
            " WHERE id = ?",
            (feed,),
        )
        for (sequence,) in connection.execute(
            "SELECT sequence FROM origin WHERE feed = ? ORDER BY fetched_at, sequence", (feed,)
        ).fetchall():
            stored = self._responses.get(sequence)
            if stored is None:
                continue
            page = decode(stored.answer, stored.body, stored.content_type)
            scope = scope_of(connection, stored.source, stored.account)
            placed = Intake(connection, scope, stored.fetched_at).put(page.entities)
            found = self._feed(connection, scope, stored.request, LISTED[stored.answer])
            if found is not None:
                merged = self._lay(connection, found, stored, self._seen(connection, found, stored, page, placed))
                self._settle(connection, found, merged, stored, page.total)

    def again(self, connection: sqlite3.Connection, place: Place) -> tuple[Taken | None, bool]:
        """Lay a page over its feed once more as it was: the server has it so now. Say whether that told anything."""
        scope = scope_of(connection, place.source, place.account)
        feed = self._feed(connection, scope, place.request)
        if feed is None:
            return None, False
        offset = self._offset(connection, feed, place.count, place.page)
        seen = Pages(connection, feed.id).recall(place.count, place.page, offset)
        if seen is None:  # a list in one piece
            return Taken(place.request, 0, True, True, 0, False), False
        more = _goes_on(Pages(connection, feed.id), seen.count, seen.page, seen.records)
        seen = msgspec.structs.replace(seen, ends=seen.ends and not more)
        merged = self._lay(connection, feed, place, seen)
        outcome = Taken(place.request, merged.new, merged.met, seen.ends, seen.records, merged.suspicious, more)
        return outcome, merged.changed or merged.gap or merged.ended not in {None, feed.ended}

    def _feed(
        self,
        connection: sqlite3.Connection,
        scope: int,
        request: Request,
        kind: ItemKind = ItemKind.THING,
        *,
        create: bool = False,
    ) -> _Feed | None:
        key = (request.method, arguments(request), scope)
        found = connection.execute(
            "SELECT id, kind, low, high, ended, timed, newest FROM feed"
            " WHERE method = ? AND arguments = ? AND scope = ?",
            key,
        ).fetchone()
        if found is not None:
            return _Feed(*found)
        if not create:
            return None
        connection.execute(
            "INSERT INTO feed (method, arguments, scope, kind, low, high, saved, ended, timed, newest, edition)"
            " VALUES (?, ?, ?, ?, 0, -1, 0, 0, ?, 0, 1)",
            (*key, kind, request.method != "search"),
        )
        return self._feed(connection, scope, request)


def _goes_on(pages: Pages, count: int, page: int, records: int) -> bool:
    """Whether a page is known to have items behind it, and has not become shorter since.

    Some servers leave out of a page what not everybody may see, so that a page that is not full ends nothing.
    """
    known = pages.records(count, page)
    return known is not None and records >= known and bool(records and pages.records(count, page + 1))


def arguments(request: Request) -> str:
    """Write a request's arguments as one text; equal requests have equal ones."""
    return json.dumps(request.arguments, separators=(",", ":"), ensure_ascii=False)


def scope_of(connection: sqlite3.Connection, source: str, account: str) -> int:
    """Return the number that a source and an account have in the tables, one of its own from now on."""
    found = connection.execute("SELECT id FROM scope WHERE source = ? AND account = ?", (source, account)).fetchone()
    if found is None:
        connection.execute("INSERT INTO scope (source, account) VALUES (?, ?)", (source, account))
        return scope_of(connection, source, account)
    return int(found[0])
