"""Responses on their way into the catalogue: one after the other, in the order in which they came.

What the catalogue holds is a function of the responses and of the confirmations that told something about a list
(`ResponseStore.notes`), in their order: so it can be made anew from them at any time.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from flattr_tui.model.answers import Answer
from flattr_tui.model.decode import NotFlattrError, Page, decode
from flattr_tui.model.entities import Activity
from flattr_tui.model.request import Request
from flattr_tui.model.source import SourceKind
from flattr_tui.store.database import Database
from flattr_tui.store.errors import RenewedError
from flattr_tui.store.feeds import Row, Rows, numbers
from flattr_tui.store.items import Intake, Placed
from flattr_tui.store.merging import Merged, Merger, PageSeen
from flattr_tui.store.responses import Confirmation, ResponseStore
from flattr_tui.store.shapes import Taken
from flattr_tui.store.stored import Place, Stored
from flattr_tui.store.tables import LISTED, ItemKind, encode

BATCH: Final = 25
"""Responses taken in within one transaction when there are many."""
LATE: Final = 3600.0
"""Seconds that an imported response may be older than its feed before the feed is made anew in the order of time."""
DEFAULT_PAGE: Final = 30
"""What the service grants at least. content/api/index.md, 'Pagination'."""
_NO_TIME: Final = -(2**62)
_DESCRIBED_BY_PERSON: Final = frozenset({"thing-flattrs"})
"""Lists whose rows differ only in who: there the user's words describe a row."""


class _Feed(NamedTuple):
    id: int
    kind: int
    low: int
    high: int
    ended: bool
    timed: bool
    newest: float


class Taker:
    """Takes responses in; call it in a thread."""

    def __init__(self, database: Database, responses: ResponseStore) -> None:
        self._database = database
        self._responses = responses

    def waiting(self) -> int:
        """How many responses were not yet taken in."""
        found = self._database.read("SELECT value FROM meta WHERE name = 'upto'")
        return max(0, self._responses.last() - (found[0][0] if found else 0))

    def take(self, stored: Stored) -> Taken:
        """Take in one response, and before it all that came earlier and were not yet."""
        try:
            return self._take(stored)
        except RenewedError:
            self.catch_up()
            return self._take(stored)

    def _take(self, stored: Stored) -> Taken:
        with self._database.writer() as connection:
            upto = _number(self._database.fact(connection, "upto"))
            if stored.sequence > upto:
                self._advance(connection, stored.sequence - 1)
                outcome = self._take_one(connection, stored)
                self._taken(connection, stored.sequence, outcome)
                return outcome
            found = connection.execute("SELECT outcome FROM taken WHERE sequence = ?", (stored.sequence,)).fetchone()
            return Taken(stored.request, *msgspec.msgpack.decode(found[0])) if found else Taken(stored.request)

    def lend(self, stored: Stored) -> Taken:
        """Take in a response that could not be stored: it is gone when the catalogue is made anew."""
        try:
            with self._database.writer() as connection:
                return self._take_one(connection, stored)
        except RenewedError:
            self.catch_up()
            with self._database.writer() as connection:
                return self._take_one(connection, stored)

    def catch_up(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Take in all that were not yet; returns how many responses that were."""
        last = self._responses.last()
        done, count = 0, 0
        total = self.waiting()
        while done < total:
            with self._database.writer() as connection:
                upto = _number(self._database.fact(connection, "upto"))
                if upto >= last:
                    break
                count += self._advance(connection, min(last, upto + BATCH))
                done = total - max(0, last - upto - BATCH)
            if progress is not None:
                progress(done, total)
        return count

    def _advance(self, connection: sqlite3.Connection, last: int) -> int:
        """Take in all up to number `last`, and what was noted in between; returns how many were there."""
        upto = _number(self._database.fact(connection, "upto"))
        if upto >= last:
            return 0
        noted = _number(self._database.fact(connection, "noted"))
        notes = [note for note in self._responses.notes(noted) if note.sequence <= last]
        count = 0
        late: set[int] = set()
        for stored in self._responses.all(upto, last):
            while notes and notes[0].sequence < stored.sequence:
                self._tell_again(connection, notes.pop(0))
            self._taken(connection, stored.sequence, self._take_one(connection, stored, late))
            count += 1
        for note in notes:
            self._tell_again(connection, note)
        for feed in late:
            self._remake(connection, feed)
        self._database.set_fact(connection, "upto", last)
        return count

    def _tell_again(self, connection: sqlite3.Connection, note: Confirmation) -> None:
        self._again(connection, note.place)
        self._database.set_fact(connection, "noted", note.number)

    def _taken(self, connection: sqlite3.Connection, sequence: int, outcome: Taken) -> None:
        connection.execute("INSERT OR REPLACE INTO taken VALUES (?, ?)", (sequence, encode(outcome[1:])))
        self._database.set_fact(connection, "upto", sequence)

    def _take_one(self, connection: sqlite3.Connection, stored: Stored, late: set[int] | None = None) -> Taken:
        try:
            page = decode(stored.answer, stored.body, stored.content_type)
        except NotFlattrError:
            return Taken(stored.request)  # it stays readable as what it is
        scope = self._scope(connection, stored.source, stored.account)
        at = max(stored.fetched_at, stored.checked_at)
        intake = Intake(connection, scope, at)
        placed = intake.put(page.entities)
        try:
            if stored.answer not in LISTED:
                self._record(connection, scope, stored, page, placed)
                return Taken(stored.request, items=len(page.entities), met=True, ended=True)
            if any(isinstance(entity, Activity) for entity in page.entities) and stored.answer is not Answer.ACTIVITIES:
                return Taken(stored.request, items=page.records)  # the same list in another form: without its items
            return self._list(connection, scope, stored, page, placed, late)
        finally:
            if intake.changed:
                content = _number(self._database.fact(connection, "content"))
                self._database.set_fact(connection, "content", content + 1)

    def _record(
        self, connection: sqlite3.Connection, scope: int, stored: Stored, page: Page, placed: Sequence[Placed]
    ) -> None:
        if not page.entities:
            return
        item = placed[0].item if placed else None
        entity = None if item else encode(page.entities[0])
        connection.execute(
            "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET answer = excluded.answer,"
            " item = excluded.item, entity = excluded.entity, fetched_at = excluded.fetched_at,"
            " sequence = excluded.sequence WHERE excluded.fetched_at >= fetched_at",
            (
                scope,
                stored.request.method,
                arguments(stored.request),
                stored.answer.value,
                item,
                entity,
                max(stored.fetched_at, stored.checked_at),
                stored.sequence,
            ),
        )

    def _list(
        self,
        connection: sqlite3.Connection,
        scope: int,
        stored: Stored,
        page: Page,
        placed: Sequence[Placed],
        late: set[int] | None,
    ) -> Taken:
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
                self._remake(connection, feed.id)
            else:
                late.add(feed.id)
            return Taken(stored.request, items=page.records)
        seen = self._seen(connection, feed, stored, page, placed)
        merged = self._lay(connection, feed, stored, seen)
        self._settle(connection, feed, merged, stored, page.total)
        return Taken(stored.request, merged.new, merged.met, seen.ends, page.records, merged.suspicious)

    def _grant(self, connection: sqlite3.Connection, stored: Stored, records: int) -> None:
        if stored.count:
            connection.execute(
                "INSERT INTO source VALUES (?, ?) ON CONFLICT DO UPDATE SET granted = max(granted, excluded.granted)",
                (stored.source, min(records, stored.count)),
            )

    def _seen(
        self, connection: sqlite3.Connection, feed: _Feed, stored: Stored, page: Page, placed: Sequence[Placed]
    ) -> PageSeen:
        who = stored.request.method in _DESCRIBED_BY_PERSON
        rows = {
            one.item: (Row(one.item, (one.person or one.subject) if who else one.subject), one.time) for one in placed
        }
        granted = connection.execute("SELECT granted FROM source WHERE name = ?", (stored.source,)).fetchone()
        full = min(stored.count, max(DEFAULT_PAGE, granted[0] if granted else 0))
        return PageSeen(
            page=max(1, stored.page),
            count=stored.count,
            offset=self._offset(connection, feed, stored.count, stored.page),
            rows=tuple(row for row, _ in rows.values()),
            times=tuple(time for _, time in rows.values()),
            records=page.records,
            ends=stored.count > 0 and page.records < full,
        )

    def _offset(self, connection: sqlite3.Connection, feed: _Feed, count: int, page: int) -> int:
        if page <= 1:
            return 0
        first = connection.execute(
            "SELECT records FROM page WHERE feed = ? AND count = ? AND page = 1", (feed.id, count)
        ).fetchone()
        granted = first[0] if first and first[0] >= DEFAULT_PAGE else count
        return (page - 1) * min(count, granted)

    def _lay(self, connection: sqlite3.Connection, feed: _Feed, place: Place, seen: PageSeen) -> Merged:
        rows = Rows(connection, feed.id, feed.low, feed.high)
        answers_whole = not seen.count and feed.kind != ItemKind.ACTIVITY
        tick = _number(self._database.fact(connection, "tick")) + 1
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

    def _remake(self, connection: sqlite3.Connection, feed: int) -> None:
        """Lay all pages of a feed anew, in the order of time: one came that is older than what was known."""
        Rows(connection, feed).clear()
        connection.execute("DELETE FROM page WHERE feed = ?", (feed,))
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
            scope = self._scope(connection, stored.source, stored.account)
            placed = Intake(connection, scope, stored.fetched_at).put(page.entities)
            found = self._feed(connection, scope, stored.request, LISTED[stored.answer])
            if found is not None:
                merged = self._lay(connection, found, stored, self._seen(connection, found, stored, page, placed))
                self._settle(connection, found, merged, stored, page.total)

    def confirm(self, place: Place, checked_at: float) -> Taken | None:
        """Note that the server said the same as before; None where nothing was ever taken in of the place."""
        try:
            with self._database.writer() as connection:
                self._advance(connection, self._responses.last())
                self._freshen(connection, place, checked_at)
                connection.execute("SAVEPOINT look")
                outcome, telling = self._again(connection, place)
                if telling:
                    upto = _number(self._database.fact(connection, "upto"))
                    self._database.set_fact(connection, "noted", self._responses.note(place, checked_at, upto).number)
                else:
                    connection.execute("ROLLBACK TO look")
                connection.execute("RELEASE look")
                return outcome
        except RenewedError:
            self.catch_up()
            return None

    def _freshen(self, connection: sqlite3.Connection, place: Place, at: float) -> None:
        scope = self._scope(connection, place.source, place.account)
        known = (place.request.method, arguments(place.request), scope)
        connection.execute(
            "UPDATE record SET fetched_at = max(fetched_at, ?) WHERE method = ? AND arguments = ? AND scope = ?",
            (at, *known),
        )
        connection.execute(
            "UPDATE item SET fetched_at = max(fetched_at, ?) WHERE id IN"
            " (SELECT item FROM record WHERE method = ? AND arguments = ? AND scope = ?)",
            (at, *known),
        )
        feed = connection.execute(
            "SELECT id FROM feed WHERE method = ? AND arguments = ? AND scope = ?", known
        ).fetchone()
        if feed is None:
            return
        if place.page <= 1:
            connection.execute("UPDATE feed SET fetched_at = max(coalesce(fetched_at, 0), ?) WHERE id = ?", (at, *feed))
        page = connection.execute(
            "SELECT items FROM page WHERE feed = ? AND count = ? AND page = ?", (*feed, place.count, place.page)
        ).fetchone()
        if page is not None:
            connection.execute(
                "UPDATE item SET fetched_at = max(fetched_at, ?) WHERE id IN (SELECT value FROM json_each(?))",
                (at, json.dumps(list(numbers(page[0])))),
            )

    def _again(self, connection: sqlite3.Connection, place: Place) -> tuple[Taken | None, bool]:
        """Lay a page over its feed once more as it was: the server has it so now. Say whether that told anything."""
        scope = self._scope(connection, place.source, place.account)
        feed = self._feed(connection, scope, place.request)
        if feed is None:
            return None, False
        found = connection.execute(
            "SELECT items, times, subjects, records, ends FROM page WHERE feed = ? AND count = ? AND page = ?",
            (feed.id, place.count, place.page),
        ).fetchone()
        if found is None:  # a list in one piece
            return Taken(place.request, 0, True, True, 0, False), False
        items, times, subjects = map(numbers, found[:3])
        seen = PageSeen(
            page=max(1, place.page),
            count=place.count,
            offset=self._offset(connection, feed, place.count, place.page),
            rows=tuple(map(Row, items, subjects)),
            times=tuple(None if time == _NO_TIME else time for time in times),
            records=found[3],
            ends=bool(found[4]),
        )
        merged = self._lay(connection, feed, place, seen)
        outcome = Taken(place.request, merged.new, merged.met, seen.ends, seen.records, merged.suspicious)
        return outcome, merged.changed or merged.gap or merged.ended not in {None, feed.ended}

    def _scope(self, connection: sqlite3.Connection, source: str, account: str) -> int:
        found = connection.execute(
            "SELECT id FROM scope WHERE source = ? AND account = ?", (source, account)
        ).fetchone()
        if found is None:
            connection.execute("INSERT INTO scope (source, account) VALUES (?, ?)", (source, account))
            return self._scope(connection, source, account)
        return int(found[0])

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


def arguments(request: Request) -> str:
    """Write a request's arguments as one text; equal requests have equal ones."""
    return json.dumps(request.arguments, separators=(",", ":"), ensure_ascii=False)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
