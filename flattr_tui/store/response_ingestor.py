"""Ingests responses: adds them to the catalogue, one by one, in the order in which they were stored.

The content of the catalogue depends only on the stored responses, on the confirmations that changed a list
(`ResponseStore.confirmations`), and on their order. So the catalogue can be rebuilt at any time.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

import msgspec

from flattr_tui.model.api_request import ResponseKind
from flattr_tui.model.entities import Activity, NotFlattrError, Thing, User
from flattr_tui.model.entity_decoder import DecodedPage, decode_page
from flattr_tui.model.response_body_parser import MAX_ITEMS
from flattr_tui.model.revenue import end_of_month
from flattr_tui.store.catalogue_database import Database
from flattr_tui.store.catalogue_schema import LIST_KINDS, Check, IngestResult, encode, never_stop
from flattr_tui.store.errors import CatalogueReplacedError, UnwritableError
from flattr_tui.store.item_writer import ItemWriter, StoredItem
from flattr_tui.store.list_page_snapshots import PageSnapshots
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.revenue_table import add_report
from flattr_tui.store.saved_list_writer import ListWriter, scope_id
from flattr_tui.store.shared_files import NoticeCallback
from flattr_tui.store.stored_response import Confirmation, ResponseKey, StoredResponse

BATCH: Final = 25
"""Maximum number of responses that are ingested in one transaction."""
BATCH_SECONDS: Final = 0.2
"""Seconds after which a transaction accepts no further response, because other writers wait for it."""


class Ingestor:
    """Adds responses to the catalogue. Call its methods in a thread other than the event loop's.

    The responses of one source are ingested in the order of their sequence numbers; sources don't wait for each other.
    Counters in the catalogue's table `meta` record the progress. `upto` is the sequence number up to which the
    responses of all sources are ingested. `upto/SOURCE` is the same number for one source, and is stored only if it is
    higher. `noted` and `noted/SOURCE` are the numbers up to which the confirmations of all sources, or of one source,
    have been replayed.
    """

    def __init__(self, database: Database, responses: ResponseStore, notice: NoticeCallback) -> None:
        self._database = database
        self._responses = responses
        self._notice = notice
        self._list_writer = ListWriter(database, responses)

    def ingest(
        self, stored: StoredResponse, check: Check = never_stop, page: DecodedPage | None = None
    ) -> IngestResult:
        """Add a stored response to the catalogue, and return what the response changed.

        If earlier responses of the same source are missing in the catalogue, they are added first. If the response
        itself was added before, the same result is returned again. `page` is the decoded body; with None, the body is
        decoded here. `check` is called between the parts of a long API page. If it raises an exception, the work is
        undone, the exception is passed on, and `catch_up` does the work later.
        """
        try:
            return self._ingest(stored, check, page)
        except CatalogueReplacedError:
            self.catch_up(source=stored.source, check=check)
            return self._ingest(stored, check, page)

    def _ingest(self, stored: StoredResponse, check: Check, page: DecodedPage | None) -> IngestResult:
        with self._database.writer() as connection:
            if stored.sequence > self._read_last_ingested(connection, stored.source):
                self._ingest_up_to(connection, stored.sequence - 1, source=stored.source, check=check)
                outcome = self._ingest_one(connection, stored, check=check, page=page)
                self._mark_ingested(connection, stored, outcome)
                is_next = self._read_last_ingested(connection, None) == stored.sequence - 1
                self._set_last_ingested(connection, None if is_next else stored.source, stored.sequence)
                return outcome
            found = connection.execute("SELECT outcome FROM taken WHERE sequence = ?", (stored.sequence,)).fetchone()
            return (
                IngestResult(stored.request, *msgspec.msgpack.decode(found[0]))
                if found
                else IngestResult(stored.request)
            )

    def ingest_unsaved(
        self, stored: StoredResponse, check: Check = never_stop, page: DecodedPage | None = None
    ) -> IngestResult:
        """Add a response that could not be stored, and return what the response changed.

        The next rebuild of the catalogue removes the response again. `page` is the decoded body; with None, the body is
        decoded here. `check` is called between the parts of a long API page. If it raises an exception, the work is
        undone, and the exception is passed on.
        """
        try:
            with self._database.writer() as connection:
                return self._ingest_one(connection, stored, check=check, page=page)
        except CatalogueReplacedError:
            self.catch_up(source=stored.source, check=check)
            with self._database.writer() as connection:
                return self._ingest_one(connection, stored, check=check, page=page)

    def catch_up(
        self,
        progress: Callable[[int, int], None] | None = None,
        *,
        source: str | None = None,
        check: Check = never_stop,
    ) -> int:
        """Ingest all stored responses that the catalogue lacks, and return how many were ingested.

        With a `source`, only its responses are ingested. `progress` is called after each step with the number done and
        the total. `check` is called before each response. If it raises an exception, the current step is undone, and
        the exception is passed on.
        """
        total = max(0, self._responses.last_sequence() - self._database.read_last_ingested())
        count, left = 0, total
        while left:
            done, left = self.catch_up_step(source, check)
            count += done
            if progress is not None:
                progress(max(0, total - left), total)
        return count

    def catch_up_step(self, source: str | None = None, check: Check = never_stop) -> tuple[int, int]:
        """Ingest stored responses that the catalogue lacks, for about 0.2 s.

        Returns how many responses were ingested, and the greatest possible number of responses that are left (0: none
        is left). With a `source`, only its responses are ingested. `check` is called before each response. If it raises
        an exception, this step is undone, and the exception is passed on.
        """
        try:
            return self._catch_up_step(source, check)
        except CatalogueReplacedError:
            return self._catch_up_step(source, check)

    def _catch_up_step(self, source: str | None, check: Check) -> tuple[int, int]:
        last = self._responses.last_sequence()
        with self._database.writer() as connection:
            count, reached = self._ingest_up_to(connection, last, source=source, check=check, is_batch=True)
        return count, last - reached

    def _read_last_ingested(self, connection: sqlite3.Connection, source: str | None) -> int:
        """Return the sequence number up to which the catalogue has all responses of `source`; None: of all sources."""
        upto = self._database.get_counter(connection, "upto")
        return upto if source is None else max(upto, self._database.get_counter(connection, f"upto/{source}"))

    def _set_last_ingested(self, connection: sqlite3.Connection, source: str | None, last: int) -> None:
        """Record that all responses of a source (None: of all sources) up to sequence number `last` are ingested."""
        upto = self._database.get_counter(connection, "upto")
        if source is None or self._are_all_ingested(connection, upto, last, source):
            self._database.set_meta(connection, "upto", max(upto, last))
        else:
            self._database.set_meta(connection, f"upto/{source}", last)

    def _are_all_ingested(self, connection: sqlite3.Connection, upto: int, last: int, source: str) -> bool:
        """Whether all responses with sequence numbers from `upto` + 1 to `last` are ingested.

        Responses of `source` are not checked, because the caller has ingested them.
        """
        counters = self._source_counters(connection, "upto")
        return all(
            other == source or number <= counters.get(other, 0)
            for number, other in self._responses.sources_of(upto, last)
        )

    def _source_counters(self, connection: sqlite3.Connection, name: str) -> dict[str, int]:
        """Return the values of the counters `name/SOURCE` in the table `meta`, as a dictionary by source."""
        rows = connection.execute("SELECT name, value FROM meta WHERE name GLOB ?", (f"{name}/*",)).fetchall()
        return {key.removeprefix(f"{name}/"): value for key, value in rows}

    def _ingest_up_to(
        self,
        connection: sqlite3.Connection,
        last: int,
        *,
        source: str | None,
        check: Check = never_stop,
        is_batch: bool = False,
    ) -> tuple[int, int]:
        """Ingest the responses up to sequence number `last` that the catalogue lacks.

        Stored confirmations of API pages are replayed between the responses, in their original order. With a `source`,
        only its responses and confirmations are processed. With `is_batch`, this stops after `BATCH` responses or
        `BATCH_SECONDS`. `check` is called before each response, and may raise an exception. Returns how many responses
        were ingested, and the sequence number up to which all responses are ingested now.
        """
        reached = self._read_last_ingested(connection, source)
        if reached >= last:
            return 0, last
        end = time.monotonic() + BATCH_SECONDS
        counters = self._source_counters(connection, "upto")
        confirmations = self._pending_confirmations(connection, source, last)
        count = 0
        to_rebuild: set[int] = set()
        for stored in self._responses.iter_responses(reached, last, source):
            check()
            if stored.sequence <= counters.get(stored.source, 0):
                continue
            if is_batch and (count >= BATCH or (count and time.monotonic() > end)):
                last = stored.sequence - 1
                break
            while confirmations and confirmations[0].sequence < stored.sequence:
                self._replay_confirmation(connection, confirmations.pop(0), source)
            self._mark_ingested(connection, stored, self._ingest_one(connection, stored, to_rebuild, check))
            count += 1
        for confirmation in confirmations:
            if confirmation.sequence <= last:
                self._replay_confirmation(connection, confirmation, source)
        for list_id in to_rebuild:
            self._list_writer.rebuild(connection, list_id)
        self._set_last_ingested(connection, source, last)
        return count, last

    def _pending_confirmations(
        self, connection: sqlite3.Connection, source: str | None, last: int
    ) -> list[Confirmation]:
        counters = self._source_counters(connection, "noted")
        return [
            confirmation
            for confirmation in self._responses.confirmations(self._database.get_counter(connection, "noted"))
            if confirmation.sequence <= last
            and source in {None, confirmation.place.source}
            and confirmation.number > counters.get(confirmation.place.source, 0)
        ]

    def _replay_confirmation(
        self, connection: sqlite3.Connection, confirmation: Confirmation, source: str | None
    ) -> None:
        self._list_writer.reapply(connection, confirmation.place, confirmation.checked_at)
        self._database.set_meta(connection, "noted" if source is None else f"noted/{source}", confirmation.number)

    def _mark_ingested(self, connection: sqlite3.Connection, stored: StoredResponse, outcome: IngestResult) -> None:
        kept = outcome[1 : IngestResult._fields.index("recounted")]  # an older version reads no more fields
        connection.execute("INSERT OR REPLACE INTO taken VALUES (?, ?)", (stored.sequence, encode(kept)))

    def _ingest_one(
        self,
        connection: sqlite3.Connection,
        stored: StoredResponse,
        to_rebuild: set[int] | None = None,
        check: Check = never_stop,
        page: DecodedPage | None = None,
    ) -> IngestResult:
        """Add a response to the catalogue, and return what the response changed.

        If a list must be rebuilt, the list's id is added to `to_rebuild`; if `to_rebuild` is None, the list is rebuilt
        at once. `check` is called between the parts of a long API page, and may raise an exception to stop the work.
        `page` is the decoded body; with None, the body is decoded here.
        """
        if stored.response_kind is ResponseKind.REVENUE:
            return IngestResult(stored.request, record_count=self._add_report(connection, stored))
        try:
            page = page or decode_page(stored.response_kind, stored.body, stored.content_type)
        except NotFlattrError:
            return IngestResult(stored.request)  # not a Flattr response: only its raw body stays readable
        if page.is_cut:
            self._notice(
                f"The response to {stored.request} has more items than any real one. At most the first {MAX_ITEMS:,}"
                " are shown and searched."
            )
        scope = scope_id(connection, stored.source, stored.account)
        at = max(stored.fetched_at, stored.checked_at)
        writer = ItemWriter(connection, scope, at, check)
        placed = writer.write(page.entities)
        try:
            if stored.response_kind not in LIST_KINDS:
                self._write_record(connection, scope, stored, page, placed)
                return IngestResult(stored.request, record_count=len(page.entities), joins_known=True, ended=True)
            if (
                any(isinstance(entity, Activity) for entity in page.entities)
                and stored.response_kind is not ResponseKind.ACTIVITIES
            ):
                return IngestResult(
                    stored.request, record_count=page.records
                )  # an activity stream of the list, without the items
            outcome = self._list_writer.apply_page(connection, scope, stored, page, placed, to_rebuild)
            return outcome._replace(recounted=writer.recounted)
        finally:
            if writer.changed:
                content = self._database.get_counter(connection, "content")
                self._database.set_meta(connection, "content", content + 1)

    def _add_report(self, connection: sqlite3.Connection, stored: StoredResponse) -> int:
        """Add the rows of a revenue report, and the things in them, to the catalogue. Returns the number of rows.

        The things count as fetched at the end of the report's month.
        """
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
                stored.request.encoded_arguments,
                stored.response_kind.value,
                item,
                entity,
                max(stored.fetched_at, stored.checked_at),
                stored.sequence,
            ),
        )

    def confirm(self, response_key: ResponseKey, checked_at: float, check: Check = never_stop) -> IngestResult | None:
        """Record that the server confirmed an API page or single object at `checked_at` (Unix seconds).

        The server confirms by a 304 or an equal body. For an API page, this returns an `IngestResult`, as `ingest`
        does. Returns None for a single object, for a page of a list that the catalogue does not have, and if the
        catalogue was damaged and has been filled again. `check` is called before each response that must be ingested
        first, and may raise an exception.
        """
        try:
            with self._database.writer() as connection:
                last = self._responses.last_sequence()
                self._ingest_up_to(connection, last, source=response_key.source, check=check)
                self._set_fetched_at(connection, response_key, checked_at)
                connection.execute("SAVEPOINT look")
                outcome, telling = self._list_writer.reapply(connection, response_key, checked_at)
                if telling:
                    self._store_confirmation(connection, response_key, checked_at, last)
                else:
                    connection.execute("ROLLBACK TO look")
                connection.execute("RELEASE look")
                return outcome
        except CatalogueReplacedError:
            self.catch_up(source=response_key.source, check=check)
            return None

    def _store_confirmation(
        self, connection: sqlite3.Connection, response_key: ResponseKey, checked_at: float, last: int
    ) -> None:
        """Store that the server confirmed an API page at `checked_at` (Unix seconds), for rebuilds of the catalogue.

        `last` is the sequence number of the last response that was ingested before. If the store can't be written, the
        confirmation is not stored, and no error is raised: only a rebuilt catalogue then lacks the confirmation.
        """
        with suppress(UnwritableError):
            number = self._responses.add_confirmation(response_key, checked_at, last).number
            is_complete = self._read_last_ingested(connection, None) >= last
            self._database.set_meta(connection, "noted" if is_complete else f"noted/{response_key.source}", number)

    def _set_fetched_at(self, connection: sqlite3.Connection, response_key: ResponseKey, at: float) -> None:
        """Set the time of fetching to `at` (Unix seconds) for the data of one response. Later times stay as they are.

        For a single object, the times of the object and of its item are set. For an API page of a list, the times of
        the page's items are set and, if it is the first page, the time of the list.
        """
        scope = scope_id(connection, response_key.source, response_key.account)
        known = (response_key.request.method, response_key.request.encoded_arguments, scope)
        connection.execute(
            "UPDATE record SET fetched_at = max(fetched_at, ?) WHERE method = ? AND arguments = ? AND scope = ?",
            (at, *known),
        )
        connection.execute(
            "UPDATE item SET fetched_at = max(fetched_at, ?) WHERE id IN"
            " (SELECT item FROM record WHERE method = ? AND arguments = ? AND scope = ?)",
            (at, *known),
        )
        found = connection.execute(
            "SELECT id FROM feed WHERE method = ? AND arguments = ? AND scope = ?", known
        ).fetchone()
        if found is None:
            return
        if response_key.page <= 1:
            connection.execute(
                "UPDATE feed SET fetched_at = max(coalesce(fetched_at, 0), ?) WHERE id = ?", (at, *found)
            )
        items = PageSnapshots(connection, *found).item_ids(response_key.count, response_key.page)
        connection.execute(
            "UPDATE item SET fetched_at = max(fetched_at, ?) WHERE id IN (SELECT value FROM json_each(?))",
            (at, json.dumps(items)),
        )
