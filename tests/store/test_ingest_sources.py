"""Each source is taken into the catalogue by itself: none waits for another, and the end is the same."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.stored_response import StoredResponse
from flattr_tui.store.types import Scope
from tests.store.sample_responses import ADA, body, flattr, opened, response

SOURCES = ("one", "two", "saved")


class Stopped(Exception):
    """Work that was stopped."""


def never() -> None:
    """Go on."""


def page(source: str, newest: int, number: int = 1, at: float = 1000.0) -> StoredResponse:
    items = [flattr(item) for item in range(newest, newest - 30, -1)]
    return response(body(items), page=number, source=source, at=at)


def rows(catalogue: Catalogue, source: str) -> list[tuple[str, int | None]]:
    facts = catalogue.list_stats(Scope(source), ADA)
    return [(row.key, row.missing) for row in catalogue.read_rows(facts.id, facts.low, facts.high + 1)]


def put(responses: ResponseStore, *came: StoredResponse) -> list[StoredResponse]:
    return [responses.put(one).stored for one in came]


def test_a_source_does_not_wait_for_what_is_missing_of_another(tmp_path: Path) -> None:
    with opened(tmp_path) as (responses, catalogue):
        put(responses, page("two", 100), page("one", 200), page("two", 70, 2), page("one", 170, 2))
        assert (catalogue.pending_count, catalogue.count_pending("one")) == (4, 2)
        assert catalogue.catch_up_step("one", never) == (2, 0)
        assert len(rows(catalogue, "one")) == 60
        assert rows(catalogue, "two") == []
        (newest,) = put(responses, page("one", 205, at=2000.0))
        assert catalogue.ingest(newest).joins_known
        assert len(rows(catalogue, "one")) == 65
        assert rows(catalogue, "two") == []
        assert catalogue.count_pending("one") == 0
        assert catalogue.catch_up() == 2
        assert (len(rows(catalogue, "two")), catalogue.pending_count) == (60, 0)
    with opened(tmp_path) as (_, catalogue):
        assert catalogue.catch_up() == 0


def test_what_was_stopped_in_a_long_page_is_done_later(tmp_path: Path) -> None:
    with opened(tmp_path) as (responses, catalogue):
        (stored,) = put(responses, response(body(map(flattr, range(2_000, 0, -1)))))
        calls = iter(range(4))

        def check() -> None:
            if next(calls) == 3:
                raise Stopped

        with pytest.raises(Stopped):
            catalogue.ingest(stored, check)
        assert rows(catalogue, "sandbox") == []
        assert catalogue.pending_count == 1
        assert catalogue.catch_up() == 1
        assert len(rows(catalogue, "sandbox")) == 2_000


@settings(max_examples=20, deadline=None, phases=(Phase.generate,))
@given(seed=st.integers(0, 100_000))
def test_in_whatever_order_sources_are_taken_in_the_lists_are_the_same(seed: int) -> None:
    chance = random.Random(seed)
    newest = dict.fromkeys(SOURCES, 100)
    with TemporaryDirectory() as folder, opened(Path(folder)) as (responses, catalogue):
        for step in range(24):
            source = chance.choice(SOURCES)
            newest[source] += chance.choice((0, 0, 2, 40))
            number = chance.randrange(1, 4)
            came = page(source, newest[source] - 30 * (number - 1), number, 1000.0 + step)
            kept = responses.put(came)
            match chance.randrange(4):
                case 0 if kept.is_new:
                    catalogue.ingest(kept.stored)
                case 1:
                    catalogue.catch_up_step(chance.choice(SOURCES), never)
                case 2:
                    catalogue.confirm(kept.stored.response_key, 1000.0 + step)
                case 3 if not chance.randrange(4):
                    catalogue.catch_up()
        catalogue.catch_up()
        grown = [rows(catalogue, source) for source in SOURCES]
        assert any(grown)
        assert catalogue.pending_count == 0
        catalogue.rebuild()
        assert [rows(catalogue, source) for source in SOURCES] == grown


def test_a_catalogue_that_another_program_locks_is_said_and_read_on(tmp_path: Path) -> None:
    said: list[str] = []
    with opened(tmp_path, said) as (responses, catalogue):
        first, second = put(responses, page("one", 100), page("two", 200))
        catalogue.ingest(first)
        with closing(sqlite3.connect(catalogue.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert catalogue.ingest(second).new == 30, "in a copy"
            assert (len(rows(catalogue, "one")), len(rows(catalogue, "two"))) == (30, 30)
            other.execute("ROLLBACK")
    assert [sentence.endswith(": waiting for it.") for sentence in said] == [True]
    assert "is locked by" in said[0]
    with opened(tmp_path) as (_, catalogue):
        assert catalogue.catch_up() == 1
