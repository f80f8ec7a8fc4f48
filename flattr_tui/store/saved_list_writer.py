"""Merges API pages into the catalogue's lists, and updates the totals and times of the lists."""

import sqlite3
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from flattr_tui.model.api_request import DEFAULT_PAGE_SIZE, ApiRequest
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.entity_decoder import DecodedPage, decode_page
from flattr_tui.store.catalogue_database import Database
from flattr_tui.store.catalogue_schema import LIST_KINDS, IngestResult, ItemKind
from flattr_tui.store.change_log import LOGGED_METHODS, forget_list_changes, log_list_changes
from flattr_tui.store.item_writer import ItemWriter, StoredItem
from flattr_tui.store.list_page_merger import MergeResult, PageMerger
from flattr_tui.store.list_page_snapshots import PageSnapshot, PageSnapshots
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.saved_list_rows import ListRows, Row
from flattr_tui.store.stored_response import ResponseKey, StoredResponse

LATE_SECONDS: Final = 3600.0
"""Seconds by which an imported response may be older than the newest response of its list.

If it is older by more, the list is rebuilt from its responses in the order of their dates.
"""
DESCRIBED_BY_PERSON: Final = frozenset({"thing-flattrs"})
"""Methods of lists about one thing. Their rows differ only in the person, whose words describe the row."""


class _ListState(NamedTuple):
    """The state of a list: columns of its row in the table `feed`. `saved_list_rows.SCHEMA` explains the columns."""

    id: int
    scope: int
    kind: int
    low: int
    high: int
    ended: bool
    timed: bool
    newest: float
    begun: int | None


class ListWriter:
    """Merges API pages into the catalogue's lists. Each method works in the transaction of its `connection`."""

    def __init__(self, database: Database, responses: ResponseStore) -> None:
        self._database = database
        self._responses = responses

    def apply_page(
        self,
        connection: sqlite3.Connection,
        scope: int,
        stored: StoredResponse,
        page: DecodedPage,
        placed: Sequence[StoredItem],
        to_rebuild: set[int] | None,
    ) -> IngestResult:
        """Merge the API page in a response into its list, and return what has changed in the list.

        `scope` is the id of the response's source and account, and `page` is the decoded body. `placed` are the page's
        items, which the caller has already written to the catalogue. An imported response that is much older than the
        list can't be merged, and the list must be rebuilt. Its id is then added to `to_rebuild`, for the caller; if
        `to_rebuild` is None, the list is rebuilt here.
        """
        self._record_page_size(connection, stored, page.records)
        state = self._find_list(connection, scope, stored.request, LIST_KINDS[stored.response_kind], create=True)
        assert state is not None  # noqa: S101 -- it was just made
        behind = stored.source == SourceKind.SAVED and stored.fetched_at < state.newest - LATE_SECONDS
        connection.execute(
            "INSERT OR IGNORE INTO origin VALUES (?, ?, ?)",
            (state.id, stored.fetched_at if behind else max(state.newest, stored.fetched_at), stored.sequence),
        )
        if behind:
            if to_rebuild is None:
                self.rebuild(connection, state.id)
            else:
                to_rebuild.add(state.id)
            return IngestResult(stored.request, record_count=page.records)
        seen = self._take_snapshot(connection, state, stored, page, placed)
        merged = self._merge(connection, state, stored, seen, stored.fetched_at)
        self._update_totals(connection, state, stored, page.total)
        more = _has_next_page(PageSnapshots(connection, state.id), seen.count, seen.page, seen.records)
        return IngestResult(
            stored.request,
            merged.new,
            merged.joins_known,
            seen.ends,
            page.records,
            merged.suspicious,
            more,
            shrunk=merged.shrunk,
        )

    def _record_page_size(self, connection: sqlite3.Connection, stored: StoredResponse, records: int) -> None:
        """Store the size of the page `stored`, which has `records` items, if no page of its source was larger.

        A page that is smaller than the stored size may be the end of a list.
        """
        if stored.count:
            connection.execute(
                "INSERT INTO source VALUES (?, ?) ON CONFLICT DO UPDATE SET granted = max(granted, excluded.granted)",
                (stored.source, min(records, stored.count)),
            )

    def _take_snapshot(
        self,
        connection: sqlite3.Connection,
        state: _ListState,
        stored: StoredResponse,
        page: DecodedPage,
        placed: Sequence[StoredItem],
    ) -> PageSnapshot:
        who = stored.request.method in DESCRIBED_BY_PERSON
        rows = {
            one.item: (Row(one.item, (one.person or one.subject) if who else one.subject), one.time) for one in placed
        }
        granted = connection.execute("SELECT granted FROM source WHERE name = ?", (stored.source,)).fetchone()
        full = min(stored.count, max(DEFAULT_PAGE_SIZE, granted[0] if granted else 0))
        number = max(1, stored.page)
        is_short = stored.count > 0 and page.records < full
        return PageSnapshot(
            page=number,
            count=stored.count,
            offset=self._offset(connection, state, stored.count, stored.page),
            rows=tuple(row for row, _ in rows.values()),
            times=tuple(time for _, time in rows.values()),
            records=page.records,
            ends=is_short
            and not _has_next_page(PageSnapshots(connection, state.id), stored.count, number, page.records),
        )

    def _offset(self, connection: sqlite3.Connection, state: _ListState, count: int, page: int) -> int:
        """Return how many rows the server's list has above the API page number `page`.

        `count` is the requested page size. If page 1 shows that the server allows only smaller pages, their size is
        used.
        """
        if page <= 1:
            return 0
        first = PageSnapshots(connection, state.id).record_count(count, 1)
        granted = first if first is not None and first >= DEFAULT_PAGE_SIZE else count
        return (page - 1) * min(count, granted)

    def _merge(
        self,
        connection: sqlite3.Connection,
        state: _ListState,
        response_key: ResponseKey,
        seen: PageSnapshot,
        at: float,
    ) -> MergeResult:
        rows = ListRows(connection, state.id, state.low, state.high)
        answers_whole = not seen.count and state.kind != ItemKind.ACTIVITY
        tick = self._database.get_counter(connection, "tick") + 1
        self._database.set_meta(connection, "tick", tick)
        merger = PageMerger(
            connection,
            rows,
            timed=state.timed,
            ended=state.ended,
            search=response_key.request.method == "search",
            tick=tick,
        )
        if answers_whole:
            merged = merger.replace_all(seen)
        elif state.kind == ItemKind.ACTIVITY:  # the server only sends the newest ones
            merged = merger.merge(seen) if seen.rows else MergeResult(False, 0, True, False, True, False)
            merged = merged._replace(ended=True, joins_known=True)
        else:
            merged = merger.merge(seen)
        holes = connection.execute(
            "SELECT coalesce(sum(holes), 0) FROM block WHERE feed = ? AND holes > 0", (state.id,)
        ).fetchone()[0]
        connection.execute(
            "UPDATE feed SET low = ?, high = ?, saved = ?, timed = ?, ended = ?, edition = edition + ? WHERE id = ?",
            (
                rows.low,
                rows.high,
                len(rows) - holes,
                merger.timed,
                state.ended if merged.ended is None else merged.ended,
                merged.changed or merged.ended not in {None, state.ended},
                state.id,
            ),
        )
        if response_key.request.method in LOGGED_METHODS:
            self._log_changes(connection, state, rows, seen, at)
        return merged

    @staticmethod
    def _log_changes(
        connection: sqlite3.Connection, state: _ListState, rows: ListRows, seen: PageSnapshot, at: float
    ) -> None:
        """Log which items an API page has added to the list, and which items it has removed.

        `seen` is the page as it is now, and `at` is when it was fetched (Unix seconds). Nothing is logged until the
        first page has been merged once.
        """
        times = {row.item: time or 0 for row, time in zip(seen.rows, seen.times, strict=True)}
        if state.begun is not None:
            added = {item: times[item] for item in rows.added}
            if added or rows.gone:
                log_list_changes(connection, state.scope, state.id, added, rows.gone, at, since=state.begun)
        elif seen.page == 1:
            connection.execute("UPDATE feed SET begun = ? WHERE id = ?", (max(times.values(), default=0), state.id))

    def _update_totals(
        self,
        connection: sqlite3.Connection,
        state: _ListState,
        stored: StoredResponse,
        total: int | None,
    ) -> None:
        """Update the total of a list, and the times at which its page 1 and any of its pages were last fetched.

        `total` is the number of results that the server reports; with None, the stored total stays.
        """
        at = max(stored.fetched_at, stored.checked_at) if stored.page <= 1 else 0
        connection.execute(
            "UPDATE feed SET total = coalesce(?, total), fetched_at = nullif(max(coalesce(fetched_at, 0), ?), 0),"
            " newest = max(newest, ?) WHERE id = ?",
            (total, at, stored.fetched_at, state.id),
        )

    def rebuild(self, connection: sqlite3.Connection, list_id: int) -> None:
        """Empty a list, and merge all its responses again in the order of their dates."""
        ListRows(connection, list_id).clear()
        PageSnapshots(connection, list_id).clear()
        forget_list_changes(connection, list_id)
        connection.execute(
            "UPDATE feed SET low = 0, high = -1, ended = 0, timed = (method != 'search'), edition = edition + 1,"
            " begun = NULL WHERE id = ?",
            (list_id,),
        )
        for (sequence,) in connection.execute(
            "SELECT sequence FROM origin WHERE feed = ? ORDER BY fetched_at, sequence", (list_id,)
        ).fetchall():
            stored = self._responses.get(sequence)
            if stored is None:
                continue
            page = decode_page(stored.response_kind, stored.body, stored.content_type)
            scope = scope_id(connection, stored.source, stored.account)
            placed = ItemWriter(connection, scope, stored.fetched_at).write(page.entities)
            found = self._find_list(connection, scope, stored.request, LIST_KINDS[stored.response_kind])
            if found is not None:
                seen = self._take_snapshot(connection, found, stored, page, placed)
                self._merge(connection, found, stored, seen, stored.fetched_at)
                self._update_totals(connection, found, stored, page.total)

    def reapply(
        self, connection: sqlite3.Connection, response_key: ResponseKey, checked_at: float
    ) -> tuple[IngestResult | None, bool]:
        """Merge an API page into its list once more, because the server confirmed that the page is unchanged.

        `checked_at` is when the server confirmed it (Unix seconds). The merge can change the list, for example close a
        gap above the page. Returns the result of the merge (None if the catalogue has no such list), and whether the
        confirmation must be stored. It need not be stored if the merge changed neither the rows nor the known end of
        the list, and found no rows that may be gone.
        """
        scope = scope_id(connection, response_key.source, response_key.account)
        state = self._find_list(connection, scope, response_key.request)
        if state is None:
            return None, False
        offset = self._offset(connection, state, response_key.count, response_key.page)
        seen = PageSnapshots(connection, state.id).load(response_key.count, response_key.page, offset)
        if seen is None:  # a list that the server sends whole
            return IngestResult(response_key.request, 0, True, True, 0, False), False
        more = _has_next_page(PageSnapshots(connection, state.id), seen.count, seen.page, seen.records)
        seen = msgspec.structs.replace(seen, ends=seen.ends and not more)
        merged = self._merge(connection, state, response_key, seen, checked_at)
        outcome = IngestResult(
            response_key.request, merged.new, merged.joins_known, seen.ends, seen.records, merged.suspicious, more
        )
        return outcome, merged.changed or merged.gap or merged.ended not in {None, state.ended}

    def _find_list(
        self,
        connection: sqlite3.Connection,
        scope: int,
        request: ApiRequest,
        kind: ItemKind = ItemKind.THING,
        *,
        create: bool = False,
    ) -> _ListState | None:
        key = (request.method, request.encoded_arguments, scope)
        found = connection.execute(
            "SELECT id, scope, kind, low, high, ended, timed, newest, begun FROM feed"
            " WHERE method = ? AND arguments = ? AND scope = ?",
            key,
        ).fetchone()
        if found is not None:
            return _ListState(*found)
        if not create:
            return None
        connection.execute(
            "INSERT INTO feed (method, arguments, scope, kind, low, high, saved, ended, timed, newest, edition)"
            " VALUES (?, ?, ?, ?, 0, -1, 0, 0, ?, 0, 1)",
            (*key, kind, request.method != "search"),
        )
        return self._find_list(connection, scope, request)


def _has_next_page(pages: PageSnapshots, page_size: int, page: int, record_count: int) -> bool:
    """Whether a list continues after an API page, even if the page is not full.

    This is so if the next page had records when it was last fetched, and this page has at least as many records as when
    it was last fetched. Such a page can be short because some servers leave out items that not everybody may see.
    `page_size` is the requested page size, and `record_count` the number of records that the page has now.
    """
    known = pages.record_count(page_size, page)
    return (
        known is not None and record_count >= known and bool(record_count and pages.record_count(page_size, page + 1))
    )


def scope_id(connection: sqlite3.Connection, source: str, account: str) -> int:
    """Return the id of a scope, which is a source and an account. If the catalogue lacks the scope, add it."""
    found = connection.execute("SELECT id FROM scope WHERE source = ? AND account = ?", (source, account)).fetchone()
    if found is None:
        connection.execute("INSERT INTO scope (source, account) VALUES (?, ?)", (source, account))
        return scope_id(connection, source, account)
    return int(found[0])
