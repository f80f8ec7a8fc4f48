"""Tests that the public Python client `flattrclient` 0.2, with only its addresses changed, works with the sandbox."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flattrclient.api
import flattrclient.base
import flattrclient.exc
import flattrclient.oauth
import pytest
import requests

from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.models import ThingSearch, Token
from flattr_tui.sandbox.server import serving
from flattr_tui.sandbox.world import World
from tests.sandbox.sandbox_requests import untouched_ids

REDIRECT_URI = "http://localhost:8976/back"


@pytest.fixture
def root(world: World, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[str]:
    with serving(create_app(world, rate_limit=getattr(request, "param", 1000))) as address:
        # The constructors set the addresses: each object made from now on gets the sandbox's.
        for cls in (flattrclient.base.BaseApi, flattrclient.oauth.AuthApi):
            original = cls.__init__

            def init_with_sandbox_address(self: Any, *args: Any, _original: Any = original, **kwargs: Any) -> None:
                _original(self, *args, **kwargs)
                self._api_url = address

            monkeypatch.setattr(cls, "__init__", init_with_sandbox_address)
        yield address


@pytest.fixture
def token(root: str) -> str:
    """A token of ada with all scopes, from a login as in a browser."""
    auth = flattrclient.oauth.get()
    auth.set_auth("flattr-tui", "sandbox")
    with auth._session:
        address = auth.authorize("flattr-tui", "flattr,thing,email,extendedread", REDIRECT_URI)
        assert address.startswith(f"{root}/oauth/authorize?")
        codes = [allow_in_browser(address) for _ in range(2)]
        auth.token(codes[0], REDIRECT_URI)
        with pytest.raises(flattrclient.exc.FlattrApiError):
            auth.token(codes[0], REDIRECT_URI)
        granted = auth.token(codes[1], REDIRECT_URI)
    assert granted["token_type"] == "bearer"
    return str(granted["access_token"])


def allow_in_browser(address: str) -> str:
    decision = {"username": "ada", "decision": "allow"}
    answer = requests.post(address, data=decision, timeout=5, allow_redirects=False)
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


@pytest.fixture
def api(token: str) -> Iterator[Any]:
    client = flattrclient.api.get(token)
    with client._session:
        yield client


def test_all_its_methods_that_read(api: Any, world: World) -> None:
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
    # This is last, because flattrclient sends the stream's media type with all later requests.
    assert api.authenticated.get_activities(type="incoming")["items"]


def test_all_its_methods_that_write(api: Any, world: World) -> None:
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

    untouched_id = untouched_ids(world)[0]
    other = api.things.get(str(untouched_id))
    assert other.support()["thing"]["id"] == untouched_id
    with pytest.raises(flattrclient.exc.FlattrApiError):
        other.support()
    assert other.subscribe()["message"] == "ok"
    assert other.pause_subscription()["message"] == "paused"
    assert other.pause_subscription()["message"] == "started"
    assert other.unsubscribe() == ""


def test_every_field_that_it_reads_is_there(api: Any, world: World) -> None:
    ada = world.user("ada")
    assert ada is not None
    user = api.users.get("ada")
    for name in ("username", "url", "firstname", "lastname", "avatar", "about", "city", "country"):
        assert getattr(user, name) == getattr(ada, name), name
    assert user.link.endswith("/profile/ada")
    assert (user.email, user.registered_at) == (None, None)
    own = world.things_of("ada", count=1, page=1)[0]
    thing = api.things.get(str(own.id))
    for name in ("id", "url", "title", "description", "language", "category", "hidden", "created_at", "image"):
        assert (getattr(thing, name) or "") == (getattr(own, name) or ""), name
    assert (thing.flattrs, thing.flattrs_user_count) == (own.flattrs, own.flattrs_user_count)
    assert (thing.last_flattr_at, thing.updated_at) == (own.last_flattr_at, own.updated_at)
    assert (thing.owner["username"], thing.flattred, thing.subscribed) == ("ada", False, False)
    assert (thing.resource[-len(f"/things/{own.id}") :], thing.link[-len(f"/thing/{own.id}") :]) == (
        f"/things/{own.id}",
        f"/thing/{own.id}",
    )
    found = api.things.search(url=own.url, user="ada", tags="|".join(own.tags) or None, sort="flattrs_month")
    assert [one.id for one in found.things] == [own.id]
    assert (found.total_items, found.items, found.page) == (1, 1, 1)


def test_its_subscriptions_are_complete(api: Any, world: World) -> None:
    for row in world.subscriptions_of("ada"):
        world.unsubscribe("ada", row.thing.id)
    assert list(api.authenticated.get_subscriptions()) == []
    thing_id = world.search(ThingSearch(user="melodia"), count=1, page=1)[1][0].id
    thing = api.things.get(str(thing_id))
    thing.subscribe()
    assert thing.subscribe() is None  # it remembers the subscription and sends no request
    thing.pause_subscription()
    (subscription,) = api.authenticated.get_subscriptions()
    assert (subscription.active, subscription.thing.id, subscription.thing.subscribed) == (False, thing_id, True)
    assert subscription.created_at <= subscription.started_at
    assert api.things.get(str(thing_id)).unsubscribe() == ""
    assert world.has_subscribed("ada", [thing_id]) == set()


def test_a_thing_that_did_not_change_is_not_sent(api: Any, world: World) -> None:
    own = world.things_of("ada", count=1, page=1)[0]
    found = next(iter(api.users("ada").get_things(count=1)))
    found._dirty = False
    assert found.commit() is None
    assert world.thing(own.id) == own


def test_refused_requests_raise_its_errors(api: Any, world: World) -> None:
    own = world.things_of("ada", count=1, page=1)[0]
    other = world.search(ThingSearch(user="melodia"), count=1, page=1)[1][0]
    with pytest.raises(flattrclient.exc.FlattrApiError, match="owner"):
        api.things.get(str(own.id)).support()
    with pytest.raises(flattrclient.exc.FlattrApiError, match="own thing"):
        api.things.get(str(own.id)).subscribe()
    with pytest.raises(flattrclient.exc.FlattrApiError, match="not the owner"):
        api.things.get(str(other.id)).delete()
    with pytest.raises(flattrclient.exc.FlattrApiError, match="exists already"):
        api.things.new(url=other.url, title="Mine").commit()
    with pytest.raises(KeyError, match="error"):  # the body of a failed lookup differs from other errors
        api.things.lookup("http://none.example/")
    with pytest.raises(flattrclient.exc.NotAccaptableError):
        api.things.get(f"{own.id}.txt")
    world.store_token(Token("reads", "ada", "flattr-tui"))
    reader = flattrclient.api.get("reads")
    with reader._session:
        with pytest.raises(flattrclient.exc.InsufficientScopeError):
            reader.authenticated.get_subscriptions()
        with pytest.raises(flattrclient.exc.InsufficientScopeError):
            reader.things.get(str(other.id)).support()


@pytest.mark.parametrize("root", [1], indirect=True)
def test_a_reached_rate_limit_raises_its_error(root: str) -> None:
    client = flattrclient.api.get("wrong")
    with client._session:
        with pytest.raises(flattrclient.exc.UnauthorizedError):
            client.users.get("ada")
        with pytest.raises(flattrclient.exc.RateLimitExceededError):
            client.users.get("ada")


def test_wrong_requests_raise_its_errors(api: Any, root: str) -> None:
    with pytest.raises(flattrclient.exc.NotFoundError):
        api.users.get("no-such-user")
    with pytest.raises(flattrclient.exc.InvalidParametersError):
        api.things.search(sort="best")
    nobody = flattrclient.api.get("wrong")
    with nobody._session, pytest.raises(flattrclient.exc.UnauthorizedError):
        nobody.authenticated.get_things()
