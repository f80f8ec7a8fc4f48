"""Everything saved, findable: items, lists, records, counts and full text, made from the stored responses alone.

Disposable: deleting it loses nothing, since `rebuild` makes it anew. Calls marked (loop) return within 10 ms at
1,000,000 rows and may be made on the event loop's thread; all others belong in a thread. Safe with several threads and
several processes.
"""

import json
from array import array
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Self

from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Entity
from flattr_tui.store.atomic_files import Notice
from flattr_tui.store.database import Database
from flattr_tui.store.full_text_search import Finder
from flattr_tui.store.ingestor import Taker
from flattr_tui.store.item_reader import Shelf, find_item
from flattr_tui.store.item_records import Records
from flattr_tui.store.item_writer import forget
from flattr_tui.store.list_rows import Rows
from flattr_tui.store.list_sorter import Arranger
from flattr_tui.store.list_writer import arguments
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.revenue_table import RevenueTable
from flattr_tui.store.schema import ItemKind
from flattr_tui.store.statistics import Counter
from flattr_tui.store.stored_response import Place, Stored
from flattr_tui.store.thing_search import Searcher
from flattr_tui.store.types import Entry, FeedFacts, Figures, Found, Hit, Scope, Taken, Tally, ThingFilter

__all__ = ["Catalogue", "Entry", "FeedFacts", "Figures", "Found", "Hit", "Scope", "Taken", "Tally", "ThingFilter"]

Progress = Callable[[int, int], None]
"""Takes how many responses are done, and how many there are."""


GivenUp = Callable[[], bool]
"""Says whether nobody waits for an answer any more."""


class Catalogue:
    """See the module."""

    def __init__(self, database: Database, responses: ResponseStore) -> None:
        self._database = database
        self._responses = responses
        self._store = responses.identity
        self._taker = Taker(database, responses)
        self._searcher = Searcher(database)
        self._finder = Finder(database)
        self._counter = Counter(database)
        self.revenue = RevenueTable(database)
        """The rows of all revenue reports."""

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return self._database.path

    @classmethod
    def open(cls, path: Path, responses: ResponseStore, *, notice: Notice) -> Self:
        """Open the catalogue at `path`, a file, or begin one; a damaged or foreign one is made anew, and said."""
        database = Database.open(path, notice=notice, store=responses.identity)
        if database.fresh and responses.last() and not database.told:
            notice("The catalogue was missing: it is made anew from what is saved. Nothing is lost.")
        return cls(database, responses)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    # taking in

    def take(self, stored: Stored) -> Taken:
        """Take in one response (and, before it, all that came earlier and were not taken in); again is free."""
        return self._taker.take(stored)

    def follow(self) -> None:
        """See whether another store took the place of a damaged one while it was open: its responses count anew."""
        identity = self._responses.identity
        if identity != self._store:
            self._database.follow(identity)
            self._store = identity

    def lend(self, stored: Stored) -> Taken:
        """Take in one response that could not be stored: it is shown until the catalogue is made anew."""
        return self._taker.lend(stored)

    def confirm(self, place: Place, checked_at: float) -> Taken | None:
        """Note that the server said the same as before (a 304 or an equal body), and answer as `take` would.

        None where nothing was ever taken in of this place.
        """
        return self._taker.confirm(place, checked_at)

    def catch_up(self, progress: Progress | None = None) -> int:
        """Take in all stored responses that were not yet, and return how many."""
        return self._taker.catch_up(progress)

    def rebuild(self, progress: Progress | None = None) -> int:
        """Delete it all and make it anew from the responses; returns how many were taken in."""
        self.clear()
        return self._taker.catch_up(progress)

    def clear(self) -> None:
        """Delete it all: it is made anew from what is saved then, by `catch_up` or when it is next opened."""
        self._database.clear()

    def compact(self) -> bool:
        """Give the room of what was deleted back to the disk; False where another program is in the way."""
        return self._database.compact()

    @property
    def needs_catching_up(self) -> int:
        """How many stored responses were not yet taken in (loop)."""
        return self._taker.waiting()

    def forget(self, scope: Scope) -> None:
        """Delete what came from a scope whose responses were removed."""
        with self._database.writer() as connection:
            found = connection.execute("SELECT id FROM scope WHERE source = ? AND account = ?", scope).fetchone()
            if found is not None:
                forget(connection, found[0])
            kept = json.dumps(self._responses.numbers())
            connection.execute("DELETE FROM taken WHERE sequence NOT IN (SELECT value FROM json_each(?))", (kept,))

    def granted(self, source: str) -> int:
        """The largest page that a source was ever seen to serve, in records; 0 where nothing was (loop)."""
        found = self._database.read("SELECT granted FROM source WHERE name = ?", (source,))
        return int(found[0][0]) if found else 0

    # feeds and records

    def facts(self, scope: Scope, request: Request) -> FeedFacts:
        """Say what is known of a feed (loop)."""
        found = self._database.read(
            "SELECT f.id, f.low, f.high, f.saved, f.ended, f.total, f.fetched_at,"
            " f.edition + coalesce((SELECT value FROM meta WHERE name = 'content'), 0)"
            " FROM feed f JOIN scope s ON s.id = f.scope"
            " WHERE f.method = ? AND f.arguments = ? AND s.source = ? AND s.account = ?",
            (request.method, arguments(request), *scope),
        )
        if not found:
            return FeedFacts()
        key, low, high, saved, ended, total, fetched_at, edition = found[0]
        return FeedFacts(key, low, high, saved, bool(ended), total, fetched_at, edition)

    def entries(self, feed: int, start: int, stop: int) -> list[Entry]:
        """Read the rows at positions `start` to `stop` (exclusive), clipped to what is there (loop)."""
        ids: list[int] = []
        first = start
        for _, low, items, _ in Rows(self._database, feed).blocks(start, stop):
            if not ids:
                first = max(start, low)
            ids += items[max(start - low, 0) : stop - low]
        return Shelf(self._database.read).entries(ids, first)

    def position(self, feed: int, key: str) -> int | None:
        """Say where the item with this key stands (loop)."""
        item = self.number(feed, key)
        return None if item is None else Rows(self._database, feed).positions([item]).get(item)

    def number(self, feed: int, key: str) -> int | None:
        """Say by which id `arranged` knows the item with this key (loop)."""
        found = self._database.read("SELECT kind, scope FROM feed WHERE id = ?", (feed,))
        return find_item(self._database.read, found[0][1], ItemKind(found[0][0]), key) if found else None

    def holes(self, feed: int) -> list[Entry]:
        """List a feed's holes from the top (loop)."""
        return [Entry(position, None, "", 0.0, missing) for position, missing in Rows(self._database, feed).holes()]

    def arranged(
        self, feed: int, sort: str, descending: bool, text: str, given_up: GivenUp | None = None
    ) -> "array[int]":
        """Return all items' ids in another order, or of those only that have every word (prefix) of `text`.

        `sort` is `server`, `when`, `title`, `owner`, `flattrs`, `category` or `language`. Read them with `items`. Of a
        feed of `SHORT` rows or less it is quick enough for the event loop. Raises `GivenUpError` as `search` does.
        """
        arranger = Arranger(self._database.until(given_up))
        return arranger.all(feed, sort, descending=descending, text=text)

    def arranged_first(
        self, feed: int, sort: str, descending: bool, text: str, limit: int, given_up: GivenUp | None = None
    ) -> "array[int]":
        """Return the first of what `arranged` would: quick enough for every keystroke, in a thread."""
        arranger = Arranger(self._database.until(given_up))
        return arranger.first(feed, sort, limit, descending=descending, text=text)

    def items(self, ids: Sequence[int]) -> list[Entry]:
        """Read items by the ids that `arranged` and `search` gave, in that order; `position` is the index (loop)."""
        return Shelf(self._database.read).entries(ids)

    def record(self, scope: Scope, request: Request) -> tuple[Entity, float] | None:
        """Return a single object and when it was fetched (loop).

        `thing` and `user` are the best that is known of them from any answer, `thing` of the account before nobody's.
        """
        return Records(self._database.read).record(scope, request)

    def which(self, request: Request, account: str = "") -> Scope | None:
        """Say where a request is best read from: imports (`saved`) first, else what was fetched last (loop)."""
        return Records(self._database.read).which(request, account)

    # counting and finding

    def figures(self, scope: Scope, username: str) -> Figures:
        """Count over the saved flattrs of a user."""
        return self._counter.figures(scope, username)

    def counts(self, scope: Scope | None, dimension: str, username: str | None = None, limit: int = 50) -> list[Tally]:
        """Count saved flattrs (of one user, or all) by `month`, `day`, `owner`, `thing`, `category`, `language`, `tag`.

        Months and days come in order of time, everything else most first.
        """
        return self._counter.counts(scope, dimension, username, limit)

    def flattrs(
        self, scope: Scope | None, dimension: str, key: str = "", *, start: int | None = None, stop: int | None = None
    ) -> "array[int]":
        """List everybody's saved flattrs that `counts` counts as `key`, the newest first; read them with `items`.

        With `start` and `stop` (Unix seconds) those from then until before then, whatever they are about.
        """
        return self._counter.flattrs(scope, dimension, key, start, stop)

    def search(
        self, scope: Scope, wanted: ThingFilter, limit: int = 30, offset: int = 0, given_up: GivenUp | None = None
    ) -> Found:
        """Search the saved things with the service's own filters and sorts.

        What the account and nobody were told at the source is searched; of the source `saved`, at every source. A
        `limit` below 0 is none. Raises `model.tags.TagSyntaxError` for a tag expression that does not parse, and
        `GivenUpError` once `given_up` says that nobody waits for the answer any more.
        """
        return self._searcher.search(scope, wanted, limit, offset, given_up)

    def find(
        self, scope: Scope, text: str, kinds: Iterable[str] = (), limit: int = 50, given_up: GivenUp | None = None
    ) -> list[Hit]:
        """Find words in what `search` would search, and in imports: `limit` of each kind (all: `()`), best first.

        Raises `GivenUpError` as `search` does.
        """
        return self._finder.find(scope, text, kinds, limit, given_up)

    def people(self, scope: Scope, prefix: str, limit: int = 10) -> list[str]:
        """Suggest user names (loop)."""
        return self._searcher.people(scope, prefix, limit)
