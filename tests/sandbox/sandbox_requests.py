"""What tests of the methods ask with, and how a refusal looks."""

import httpx

from flattr_tui.sandbox.models import ThingSearch
from flattr_tui.sandbox.world import World

BEARER = {"Authorization": "Bearer read"}
BEARER_ALL = {"Authorization": "bearer read-flattr-thing-email-extendedread"}


def some_things(world: World, count: int = 3) -> list[int]:
    """Return some things by number, the most flattred first."""
    return [row.id for row in world.search(ThingSearch(sort="flattrs"), count=count, page=1)[1]]


def refused(answer: httpx.Response, status: int, code: str) -> None:
    """Check that an answer is the documented refusal."""
    assert (answer.status_code, answer.json().get("error")) == (status, code), answer.text
    assert set(answer.json()) == {"error", "error_description", "error_uri"}
    assert answer.headers["access-control-allow-origin"] == "*"
