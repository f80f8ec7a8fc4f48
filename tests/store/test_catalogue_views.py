"""Tests that the first rows of a sorted or filtered list equal the start of the whole list; and tests of counts."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Flattr
from flattr_tui.model.query_language import EVERYTHING, parse_query
from flattr_tui.store import saved_list_sorter
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.catalogue_schema import Scope
from flattr_tui.store.saved_list_sorter import COLUMNS
from tests.store.sample_responses import ADA, body, flattr, open_stores, response, thing

SANDBOX = Scope("sandbox")
FANS = ApiRequest.of("thing-flattrs", id="7")
WORDS = ("otter", "lute", "night", "map", "Über", "river", "quiet")


def make_random_thing(chance: random.Random, number: int) -> dict[str, Any]:
    """Return a random thing. Many of these things have equal values in the sorted fields, and some have none."""
    return thing(
        number,
        " ".join(chance.choices(WORDS, k=2)) if number % 11 else "",
        owner=chance.choice(("melodia", "bo", "iris", "ada")),
        flattrs=chance.choice((0, 1, 1, 2, chance.randrange(1_000))),
        category=chance.choice(("text", "text", "text", "audio", "")),
        language=chance.choice(("en_GB", "en_GB", "sv_SE", "")),
        tags=sorted(set(chance.choices(WORDS, k=2))),
        description=f"About {chance.choice(WORDS)} and {chance.choice(WORDS)}.",
    )


@pytest.fixture(scope="module")
def flattrs() -> list[dict[str, Any]]:
    """Ada's flattrs over several years; some things were flattred several times."""
    chance = random.Random(3)
    things = [make_random_thing(chance, number) for number in range(1, 221)]
    return [
        flattr(number * chance.randrange(200_000, 300_000), of=chance.choice(things)) for number in range(300, 0, -1)
    ]


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory, flattrs: list[dict[str, Any]]) -> Iterator[Catalogue]:
    ordered = sorted(flattrs, key=lambda one: -one["created_at"])
    with open_stores(tmp_path_factory.mktemp("views")) as (responses, catalogue):
        for page in range(1, 11):
            part = ordered[(page - 1) * 30 : page * 30]
            catalogue.ingestor.ingest(responses.put(response(body(part), page=page)).stored)
        seventh = next(one["thing"] for one in flattrs if one["thing"]["id"] == 7)
        fans = [flattr(n, f"fan{n % 40}", of=seventh) for n in range(90, 60, -1)]
        catalogue.ingestor.ingest(responses.put(response(body(fans), request=FANS)).stored)
        yield catalogue


@pytest.fixture(params=["real limits", "small limits"])
def limits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the test with the real limits, and with limits so small that every way to find the first rows is used."""
    if request.param != "real limits":
        monkeypatch.setattr(saved_list_sorter, "FEW_MATCHES", 20)
        monkeypatch.setattr(saved_list_sorter, "SHORT_LIST", 0)
        monkeypatch.setattr(saved_list_sorter, "INDEX_BATCH", 25)


@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize("sort", ["server", "when", *COLUMNS])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("list_request", [ADA, FANS], ids=str)
def test_the_first_rows_are_the_first_of_all(
    catalogue: Catalogue, sort: str, descending: bool, list_request: ApiRequest
) -> None:
    feed = catalogue.list_stats(SANDBOX, list_request).id
    for text in ("", "o", "night", "ott lu", "about", "zebra", "year:2012", "-o flattrs:>3", "after:2011 o -tag:maps"):
        query = parse_query(text)
        expected = catalogue.sort_list(feed, sort, descending, query)
        for limit in (1, 10, 77, 1_000):
            assert catalogue.sort_list_top(feed, sort, descending, query, limit) == expected[:limit], (text, limit)


@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize("sort", COLUMNS)
@pytest.mark.parametrize("descending", [False, True])
def test_sorted_rows_are_in_order_and_those_without_come_last(
    catalogue: Catalogue, sort: str, descending: bool
) -> None:
    feed = catalogue.list_stats(SANDBOX, ADA).id
    rows = catalogue.read_items(catalogue.sort_list_top(feed, sort, descending, EVERYTHING, 1_000))
    assert len(rows) == 300

    def value(row: Any) -> Any:
        assert isinstance(row.item, Flattr)
        thing = row.item.thing
        found = {
            "owner": thing.owner.username if thing.owner else None,
            "title": thing.title.lower().replace("ü", "u"),
        }
        return found[sort] if sort in found else getattr(thing, sort)

    with_value = [found for row in rows if (found := value(row)) not in {None, ""}]
    assert [value(row) for row in rows[: len(with_value)]] == sorted(with_value, reverse=descending)


def count_values(values: Any) -> dict[str, int]:
    return dict(Counter(value for value in values if value))


def test_counts_are_those_of_a_plain_count(catalogue: Catalogue, flattrs: list[dict[str, Any]]) -> None:
    def counts(dimension: str) -> dict[str, int]:
        tallies = catalogue.statistics.count_by(SANDBOX, dimension, "ada", 1_000)
        if dimension not in {"month", "day"}:
            numbers = [tally.count for tally in tallies]
            assert numbers == sorted(numbers, reverse=True), "most first"
        else:
            assert [tally.key for tally in tallies] == sorted(tally.key for tally in tallies)
        return {tally.key: tally.count for tally in tallies if tally.count}

    times = [datetime.fromtimestamp(one["created_at"], UTC) for one in flattrs]
    things = [one["thing"] for one in flattrs]
    assert counts("month") == count_values(f"{time:%Y-%m}" for time in times)
    assert counts("day") == count_values(f"{time:%Y-%m-%d}" for time in times)
    assert counts("owner") == count_values(one["owner"]["username"] for one in things)
    assert counts("thing") == count_values(str(one["id"]) for one in things)
    assert counts("category") == count_values(one["category"] for one in things)
    assert counts("language") == count_values(one["language"] for one in things)
    assert counts("tag") == count_values(tag.casefold() for one in things for tag in one["tags"])
    assert counts("user") == {"ada": 300}
    everybody = {tally.key: tally.count for tally in catalogue.statistics.count_by(SANDBOX, "user", limit=1_000)}
    assert everybody == {"ada": 300} | count_values(f"fan{n % 40}" for n in range(90, 60, -1))
    assert len(catalogue.statistics.count_by(SANDBOX, "thing", "ada", 5)) == 5
    figures = catalogue.statistics.user_statistics(SANDBOX, "ada")
    assert figures.counted == 300
    assert sum(number for _, number in figures.by_month) == 300
    assert dict(figures.supported) == counts("owner")
