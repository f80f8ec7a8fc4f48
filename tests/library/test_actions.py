"""Acting: sent once, shown at once, taken back with the reason; what it touches is fetched anew, and nothing else."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.api.client import Client
from flattr_tui.api.errors import ApiError, FlattrError, OfflineError, UnauthorizedError, UsageError, api_error
from flattr_tui.api.methods import BY_NAME, METHODS, Auth
from flattr_tui.api.tokens import Token, TokenStore
from flattr_tui.library.acting.accounts import Accounts
from flattr_tui.library.acting.actions import Actions, needs_login, refusal
from flattr_tui.library.acting.writes import Write
from flattr_tui.library.own import activities_of, as_oneself, flattrs_of, things_of
from flattr_tui.library.reading.feed import FeedStatus, Hole, Row
from flattr_tui.model.decode import decode
from flattr_tui.model.entities import Flattr, Receipt, Subscription, Thing, User
from flattr_tui.model.request import Request
from flattr_tui.sandbox.world import World
from tests.library.at_sandbox import ALL, NOW, Sandbox, Shelf

WRITES = [method.name for method in METHODS if method.writes]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seeded") / "world.sqlite"
    World.open(path).close()
    return path


@pytest.fixture
def world(seeded: Path, tmp_path: Path) -> Iterator[World]:
    """A world to act in."""
    with World.open(Path(shutil.copy(seeded, tmp_path / "world.sqlite")), clock=lambda: NOW) as world:
        yield world


@pytest.fixture
def sandbox(world: World, tmp_path: Path) -> Sandbox:
    return Sandbox(world, tmp_path)


@dataclass
class Desk:
    """Somebody with a library who acts."""

    sandbox: Sandbox
    shelf: Shelf
    accounts: Accounts
    client: Client
    actions: Actions
    told: list[Thing]

    async def thing(self, number: int) -> Thing:
        response = await self.client.call(BY_NAME["thing"], {"id": str(number)})
        (thing,) = decode(BY_NAME["thing"].answer, response.body).entities
        assert isinstance(thing, Thing)
        return thing


def desk(
    sandbox: Sandbox,
    username: str = "ada",
    *,
    scopes: frozenset[str] | None = ALL,
    known: tuple[Request, ...] = (),
    app: Any = None,
) -> Desk:
    if scopes is not None:
        sandbox.store().save("sandbox", username, Token(sandbox.grant(username, scopes)))
    accounts = sandbox.accounts(username)
    client = sandbox.client(accounts, app)
    shelf = Shelf(username, known)
    return Desk(sandbox, shelf, accounts, client, Actions(shelf, client, accounts, clock=sandbox.clock), [])


def writes(number: int, own: int) -> dict[str, Write]:
    theirs, mine = Thing(id=number, title="Theirs", owner=User(username="melodia")), Thing(id=own, title="Mine")
    return {
        "flattr": Write.on("flattr", theirs),
        "flattr-url": Write(
            "flattr-url", (("url", "https://flattr.com/submit/auto?user_id=melodia&url=http://n.example"),)
        ),
        "create-thing": Write("create-thing", (("url", "https://new.example/"), ("title", "New"))),
        "update-thing": Write.on("update-thing", mine, title="Newer", tags="a, b", hidden="1"),
        "delete-thing": Write.on("delete-thing", mine),
        "subscribe": Write.on("subscribe", theirs),
        "toggle-subscription": Write.on("toggle-subscription", theirs, active=True),
        "unsubscribe": Write.on("unsubscribe", theirs),
    }


def test_every_write_of_the_table_has_words() -> None:
    made = writes(1, 2)
    assert sorted(made) == sorted(WRITES)
    for write in made.values():
        assert write.question.endswith("?")
        assert write.what in write.question
        assert write.told(Receipt()).endswith(".")
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
    who, world = desk(sandbox), sandbox.world
    own = world.things_of("ada", count=1, page=1)[0].id
    made = writes(number, own)
    await who.actions.perform(made["flattr"])
    assert number in world.has_flattred("ada", [number])
    done = await who.actions.perform(made["flattr-url"])
    assert done.thing is not None
    assert made["flattr-url"].told(done) == "Flattred “http://n.example”."
    await who.actions.perform(made["subscribe"])
    paused = await who.actions.perform(made["toggle-subscription"])
    assert made["toggle-subscription"].told(paused) == "Paused the subscription to “Theirs” by melodia."
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


# -- what is shown


class Slow:
    """A server that answers when it is told to."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.asked, self.go_on = asyncio.Event(), asyncio.Event()
        self.writes: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] != "GET":
            self.writes.append(scope["path"])
            self.asked.set()
            await self.go_on.wait()
        await self.app(scope, receive, send)


async def under_way(who: Desk, write: Write, slow: Slow) -> "asyncio.Task[Receipt]":
    task = asyncio.create_task(who.actions.perform(write))
    await slow.asked.wait()
    return task


async def test_a_flattr_is_shown_before_it_is_answered_and_kept_until_it_is_fetched_anew(sandbox: Sandbox) -> None:
    (number,) = sandbox.fresh()
    slow = Slow(sandbox.app)
    who = desk(sandbox, app=lambda: slow)
    told: list[str] = []
    who.actions.follow(lambda: told.append("changed"))
    thing = await who.thing(number)
    flattr = Flattr(thing=thing)
    task = await under_way(who, Write.on("flattr", thing), slow)
    shown = who.actions.overlay.item(flattr, NOW - 5)
    assert isinstance(shown, Flattr)
    assert (shown.thing.flattred, shown.thing.flattrs) == (True, (thing.flattrs or 0) + 1)
    assert told == ["changed"]
    with pytest.raises(UsageError, match="has not yet answered whether it is flattred"):
        await who.actions.perform(Write.on("subscribe", thing))
    slow.go_on.set()
    await task
    assert slow.writes == [f"/rest/v2/things/{number}/flattr"]
    kept = who.actions.overlay.item(thing, NOW - 5)
    assert isinstance(kept, Thing)
    assert (kept.flattred, kept.flattrs) == (True, (thing.flattrs or 0) + 1)
    assert who.actions.overlay.item(thing, NOW + 1) is thing
    assert told == ["changed", "changed"]
    await who.client.aclose()


@pytest.mark.parametrize("name", ["subscribe", "unsubscribe", "toggle-subscription", "update-thing", "delete-thing"])
async def test_every_change_is_shown_at_once_and_taken_back_when_refused(sandbox: Sandbox, name: str) -> None:
    slow = Slow(sandbox.app)
    who = desk(sandbox, app=lambda: slow, scopes=frozenset())
    (number,) = sandbox.fresh()
    write = writes(number, number)[name]
    assert write.thing is not None
    thing = Thing(id=write.thing.id, title="T", subscribed=name != "subscribe", hidden=False, tags=())
    held = Subscription(thing=thing, active=True)
    task = await under_way(who, write, slow)
    overlay = who.actions.overlay
    shown, shown_held = overlay.item(thing, NOW), overlay.item(held, NOW)
    assert isinstance(shown, Thing)
    assert isinstance(shown_held, Subscription)
    match name:
        case "subscribe" | "unsubscribe":
            assert shown.subscribed is (name == "subscribe")
            assert overlay.gone(held, NOW) is (name == "unsubscribe")
        case "toggle-subscription":
            assert shown_held.active is False
        case "update-thing":
            assert (shown.title, shown.tags, shown.hidden) == ("Newer", ("a", "b"), True)
            assert shown_held.thing == shown
        case "delete-thing":
            assert overlay.gone(thing, NOW)
            assert overlay.gone(Flattr(thing=thing), NOW)
    slow.go_on.set()
    with pytest.raises(ApiError):
        await task
    assert overlay.item(thing, NOW) is thing
    assert overlay.item(held, NOW) is held
    assert not overlay.gone(thing, NOW)
    assert overlay.under_way(thing.id) is None
    assert who.shelf.refreshed == []
    await who.client.aclose()


class Rows:
    """A feed of one row and a hole."""

    request, view, status = Request.of("my-things"), None, FeedStatus(saved=1)

    def __init__(self, thing: Thing) -> None:
        self.list: list[Row | Hole] = [Row(thing, thing.key, NOW - 5), Hole(3)]

    def __len__(self) -> int:
        return 2

    def rows(self, start: int, stop: int) -> list[Row | Hole]:
        return self.list[start:stop]

    def find(self, key: str) -> int | None:
        return 0 if key == self.list[0].key else None  # type: ignore[union-attr]

    def reload(self) -> None:
        self.list.reverse()


async def test_a_feed_shows_what_was_done_in_its_rows(sandbox: Sandbox) -> None:
    who = desk(sandbox)
    own = sandbox.world.things_of("ada", count=1, page=1)[0].id
    thing = Thing(id=own, title="Old")
    feed = who.actions.seen(Rows(thing))  # type: ignore[arg-type]
    assert feed.rows(0, 9) == [Row(thing, thing.key, NOW - 5), Hole(3)]
    await who.actions.perform(Write.on("update-thing", thing, title="New"))
    (row, hole) = feed.rows(0, 9)
    assert isinstance(row, Row)
    assert isinstance(row.item, Thing)
    assert (row.item.title, row.key, hole) == ("New", thing.key, Hole(3))
    assert (len(feed), feed.find(thing.key), feed.status.saved) == (2, 0, 1)
    feed.reload()
    assert feed.rows(0, 1) == [Hole(3)]
    await who.client.aclose()


# -- what is fetched anew


async def test_what_a_flattr_touches_is_fetched_anew_where_it_was_known(sandbox: Sandbox) -> None:
    (number,) = sandbox.fresh()
    known = (
        Request.of("thing", id=str(number)),
        Request.of("thing-flattrs", id=str(number)),
        as_oneself(flattrs_of("ada"), "ada"),
        activities_of("melodia", incoming=True),
        things_of("ada"),
        things_of("melodia"),
        things_of("chizu"),
    )
    who = desk(sandbox, known=known)
    await who.actions.perform(Write.on("flattr", await who.thing(number)))
    assert set(who.shelf.refreshed) == set(known) - {things_of("ada"), things_of("chizu")}
    assert len(who.shelf.refreshed) == len(set(who.shelf.refreshed))
    await who.client.aclose()


async def test_what_is_on_its_way_while_something_is_done_is_fetched_anew(sandbox: Sandbox) -> None:
    (number,) = sandbox.fresh()
    who = desk(sandbox)
    who.shelf.loading = frozenset({as_oneself(flattrs_of("ada"), "ada")})
    await who.actions.perform(Write.on("flattr", await who.thing(number)))
    assert set(who.shelf.refreshed) == who.shelf.loading
    await who.client.aclose()


@pytest.mark.parametrize(
    ("name", "touched"),
    [
        ("subscribe", Request.of("my-subscriptions")),
        ("create-thing", Request.of("my-things")),
        ("update-thing", Request.of("my-things")),
        ("delete-thing", things_of("ada")),
    ],
)
async def test_what_others_touch_is_fetched_anew(sandbox: Sandbox, name: str, touched: Request) -> None:
    (number,) = sandbox.fresh()
    who = desk(sandbox, known=(touched, Request.of("my-flattrs")))
    await who.actions.perform(writes(number, sandbox.world.things_of("ada", count=1, page=1)[0].id)[name])
    assert who.shelf.refreshed == [touched]
    await who.client.aclose()


# -- how it is refused


@pytest.mark.parametrize("name", WRITES)
async def test_offline_nothing_is_sent_nor_kept(sandbox: Sandbox, name: str) -> None:
    actions = Actions(Shelf("ada"), None, sandbox.accounts("ada", offline=True))
    with pytest.raises(OfflineError, match="Nothing is sent, nor kept"):
        await actions.perform(writes(1, 2)[name])


async def test_what_one_account_confirmed_is_not_done_by_another(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.store().save("sandbox", "melodia", Token(sandbox.grant("melodia"), ("flattr",)))
    at = desk(sandbox)
    at.accounts.become("ada")
    load, (number,) = TokenStore.load, sandbox.fresh()

    def switching(store: TokenStore, source: str, account: str) -> Token | None:
        at.accounts.become("melodia")
        return load(store, source, account)

    monkeypatch.setattr(TokenStore, "load", switching)
    with pytest.raises(UsageError, match="the account is another one since"):
        await at.actions.perform(Write.on("flattr", Thing(id=number, title="Theirs")))
    assert not sandbox.world.has_flattred("ada", [number]) | sandbox.world.has_flattred("melodia", [number])


@pytest.mark.parametrize("name", WRITES)
async def test_nobody_and_a_token_without_the_scope_are_asked_to_log_in(sandbox: Sandbox, name: str) -> None:
    (number,) = sandbox.fresh()
    before = list(sandbox.world.things_of("ada", count=100, page=1, hidden=True))
    write = writes(number, before[0].id)[name]
    for scopes in (None, frozenset({"email"}) | ({"thing"} if BY_NAME[name].auth is Auth.FLATTR else {"flattr"})):
        who = desk(sandbox, "ada", scopes=scopes)
        with pytest.raises(FlattrError) as caught:
            await who.actions.perform(write)
        assert needs_login(caught.value)
        assert " L" in str(caught.value)
        await who.client.aclose()
    assert sandbox.world.things_of("ada", count=100, page=1, hidden=True) == before


@pytest.mark.parametrize(
    ("name", "user", "said"),
    [
        ("flattr", "melodia", "it is your own, and one's own things can't be flattred"),
        ("flattr", "penniless", "there is no money left to flattr with"),
        ("subscribe", "melodia", "it is your own, and one's own things can't be subscribed to"),
        ("update-thing", "ada", "You are not the owner"),
        ("delete-thing", "ada", "You are not the owner"),
        ("unsubscribe", "ada", "You are not subscribed"),
    ],
)
async def test_each_refusal_has_its_own_words(sandbox: Sandbox, name: str, user: str, said: str) -> None:
    (number,) = sandbox.fresh()
    who = desk(sandbox, user)
    write = writes(number, number)[name]
    with pytest.raises(FlattrError) as caught:
        await who.actions.perform(write)
    assert not needs_login(caught.value)
    assert said in refusal(write, caught.value)
    await who.client.aclose()


@pytest.mark.parametrize("name", ["flattr", "subscribe"])
async def test_what_was_done_already_says_so(sandbox: Sandbox, name: str) -> None:
    (number,) = sandbox.fresh()
    who = desk(sandbox)
    write = writes(number, number)[name]
    await who.actions.perform(write)
    with pytest.raises(ApiError, match="already") as caught:
        await who.actions.perform(write)
    assert caught.value.code in {"flattr_once", "subscribed"}
    await who.client.aclose()


async def test_a_thing_that_is_not_valid_is_refused_before_it_is_sent(sandbox: Sandbox) -> None:
    slow = Slow(sandbox.app)
    who = desk(sandbox, app=lambda: slow)
    with pytest.raises(UsageError, match="begins with http"):
        await who.actions.perform(Write("create-thing", (("url", "nonsense"),)))
    slow.go_on.set()
    taken = sandbox.world.things_of("ada", count=1, page=1)[0].url
    with pytest.raises(ApiError, match="url exists already") as caught:
        await who.actions.perform(Write("create-thing", (("url", taken),)))
    assert caught.value.code == "validation"
    assert slow.writes == ["/rest/v2/things"]
    await who.client.aclose()


async def test_a_write_without_an_answer_is_never_sent_again_and_looked_up(sandbox: Sandbox) -> None:
    sent: list[str] = []

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "GET":
            await sandbox.app(scope, receive, send)
            return
        sent.append(scope["path"])
        await send({"type": "http.response.start", "status": 502, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    (number,) = sandbox.fresh()
    record = Request.of("thing", id=str(number))
    who = desk(sandbox, app=lambda: broken, known=(record,))
    write = writes(number, number)["flattr"]
    with pytest.raises(FlattrError) as caught:
        await who.actions.perform(write)
    assert refusal(write, caught.value).startswith("Whether “Theirs” by melodia was flattred is not known: ")
    assert len(sent) == 1
    assert who.shelf.refreshed == [record]
    await who.client.aclose()


async def test_an_odd_answer_to_what_was_done_does_not_take_it_back(sandbox: Sandbox) -> None:
    async def odd(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": b"[]"})

    (number,) = sandbox.fresh()
    who = desk(sandbox, app=lambda: odd)
    write = writes(number, number)["flattr"]
    assert await who.actions.perform(write) == Receipt()
    shown = who.actions.overlay.item(Thing(id=number), NOW)
    assert isinstance(shown, Thing)
    assert shown.flattred
    await who.client.aclose()


async def test_leaving_takes_back_what_was_under_way(sandbox: Sandbox) -> None:
    slow = Slow(sandbox.app)
    who = desk(sandbox, app=lambda: slow)
    (number,) = sandbox.fresh()
    task = await under_way(who, writes(number, number)["flattr"], slow)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert who.actions.overlay.under_way(number) is None
    await who.client.aclose()


def test_only_a_login_that_may_help_is_asked_for() -> None:
    asked = {code: needs_login(api_error(status, code, "")) for status, code in [
        (401, "unauthorized"), (401, "no_means"), (403, "insufficient_scope"), (403, "invalid_scope"),
        (403, "flattr_once"), (404, "not_found"),
    ]}  # fmt: skip
    assert [code for code, asks in asked.items() if asks] == ["unauthorized", "insufficient_scope"]
    assert needs_login(UnauthorizedError(401, "", ""))


@pytest.mark.parametrize("method", ["user", "user-flattrs", "user-things", "user-activities"])
def test_what_is_asked_about_oneself_is_asked_as_oneself(method: str) -> None:
    request = Request.of(method, username="ada", type="incoming" if method == "user-activities" else "")
    own = as_oneself(request, "ada")
    assert BY_NAME[own.method].auth is Auth.TOKEN
    assert BY_NAME[own.method].answer is BY_NAME[method].answer
    assert own.get("type") == request.get("type")
    assert as_oneself(request, "melodia") is request
    assert as_oneself(request, "") is request
    assert as_oneself(Request.of("thing", id="7"), "ada") == Request.of("thing", id="7")
