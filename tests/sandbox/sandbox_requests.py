"""Headers, ids of things, and the check of an error response, for tests of the API's methods."""

import httpx

from flattr_tui.sandbox.models import ThingSearch
from flattr_tui.sandbox.world import World

BEARER = {"Authorization": "Bearer read"}
BEARER_ALL = {"Authorization": "bearer read-flattr-thing-email-extendedread"}


def most_flattred_ids(world: World, count: int = 3) -> list[int]:
    """Return the ids of the `count` most flattred things, most first."""
    return [row.id for row in world.search(ThingSearch(sort="flattrs"), count=count, page=1)[1]]


def assert_refused(response: httpx.Response, status: int, code: str) -> None:
    """Assert that a response is the documented error with this status and code."""
    assert (response.status_code, response.json().get("error")) == (status, code), response.text
    assert set(response.json()) == {"error", "error_description", "error_uri"}
    assert response.headers["access-control-allow-origin"] == "*"
