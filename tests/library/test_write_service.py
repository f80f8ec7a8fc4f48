"""Tests of writes: each is sent once and shown at once, and only the lists and records that it changes are fetched."""

import pytest

from flattr_tui.api.errors import ApiError, UsageError
from flattr_tui.api.method_table import BY_NAME, Auth
from flattr_tui.library.account.optimistic_writes import Write
from flattr_tui.library.account.write_service import refusal
from flattr_tui.library.query.list_feed import FeedStatus, Gap, Row
from flattr_tui.model.api_request import (
    ApiRequest,
    to_own_request,
    user_activities_request,
    user_flattrs_request,
    user_things_request,
)
from flattr_tui.model.entities import Flattr, Receipt, Subscription, Thing, User
from tests.library.sandbox_accounts import NOW, Sandbox
from tests.library.write_setup import WRITES, HeldServer, make_write_setup, make_writes, start_write


def test_every_write_has_a_question_a_confirmation_and_a_refusal() -> None:
    writes = make_writes(1, 2)
    assert sorted(writes) == sorted(WRITES)
    for write in writes.values():
        assert write.question.endswith("?")
        assert write.target in write.question
        assert write.confirmation(Receipt()).endswith(".")
        sentence = refusal(write, UsageError("the reason."))
        assert sentence.endswith(f"was not {write.done}: the reason.")


def test_a_question_names_the_thing_and_its_owner() -> None:
    thing = Thing(id=7, title="Acoustic fingerprints for everyone", owner=User(username="melodia"))
    assert Write.on("flattr", thing).question == "Flattr “Acoustic fingerprints for everyone” by melodia?"
    assert Write.on("flattr", Thing(id=7)).question == "Flattr thing 7?"
    assert len(Write.on("flattr", Thing(id=7, title="x" * 5000)).question) < 200
    assert Write.on("toggle-subscription", thing, active=True).question.startswith("Pause the subscription to “")
    assert Write.on("toggle-subscription", thing, active=False).question.startswith("Resume the subscription to “")
    assert "title, tags and hidden of “" in make_writes(1, 2)["update-thing"].question


async def test_each_write_changes_the_servers_data(sandbox: Sandbox) -> None:
    (number,) = sandbox.fresh()
    setup, world = make_write_setup(sandbox), sandbox.world
    own = world.things_of("ada", count=1, page=1)[0].id
    writes = make_writes(number, own)
    await setup.actions.perform(writes["flattr"])
    assert number in world.has_flattred("ada", [number])
    done = await setup.actions.perform(writes["flattr-url"])
    assert done.thing is not None
    assert writes["flattr-url"].confirmation(done) == "Flattred “http://n.example”."
    await setup.actions.perform(writes["subscribe"])
    paused = await setup.actions.perform(writes["toggle-subscription"])
    assert writes["toggle-subscription"].confirmation(paused) == "Paused the subscription to “Theirs” by melodia."
    await setup.actions.perform(writes["unsubscribe"])
    assert number not in world.has_subscribed("ada", [number])
    created = await setup.actions.perform(writes["create-thing"])
    assert created.id is not None
    assert world.things_of("ada", count=1, page=1)[0].title == "New"
    await setup.actions.perform(writes["update-thing"])
    row = world.thing(own)
    assert row is not None
    assert (row.title, row.tags, row.hidden) == ("Newer", ("a", "b"), True)
    await setup.actions.perform(writes["delete-thing"])
    assert world.thing(own) is None
    await setup.client.aclose()


async def test_a_flattr_is_shown_before_its_response_and_until_the_next_fetch(sandbox: Sandbox) -> None:
    (number,) = sandbox.fresh()
    server = HeldServer(sandbox.app)
    setup = make_write_setup(sandbox, app=lambda: server)
    events: list[str] = []
    setup.actions.set_listener(lambda: events.append("changed"))
    thing = await setup.fetch_thing(number)
    flattr = Flattr(thing=thing)
    task = await start_write(setup, Write.on("flattr", thing), server)
    shown = setup.actions.changes.apply_to(flattr, NOW - 5)
    assert isinstance(shown, Flattr)
    assert (shown.thing.flattred, shown.thing.flattrs) == (True, (thing.flattrs or 0) + 1)
    assert events == ["changed"]
    with pytest.raises(UsageError, match="has not confirmed yet that it is flattred"):
        await setup.actions.perform(Write.on("subscribe", thing))
    server.go_on.set()
    await task
    assert server.writes == [f"/rest/v2/things/{number}/flattr"]
    kept = setup.actions.changes.apply_to(thing, NOW - 5)
    assert isinstance(kept, Thing)
    assert (kept.flattred, kept.flattrs) == (True, (thing.flattrs or 0) + 1)
    assert setup.actions.changes.apply_to(thing, NOW + 1) is thing
    assert events == ["changed", "changed"]
    await setup.client.aclose()


@pytest.mark.parametrize("name", ["subscribe", "unsubscribe", "toggle-subscription", "update-thing", "delete-thing"])
async def test_every_change_is_shown_at_once_and_undone_if_refused(sandbox: Sandbox, name: str) -> None:
    server = HeldServer(sandbox.app)
    setup = make_write_setup(sandbox, app=lambda: server, scopes=frozenset())
    (number,) = sandbox.fresh()
    write = make_writes(number, number)[name]
    assert write.thing is not None
    thing = Thing(id=write.thing.id, title="T", subscribed=name != "subscribe", hidden=False, tags=())
    subscription = Subscription(thing=thing, active=True)
    task = await start_write(setup, write, server)
    overlay = setup.actions.changes
    shown, shown_subscription = overlay.apply_to(thing, NOW), overlay.apply_to(subscription, NOW)
    assert isinstance(shown, Thing)
    assert isinstance(shown_subscription, Subscription)
    match name:
        case "subscribe" | "unsubscribe":
            assert shown.subscribed is (name == "subscribe")
            assert overlay.is_removed(subscription, NOW) is (name == "unsubscribe")
        case "toggle-subscription":
            assert shown_subscription.active is False
        case "update-thing":
            assert (shown.title, shown.tags, shown.hidden) == ("Newer", ("a", "b"), True)
            assert shown_subscription.thing == shown
        case "delete-thing":
            assert overlay.is_removed(thing, NOW)
            assert overlay.is_removed(Flattr(thing=thing), NOW)
    server.go_on.set()
    with pytest.raises(ApiError):
        await task
    assert overlay.apply_to(thing, NOW) is thing
    assert overlay.apply_to(subscription, NOW) is subscription
    assert not overlay.is_removed(thing, NOW)
    assert overlay.pending_write(thing.id) is None
    assert setup.library.refreshed == []
    await setup.client.aclose()


class FakeFeed:
    """A feed of one row and a gap."""

    request, view, status = ApiRequest.of("my-things"), None, FeedStatus(saved=1)

    def __init__(self, thing: Thing) -> None:
        self.list: list[Row | Gap] = [Row(thing, thing.key, NOW - 5), Gap(3)]

    def __len__(self) -> int:
        return 2

    def rows(self, start: int, stop: int) -> list[Row | Gap]:
        return self.list[start:stop]

    def find_row(self, key: str) -> int | None:
        return 0 if key == self.list[0].key else None  # type: ignore[union-attr]

    def reload(self) -> None:
        self.list.reverse()


async def test_a_feed_shows_the_changes_in_its_rows(sandbox: Sandbox) -> None:
    setup = make_write_setup(sandbox)
    own = sandbox.world.things_of("ada", count=1, page=1)[0].id
    thing = Thing(id=own, title="Old")
    feed = setup.actions.with_changes(FakeFeed(thing))  # type: ignore[arg-type]
    assert feed.rows(0, 9) == [Row(thing, thing.key, NOW - 5), Gap(3)]
    await setup.actions.perform(Write.on("update-thing", thing, title="New"))
    (row, gap) = feed.rows(0, 9)
    assert isinstance(row, Row)
    assert isinstance(row.item, Thing)
    assert (row.item.title, row.key, gap) == ("New", thing.key, Gap(3))
    assert (len(feed), feed.find_row(thing.key), feed.status.saved) == (2, 0, 1)
    feed.reload()
    assert feed.rows(0, 1) == [Gap(3)]
    await setup.client.aclose()


# -- refreshed requests


async def test_a_flattr_refreshes_the_fetched_requests_that_it_changes(sandbox: Sandbox) -> None:
    (number,) = sandbox.fresh()
    known = (
        ApiRequest.of("thing", id=str(number)),
        ApiRequest.of("thing-flattrs", id=str(number)),
        to_own_request(user_flattrs_request("ada"), "ada"),
        user_activities_request("melodia", incoming=True),
        user_things_request("ada"),
        user_things_request("melodia"),
        user_things_request("chizu"),
    )
    setup = make_write_setup(sandbox, known=known)
    await setup.actions.perform(Write.on("flattr", await setup.fetch_thing(number)))
    assert set(setup.library.refreshed) == set(known) - {user_things_request("ada"), user_things_request("chizu")}
    assert len(setup.library.refreshed) == len(set(setup.library.refreshed))
    await setup.client.aclose()


async def test_a_request_in_flight_during_a_write_is_refreshed(sandbox: Sandbox) -> None:
    (number,) = sandbox.fresh()
    setup = make_write_setup(sandbox)
    setup.library.loading = frozenset({to_own_request(user_flattrs_request("ada"), "ada")})
    await setup.actions.perform(Write.on("flattr", await setup.fetch_thing(number)))
    assert set(setup.library.refreshed) == setup.library.loading
    await setup.client.aclose()


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("subscribe", ApiRequest.of("my-subscriptions")),
        ("create-thing", ApiRequest.of("my-things")),
        ("update-thing", ApiRequest.of("my-things")),
        ("delete-thing", user_things_request("ada")),
    ],
)
async def test_other_writes_refresh_the_list_that_they_change(sandbox: Sandbox, name: str, changed: ApiRequest) -> None:
    (number,) = sandbox.fresh()
    setup = make_write_setup(sandbox, known=(changed, ApiRequest.of("my-flattrs")))
    await setup.actions.perform(make_writes(number, sandbox.world.things_of("ada", count=1, page=1)[0].id)[name])
    assert setup.library.refreshed == [changed]
    await setup.client.aclose()


@pytest.mark.parametrize("method", ["user", "user-flattrs", "user-things", "user-activities"])
def test_requests_about_the_account_become_private_requests(method: str) -> None:
    request = ApiRequest.of(method, username="ada", type="incoming" if method == "user-activities" else "")
    own = to_own_request(request, "ada")
    assert BY_NAME[own.method].auth is Auth.TOKEN
    assert BY_NAME[own.method].response_kind is BY_NAME[method].response_kind
    assert own.get("type") == request.get("type")
    assert to_own_request(request, "melodia") is request
    assert to_own_request(request, "") is request
    assert to_own_request(ApiRequest.of("thing", id="7"), "ada") == ApiRequest.of("thing", id="7")
