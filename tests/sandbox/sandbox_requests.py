"""Scopes, headers, ids of things, and a check of error responses, for tests of the API's methods."""

import httpx

from flattr_tui.sandbox.models import SCOPES, ThingSearch
from flattr_tui.sandbox.world import World

ALL_SCOPES = frozenset(SCOPES)
BEARER = {"Authorization": "Bearer read"}
BEARER_ALL = {"Authorization": "bearer read-flattr-thing-email-extendedread"}


def most_flattred_ids(world: World, count: int = 3) -> list[int]:
    """Return the ids of the `count` things with the most flattrs, in descending order of flattrs."""
    return [row.id for row in world.search(ThingSearch(sort="flattrs"), count=count, page=1)[1]]


def untouched_ids(world: World, owner: str = "melodia") -> list[int]:
    """Return the ids of the things of `owner` that ada has neither flattred nor subscribed to."""
    ids = [row.id for row in world.search(ThingSearch(user=owner), count=100, page=1)[1]]
    touched = world.has_flattred("ada", ids) | world.has_subscribed("ada", ids)
    return [number for number in ids if number not in touched]


def assert_refused(response: httpx.Response, status: int, code: str) -> None:
    """Assert that a response is the documented error with this HTTP status and error code."""
    assert (response.status_code, response.json().get("error")) == (status, code), response.text
    assert set(response.json()) == {"error", "error_description", "error_uri"}
    assert response.headers["access-control-allow-origin"] == "*"
