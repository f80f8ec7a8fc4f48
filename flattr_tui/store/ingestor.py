"""Ingests responses into the catalogue, one by one in the order in which they were stored.

The catalogue is a function of the stored responses and of the confirmations that changed a list
(`ResponseStore.confirmations`), in their order, so that it can be rebuilt at any time.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from flattr_tui.model.decoder import DecodedPage, decode_page
from flattr_tui.model.entities import Activity, Thing, User
from flattr_tui.model.errors import NotFlattrError
from flattr_tui.model.response_kind import ResponseKind
from flattr_tui.model.revenue import end_of_month
from flattr_tui.store.database import Database
from flattr_tui.store.errors import CatalogueReplacedError, UnwritableError
from flattr_tui.store.item_writer import ItemWriter, StoredItem
from flattr_tui.store.list_writer import ListWriter, encode_arguments, scope_id
from flattr_tui.store.page_snapshots import PageSnapshots
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.revenue_table import add_report
from flattr_tui.store.schema import LIST_KINDS, encode
from flattr_tui.store.stored_response import Confirmation, ResponseKey, StoredResponse
from flattr_tui.store.types import IngestResult

BATCH: Final = 25
"""How many responses are ingested in one transaction."""


class Ingestor:
    """Ingests responses; call it in a thread."""

    def __init__(self, database: Database, responses: ResponseStore) -> None:
        self._database = database
        self._responses = responses
        self._list_writer = ListWriter(database, responses)

    def pending_count(self) -> int:
        """Return how many stored responses are missing from the catalogue."""
        found = self._database.read("SELECT value FROM meta WHERE name = 'upto'")
        return max(0, self._responses.last_sequence() - (found[0][0] if found else 0))

    def ingest(self, stored: StoredResponse) -> IngestResult:
        """Ingest one response, after all earlier ones that are missing."""
        try:
            return self._ingest(stored)
        except CatalogueReplacedError:
            self.catch_up()
            return self._ingest(stored)

    def _ingest(self, stored: StoredResponse) -> IngestResult:
        with self._database.writer() as connection:
            upto = self._database.get_counter(connection, "upto")
            if stored.sequence > upto:
                self._advance(connection, stored.sequence - 1)
                outcome = self._ingest_one(connection, stored)
                self._mark_ingested(connection, stored.sequence, outcome)
                return outcome
            found = connection.execute("SELECT outcome FROM taken WHERE sequence = ?", (stored.sequence,)).fetchone()
            return (
                IngestResult(stored.request, *msgspec.msgpack.decode(found[0]))
                if found
                else IngestResult(stored.request)
            )

    def ingest_unsaved(self, stored: StoredResponse) -> IngestResult:
        """Ingest a response that could not be stored. It disappears with the next rebuild."""
        try:
            with self._database.writer() as connection:
                return self._ingest_one(connection, stored)
        except CatalogueReplacedError:
            self.catch_up()
            with self._database.writer() as connection:
                return self._ingest_one(connection, stored)

    def catch_up(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Ingest all missing responses; returns how many there were."""
        try:
            return self._catch_up(progress)
        except CatalogueReplacedError:
            return self._catch_up(progress)

    def _catch_up(self, progress: Callable[[int, int], None] | None) -> int:
        last = self._responses.last_sequence()
        done, count = 0, 0
        total = self.pending_count()
        while done < total:
            with self._database.writer() as connection:
                upto = self._database.get_counter(connection, "upto")
                if upto >= last:
                    break
                count += self._advance(connection, min(last, upto + BATCH))
                done = total - max(0, last - upto - BATCH)
            if progress is not None:
                progress(done, total)
        return count

    def _advance(self, connection: sqlite3.Connection, last: int) -> int:
        """Ingest everything up to sequence number `last`, with the confirmations in between.

        returns the number of responses.
        """
        upto = self._database.get_counter(connection, "upto")
        if upto >= last:
            return 0
        noted = self._database.get_counter(connection, "noted")
        notes = [note for note in self._responses.confirmations(noted) if note.sequence <= last]
        count = 0
        late: set[int] = set()
        for stored in self._responses.iter_responses(upto, last):
            while notes and notes[0].sequence < stored.sequence:
                self._replay_confirmation(connection, notes.pop(0))
            self._mark_ingested(connection, stored.sequence, self._ingest_one(connection, stored, late))
            count += 1
        for note in notes:
            self._replay_confirmation(connection, note)
        for feed in late:
            self._list_writer.rebuild(connection, feed)
        self._database.set_meta(connection, "upto", last)
        return count

    def _replay_confirmation(self, connection: sqlite3.Connection, note: Confirmation) -> None:
        self._list_writer.reapply(connection, note.place)
        self._database.set_meta(connection, "noted", note.number)

    def _mark_ingested(self, connection: sqlite3.Connection, sequence: int, outcome: IngestResult) -> None:
        connection.execute("INSERT OR REPLACE INTO taken VALUES (?, ?)", (sequence, encode(outcome[1:])))
        self._database.set_meta(connection, "upto", sequence)

    def _ingest_one(
        self, connection: sqlite3.Connection, stored: StoredResponse, late: set[int] | None = None
    ) -> IngestResult:
        if stored.answer is ResponseKind.REVENUE:
            return IngestResult(stored.request, record_count=self._add_report(connection, stored))
        try:
            page = decode_page(stored.answer, stored.body, stored.content_type)
        except NotFlattrError:
            return IngestResult(stored.request)  # not a Flattr response: only its raw body stays readable
        scope = scope_id(connection, stored.source, stored.account)
        at = max(stored.fetched_at, stored.checked_at)
        intake = ItemWriter(connection, scope, at)
        placed = intake.write(page.entities)
        try:
            if stored.answer not in LIST_KINDS:
                self._write_record(connection, scope, stored, page, placed)
                return IngestResult(stored.request, record_count=len(page.entities), joins_known=True, ended=True)
            if (
                any(isinstance(entity, Activity) for entity in page.entities)
                and stored.answer is not ResponseKind.ACTIVITIES
            ):
                return IngestResult(
                    stored.request, record_count=page.records
                )  # the list in another format, without its items
            return self._list_writer.apply_page(connection, scope, stored, page, placed, late)
        finally:
            if intake.changed:
                content = self._database.get_counter(connection, "content")
                self._database.set_meta(connection, "content", content + 1)

    def _add_report(self, connection: sqlite3.Connection, stored: StoredResponse) -> int:
        """Add the rows of a revenue report, and its things as they were at the end of its month."""
        rows = add_report(connection, stored)
        scope = scope_id(connection, stored.source, stored.account)
        writer = ItemWriter(connection, scope, end_of_month(stored.request.get("month")) if rows else 0.0)
        owner = User(username=stored.request.get("owner"))
        things = [
            Thing(id=row.thing, title=row.title, url=row.url or None, link=row.flattr_url or None, owner=owner)
            for row in rows
        ]
        writer.write(things or [owner])
        content = self._database.get_counter(connection, "content")
        self._database.set_meta(connection, "content", content + 1)
        return len(rows)

    def _write_record(
        self,
        connection: sqlite3.Connection,
        scope: int,
        stored: StoredResponse,
        page: DecodedPage,
        placed: Sequence[StoredItem],
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
                encode_arguments(stored.request),
                stored.answer.value,
                item,
                entity,
                max(stored.fetched_at, stored.checked_at),
                stored.sequence,
            ),
        )

    def confirm(self, place: ResponseKey, checked_at: float) -> IngestResult | None:
        """Record that the server confirmed a page; None if nothing with this key was ever ingested."""
        try:
            with self._database.writer() as connection:
                self._advance(connection, self._responses.last_sequence())
                self._touch(connection, place, checked_at)
                connection.execute("SAVEPOINT look")
                outcome, telling = self._list_writer.reapply(connection, place)
                if telling:
                    self._note_confirmation(connection, place, checked_at)
                else:
                    connection.execute("ROLLBACK TO look")
                connection.execute("RELEASE look")
                return outcome
        except CatalogueReplacedError:
            self.catch_up()
            return None

    def _note_confirmation(self, connection: sqlite3.Connection, place: ResponseKey, checked_at: float) -> None:
        """Store a confirmation; one that can't be stored is lost with the next rebuild, like what can't be stored."""
        upto = self._database.get_counter(connection, "upto")
        with suppress(UnwritableError):
            number = self._responses.add_confirmation(place, checked_at, upto).number
            self._database.set_meta(connection, "noted", number)

    def _touch(self, connection: sqlite3.Connection, place: ResponseKey, at: float) -> None:
        scope = scope_id(connection, place.source, place.account)
        known = (place.request.method, encode_arguments(place.request), scope)
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
        items = PageSnapshots(connection, *feed).item_ids(place.count, place.page)
        connection.execute(
            "UPDATE item SET fetched_at = max(fetched_at, ?) WHERE id IN (SELECT value FROM json_each(?))",
            (at, json.dumps(items)),
        )
