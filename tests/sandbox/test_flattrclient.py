"""The public Python client `flattrclient` 0.2 against the sandbox on a port: only its addresses are changed."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flattrclient.api
import flattrclient.base
import flattrclient.exc
import flattrclient.oauth
import pytest
import requests

from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.rows import ThingSearch
from flattr_tui.sandbox.serve import serving
from flattr_tui.sandbox.world import World

BACK = "http://localhost:8976/back"


@pytest.fixture
def root(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with serving(create_app(world)) as address:
        # The addresses are set in the constructors; each object made from now on gets the sandbox's.
        for cls in (flattrclient.base.BaseApi, flattrclient.oauth.AuthApi):
            original = cls.__init__

            def moved(self: Any, *args: Any, _original: Any = original, **kwargs: Any) -> None:
                _original(self, *args, **kwargs)
                self._api_url = address

            monkeypatch.setattr(cls, "__init__", moved)
        yield address


@pytest.fixture
def token(root: str) -> str:
    """Log in as ada, as a person with a browser would."""
    auth = flattrclient.oauth.get()
    auth.set_auth("flattr-tui", "sandbox")
    with auth._session:
        address = auth.authorize("flattr-tui", "flattr,thing,email,extendedread", BACK)
        assert address.startswith(f"{root}/oauth/authorize?")
        codes = [allow(address) for _ in range(2)]
        auth.token(codes[0], BACK)
        with pytest.raises(flattrclient.exc.FlattrApiError):
            auth.token(codes[0], BACK)
        granted = auth.token(codes[1], BACK)
    assert granted["token_type"] == "bearer"
    return str(granted["access_token"])


def allow(address: str) -> str:
    decision = {"username": "ada", "decision": "allow"}
    answer = requests.post(address, data=decision, timeout=5, allow_redirects=False)
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


@pytest.fixture
def api(token: str) -> Iterator[Any]:
    client = flattrclient.api.get(token)
    with client._session:
        yield client


def test_everything_that_it_reads(api: Any, world: World) -> None:
    user = api.users.get("ada")
    assert (user.username, user.firstname, user.resource[-10:]) == ("ada", "Ada", "/users/ada")
    rows = world.search(ThingSearch(sort="flattrs"), count=3, page=1)[1]
    one = api.things.get(str(rows[0].id))
    assert (one.id, one.title, one.url, one.tags or []) == (rows[0].id, rows[0].title, rows[0].url, list(rows[0].tags))
    several = list(api.things.get(*(str(row.id) for row in rows)))
    assert [thing.id for thing in several] == [row.id for row in rows]
    assert api.things.lookup(rows[1].url).id == rows[1].id

    found = api.things.search(query="a", category="text,software", language="en_GB", count=5, page=2, full=True)
    assert (found.items, found.page) == (5, 2)
    things = list(found.things)
    assert len(things) == 5
    assert things[0].owner["firstname"] is not None
    assert next(iter(one.get_flattrs(count=2, page=1))).thing["id"] == one.id
    assert len(list(api.users("ada").get_things(count=2))) == 2
    flattrs = list(api.users("ada").get_flattrs(count=2, full=True))
    assert flattrs[0].owner["username"] == "ada"
    assert "description" in flattrs[0].thing

    assert len(list(api.authenticated.get_flattrs(count=3))) == 3
    assert len(list(api.authenticated.get_things(page=1))) > 0
    assert isinstance(list(api.authenticated.get_subscriptions()), list)
    # Last: it leaves the stream's type in the headers of all requests that follow.
    assert api.authenticated.get_activities(type="incoming")["items"]


def test_everything_that_it_writes(api: Any, world: World) -> None:
    thing = api.things.new(url="http://new.example/", title="New", tags=["a", "b"], description="d", category="text")
    assert thing.commit()["message"] == "ok"
    assert world.thing(thing.id).owner.username == "ada"  # type: ignore[union-attr]
    thing.title = "Newer"
    thing.hidden = True
    assert thing.commit()["message"] == "ok"
    row = world.thing(thing.id)
    assert row is not None
    assert (row.title, row.hidden, row.tags) == ("Newer", True, ("a", "b"))
    thing_id = thing.id
    assert thing.delete() == ""
    assert world.thing(thing_id) is None

    rows = world.search(ThingSearch(user="melodia"), count=100, page=1)[1]
    ids = [row.id for row in rows]
    fresh = next(i for i in ids if i not in world.has_flattred("ada", ids) | world.has_subscribed("ada", ids))
    other = api.things.get(str(fresh))
    assert other.support()["thing"]["id"] == fresh
    with pytest.raises(flattrclient.exc.FlattrApiError):
        other.support()
    assert other.subscribe()["message"] == "ok"
    assert other.pause_subscription()["message"] == "paused"
    assert other.pause_subscription()["message"] == "started"
    assert other.unsubscribe() == ""


def test_its_errors_are_its_own(api: Any, root: str) -> None:
    with pytest.raises(flattrclient.exc.NotFoundError):
        api.users.get("no-such-user")
    with pytest.raises(flattrclient.exc.InvalidParametersError):
        api.things.search(sort="best")
    nobody = flattrclient.api.get("wrong")
    with nobody._session, pytest.raises(flattrclient.exc.UnauthorizedError):
        nobody.authenticated.get_things()
