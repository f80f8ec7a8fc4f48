"""Acting: sent once, shown at once; what it touches is fetched anew, and nothing else."""

import pytest

from flattr_tui.api.errors import ApiError, UsageError
from flattr_tui.api.methods import BY_NAME, Auth
from flattr_tui.library.account.write_commands import Write
from flattr_tui.library.account.write_service import refusal
from flattr_tui.library.account_requests import (
    to_own_request,
    user_activities_request,
    user_flattrs_request,
    user_things_request,
)
from flattr_tui.library.query.feed import FeedStatus, Gap, Row
from flattr_tui.model.api_request import Request
from flattr_tui.model.entities import Flattr, Receipt, Subscription, Thing, User
from tests.library.sandbox_accounts import NOW, Sandbox
from tests.library.write_setup import WRITES, Slow, make_write_setup, under_way, writes


def test_every_write_of_the_table_has_words() -> None:
    made = writes(1, 2)
    assert sorted(made) == sorted(WRITES)
    for write in made.values():
        assert write.question.endswith("?")
        assert write.target in write.question
        assert write.confirmation(Receipt()).endswith(".")
        said = refusal(write, UsageError("so it is."))
        assert said.endswith(f"was not {write.done}: so it is.")


def test_a_question_names_the_thing_and_its_owner() -> None:
    thing = Thing(id=7, title="Acoustic fingerprints for everyone", owner=User(username="melodia"))
    assert Write.on("flattr", thing).question == "Flattr “Acoustic fingerprints for everyone” by melodia?"
    assert Write.on("flattr", Thing(id=7)).question == "Flattr thing 7?"
    assert len(Write.on("flattr", Thing(id=7, title="x" * 5000)).question) < 200
    assert Write.on("toggle-subscription", thing, active=True).question.startswith("Pause the subscription to “")
    assert Write.on("toggle-subscription", thing, active=False).question.startswith("Resume the subscription to “")
    assert "title, tags and hidden of “" in writes(1, 2)["update-thing"].question


async def test_each_write_does_what_it_says(sandbox: Sandbox) -> None:
    (number,) = sandbox.fresh()
    who, world = make_write_setup(sandbox), sandbox.world
    own = world.things_of("ada", count=1, page=1)[0].id
    made = writes(number, own)
    await who.actions.perform(made["flattr"])
    assert number in world.has_flattred("ada", [number])
    done = await who.actions.perform(made["flattr-url"])
    assert done.thing is not None
    assert made["flattr-url"].confirmation(done) == "Flattred “http://n.example”."
    await who.actions.perform(made["subscribe"])
    paused = await who.actions.perform(made["toggle-subscription"])
    assert made["toggle-subscription"].confirmation(paused) == "Paused the subscription to “Theirs” by melodia."
    await who.actions.perform(made["unsubscribe"])
    assert number not in world.has_subscribed("ada", [number])
    created = await who.actions.perform(made["create-thing"])
    assert created.id is not None
    assert world.things_of("ada", count=1, page=1)[0].title == "New"
    await who.actions.perform(made["update-thing"])
    row = world.thing(own)
    assert row is not None
    assert (row.title, row.tags, row.hidden) == ("Newer", ("a", "b"), True)
    await who.actions.perform(made["delete-thing"])
    assert world.thing(own) is None
    await who.client.aclose()


async def test_a_flattr_is_shown_before_it_is_answered_and_kept_until_it_is_fetched_anew(sandbox: Sandbox) -> None:
    (number,) = sandbox.fresh()
    slow = Slow(sandbox.app)
    who = make_write_setup(sandbox, app=lambda: slow)
    told: list[str] = []
    who.actions.set_listener(lambda: told.append("changed"))
    thing = await who.thing(number)
    flattr = Flattr(thing=thing)
    task = await under_way(who, Write.on("flattr", thing), slow)
    shown = who.actions.changes.apply_to(flattr, NOW - 5)
    assert isinstance(shown, Flattr)
    assert (shown.thing.flattred, shown.thing.flattrs) == (True, (thing.flattrs or 0) + 1)
    assert told == ["changed"]
    with pytest.raises(UsageError, match="has not yet answered whether it is flattred"):
        await who.actions.perform(Write.on("subscribe", thing))
    slow.go_on.set()
    await task
    assert slow.writes == [f"/rest/v2/things/{number}/flattr"]
    kept = who.actions.changes.apply_to(thing, NOW - 5)
    assert isinstance(kept, Thing)
    assert (kept.flattred, kept.flattrs) == (True, (thing.flattrs or 0) + 1)
    assert who.actions.changes.apply_to(thing, NOW + 1) is thing
    assert told == ["changed", "changed"]
    await who.client.aclose()


@pytest.mark.parametrize("name", ["subscribe", "unsubscribe", "toggle-subscription", "update-thing", "delete-thing"])
async def test_every_change_is_shown_at_once_and_taken_back_when_refused(sandbox: Sandbox, name: str) -> None:
    slow = Slow(sandbox.app)
    who = make_write_setup(sandbox, app=lambda: slow, scopes=frozenset())
    (number,) = sandbox.fresh()
    write = writes(number, number)[name]
    assert write.thing is not None
    thing = Thing(id=write.thing.id, title="T", subscribed=name != "subscribe", hidden=False, tags=())
    held = Subscription(thing=thing, active=True)
    task = await under_way(who, write, slow)
    overlay = who.actions.changes
    shown, shown_held = overlay.apply_to(thing, NOW), overlay.apply_to(held, NOW)
    assert isinstance(shown, Thing)
    assert isinstance(shown_held, Subscription)
    match name:
        case "subscribe" | "unsubscribe":
            assert shown.subscribed is (name == "subscribe")
            assert overlay.is_removed(held, NOW) is (name == "unsubscribe")
        case "toggle-subscription":
            assert shown_held.active is False
        case "update-thing":
            assert (shown.title, shown.tags, shown.hidden) == ("Newer", ("a", "b"), True)
            assert shown_held.thing == shown
        case "delete-thing":
            assert overlay.is_removed(thing, NOW)
            assert overlay.is_removed(Flattr(thing=thing), NOW)
    slow.go_on.set()
    with pytest.raises(ApiError):
        await task
    assert overlay.apply_to(thing, NOW) is thing
    assert overlay.apply_to(held, NOW) is held
    assert not overlay.is_removed(thing, NOW)
    assert overlay.pending_write(thing.id) is None
    assert who.shelf.refreshed == []
    await who.client.aclose()


class Rows:
    """A feed of one row and a hole."""

    request, view, status = Request.of("my-things"), None, FeedStatus(saved=1)

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


async def test_a_feed_shows_what_was_done_in_its_rows(sandbox: Sandbox) -> None:
    who = make_write_setup(sandbox)
    own = sandbox.world.things_of("ada", count=1, page=1)[0].id
    thing = Thing(id=own, title="Old")
    feed = who.actions.with_changes(Rows(thing))  # type: ignore[arg-type]
    assert feed.rows(0, 9) == [Row(thing, thing.key, NOW - 5), Gap(3)]
    await who.actions.perform(Write.on("update-thing", thing, title="New"))
    (row, hole) = feed.rows(0, 9)
    assert isinstance(row, Row)
    assert isinstance(row.item, Thing)
    assert (row.item.title, row.key, hole) == ("New", thing.key, Gap(3))
    assert (len(feed), feed.find_row(thing.key), feed.status.saved) == (2, 0, 1)
    feed.reload()
    assert feed.rows(0, 1) == [Gap(3)]
    await who.client.aclose()


# -- what is fetched anew


async def test_what_a_flattr_touches_is_fetched_anew_where_it_was_known(sandbox: Sandbox) -> None:
    (number,) = sandbox.fresh()
    known = (
        Request.of("thing", id=str(number)),
        Request.of("thing-flattrs", id=str(number)),
        to_own_request(user_flattrs_request("ada"), "ada"),
        user_activities_request("melodia", incoming=True),
        user_things_request("ada"),
        user_things_request("melodia"),
        user_things_request("chizu"),
    )
    who = make_write_setup(sandbox, known=known)
    await who.actions.perform(Write.on("flattr", await who.thing(number)))
    assert set(who.shelf.refreshed) == set(known) - {user_things_request("ada"), user_things_request("chizu")}
    assert len(who.shelf.refreshed) == len(set(who.shelf.refreshed))
    await who.client.aclose()


async def test_what_is_on_its_way_while_something_is_done_is_fetched_anew(sandbox: Sandbox) -> None:
    (number,) = sandbox.fresh()
    who = make_write_setup(sandbox)
    who.shelf.loading = frozenset({to_own_request(user_flattrs_request("ada"), "ada")})
    await who.actions.perform(Write.on("flattr", await who.thing(number)))
    assert set(who.shelf.refreshed) == who.shelf.loading
    await who.client.aclose()


@pytest.mark.parametrize(
    ("name", "touched"),
    [
        ("subscribe", Request.of("my-subscriptions")),
        ("create-thing", Request.of("my-things")),
        ("update-thing", Request.of("my-things")),
        ("delete-thing", user_things_request("ada")),
    ],
)
async def test_what_others_touch_is_fetched_anew(sandbox: Sandbox, name: str, touched: Request) -> None:
    (number,) = sandbox.fresh()
    who = make_write_setup(sandbox, known=(touched, Request.of("my-flattrs")))
    await who.actions.perform(writes(number, sandbox.world.things_of("ada", count=1, page=1)[0].id)[name])
    assert who.shelf.refreshed == [touched]
    await who.client.aclose()


@pytest.mark.parametrize("method", ["user", "user-flattrs", "user-things", "user-activities"])
def test_what_is_asked_about_oneself_is_asked_as_oneself(method: str) -> None:
    request = Request.of(method, username="ada", type="incoming" if method == "user-activities" else "")
    own = to_own_request(request, "ada")
    assert BY_NAME[own.method].auth is Auth.TOKEN
    assert BY_NAME[own.method].response_kind is BY_NAME[method].response_kind
    assert own.get("type") == request.get("type")
    assert to_own_request(request, "melodia") is request
    assert to_own_request(request, "") is request
    assert to_own_request(Request.of("thing", id="7"), "ada") == Request.of("thing", id="7")
