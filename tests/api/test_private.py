"""Tests of private methods and writes with the sandbox, and of their refusal without a token or scope."""

from collections.abc import AsyncIterator, Callable

import pytest

from flattr_tui.api.client import Client
from flattr_tui.api.errors import ForbiddenError, NotFoundError, ScopeError, UnauthorizedError
from flattr_tui.api.method_table import BY_NAME, METHODS, Auth, Method
from flattr_tui.model.data_source import parse_source
from flattr_tui.model.entities import Receipt, Subscription, Thing, User
from flattr_tui.model.entity_decoder import DecodedPage, decode_page
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.models import Token as SandboxToken
from flattr_tui.sandbox.world import World

SCOPES = frozenset({"flattr", "thing", "email", "extendedread"})


@pytest.fixture
async def make_client() -> AsyncIterator[Callable[..., Client]]:
    """A function that makes a client with a token. The sandbox knows the token, unless `scopes` is None."""
    world = World.open(None)
    app = create_app(world)
    clients: list[Client] = []

    def make(token: str, scopes: frozenset[str] | None = SCOPES) -> Client:
        if scopes is not None:
            world.store_token(SandboxToken(token, "ada", "flattr-tui", scopes))
        clients.append(Client(parse_source("sandbox"), make_app=lambda: app, token=lambda _: token))
        return clients[-1]

    yield make
    for client in clients:
        await client.aclose()
    world.close()


async def call(client: Client, name: str, **arguments: str) -> DecodedPage:
    response = await client.call(BY_NAME[name], arguments)
    page = decode_page(BY_NAME[name].response_kind, response.body, response.content_type)
    assert page.repairs == ()
    return page


async def call_write(client: Client, name: str, **arguments: str) -> Receipt:
    (entity,) = (await call(client, name, **arguments)).entities
    assert isinstance(entity, Receipt)
    return entity


async def test_every_private_method_is_decoded_in_every_format(make_client: Callable[..., Client]) -> None:
    client = make_client("t0ken")
    for method in METHODS:
        if method.private and not method.writes:
            for kind in method.formats:
                response = await client.call(method, {}, format=kind)
                assert decode_page(method.response_kind, response.body, response.content_type).repairs == (), (
                    method.name,
                    kind,
                )
    (me,) = (await call(client, "me")).entities
    assert isinstance(me, User)
    assert me.username == "ada"
    assert me.email
    assert me.registered_at


async def test_a_thing_is_created_changed_and_deleted(make_client: Callable[..., Client]) -> None:
    client = make_client("t0ken")
    created = await call_write(
        client, "create-thing", url="https://example.com/new?a=1&b=ü", title="New", tags="a, b c"
    )
    assert created.id is not None
    mine = str(created.id)
    await call_write(client, "update-thing", id=mine, title="Newer", hidden="no")
    (thing,) = (await call(client, "thing", id=mine)).entities
    assert isinstance(thing, Thing)
    assert (thing.title, thing.tags, thing.hidden) == ("Newer", ("a", "b c"), False)
    with pytest.raises(ForbiddenError, match="your own") as caught:
        await call_write(client, "flattr", id=mine)
    assert caught.value.code == "flattr_owner"
    assert (await call(client, "delete-thing", id=mine)).entities == ()
    with pytest.raises(NotFoundError):
        await call(client, "thing", id=mine)


async def test_an_update_clears_a_description_and_tags(make_client: Callable[..., Client]) -> None:
    client = make_client("t0ken")
    created = await call_write(
        client, "create-thing", url="https://example.com/", title="New", tags="a", description="Long"
    )
    await call_write(
        client, "update-thing", id=str(created.id), description="", tags="", title="", category="", language=""
    )
    (thing,) = (await call(client, "thing", id=str(created.id))).entities
    assert isinstance(thing, Thing)
    assert (thing.description, thing.tags) == ("", ())
    assert (thing.title, thing.category, thing.language) == ("New", "rest", "en_GB")


async def test_a_thing_is_flattred_and_subscribed_to(make_client: Callable[..., Client]) -> None:
    client = make_client("t0ken")
    found = (await call(client, "search", count="30")).entities
    theirs = next(t for t in found if isinstance(t, Thing) and t.owner and t.owner.username != "ada" and not t.flattred)
    done = await call_write(client, "flattr", id=theirs.key)
    assert done.thing is not None
    assert done.thing.id == theirs.id
    with pytest.raises(ForbiddenError, match="already flattred it this month"):
        await call_write(client, "flattr", id=theirs.key)
    with pytest.raises(ForbiddenError, match="already flattred it this month"):
        await call_write(client, "flattr-url", url=theirs.url or "")
    await call_write(client, "subscribe", id=theirs.key)
    with pytest.raises(ForbiddenError, match="already"):
        await call_write(client, "subscribe", id=theirs.key)
    assert (await call_write(client, "toggle-subscription", id=theirs.key)).message == "paused"
    subscriptions = [s for s in (await call(client, "my-subscriptions")).entities if isinstance(s, Subscription)]
    assert [s.active for s in subscriptions if s.thing.id == theirs.id] == [False]
    assert (await call_write(client, "toggle-subscription", id=theirs.key)).message == "started"
    assert (await call(client, "unsubscribe", id=theirs.key)).entities == ()


@pytest.mark.parametrize("method", [m for m in METHODS if m.private], ids=lambda method: method.name)
async def test_a_private_method_is_refused_without_the_token_or_its_scope(
    method: Method, make_client: Callable[..., Client]
) -> None:
    arguments = {p.name: {"id": "1", "url": "https://example.com/"}[p.name] for p in method.parameters if p.required}
    with pytest.raises(UnauthorizedError):
        await make_client("unknown", None).call(method, arguments)
    client = make_client("plain", frozenset())
    if method.auth is Auth.TOKEN:
        assert (await client.call(method, arguments)).status == 200
    else:
        with pytest.raises(ScopeError, match="does not allow"):
            await client.call(method, arguments)
