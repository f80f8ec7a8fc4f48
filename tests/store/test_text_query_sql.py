"""Tests that a query finds the same rows in SQL as a check of every row in Python, however the catalogue runs it."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flattr_tui.model.entities import Flattr
from flattr_tui.model.query_dates import TimeRange
from flattr_tui.model.query_language import (
    EVERYTHING,
    Condition,
    CreatedAt,
    FlattrCount,
    Mine,
    OneOf,
    Property,
    Query,
    QueryContext,
    ShownDate,
    Words,
    parse_query,
)
from flattr_tui.store import saved_list_sorter
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.catalogue_schema import RowEntry, Scope
from flattr_tui.store.text_query_sql import fold
from tests.store.sample_responses import ADA, body, flattr, open_stores, response
from tests.store.test_catalogue_views import WORDS, make_random_thing

SANDBOX = Scope("sandbox")
CONTEXT = QueryContext(now=1_560_000_000.0, account="ada")


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    chance = random.Random(7)
    made = [flattr(n * 400_000, of=make_random_thing(chance, n)) for n in range(200, 0, -1)]
    with open_stores(tmp_path_factory.mktemp("query")) as (responses, catalogue):
        catalogue.ingestor.ingest(responses.put(response(body(made), count=200)).stored)
        yield catalogue


def matches(condition: Condition, row: Flattr) -> bool:
    """Return whether a row fulfils a condition. Checks the row in Python."""
    thing = row.thing
    texts = [thing.title, ", ".join(thing.tags or ()), thing.description or "", thing.owner.key if thing.owner else ""]
    match condition:
        case Words(text, whole):
            end = " " if whole else ""
            return bool(fold(text)) and any(f" {fold(text)}{end}" in f" {fold(field)} " for field in texts)
        case ShownDate(text, time):
            return is_in_range(row, time) or all(matches(Words(word), row) for word in text.split())
        case CreatedAt(time):
            return is_in_range(row, time)
        case OneOf(Property.TAG, tags):
            return bool({tag.casefold() for tag in thing.tags or ()} & set(tags))
        case OneOf(name, values):
            of = {
                "owner": thing.owner.key if thing.owner else "",
                "category": thing.category,
                "language": thing.language,
            }
            return of[name] in values
        case FlattrCount(least, most):
            return thing.flattrs is not None and least <= thing.flattrs <= most
        case Mine(username):
            return row.owner is not None and row.owner.username == username


def is_in_range(row: Flattr, time: TimeRange) -> bool:
    start, stop = time
    return row.created_at is not None and (start or 0) <= row.created_at < (stop or 10**10)


def find_rows(catalogue: Catalogue, query: Query) -> list[RowEntry]:
    feed = catalogue.list_stats(SANDBOX, ADA).id
    ids = catalogue.sort_list(feed, "server", False, query)
    assert catalogue.sort_list_top(feed, "server", False, query, 7) == ids[:7]
    return catalogue.read_items(ids)


TERMS = st.one_of(
    st.sampled_from([*WORDS, "ott", "a", "about", "!!", "zebra"]),
    st.builds(lambda a, b, end: f'"{a} {b}{end}', st.sampled_from(WORDS), st.sampled_from(WORDS), st.just('"')),
    st.sampled_from(["2017", "2018", "mar 2018", "year:2018..2019", "after:1y", "before:2018-06", "yesterday"]),
    st.builds("owner:{}".format, st.sampled_from(["bo", "melodia,iris", "nobody"])),
    st.builds("tag:{}".format, st.sampled_from(["otter", "über", "lute,map", "none"])),
    st.sampled_from(["category:text", "category:audio,video", "language:eng", "language:swe", "is:mine"]),
    st.builds("flattrs:{}".format, st.sampled_from([">1", "0", "<=2", "5..500", ">100000"])),
)
QUERIES = st.lists(st.builds(lambda sign, term: sign + term, st.sampled_from(["", "", "-"]), TERMS), max_size=4)


@pytest.mark.parametrize("few", [2_000, 10])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(QUERIES)
def test_a_query_finds_the_rows_that_match(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, few: int, terms: list[str]
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(saved_list_sorter, "FEW_MATCHES", few)
        patched.setattr(saved_list_sorter, "SHORT_LIST", 500 if few > 10 else 0)
        query = parse_query(" ".join(terms), CONTEXT)
        found = [row.key for row in find_rows(catalogue, query)]
        readable = any(fold(word) for word in query.words)
        expected = [
            row.key
            for row in find_rows(catalogue, EVERYTHING)
            if isinstance(row.item, Flattr)
            and all(
                matches(term.condition, row.item) is not term.excluded
                for term in query.terms
                if term.excluded or fold(term.text.strip('"')) or not readable
            )
        ]
        assert found == expected


@given(QUERIES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_global_search_finds_the_same_flattrs(catalogue: Catalogue, terms: list[str]) -> None:
    query = parse_query(" ".join([*terms, "year:2016..2020"]), CONTEXT)
    if "a" in terms:  # matches every row by the name of the user who flattred
        return
    found = {hit.entry.key for hit in catalogue.full_text_search.find(SANDBOX, query, ("flattr",), 500)}
    assert found == {row.key for row in find_rows(catalogue, query)}
