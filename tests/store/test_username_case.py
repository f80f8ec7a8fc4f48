"""Tests that user names that differ only in case belong to one user, also in stores of older versions."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from flattr_tui.model.api_request import ApiRequest, ResponseKind
from flattr_tui.store.catalogue_schema import Scope
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.safe_databases import DATABASE
from flattr_tui.store.stored_response import ResponseKey, StoredResponse
from tests.store.sample_responses import body, flattr, open_stores, response, save_responses, thing

PUBLIC = Scope("sandbox")


def flattrs_of(username: str, *numbers: int, at: float) -> StoredResponse:
    """Return a response with a user's flattrs."""
    request = ApiRequest.of("user-flattrs", username=username)
    return response(body(flattr(number, who=username) for number in numbers), request=request, at=at)


def key_of(username: str) -> ResponseKey:
    return ResponseKey(
        source="sandbox", request=ApiRequest.of("user-flattrs", username=username), count=30, format="json", page=1
    )


def test_requests_that_differ_only_in_a_usernames_case_are_equal() -> None:
    one, other = (ApiRequest.of("user-flattrs", username=name) for name in ("Melex", "melex"))
    assert {one: 1}[other] == 1
    assert one != ApiRequest.of("user-flattrs", username="smex")
    assert ApiRequest.of("search", query="Melex") != ApiRequest.of("search", query="melex")


def test_lists_people_and_statistics_are_joined(tmp_path: Path) -> None:
    save_responses(
        tmp_path,
        flattrs_of("Ada", 1, at=1000),
        flattrs_of("ada", 1, 2, at=2000),
        response(
            body([thing(7, owner="ADA")]),
            request=ApiRequest.of("user-things", username="aDa"),
            response_kind=ResponseKind.THINGS,
        ),
        response(
            json.dumps({"type": "user", "username": "Ada", "about": "Hello"}).encode(),
            request=ApiRequest.of("user", username="ada"),
            response_kind=ResponseKind.USER,
            count=0,
            at=3000,
        ),
    )
    with open_stores(tmp_path) as (_, catalogue):
        stats = [catalogue.list_stats(PUBLIC, key_of(name).request) for name in ("ADA", "ada", "Ada")]
        assert [found.saved for found in stats] == [2, 2, 2]
        assert len({found.id for found in stats}) == 1
        assert catalogue.thing_search.suggest_usernames(PUBLIC, "a") == ["Ada"], "spelled as in the latest response"
        found = catalogue.read_record(PUBLIC, ApiRequest.of("user", username="ADA"))
        assert found is not None
        assert found[0].about == "Hello"  # type: ignore[union-attr]
        (row,) = catalogue.read_rows(
            catalogue.list_stats(PUBLIC, ApiRequest.of("user-things", username="ada")).id, 0, 1
        )
        assert row.item.owner.about == "Hello"  # type: ignore[union-attr]
        assert [one.count for one in catalogue.statistics.count_by(PUBLIC, "user", None)] == [2]
        assert catalogue.statistics.user_statistics(PUBLIC, "aDA").counted == 2


@pytest.mark.parametrize("newest", ["Ada", "ada"])
def test_a_store_of_an_older_version_is_joined_once(tmp_path: Path, newest: str) -> None:
    folder = tmp_path / "store"
    store = ResponseStore.open(folder, notice=pytest.fail)
    kept = {name: store.put(flattrs_of(name, 1, at=at)).stored for name, at in (("Ada", 1000.0 + (newest == "Ada")),)}
    older = store.put(flattrs_of("bob", 2, at=1000.5)).stored
    store.close()
    # Version 0.1 wrote a key for each spelling, and no `folded` marker.
    with closing(sqlite3.connect(folder / DATABASE)) as connection, connection:
        connection.execute("UPDATE Cache SET key = replace(key, 'ada', 'Ada') WHERE key LIKE 'n/%'")
        connection.execute("UPDATE Cache SET key = replace(key, 'bob', 'ada') WHERE key LIKE 'n/%'")
        assert connection.execute("DELETE FROM Cache WHERE key = 'folded'").rowcount == 1
    for _ in range(2):
        store = ResponseStore.open(folder, notice=pytest.fail)
        expected = kept["Ada"] if newest == "Ada" else older
        found = store.latest(key_of("ADA"))
        assert found is not None
        assert msgspec.structs.replace(found, etag=None).sequence == expected.sequence
        assert [key for key in list_database_keys(folder) if key.startswith("n/")] == [key_of("ada").key]
        store.close()


def list_database_keys(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        return [str(key) for (key,) in connection.execute("SELECT key FROM Cache")]


def test_equal_requests_are_not_unequal() -> None:
    lower, upper = (ApiRequest.of("user-things", username=name) for name in ("melex", "Melex"))
    assert lower == upper
    assert not lower != upper  # noqa: SIM202 -- the two operators are defined separately
    assert lower != ApiRequest.of("user-things", username="other")
    assert lower != "user-things"
