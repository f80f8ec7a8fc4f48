"""Tests of the log of changes: added and removed items, changed counts of flattrs, and the same log after a rebuild."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.model.api_request import ApiRequest, ResponseKind
from flattr_tui.store import change_log
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.catalogue_schema import Scope
from flattr_tui.store.change_log import LoggedChangeKind
from flattr_tui.store.response_store import ResponseStore
from tests.store.changing_list import SANDBOX, Reader, open_reader
from tests.store.sample_responses import body, flattr, open_stores, response, thing

DAY = 86_400.0
START = 1_600_000_000.0
THINGS = ApiRequest.of("user-things", username="melodia")
ADDED, GONE, RECOUNTED = LoggedChangeKind


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    yield from open_reader(str(tmp_path), 12)


def read_all(reader: Reader) -> None:
    """Fetch the list to its end."""
    reader.refresh(iter(()))


def list_changes(catalogue: Catalogue, scope: Scope = SANDBOX, since: float = 0.0) -> list[tuple[Any, ...]]:
    """Return the logged changes, each as its kind and the item's number; for a changed count also both counts."""
    return [
        (one.kind, one.key.split("/")[1] if "/" in one.key else one.key, *(one[-2:] if one.kind == RECOUNTED else ()))
        for one in catalogue.read_changes(scope, since)
    ]


def test_a_list_that_is_fetched_for_the_first_time_has_no_changes(reader: Reader) -> None:
    read_all(reader)
    assert not list_changes(reader.catalogue)


def test_added_and_removed_items_are_logged_with_their_day_and_again_by_a_rebuild(reader: Reader) -> None:
    read_all(reader)
    reader.now = START + DAY
    reader.server.grow(7)  # more than a page
    reader.fetch_new()
    assert sorted(list_changes(reader.catalogue)) == [(ADDED, str(number)) for number in range(13, 20)]
    reader.now = START + 2 * DAY
    reader.server.remove(3)  # 16
    read_all(reader)
    read_all(reader)
    changes = reader.catalogue.read_changes(SANDBOX)
    assert [(one.kind, one.key, one.username) for one in changes if one.kind == GONE] == [
        (GONE, "ada/16/1500000016", "ada")
    ]
    assert changes[0].kind == GONE
    assert changes[0].at > START + 2 * DAY
    assert len(changes) == 8
    assert reader.catalogue.read_changes(SANDBOX, START + 2 * DAY) == changes[:1]
    reader.catalogue.rebuild()
    assert reader.catalogue.read_changes(SANDBOX) == changes


def test_items_skipped_while_the_list_shifted_are_not_logged_as_gone(reader: Reader) -> None:
    read_all(reader)
    for step in range(1, 4):
        reader.now = START + step * DAY
        reader.refresh(iter([("grow", 3), ("lose", 1), ("grow", 2), ("lose", 0), ("lose", 2)]))
        read_all(reader)
        read_all(reader)
    present = {row.split("/")[1] for row in reader.check_rows()}
    gone = {key for kind, key in list_changes(reader.catalogue) if kind == GONE}
    added = {key for kind, key in list_changes(reader.catalogue) if kind == ADDED}
    assert gone
    assert not gone & present
    assert added - gone <= present
    before = reader.catalogue.read_changes(SANDBOX)
    reader.catalogue.rebuild()
    assert reader.catalogue.read_changes(SANDBOX) == before


@contextmanager
def catalogue_of_things(
    folder: Path, *pages: tuple[float, list[dict[str, Any]]], **options: Any
) -> Iterator[Catalogue]:
    """Yield a catalogue into which responses with melodia's things at several times were ingested, in that order."""
    with open_stores(folder) as (responses, catalogue):
        ingest_things(responses, catalogue, *pages, **options)
        yield catalogue


def ingest_things(
    responses: ResponseStore, catalogue: Catalogue, *pages: tuple[float, list[dict[str, Any]]], **options: Any
) -> None:
    for at, things in pages:
        stored = response(body(things), request=THINGS, response_kind=ResponseKind.THINGS, at=at, **options)
        catalogue.ingestor.ingest(responses.put(stored).stored)


def test_a_count_that_changes_is_logged_with_both_numbers(tmp_path: Path) -> None:
    pages = [(START + day * DAY, [thing(7, flattrs=count)]) for day, count in enumerate((4, 4, 9, 8))]
    with catalogue_of_things(tmp_path, *pages) as catalogue:
        assert list_changes(catalogue) == [(RECOUNTED, "7", 9, 8), (RECOUNTED, "7", 4, 9)]
        before = catalogue.read_changes(SANDBOX)
        catalogue.rebuild()
        assert catalogue.read_changes(SANDBOX) == before


def test_an_older_response_that_is_imported_later_belongs_before_the_others(tmp_path: Path) -> None:
    first, second = [thing(7)], [thing(8), thing(7)]
    scope = Scope("saved")
    pages = [(START + DAY, second), (START + 2 * DAY, [thing(9), *second]), (START, first)]
    with catalogue_of_things(tmp_path, *pages, source="saved") as catalogue:
        changes = catalogue.read_changes(scope)
        assert [(change.kind, change.key, change.at) for change in changes] == [
            (ADDED, "9", START + 2 * DAY),
            (ADDED, "8", START + DAY),
        ]
        catalogue.rebuild()
        assert catalogue.read_changes(scope) == changes


def test_a_list_that_becomes_hidden_logs_its_items_as_gone(tmp_path: Path) -> None:
    with catalogue_of_things(tmp_path, (START, [thing(8), thing(7)]), (START + DAY, [])) as catalogue:
        assert list_changes(catalogue) == [(GONE, "8"), (GONE, "7")]


def test_an_item_that_comes_back_was_never_gone(tmp_path: Path) -> None:
    both = [thing(8), thing(7)]
    with catalogue_of_things(tmp_path, (START, both), (START + DAY, []), (START + 2 * DAY, both)) as catalogue:
        assert list_changes(catalogue) == []


def test_only_the_latest_changes_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_log, "MAX_CHANGES", 3)
    pages = [(START + count, [thing(7, flattrs=count)]) for count in range(9)]
    with catalogue_of_things(tmp_path, *pages) as catalogue:
        assert list_changes(catalogue) == [(RECOUNTED, "7", count, count + 1) for count in (7, 6, 5)]


def test_an_account_sees_its_own_changes_and_nobody_elses(tmp_path: Path) -> None:
    pages = [(START, [thing(7)]), (START + DAY, [thing(8), thing(7)])]
    with catalogue_of_things(tmp_path, *pages, account="ada") as catalogue:
        assert list_changes(catalogue, Scope("sandbox", "ada")) == [(ADDED, "8")]
        assert not list_changes(catalogue, Scope("sandbox", "bo"))
        assert not list_changes(catalogue, Scope("elsewhere", "ada"))
        catalogue.forget_scope(Scope("sandbox", "ada"))
        assert not list_changes(catalogue, Scope("sandbox", "ada"))


def test_other_lists_are_not_logged(tmp_path: Path) -> None:
    request = ApiRequest.of("thing-flattrs", id="7")
    with open_stores(tmp_path) as (responses, catalogue):
        for at, numbers in enumerate(((1,), (2, 1))):
            made = response(body(flattr(number, "bo") for number in numbers), request=request, at=START + at)
            catalogue.ingestor.ingest(responses.put(made).stored)
        assert not list_changes(catalogue)
