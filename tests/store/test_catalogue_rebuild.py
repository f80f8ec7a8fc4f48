"""The catalogue made anew, whatever became of it, is the one that grew: it comes from the responses alone."""

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

from flattr_tui.model.api_request import Request
from flattr_tui.model.query import parse_query
from flattr_tui.model.response_kind import ResponseKind
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.database import VERSION
from flattr_tui.store.integrity import verify
from flattr_tui.store.statistics import DIMENSIONS
from flattr_tui.store.stored_response import StoredResponse
from flattr_tui.store.types import Scope, ThingFilter
from tests.store.sample_responses import ADA, body, flattr, keep, opened, response, thing

WORDS = ("otter", "lute", "night", "map", "Über", "地図")
SCOPES = (Scope("sandbox"), Scope("sandbox", "ada"), Scope("saved"))
THINGS = Request.of("user-things", username="melodia")
FANS = Request.of("thing-flattrs", id="7")
SEARCH = Request.of("search", query="otter")
USER = Request.of("user", username="melodia")
REQUESTS = (ADA, THINGS, FANS, SEARCH, USER)


def words(number: int) -> dict[str, Any]:
    """Make a thing with words, tags, a category and a language that hang on its number."""
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


def answers(shuffled: random.Random) -> list[StoredResponse]:
    """Answers to several requests, of several scopes, in any order, some of lists that changed in between."""
    made: list[StoredResponse] = []
    for scope in SCOPES:
        where: dict[str, Any] = {"source": scope.source, "account": scope.account}
        newest = shuffled.randrange(70, 110)
        for page in (1, 2):
            first = newest - (page - 1) * 30 + shuffled.choice((0, 0, 3))
            items = [flattr(number, of=words(number)) for number in range(first, max(0, first - 30), -1)]
            made.append(response(body(items), page=page, **where))
        made.append(response(body(map(words, range(40, 10, -1))), request=THINGS, answer=ResponseKind.THINGS, **where))
        fans = [flattr(n, who, of=words(7)) for n, who in ((90, "bo"), (80, "iris"), (70, "ada"))]
        made.append(response(body(fans), request=FANS, **where))
        found = body(words(number) for number in shuffled.sample(range(100), 25))
        made.append(response(found, request=SEARCH, answer=ResponseKind.SEARCH, **where))
        user = b'{"type":"user","username":"melodia","firstname":"Mel","about":"Lute and night"}'
        made.append(response(user, request=USER, answer=ResponseKind.USER, count=0, **where))
    shuffled.shuffle(made)
    return [replaced(one, 1_600_000_000.0 + place) for place, one in enumerate(made)]


def replaced(stored: StoredResponse, at: float) -> StoredResponse:
    return response(**{name: getattr(stored, name) for name in FIELDS}, at=at)


FIELDS = ("body", "page", "source", "account", "request", "answer", "count")


def lists(catalogue: Catalogue) -> dict[str, Any]:
    """The rows of all lists, sorted and unsorted, and all records."""
    said: dict[str, Any] = {}
    for scope in SCOPES:
        for request in REQUESTS:
            facts = catalogue.list_stats(scope, request)
            rows = catalogue.read_rows(facts.id, facts.low, facts.high + 1)
            said[f"{scope} {request}"] = (
                [(row.item, row.key, row.missing, row.fetched_at) for row in rows],
                (len(facts), facts.saved, facts.ended, facts.total, facts.fetched_at),
                catalogue.read_record(scope, request),
            )
            for sort in ("title", "when"):
                ids = catalogue.sort_list(facts.id, sort, True, parse_query("otter"))
                said[f"{scope} {request} {sort}"] = [row.key for row in catalogue.read_items(ids)]
    return said


def everything(catalogue: Catalogue) -> dict[str, Any]:
    """All that a catalogue says: rows, counts, what is found, records."""
    said = lists(catalogue)
    for scope in SCOPES:
        changes = catalogue.read_changes(scope)
        said[f"{scope} changes"] = [(*change[:2], *change[3:]) for change in changes]  # without the ids
        for dimension in DIMENSIONS:
            said[f"{scope} {dimension}"] = [catalogue.count_flattrs(scope, dimension, who) for who in (None, "ada")]
        for wanted in (
            ThingFilter(query="otter"),
            ThingFilter(tags="otter & !lute"),
            ThingFilter(languages=("sv_SE",)),
        ):
            found = catalogue.search_things(scope, wanted, limit=100)
            said[f"{scope} {wanted}"] = [row.key for row in catalogue.read_items(found.ids)], found.total
        for word in WORDS[3:]:
            hits = catalogue.find_text(scope, parse_query(word))
            said[f"{scope} {word}"] = [(hit.entry, hit.kind, hit.scope) for hit in hits]
    return said


@settings(max_examples=3, deadline=None, phases=(Phase.generate,))
@given(seed=st.integers(0, 10_000))
def test_made_anew_it_is_the_one_that_grew_whatever_the_order(seed: int) -> None:
    with TemporaryDirectory() as folder, opened(Path(folder)) as (responses, catalogue):
        came = answers(random.Random(seed))
        for one in came[: seed % len(came)]:
            catalogue.ingest(responses.put(one).stored)
        for one in came[seed % len(came) :]:
            responses.put(one)
        assert catalogue.catch_up() == len(came) - seed % len(came)
        grown = everything(catalogue)
        assert any(rows for rows, *_ in (grown[f"{SCOPES[0]} {request}"] for request in REQUESTS))
        progress: list[tuple[int, int]] = []
        assert catalogue.rebuild(lambda done, of: progress.append((done, of))) == len(came)
        assert progress[-1] == (len(came), len(came))
        assert everything(catalogue) == grown


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("grown")
    keep(data, *answers(random.Random(1)))
    return data


@pytest.fixture
def data(tmp_path: Path, grown: Path) -> Path:
    """A store and its catalogue, to be damaged."""
    return shutil.copytree(grown, tmp_path / "data")


def index(data: Path) -> Path:
    return data / "catalogue.sqlite"


def cut(share: float) -> Callable[[Path], None]:
    def cut_(data: Path) -> None:
        with index(data).open("r+b") as file:
            file.truncate(int(index(data).stat().st_size * share))

    return cut_


def delete(data: Path) -> None:
    for path in data.glob("catalogue.sqlite*"):
        path.unlink()


def version(data: Path) -> None:
    with closing(sqlite3.connect(index(data))) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION ^ 1}")


def foreign(data: Path) -> None:
    delete(data)
    with closing(sqlite3.connect(index(data))) as connection, connection:
        connection.execute("CREATE TABLE notes (text)")


DAMAGES = {
    "deleted": (delete, "was missing"),
    "cut to nothing": (cut(0), "is of another version"),
    "cut to a tenth": (cut(0.1), "is damaged"),
    "cut in half": (cut(0.5), "is damaged"),
    "cut at its end": (cut(0.97), "is damaged"),
    "of another version": (version, "is of another version"),
    "another program's": (foreign, "is of another version"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_whatever_became_of_it_it_is_made_anew_by_itself_and_said_once(data: Path, damage: str) -> None:
    with opened(data) as (_, catalogue):
        before = everything(catalogue)
    happens, said = DAMAGES[damage]
    happens(data)
    told: list[str] = []
    with opened(data, told) as (_, catalogue):
        catalogue.catch_up()
        assert everything(catalogue) == before
    (sentence,) = told
    assert said in sentence
    assert sentence.endswith("is rebuilt from what is saved. Nothing is lost.")
    told.clear()
    with opened(data, told) as (_, catalogue):
        assert everything(catalogue) == before
    assert told == []


def test_broken_while_it_is_open_it_goes_on(data: Path) -> None:
    told: list[str] = []
    with opened(data, told) as (responses, catalogue):
        before = lists(catalogue)
        index(data).write_bytes(b"no database" * 5_000)
        catalogue.list_stats(SCOPES[0], ADA)
        newest = responses.latest(response().response_key)
        assert newest is not None
        catalogue.ingest(newest)
        catalogue.catch_up()
        assert lists(catalogue) == before
    assert len(told) == 1
    assert "is damaged" in told[0]


def test_gone_while_it_is_open_it_is_made_by_whoever_writes_next(data: Path) -> None:
    with opened(data, []) as (responses, catalogue):
        before = lists(catalogue)
        delete(data)
        newest = responses.latest(response().response_key)
        assert newest is not None
        catalogue.ingest(newest)
        catalogue.catch_up()
        assert lists(catalogue) == before


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_a_scope_that_is_forgotten_leaves_nothing_behind(data: Path, scope: Scope) -> None:
    with opened(data) as (responses, catalogue):
        number = responses.delete_account(*scope)
        catalogue.forget_scope(scope)
        assert number == len(answers(random.Random(1))) // len(SCOPES)
        left = everything(catalogue)
        with closing(sqlite3.connect(index(data))) as connection, connection:
            connection.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
        done = verify(data / "responses", index(data), lambda *_: None)
        assert (done.findings, done.responses) == ((), responses.last_sequence() - number)
        catalogue.rebuild()
        assert everything(catalogue) == left


def test_nothing_is_said_of_a_catalogue_that_is_new(tmp_path: Path) -> None:
    with opened(tmp_path) as (responses, catalogue):
        assert responses.last_sequence() == catalogue.pending_count == 0
        assert everything(catalogue)


def test_another_store_in_the_place_of_the_old_one_is_taken_in_too(data: Path) -> None:
    (data / "responses").rename(data / "old")
    told: list[str] = []
    with opened(data, told) as (responses, catalogue):
        before = catalogue.list_stats(SCOPES[0], ADA)
        assert before.saved, "what was saved stays to be seen"
        newest = responses.put(response(body([flattr(500)]), at=1_700_000_000.0)).stored
        assert newest.sequence == 1
        assert catalogue.ingest(newest).new == 1
        after = catalogue.list_stats(SCOPES[0], ADA)
        assert catalogue.find_position(after.id, "ada/500/1500000500") == after.low
