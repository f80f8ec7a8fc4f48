"""The catalogue: an index of everything saved (items, lists, single objects, counts, full text).

The catalogue is derived from the stored responses; `rebuild` makes it again from them. Methods whose docstrings say
'Fast' take at most 10 ms at 1,000,000 rows, so the event loop may call them. Call all others in another thread. Several
threads and processes may use the catalogue at the same time.

Some parameters mean the same in all methods. `list_id` is the id of a list (`ListStats.id`; no list has the id 0).
`is_cancelled` is called from time to time, and once it returns True, `SearchCancelledError` is raised; None never
cancels. The id of an item is valid until the catalogue is rebuilt; the `key` of an item (`Item.key`) is valid for ever.
Every method raises `StoreError` if the file can't be read or written.
"""

import json
from array import array
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.data_source import SourceKind
from flattr_tui.model.entities import Entity
from flattr_tui.model.query_language import EVERYTHING, Query
from flattr_tui.store.catalogue_database import Database
from flattr_tui.store.catalogue_schema import (
    CancelCheck,
    ItemKind,
    RowEntry,
    Scope,
)
from flattr_tui.store.change_log import LoggedChange, read_changes
from flattr_tui.store.flattr_statistics import Statistics
from flattr_tui.store.item_reader import ItemReader, RecordReader, find_item
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.saved_list_rows import ListRows, ListStats
from flattr_tui.store.shared_files import NoticeCallback

if TYPE_CHECKING:
    from flattr_tui.store.full_text_search import FullTextSearch
    from flattr_tui.store.response_ingestor import Ingestor
    from flattr_tui.store.revenue_table import RevenueTable
    from flattr_tui.store.saved_list_sorter import ListSorter
    from flattr_tui.store.saved_people import SavedPerson
    from flattr_tui.store.thing_search import ThingSearch

RebuildProgress = Callable[[int, int], None]
"""Called with the number of responses processed so far, and the total."""


class Catalogue:
    """Reads and updates the catalogue, the index of everything saved.

    In the event loop's thread, call only methods that say 'Fast'. Parts of the catalogue have objects of their own:
    `ingestor`, `statistics`, `thing_search`, `full_text_search` and `revenue`. Modules that the first screen does not
    need are imported at their first use.
    """

    def __init__(self, database: Database, responses: ResponseStore, notice: NoticeCallback) -> None:
        self._database = database
        self._responses = responses
        self._store = responses.identity
        self._notice = notice
        self.statistics = Statistics(database, self.list_stats)
        """Counts the saved flattrs."""

    @cached_property
    def ingestor(self) -> "Ingestor":
        """The `Ingestor`, which adds responses to this catalogue."""
        from flattr_tui.store.response_ingestor import Ingestor  # noqa: PLC0415

        return Ingestor(self._database, self._responses, self._notice)

    @cached_property
    def thing_search(self) -> "ThingSearch":
        """The search for saved things, which works like Flattr's own search."""
        from flattr_tui.store.thing_search import ThingSearch  # noqa: PLC0415

        return ThingSearch(self._database)

    @cached_property
    def full_text_search(self) -> "FullTextSearch":
        """The search in the texts of everything saved."""
        from flattr_tui.store.full_text_search import FullTextSearch  # noqa: PLC0415

        return FullTextSearch(self._database)

    @cached_property
    def revenue(self) -> "RevenueTable":
        """The saved revenue reports."""
        from flattr_tui.store.revenue_table import RevenueTable  # noqa: PLC0415

        return RevenueTable(self._database)

    def _make_sorter(self, is_cancelled: CancelCheck | None = None) -> "ListSorter":
        from flattr_tui.store.saved_list_sorter import ListSorter  # noqa: PLC0415

        return ListSorter(self._database.cancellable_read(is_cancelled))

    @property
    def path(self) -> Path:
        """Path of the SQLite file."""
        return self._database.path

    @classmethod
    def open(cls, path: Path, responses: ResponseStore, *, notice: NoticeCallback) -> Self:
        """Open the catalogue file at `path`, or create it. `responses` is the store from which it is derived.

        A damaged file, or one that this version can't read, is deleted and created again. If the catalogue must be
        filled again, for this or another reason, `notice` is called with a sentence for the user.
        """
        database = Database.open(path, notice=notice, store=responses.identity)
        if database.is_new and responses.last_sequence() and not database.replacement_reported:
            notice("The catalogue was missing and is rebuilt from what is saved. Nothing is lost.")
        catalogue = cls(database, responses, notice)
        if catalogue._is_ahead():
            notice(
                "The catalogue shows pages that are not saved, as after a power cut: it is rebuilt from what is saved."
            )
            catalogue.clear()
        return catalogue

    def _is_ahead(self) -> bool:
        """Whether the catalogue contains responses that the store has lost, as after a power cut.

        The caller must then clear the catalogue, because the store will give the numbers of these responses to new
        ones.
        """
        sql = "SELECT max(value) FROM meta WHERE name = 'upto' OR name GLOB 'upto/*'"
        upto = self._database.read(sql)[0][0] or 0
        return upto > self._responses.last_sequence()  # read second: other programs store before they ingest

    def close(self) -> None:
        """Interrupt running queries, and close the catalogue's file."""
        self._database.close()

    # -- ingestion

    def check_replaced(self) -> None:
        """Find out whether a new response store has replaced a damaged one. If so, mark all responses as not ingested.

        `Ingestor.catch_up` then fills the catalogue from the new store.
        """
        identity = self._responses.identity
        if identity != self._store:
            self._database.bind_to_store(identity)
            self._store = identity

    def rebuild(self, progress: RebuildProgress | None = None) -> int:
        """Empty the catalogue, ingest all stored responses again, and return their number.

        `progress` is called with the number of ingested responses and the total.
        """
        self.clear()
        return self.ingestor.catch_up(progress)

    def check_permanent(self) -> None:
        """Raise `UnwritableError` if writes go to a temporary copy of the file, so that they are lost on exit."""
        if self._database.unwritable is not None:
            raise self._database.unwritable

    def clear(self) -> None:
        """Empty the catalogue. `Ingestor.catch_up` fills the catalogue again from the stored responses."""
        self._database.clear()

    def compact(self) -> bool:
        """Give the file's unused space back to the disk. Returns False if another program is using the file."""
        return self._database.compact()

    def count_pending(self, source: str | None = None) -> int:
        """Return how many stored responses of a source (None: of all) are not in the catalogue yet. Fast."""
        last, upto = self._responses.last_sequence(), self._database.read_last_ingested(source)
        if source is None or upto >= last:
            return max(0, last - upto)
        return sum(name == source for _, name in self._responses.sources_of(upto, last))

    def forget_scope(self, scope: Scope) -> None:
        """Delete all data of a scope (a source and account).

        Delete the scope's responses from the response store before you call this.
        """
        from flattr_tui.store.item_writer import delete_scope  # noqa: PLC0415

        with self._database.writer() as connection:
            found = connection.execute("SELECT id FROM scope WHERE source = ? AND account = ?", scope).fetchone()
            if found is not None:
                delete_scope(connection, found[0])
            kept = json.dumps(self._responses.sequences())
            connection.execute("DELETE FROM taken WHERE sequence NOT IN (SELECT value FROM json_each(?))", (kept,))

    # -- lists and records

    def list_stats(self, scope: Scope, request: ApiRequest) -> ListStats:
        """Return the length and state of the list that `request` asks for. Fast.

        If no API page of the list is saved, the result is an empty `ListStats` with id 0.
        """
        found = self._database.read(
            "SELECT f.id, f.low, f.high, f.saved, f.ended, f.total, f.fetched_at,"
            " f.edition + coalesce((SELECT value FROM meta WHERE name = 'content'), 0)"
            " FROM feed f JOIN scope s ON s.id = f.scope"
            " WHERE f.method = ? AND f.arguments = ? AND s.source = ? AND s.account = ?",
            (request.method, request.encoded_arguments, *scope),
        )
        if not found:
            return ListStats()
        key, low, high, saved, ended, total, fetched_at, edition = found[0]
        return ListStats(key, low, high, saved, bool(ended), total, fetched_at, edition)

    def read_news(self, list_id: int, seen_until: int | None) -> tuple[int | None, int]:
        """Return the time of a list's newest item, and how many items of the list are newer than `seen_until`. Fast.

        Times are in Unix seconds. The returned time is None if no item has a time. With `seen_until` None, the returned
        number is 0.
        """
        return ListRows(self._database, list_id).read_news(seen_until)

    def read_rows(self, list_id: int, start: int, stop: int) -> list[RowEntry]:
        """Return the rows of a list (items and gaps) from position `start` to position `stop` (excluded). Fast.

        The first position of a list is `ListStats.low`, which may be negative. Positions outside the list are left out.
        """
        ids: list[int] = []
        first = start
        for _, low, items, _ in ListRows(self._database, list_id).iter_blocks(start, stop):
            if not ids:
                first = max(start, low)
            ids += items[max(start - low, 0) : stop - low]
        return ItemReader(self._database.read).read_rows(ids, first)

    def find_position(self, list_id: int, key: str) -> int | None:
        """Return the position of an item in a list; None if the list does not have the item. Fast.

        `key` is the property `key` of the item, such as the id of a thing as text.
        """
        item = self.find_item_id(list_id, key)
        return None if item is None else ListRows(self._database, list_id).find_positions([item]).get(item)

    def find_item_id(self, list_id: int, key: str) -> int | None:
        """Return the id of an item that was saved for the source and account of a list; None if there is none. Fast.

        `key` is the property `key` of the item, such as the id of a thing as text. The list need not contain the item.
        """
        found = self._database.read("SELECT kind, scope FROM feed WHERE id = ?", (list_id,))
        return find_item(self._database.read, found[0][1], ItemKind(found[0][0]), key) if found else None

    def gaps(self, list_id: int) -> list[RowEntry]:
        """Return the gaps of a list, from the top to the bottom. Fast.

        A gap is a row that stands for items of the server's list that are not saved.
        """
        return [
            RowEntry(position, None, "", 0.0, missing) for position, missing in ListRows(self._database, list_id).gaps()
        ]

    def sort_list(
        self,
        list_id: int,
        sort: str,
        descending: bool,
        query: Query = EVERYTHING,
        is_cancelled: CancelCheck | None = None,
    ) -> "array[int]":
        """Return the ids of those items of a list that match a query, sorted. Pass the ids to `read_items`.

        `sort` is `server` (the order of the server), `when`, `title`, `owner`, `flattrs`, `category` or `language`;
        `descending` reverses the order. For a list of at most `SHORT_LIST` rows, the event loop may call this.
        """
        return self._make_sorter(is_cancelled).sort_all(list_id, sort, descending=descending, query=query)

    def sort_list_top(
        self,
        list_id: int,
        sort: str,
        descending: bool,
        query: Query,
        limit: int,
        is_cancelled: CancelCheck | None = None,
    ) -> "array[int]":
        """Return the first `limit` ids that `sort_list` would return. This is much faster if the list is long."""
        return self._make_sorter(is_cancelled).sort_top(list_id, sort, limit, descending=descending, query=query)

    def filter_items(self, ids: "array[int]", query: Query) -> "array[int]":
        """Return those ids of `ids` whose items match a query, in the given order.

        Items are tested one by one, so pass at most some hundred ids.
        """
        return self._make_sorter().filter_items(ids, query)

    def read_items(self, ids: Sequence[int]) -> list[RowEntry]:
        """Return the items with these ids, in this order. Fast.

        The `position` of each item is the index of its id in `ids`. Ids without an item are left out.
        """
        return ItemReader(self._database.read).read_rows(ids)

    def read_record(self, scope: Scope, request: ApiRequest) -> tuple[Entity, float] | None:
        """Return a single object and the time at which it was fetched (Unix seconds); None if it is not saved. Fast.

        For the methods `thing` and `user`, the fields of all saved responses are combined, and newer values replace
        older ones. For other methods, the response to the account is preferred to the public one.
        """
        return RecordReader(self._database.read).read(scope, request)

    def best_scope(self, request: ApiRequest, account: str = "") -> Scope | None:
        """Return the source and account with the best saved response to a request; None if no response is saved.

        An import (the source `saved`) is better than a fetched response, and a later response better than an earlier
        one. Only public responses and responses to `account` ("" for no account) are considered.
        """
        return RecordReader(self._database.read).best_scope(request, account)

    # -- people and changes

    def list_people(self, scope: Scope) -> "list[SavedPerson]":
        """Return the people whose own data is saved and visible to the account of `scope`.

        The person with the most data comes first. If the scope's source is `saved`, people of all sources are included.
        """
        from flattr_tui.store.saved_people import list_people  # noqa: PLC0415

        return list_people(self._database.read, scope, everywhere=scope.source == SourceKind.SAVED)

    def read_version(self) -> int:
        """Return SQLite's `data_version`, which changes whenever another connection writes. Fast."""
        return int(self._database.read("PRAGMA data_version")[0][0])

    def read_changes(self, scope: Scope, since: float = 0.0) -> list[LoggedChange]:
        """Return the logged changes since a time (Unix seconds) that the account of `scope` may see, the latest first.

        At the source `saved`, the changes at all sources are returned.
        """
        return read_changes(self._database.read, scope, everywhere=scope.source == SourceKind.SAVED, since=since)
