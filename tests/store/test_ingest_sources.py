"""Tests that responses are ingested source by source: no source waits for another, and the order does not matter."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from flattr_tui.store import catalogue_database
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.catalogue_schema import Scope
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.stored_response import StoredResponse
from tests.store.sample_responses import ADA, body, flattr, open_stores, response

SOURCES = ("one", "two", "saved")


class Stopped(Exception):
    """Raised to stop an ingest in the middle."""


def keep_going() -> None:
    """Check nothing: the ingest is never stopped."""


def make_page(source: str, newest: int, number: int = 1, at: float = 1000.0) -> StoredResponse:
    items = [flattr(item) for item in range(newest, newest - 30, -1)]
    return response(body(items), page=number, source=source, at=at)


def list_rows(catalogue: Catalogue, source: str) -> list[tuple[str, int | None]]:
    stats = catalogue.list_stats(Scope(source), ADA)
    return [(row.key, row.missing) for row in catalogue.read_rows(stats.id, stats.low, stats.high + 1)]


def put_all(responses: ResponseStore, *stored: StoredResponse) -> list[StoredResponse]:
    return [responses.put(one).stored for one in stored]


def test_a_source_does_not_wait_for_pending_responses_of_another(tmp_path: Path) -> None:
    with open_stores(tmp_path) as (responses, catalogue):
        put_all(
            responses, make_page("two", 100), make_page("one", 200), make_page("two", 70, 2), make_page("one", 170, 2)
        )
        assert (catalogue.count_pending(), catalogue.count_pending("one")) == (4, 2)
        assert catalogue.ingestor.catch_up_step("one", keep_going) == (2, 0)
        assert len(list_rows(catalogue, "one")) == 60
        assert list_rows(catalogue, "two") == []
        (newest,) = put_all(responses, make_page("one", 205, at=2000.0))
        assert catalogue.ingestor.ingest(newest).joins_known
        assert len(list_rows(catalogue, "one")) == 65
        assert list_rows(catalogue, "two") == []
        assert catalogue.count_pending("one") == 0
        assert catalogue.ingestor.catch_up() == 2
        assert (len(list_rows(catalogue, "two")), catalogue.count_pending()) == (60, 0)
    with open_stores(tmp_path) as (_, catalogue):
        assert catalogue.ingestor.catch_up() == 0


def test_a_long_page_whose_ingest_was_stopped_is_ingested_later(tmp_path: Path) -> None:
    with open_stores(tmp_path) as (responses, catalogue):
        (stored,) = put_all(responses, response(body(map(flattr, range(2_000, 0, -1)))))
        calls = iter(range(4))

        def check() -> None:
            if next(calls) == 3:
                raise Stopped

        with pytest.raises(Stopped):
            catalogue.ingestor.ingest(stored, check)
        assert list_rows(catalogue, "sandbox") == []
        assert catalogue.count_pending() == 1
        assert catalogue.ingestor.catch_up() == 1
        assert len(list_rows(catalogue, "sandbox")) == 2_000


@settings(max_examples=10, deadline=None, phases=(Phase.generate,))
@given(seed=st.integers(0, 100_000))
def test_lists_are_the_same_in_whatever_order_sources_are_ingested(seed: int) -> None:
    chance = random.Random(seed)
    newest = dict.fromkeys(SOURCES, 100)
    with TemporaryDirectory() as folder, open_stores(Path(folder)) as (responses, catalogue):
        for step in range(24):
            source = chance.choice(SOURCES)
            newest[source] += chance.choice((0, 0, 2, 40))
            number = chance.randrange(1, 4)
            stored = make_page(source, newest[source] - 30 * (number - 1), number, 1000.0 + step)
            put_result = responses.put(stored)
            match chance.randrange(4):
                case 0 if put_result.is_new:
                    catalogue.ingestor.ingest(put_result.stored)
                case 1:
                    catalogue.ingestor.catch_up_step(chance.choice(SOURCES), keep_going)
                case 2:
                    catalogue.ingestor.confirm(put_result.stored.response_key, 1000.0 + step)
                case 3 if not chance.randrange(4):
                    catalogue.ingestor.catch_up()
        catalogue.ingestor.catch_up()
        grown = [list_rows(catalogue, source) for source in SOURCES]
        assert any(grown)
        assert catalogue.count_pending() == 0
        catalogue.rebuild()
        assert [list_rows(catalogue, source) for source in SOURCES] == grown


def test_a_locked_catalogue_gets_a_notice_and_stays_readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue_database, "BUSY_SECONDS", 1.0)
    notices: list[str] = []
    with open_stores(tmp_path, notices) as (responses, catalogue):
        first, second = put_all(responses, make_page("one", 100), make_page("two", 200))
        catalogue.ingestor.ingest(first)
        with closing(sqlite3.connect(catalogue.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert catalogue.ingestor.ingest(second).new == 30, "it is ingested into a copy"
            assert (len(list_rows(catalogue, "one")), len(list_rows(catalogue, "two"))) == (30, 30)
            other.execute("ROLLBACK")
    assert [sentence.endswith(": waiting for it.") for sentence in notices] == [True]
    assert "is locked by" in notices[0]
    with open_stores(tmp_path) as (_, catalogue):
        assert catalogue.ingestor.catch_up() == 1
