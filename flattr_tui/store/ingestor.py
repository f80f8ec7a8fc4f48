"""Responses on their way into the catalogue: one after the other, in the order in which they came.

What the catalogue holds is a function of the responses and of the confirmations that told something about a list
(`ResponseStore.notes`), in their order: so it can be made anew from them at any time.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from flattr_tui.model.decoder import NotFlattrError, Page, decode
from flattr_tui.model.entities import Activity, Thing, User
from flattr_tui.model.response_kind import Answer
from flattr_tui.model.revenue import end_of_month
from flattr_tui.store.database import Database
from flattr_tui.store.errors import RenewedError
from flattr_tui.store.item_writer import Intake, Placed
from flattr_tui.store.list_writer import Lists, arguments, scope_of
from flattr_tui.store.page_snapshots import Pages
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.revenue_table import add_report
from flattr_tui.store.schema import LISTED, encode
from flattr_tui.store.stored_response import Confirmation, Place, Stored
from flattr_tui.store.types import Taken

BATCH: Final = 25
"""Responses taken in within one transaction when there are many."""


class Taker:
    """Takes responses in; call it in a thread."""

    def __init__(self, database: Database, responses: ResponseStore) -> None:
        self._database = database
        self._responses = responses
        self._lists = Lists(database, responses)

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
            upto = self._database.number(connection, "upto")
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
                upto = self._database.number(connection, "upto")
                if upto >= last:
                    break
                count += self._advance(connection, min(last, upto + BATCH))
                done = total - max(0, last - upto - BATCH)
            if progress is not None:
                progress(done, total)
        return count

    def _advance(self, connection: sqlite3.Connection, last: int) -> int:
        """Take in all up to number `last`, and what was noted in between; returns how many were there."""
        upto = self._database.number(connection, "upto")
        if upto >= last:
            return 0
        noted = self._database.number(connection, "noted")
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
            self._lists.remake(connection, feed)
        self._database.set_fact(connection, "upto", last)
        return count

    def _tell_again(self, connection: sqlite3.Connection, note: Confirmation) -> None:
        self._lists.again(connection, note.place)
        self._database.set_fact(connection, "noted", note.number)

    def _taken(self, connection: sqlite3.Connection, sequence: int, outcome: Taken) -> None:
        connection.execute("INSERT OR REPLACE INTO taken VALUES (?, ?)", (sequence, encode(outcome[1:])))
        self._database.set_fact(connection, "upto", sequence)

    def _take_one(self, connection: sqlite3.Connection, stored: Stored, late: set[int] | None = None) -> Taken:
        if stored.answer is Answer.REVENUE:
            return Taken(stored.request, items=self._add_report(connection, stored))
        try:
            page = decode(stored.answer, stored.body, stored.content_type)
        except NotFlattrError:
            return Taken(stored.request)  # it stays readable as what it is
        scope = scope_of(connection, stored.source, stored.account)
        at = max(stored.fetched_at, stored.checked_at)
        intake = Intake(connection, scope, at)
        placed = intake.put(page.entities)
        try:
            if stored.answer not in LISTED:
                self._record(connection, scope, stored, page, placed)
                return Taken(stored.request, items=len(page.entities), met=True, ended=True)
            if any(isinstance(entity, Activity) for entity in page.entities) and stored.answer is not Answer.ACTIVITIES:
                return Taken(stored.request, items=page.records)  # the same list in another form: without its items
            return self._lists.take(connection, scope, stored, page, placed, late)
        finally:
            if intake.changed:
                content = self._database.number(connection, "content")
                self._database.set_fact(connection, "content", content + 1)

    def _add_report(self, connection: sqlite3.Connection, stored: Stored) -> int:
        """Add the rows of a revenue report, and its things as they were at the end of its month."""
        rows = add_report(connection, stored)
        scope = scope_of(connection, stored.source, stored.account)
        intake = Intake(connection, scope, end_of_month(stored.request.get("month")) if rows else 0.0)
        owner = User(username=stored.request.get("owner"))
        things = [
            Thing(id=row.thing, title=row.title, url=row.url or None, link=row.flattr_url or None, owner=owner)
            for row in rows
        ]
        intake.put(things or [owner])
        content = self._database.number(connection, "content")
        self._database.set_fact(connection, "content", content + 1)
        return len(rows)

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

    def confirm(self, place: Place, checked_at: float) -> Taken | None:
        """Note that the server said the same as before; None where nothing was ever taken in of the place."""
        try:
            with self._database.writer() as connection:
                self._advance(connection, self._responses.last())
                self._freshen(connection, place, checked_at)
                connection.execute("SAVEPOINT look")
                outcome, telling = self._lists.again(connection, place)
                if telling:
                    upto = self._database.number(connection, "upto")
                    self._database.set_fact(connection, "noted", self._responses.note(place, checked_at, upto).number)
                else:
                    connection.execute("ROLLBACK TO look")
                connection.execute("RELEASE look")
                return outcome
        except RenewedError:
            self.catch_up()
            return None

    def _freshen(self, connection: sqlite3.Connection, place: Place, at: float) -> None:
        scope = scope_of(connection, place.source, place.account)
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
        items = Pages(connection, *feed).items(place.count, place.page)
        connection.execute(
            "UPDATE item SET fetched_at = max(fetched_at, ?) WHERE id IN (SELECT value FROM json_each(?))",
            (at, json.dumps(items)),
        )
