"""Tests of queries that are saved with a name: which search each stands for, and how many saved items match it."""

import pytest

from flattr_tui.library.bookmarks import Mark, MarkKind, mark_of
from flattr_tui.library.query.saved_queries import (
    QueryCounter,
    describe_query,
    list_request,
    make_filter_mark,
    make_find_mark,
)
from flattr_tui.model.api_request import (
    ApiRequest,
    ResponseKind,
    user_activities_request,
    user_flattrs_request,
    user_things_request,
)
from flattr_tui.model.data_source import parse_source
from flattr_tui.model.query_language import QueryContext
from flattr_tui.store.catalogue import Catalogue
from tests.store.sample_responses import body, flattr, open_stores, response, thing

SANDBOX, SAVED = parse_source("sandbox"), parse_source("saved")
CONTEXT = QueryContext(now=1_600_000_000.0, account="ada")


def make_mark(request: ApiRequest, text: str = "otter", account: str = "") -> Mark:
    """Return a bookmark of the list of `request`, filtered by the query `text`."""
    mark = make_filter_mark(request, text, account=account, source="sandbox", at=1.0)
    assert mark is not None
    return mark


@pytest.mark.parametrize(
    ("request_", "expected", "described"),
    [
        (user_things_request("bo"), user_things_request("bo"), "things of bo"),
        (user_flattrs_request("bo"), user_flattrs_request("bo"), "flattrs of bo"),
        (ApiRequest.of("my-flattrs", full="1"), user_flattrs_request("ada"), "flattrs of ada"),
        (
            user_activities_request("bo", incoming=True),
            user_activities_request("bo", incoming=True),
            "incoming activities of bo",
        ),
    ],
)
def test_a_filter_knows_its_list_whoever_is_logged_in(
    request_: ApiRequest, expected: ApiRequest, described: str
) -> None:
    mark = make_mark(request_, account="ada")
    assert list_request(mark) == expected
    assert describe_query(mark) == described


def test_lists_that_no_place_shows_have_no_filter_to_keep() -> None:
    for request in (ApiRequest.of("thing-flattrs", id="7"), ApiRequest.of("search", query="otter")):
        assert make_filter_mark(request, "otter", account="ada", source="sandbox", at=1.0) is None
    assert make_filter_mark(user_things_request("bo"), "", account="", source="sandbox", at=1.0) is None


def test_matches_are_counted_in_what_the_account_sees(tmp_path_factory: pytest.TempPathFactory) -> None:
    with open_stores(tmp_path_factory.mktemp("data")) as (responses, catalogue):
        owned = [thing(number, "An otter" if number % 3 else "A lute", flattrs=number) for number in range(9, 0, -1)]
        for stored in (
            response(body(owned), request=user_things_request("melodia"), response_kind=ResponseKind.THINGS),
            response(body(flattr(number) for number in (13, 12, 11)), request=user_flattrs_request("ada")),
            response(
                body(flattr(number) for number in (14, 13, 12, 11)), request=ApiRequest.of("my-flattrs", full="1"),
                account="ada",
            ),
        ):  # fmt: skip
            catalogue.ingestor.ingest(responses.put(stored).stored)

        def count(mark: Mark | None, account: str = "", catalogue: Catalogue = catalogue) -> str:
            assert mark is not None
            return QueryCounter(catalogue, SANDBOX, account, CONTEXT).count(mark)

        things, flattrs = make_mark(user_things_request("Melodia")), make_mark(user_flattrs_request("ada"), "thing")
        assert count(things) == "6"
        assert count(make_mark(user_things_request("melodia"), "otter flattrs:>7")) == "1"
        assert count(make_mark(user_things_request("nobody"))) == "0"
        assert count(make_mark(user_things_request("melodia"), "year:soon")) == ""
        assert (count(flattrs), count(flattrs, "ada")) == ("3", "4")
        assert count(make_find_mark("otter", source="sandbox", at=1.0)) == "6"
        assert count(mark_of(ApiRequest.of("search", query="otter flattrs:>7", full="1"), "sandbox", 1.0)) == "1"
        assert count(mark_of(ApiRequest.of("search", tags="audio & (", full="1"), "sandbox", 1.0)) == ""
        assert QueryCounter(catalogue, SAVED, "", CONTEXT).count(things) == "6"


def test_a_kept_query_is_one_bookmark_under_its_newest_name() -> None:
    mark = make_mark(user_things_request("bo"))
    assert mark.kind is MarkKind.FILTER
    assert mark.identity == make_mark(user_things_request("Bo")).identity
    assert mark.identity != make_mark(user_things_request("bo"), "lute").identity
