"""A list that changes between two requests, and who reads it page by page into a catalogue."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.types import IngestResult, RowEntry, Scope
from tests.store.sample_responses import ADA, body, flattr, opened, response

COUNT = 5
"""Items a page."""
SANDBOX = Scope("sandbox")


def key(number: int) -> str:
    return f"ada/{number}/{1_500_000_000 + number}"


@dataclass
class Server:
    """A list, newest first, and what of it was ever served."""

    items: list[int]
    served: set[str] = field(default_factory=set)

    def grow(self, number: int) -> None:
        for _ in range(number):
            self.items.insert(0, max(self.items, default=0) + 1)

    def lose(self, place: int) -> None:
        if self.items:
            del self.items[place % len(self.items)]

    def page(self, number: int) -> list[int]:
        found = self.items[(number - 1) * COUNT : number * COUNT]
        self.served.update(map(key, found))
        return found


@dataclass
class Reader:
    """Fetches the server's pages into a catalogue."""

    server: Server
    responses: ResponseStore
    catalogue: Catalogue
    now: float = 1_600_000_000.0

    def fetch(self, number: int) -> tuple[IngestResult, bool]:
        """Fetch a page as the library does; say whether it was the last one."""
        self.now += 1
        found = self.server.page(number)
        kept = self.responses.put(response(body(map(flattr, found)), page=number, count=COUNT, at=self.now))
        if kept.is_new:
            taken = self.catalogue.ingest(kept.stored)
        else:
            taken = self.catalogue.confirm(kept.stored.response_key, self.now) or IngestResult(ADA, joins_known=True)
        return taken, len(found) < COUNT

    def refresh(self, changes: Iterator[tuple[str, int]]) -> None:
        """Fetch from the top to the end, as the library does, with a change of the server's list before each page."""
        number, last = 1, False
        while not last:
            self.change(changes)
            taken, last = self.fetch(number)
            if taken.suspicious and number > 1:
                self.change(changes)
                self.fetch(number - 1)
                self.change(changes)
                _, last = self.fetch(number)
            number += 1

    def top(self) -> None:
        """Fetch from the top until it meets what is known, as the library does."""
        known = bool(self.catalogue.list_stats(SANDBOX, ADA).saved)
        number, met = 1, False
        while not met:
            taken, last = self.fetch(number)
            met = taken.joins_known or last or not known
            number += 1

    def change(self, changes: Iterator[tuple[str, int]]) -> None:
        what, number = next(changes, ("", 0))
        if what == "grow":
            self.server.grow(number % 7)
        elif what == "lose":
            self.server.lose(number)

    def rows(self) -> list[RowEntry]:
        facts = self.catalogue.list_stats(SANDBOX, ADA)
        return self.catalogue.read_rows(facts.id, facts.low, facts.high + 1)

    def check(self) -> list[str]:
        """See that no row is there twice, nor one that was never served; return the rows' keys."""
        rows = [entry.key for entry in self.rows() if entry.item]
        assert len(set(rows)) == len(rows)
        assert set(rows) <= self.server.served
        return rows

    def state(self) -> tuple[list[tuple[str, int | None]], int, bool, float | None]:
        facts = self.catalogue.list_stats(SANDBOX, ADA)
        return [(row.key, row.missing) for row in self.rows()], facts.saved, facts.ended, facts.fetched_at


def reader(folder: str, items: int) -> Iterator[Reader]:
    with opened(Path(folder)) as (responses, catalogue):
        yield Reader(Server(list(range(items, 0, -1))), responses, catalogue)
