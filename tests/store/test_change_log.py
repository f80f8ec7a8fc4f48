"""The log of changes: what came, what vanished, whose counts rose, and that a rebuild makes no others of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.model.api_request import Request
from flattr_tui.model.response_kind import ResponseKind
from flattr_tui.store import change_log
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.change_log import ChangeKind
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.types import Scope
from tests.store.changing_list import SANDBOX, Reader, reader
from tests.store.sample_responses import body, flattr, opened, response, thing

DAY = 86_400.0
START = 1_600_000_000.0
THINGS = Request.of("user-things", username="melodia")
ADDED, GONE, RECOUNTED = ChangeKind


@pytest.fixture
def grown(tmp_path: Path) -> Iterator[Reader]:
    yield from reader(str(tmp_path), 12)


def read_all(known: Reader) -> None:
    """Fetch the list to its end."""
    known.refresh(iter(()))


def logged(catalogue: Catalogue, scope: Scope = SANDBOX, since: float = 0.0) -> list[tuple[Any, ...]]:
    """What is logged: the kind, the item's number or counts, and when."""
    return [
        (one.kind, one.key.split("/")[1] if "/" in one.key else one.key, *(one[-2:] if one.kind == RECOUNTED else ()))
        for one in catalogue.read_changes(scope, since)
    ]


def test_a_list_that_is_read_for_the_first_time_has_no_changes(grown: Reader) -> None:
    read_all(grown)
    assert not logged(grown.catalogue)


def test_what_comes_and_vanishes_later_is_logged_with_its_day_and_again_by_a_rebuild(grown: Reader) -> None:
    read_all(grown)
    grown.now = START + DAY
    grown.server.grow(7)  # more than a page
    grown.top()
    assert sorted(logged(grown.catalogue)) == [(ADDED, str(number)) for number in range(13, 20)]
    grown.now = START + 2 * DAY
    grown.server.lose(3)  # 16
    read_all(grown)
    read_all(grown)
    changes = grown.catalogue.read_changes(SANDBOX)
    assert [(one.kind, one.key, one.username) for one in changes if one.kind == GONE] == [
        (GONE, "ada/16/1500000016", "ada")
    ]
    assert changes[0].kind == GONE
    assert changes[0].at > START + 2 * DAY
    assert len(changes) == 8
    assert grown.catalogue.read_changes(SANDBOX, START + 2 * DAY) == changes[:1]
    grown.catalogue.rebuild()
    assert grown.catalogue.read_changes(SANDBOX) == changes


def test_what_was_skipped_while_the_list_shifted_is_not_gone(grown: Reader) -> None:
    read_all(grown)
    for step in range(1, 4):
        grown.now = START + step * DAY
        grown.refresh(iter([("grow", 3), ("lose", 1), ("grow", 2), ("lose", 0), ("lose", 2)]))
        read_all(grown)
        read_all(grown)
    present = {row.split("/")[1] for row in grown.check()}
    gone = {key for kind, key in logged(grown.catalogue) if kind == GONE}
    added = {key for kind, key in logged(grown.catalogue) if kind == ADDED}
    assert gone
    assert not gone & present
    assert added - gone <= present
    before = grown.catalogue.read_changes(SANDBOX)
    grown.catalogue.rebuild()
    assert grown.catalogue.read_changes(SANDBOX) == before


@contextmanager
def fetched(folder: Path, *pages: tuple[float, list[dict[str, Any]]], **options: Any) -> Iterator[Catalogue]:
    """Make a catalogue of melodia's things as they were at some times."""
    with opened(folder) as (responses, catalogue):
        put_things(responses, catalogue, *pages, **options)
        yield catalogue


def put_things(
    responses: ResponseStore, catalogue: Catalogue, *pages: tuple[float, list[dict[str, Any]]], **options: Any
) -> None:
    for at, things in pages:
        kept = response(body(things), request=THINGS, answer=ResponseKind.THINGS, at=at, **options)
        catalogue.ingest(responses.put(kept).stored)


def test_a_count_that_changes_is_logged_with_both_numbers(tmp_path: Path) -> None:
    pages = [(START + day * DAY, [thing(7, flattrs=count)]) for day, count in enumerate((4, 4, 9, 8))]
    with fetched(tmp_path, *pages) as catalogue:
        assert logged(catalogue) == [(RECOUNTED, "7", 9, 8), (RECOUNTED, "7", 4, 9)]
        before = catalogue.read_changes(SANDBOX)
        catalogue.rebuild()
        assert catalogue.read_changes(SANDBOX) == before


def test_an_older_response_that_is_imported_later_belongs_before_the_others(tmp_path: Path) -> None:
    first, second = [thing(7)], [thing(8), thing(7)]
    scope = Scope("saved")
    with fetched(tmp_path, (START + DAY, second), (START, first), source="saved") as catalogue:
        (change,) = catalogue.read_changes(scope)
        assert (change.kind, change.key, change.at) == (ADDED, "8", START + DAY)
        catalogue.rebuild()
        assert catalogue.read_changes(scope) == [change]


def test_who_hides_a_list_empties_it(tmp_path: Path) -> None:
    with fetched(tmp_path, (START, [thing(8), thing(7)]), (START + DAY, [])) as catalogue:
        assert logged(catalogue) == [(GONE, "8"), (GONE, "7")]


def test_only_the_latest_changes_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_log, "MAX_CHANGES", 3)
    pages = [(START + count, [thing(7, flattrs=count)]) for count in range(9)]
    with fetched(tmp_path, *pages) as catalogue:
        assert logged(catalogue) == [(RECOUNTED, "7", count, count + 1) for count in (7, 6, 5)]


def test_an_account_sees_its_own_changes_and_nobody_elses(tmp_path: Path) -> None:
    pages = [(START, [thing(7)]), (START + DAY, [thing(8), thing(7)])]
    with fetched(tmp_path, *pages, account="ada") as catalogue:
        assert logged(catalogue, Scope("sandbox", "ada")) == [(ADDED, "8")]
        assert not logged(catalogue, Scope("sandbox", "bo"))
        assert not logged(catalogue, Scope("elsewhere", "ada"))
        catalogue.forget_scope(Scope("sandbox", "ada"))
        assert not logged(catalogue, Scope("sandbox", "ada"))


def test_other_lists_are_not_logged(tmp_path: Path) -> None:
    request = Request.of("thing-flattrs", id="7")
    with opened(tmp_path) as (responses, catalogue):
        for at, numbers in enumerate(((1,), (2, 1))):
            made = response(body(flattr(number, "bo") for number in numbers), request=request, at=START + at)
            catalogue.ingest(responses.put(made).stored)
        assert not logged(catalogue)
