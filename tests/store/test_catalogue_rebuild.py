"""Tests that the catalogue can be rebuilt from the responses alone, and that it then equals the damaged catalogue."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from flattr_tui.model.api_request import ApiRequest, ResponseKind
from flattr_tui.model.query_language import parse_query
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.catalogue_database import VERSION
from flattr_tui.store.catalogue_schema import Scope, ThingFilter
from flattr_tui.store.flattr_statistics import DIMENSIONS
from flattr_tui.store.integrity_check import verify
from flattr_tui.store.stored_response import StoredResponse
from tests.store.sample_responses import ADA, body, flattr, open_stores, response, save_responses, thing

WORDS = ("otter", "lute", "night", "map", "Über", "地図")
SCOPES = (Scope("sandbox"), Scope("sandbox", "ada"), Scope("saved"))
THINGS = ApiRequest.of("user-things", username="melodia")
FANS = ApiRequest.of("thing-flattrs", id="7")
SEARCH = ApiRequest.of("search", query="otter")
USER = ApiRequest.of("user", username="melodia")
REQUESTS = (ADA, THINGS, FANS, SEARCH, USER)


def make_thing(number: int) -> dict[str, Any]:
    """Return a thing whose title, tags, category and language depend on its number."""
    title = f"{WORDS[number % 6]} {WORDS[number // 6 % 6]} {number}"
    return thing(
        number,
        title,
        owner=("melodia", "bo", "iris")[number % 3],
        tags=sorted({WORDS[number % 4], WORDS[number % 5]}),
        category=("text", "audio", "video")[number % 3],
        language=("en_GB", "sv_SE")[number % 2],
        flattrs=number * 7 % 100,
        description=f"About {WORDS[number // 3 % 6]}.",
    )


def make_responses(shuffled: random.Random) -> list[StoredResponse]:
    """Return responses to several requests in several scopes, shuffled. Some lists changed between two pages."""
    made: list[StoredResponse] = []
    for scope in SCOPES:
        scope_fields: dict[str, Any] = {"source": scope.source, "account": scope.account}
        newest = shuffled.randrange(70, 110)
        for page in (1, 2):
            first = newest - (page - 1) * 30 + shuffled.choice((0, 0, 3))
            items = [flattr(number, of=make_thing(number)) for number in range(first, max(0, first - 30), -1)]
            made.append(response(body(items), page=page, **scope_fields))
        made.append(
            response(
                body(map(make_thing, range(40, 10, -1))),
                request=THINGS,
                response_kind=ResponseKind.THINGS,
                **scope_fields,
            )
        )
        fans = [flattr(n, who, of=make_thing(7)) for n, who in ((90, "bo"), (80, "iris"), (70, "ada"))]
        made.append(response(body(fans), request=FANS, **scope_fields))
        found = body(make_thing(number) for number in shuffled.sample(range(100), 25))
        made.append(response(found, request=SEARCH, response_kind=ResponseKind.SEARCH, **scope_fields))
        user = b'{"type":"user","username":"melodia","firstname":"Mel","about":"Lute and night"}'
        made.append(response(user, request=USER, response_kind=ResponseKind.USER, count=0, **scope_fields))
    shuffled.shuffle(made)
    return [with_time(one, 1_600_000_000.0 + place) for place, one in enumerate(made)]


def with_time(stored: StoredResponse, at: float) -> StoredResponse:
    return response(**{name: getattr(stored, name) for name in FIELDS}, at=at)


FIELDS = ("body", "page", "source", "account", "request", "response_kind", "count")


def read_lists(catalogue: Catalogue) -> dict[str, Any]:
    """Return the rows of all lists, sorted and unsorted, their statistics, and all records."""
    contents: dict[str, Any] = {}
    for scope in SCOPES:
        for request in REQUESTS:
            facts = catalogue.list_stats(scope, request)
            rows = catalogue.read_rows(facts.id, facts.low, facts.high + 1)
            contents[f"{scope} {request}"] = (
                [(row.item, row.key, row.missing, row.fetched_at) for row in rows],
                (len(facts), facts.saved, facts.ended, facts.total, facts.fetched_at),
                catalogue.read_record(scope, request),
            )
            for sort in ("title", "when"):
                ids = catalogue.sort_list(facts.id, sort, True, parse_query("otter"))
                contents[f"{scope} {request} {sort}"] = [row.key for row in catalogue.read_items(ids)]
    return contents


def read_everything(catalogue: Catalogue) -> dict[str, Any]:
    """Return everything that can be read from a catalogue: lists, records, changes, counts, and hits of searches."""
    contents = read_lists(catalogue)
    for scope in SCOPES:
        changes = catalogue.read_changes(scope)
        contents[f"{scope} changes"] = [(*change[:2], *change[3:]) for change in changes]  # without the items' row ids
        for dimension in DIMENSIONS:
            contents[f"{scope} {dimension}"] = [
                catalogue.statistics.count_by(scope, dimension, who) for who in (None, "ada")
            ]
        for wanted in (
            ThingFilter(query="otter"),
            ThingFilter(tags="otter & !lute"),
            ThingFilter(languages=("sv_SE",)),
        ):
            found = catalogue.thing_search.search(scope, wanted, limit=100)
            contents[f"{scope} {wanted}"] = [row.key for row in catalogue.read_items(found.ids)], found.total
        for word in WORDS[3:]:
            hits = catalogue.full_text_search.find(scope, parse_query(word))
            contents[f"{scope} {word}"] = [(hit.entry, hit.kind, hit.scope) for hit in hits]
    return contents


@settings(max_examples=3, deadline=None, phases=(Phase.generate,))
@given(seed=st.integers(0, 10_000))
def test_a_rebuild_equals_the_catalogue_that_grew_in_any_order(seed: int) -> None:
    with TemporaryDirectory() as folder, open_stores(Path(folder)) as (responses, catalogue):
        responses_made = make_responses(random.Random(seed))
        for one in responses_made[: seed % len(responses_made)]:
            catalogue.ingestor.ingest(responses.put(one).stored)
        for one in responses_made[seed % len(responses_made) :]:
            responses.put(one)
        assert catalogue.ingestor.catch_up() == len(responses_made) - seed % len(responses_made)
        filled = read_everything(catalogue)
        assert any(rows for rows, *_ in (filled[f"{SCOPES[0]} {request}"] for request in REQUESTS))
        progress: list[tuple[int, int]] = []
        assert catalogue.rebuild(lambda done, of: progress.append((done, of))) == len(responses_made)
        assert progress[-1] == (len(responses_made), len(responses_made))
        assert read_everything(catalogue) == filled


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("grown")
    save_responses(data, *make_responses(random.Random(1)))
    return data


@pytest.fixture
def data(tmp_path: Path, filled: Path) -> Path:
    """A folder with a copy of the filled stores, which the test may damage."""
    return shutil.copytree(filled, tmp_path / "data")


def catalogue_path(data: Path) -> Path:
    return data / "catalogue.sqlite"


def truncate(share: float) -> Callable[[Path], None]:
    def truncate_catalogue(data: Path) -> None:
        with catalogue_path(data).open("r+b") as file:
            file.truncate(int(catalogue_path(data).stat().st_size * share))

    return truncate_catalogue


def delete(data: Path) -> None:
    for path in data.glob("catalogue.sqlite*"):
        path.unlink()


def change_version(data: Path) -> None:
    with closing(sqlite3.connect(catalogue_path(data))) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION ^ 1}")


def replace_by_other_database(data: Path) -> None:
    delete(data)
    with closing(sqlite3.connect(catalogue_path(data))) as connection, connection:
        connection.execute("CREATE TABLE notes (text)")


DAMAGES = {
    "deleted": (delete, "was missing"),
    "cut to nothing": (truncate(0), "was not made by this version of the program"),
    "cut to a tenth": (truncate(0.1), "is damaged"),
    "cut in half": (truncate(0.5), "is damaged"),
    "cut at its end": (truncate(0.97), "is damaged"),
    "of another version": (change_version, "was not made by this version of the program"),
    "another program's": (replace_by_other_database, "was not made by this version of the program"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_catalogue_is_rebuilt_with_one_notice(data: Path, damage: str) -> None:
    with open_stores(data) as (_, catalogue):
        before = read_everything(catalogue)
    damage_it, reason = DAMAGES[damage]
    damage_it(data)
    notices: list[str] = []
    with open_stores(data, notices) as (_, catalogue):
        catalogue.ingestor.catch_up()
        assert read_everything(catalogue) == before
    (sentence,) = notices
    assert reason in sentence
    assert sentence.endswith("is rebuilt from what is saved. Nothing is lost.")
    notices.clear()
    with open_stores(data, notices) as (_, catalogue):
        assert read_everything(catalogue) == before
    assert notices == []


def test_a_catalogue_that_is_ahead_of_its_store_is_rebuilt(data: Path) -> None:
    shutil.copytree(data / "responses", data / "before")
    with open_stores(data) as (responses, catalogue):
        before = read_everything(catalogue)
        catalogue.ingestor.ingest(responses.put(response(body([flattr(500)]), at=1_700_000_000.0)).stored)
    shutil.rmtree(data / "responses")
    (data / "before").rename(data / "responses")  # a power cut lost the last row
    notices: list[str] = []
    with open_stores(data, notices) as (responses, catalogue):
        catalogue.ingestor.catch_up()
        assert read_everything(catalogue) == before
        newest = responses.put(response(body([flattr(501)]), at=1_700_000_000.0)).stored
        assert catalogue.ingestor.ingest(newest).new == 1, "its number was used before"
    (sentence,) = notices
    assert "not saved" in sentence


def test_a_catalogue_damaged_while_open_is_rebuilt(data: Path) -> None:
    notices: list[str] = []
    with open_stores(data, notices) as (responses, catalogue):
        before = read_lists(catalogue)
        catalogue_path(data).write_bytes(b"no database" * 5_000)
        catalogue.list_stats(SCOPES[0], ADA)
        newest = responses.latest(response().response_key)
        assert newest is not None
        catalogue.ingestor.ingest(newest)
        catalogue.ingestor.catch_up()
        assert read_lists(catalogue) == before
    assert len(notices) == 1
    assert "is damaged" in notices[0]


def test_a_catalogue_deleted_while_open_is_rebuilt_by_the_next_write(data: Path) -> None:
    with open_stores(data, []) as (responses, catalogue):
        before = read_lists(catalogue)
        delete(data)
        newest = responses.latest(response().response_key)
        assert newest is not None
        catalogue.ingestor.ingest(newest)
        catalogue.ingestor.catch_up()
        assert read_lists(catalogue) == before


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_a_scope_that_is_forgotten_leaves_nothing_behind(data: Path, scope: Scope) -> None:
    with open_stores(data) as (responses, catalogue):
        number = responses.delete_account(*scope)
        catalogue.forget_scope(scope)
        assert number == len(make_responses(random.Random(1))) // len(SCOPES)
        left = read_everything(catalogue)
        with closing(sqlite3.connect(catalogue_path(data))) as connection, connection:
            connection.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
        done = verify(data / "responses", catalogue_path(data), lambda *_: None)
        assert (done.findings, done.responses) == ((), responses.last_sequence() - number)
        catalogue.rebuild()
        assert read_everything(catalogue) == left


def test_a_new_catalogue_gives_no_notice(tmp_path: Path) -> None:
    with open_stores(tmp_path) as (responses, catalogue):
        assert responses.last_sequence() == catalogue.count_pending() == 0
        assert read_everything(catalogue)


def test_another_response_store_in_place_of_the_old_one_is_ingested_too(data: Path) -> None:
    (data / "responses").rename(data / "old")
    notices: list[str] = []
    with open_stores(data, notices) as (responses, catalogue):
        before = catalogue.list_stats(SCOPES[0], ADA)
        assert before.saved, "rows saved before stay readable"
        newest = responses.put(response(body([flattr(500)]), at=1_700_000_000.0)).stored
        assert newest.sequence == 1
        assert catalogue.ingestor.ingest(newest).new == 1
        after = catalogue.list_stats(SCOPES[0], ADA)
        assert catalogue.find_position(after.id, "ada/500/1500000500") == after.low
