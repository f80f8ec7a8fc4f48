"""A server's list that changes between two requests, and a reader that fetches its pages into a catalogue."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.catalogue_schema import IngestResult, RowEntry, Scope
from flattr_tui.store.response_store import ResponseStore
from tests.store.sample_responses import ADA, body, flattr, open_stores, response

COUNT = 5
"""Number of items on an API page."""
SANDBOX = Scope("sandbox")


def key_of(number: int) -> str:
    return f"ada/{number}/{1_500_000_000 + number}"


@dataclass
class Server:
    """A server's list of item numbers, newest first, and the keys of all items that the server has ever sent."""

    items: list[int]
    served: set[str] = field(default_factory=set)

    def grow(self, number: int) -> None:
        """Add `number` new items at the top of the list."""
        for _ in range(number):
            self.items.insert(0, max(self.items, default=0) + 1)

    def remove(self, place: int) -> None:
        """Remove the item at index `place` modulo the length of the list; do nothing if the list is empty."""
        if self.items:
            del self.items[place % len(self.items)]

    def page(self, number: int) -> list[int]:
        """Return the items of the API page `number` (from 1), and record them as sent."""
        items = self.items[(number - 1) * COUNT : number * COUNT]
        self.served.update(map(key_of, items))
        return items


@dataclass
class Reader:
    """Fetches the server's pages into a catalogue."""

    server: Server
    responses: ResponseStore
    catalogue: Catalogue
    now: float = 1_600_000_000.0

    def fetch(self, number: int) -> tuple[IngestResult, bool]:
        """Fetch the API page `number` as the library does. Returns how it was ingested, and whether it was the last."""
        self.now += 1
        items = self.server.page(number)
        put_result = self.responses.put(response(body(map(flattr, items)), page=number, count=COUNT, at=self.now))
        if put_result.is_new:
            ingest_result = self.catalogue.ingestor.ingest(put_result.stored)
        else:
            ingest_result = self.catalogue.ingestor.confirm(put_result.stored.response_key, self.now) or IngestResult(
                ADA, joins_known=True
            )
        return ingest_result, len(items) < COUNT

    def refresh(self, changes: Iterator[tuple[str, int]]) -> None:
        """Fetch all API pages as the library does. Before each page, apply the next of `changes` to the list."""
        number, last = 1, False
        while not last:
            self.change(changes)
            ingest_result, last = self.fetch(number)
            if ingest_result.suspicious and number > 1:
                self.change(changes)
                self.fetch(number - 1)
                self.change(changes)
                _, last = self.fetch(number)
            number += 1

    def fetch_new(self) -> None:
        """Fetch API pages from the first one on, until a page overlaps with known rows, as the library does."""
        known = bool(self.catalogue.list_stats(SANDBOX, ADA).saved)
        number, met = 1, False
        while not met:
            ingest_result, last = self.fetch(number)
            met = ingest_result.joins_known or last or not known
            number += 1

    def change(self, changes: Iterator[tuple[str, int]]) -> None:
        """Apply the next of `changes` to the list: `grow` or `lose` with a number. Do nothing if none is left."""
        change, number = next(changes, ("", 0))
        if change == "grow":
            self.server.grow(number % 7)
        elif change == "lose":
            self.server.remove(number)

    def rows(self) -> list[RowEntry]:
        stats = self.catalogue.list_stats(SANDBOX, ADA)
        return self.catalogue.read_rows(stats.id, stats.low, stats.high + 1)

    def check_rows(self) -> list[str]:
        """Assert that no row occurs twice, and that the server has sent each row. Returns the keys of the rows."""
        rows = [entry.key for entry in self.rows() if entry.item]
        assert len(set(rows)) == len(rows)
        assert set(rows) <= self.server.served
        return rows

    def state(self) -> tuple[list[tuple[str, int | None]], int, bool, float | None]:
        """Return the state of the saved list, to compare it with another state.

        It consists of the key and the number of missing rows of each row, the number of items, whether the list has
        ended, and when it was fetched.
        """
        stats = self.catalogue.list_stats(SANDBOX, ADA)
        return [(row.key, row.missing) for row in self.rows()], stats.saved, stats.ended, stats.fetched_at


def open_reader(folder: str, items: int) -> Iterator[Reader]:
    with open_stores(Path(folder)) as (responses, catalogue):
        yield Reader(Server(list(range(items, 0, -1))), responses, catalogue)
