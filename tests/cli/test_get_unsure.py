"""A change whose answer does not come: it is said that it may have been done, looked up, and what was found is said."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.sandbox.models import ThingSearch, Token
from flattr_tui.sandbox.serve import serving
from flattr_tui.sandbox.world import World
from tests.cli.conftest import Ended, Flattr

WRITES = ("POST", "PATCH", "DELETE", "PUT")
URL = "https://new.example/thing"


class Gateway:
    """Stands before a server; while it is `broken`, it says 502 to what was done."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.broken = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.broken or scope["type"] != "http" or scope["method"] not in WRITES:
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, drop)
        await Response(status_code=502)(scope, receive, send)


async def drop(_: Message) -> None:
    """Send nothing on."""


class Setup:
    """A server, and the command line of ada, who is logged in there."""

    def __init__(self, flattr: Flattr, source: str, world: World, gateway: Gateway, faults: Faults) -> None:
        self.gateway = gateway
        self._flattr = flattr
        self._source = source
        self.faults = faults
        things = world.search(ThingSearch(user="melodia"), count=100, page=1)[1]
        self.others = [thing.id for thing in things]

    def get(self, *arguments: str) -> Ended:
        return self._flattr(
            "--source", self._source, "--account", "ada", "get", *arguments, *(["--yes"] if len(arguments) > 1 else [])
        )

    def create(self) -> str:
        made = self.get("create-thing", f"url={URL}", "title=A")
        assert made.code == 0, made.said
        return str(json.loads(made.out)["id"])

    def fresh(self, method: str) -> str:
        """Find a thing of somebody else's with which `method` can still be done."""
        seen = "my-flattrs" if method.startswith("flattr") else "my-subscriptions"
        known = {one["thing"]["id"] for one in json.loads(self.get(seen).out)}
        return str(next(number for number in self.others if number not in known))

    def fail(self, fault: Callable[..., Fault], *given: Any) -> None:
        for verb in WRITES:
            self.faults.add(fault(*given, method=verb, path="/rest/", times=FOREVER))


@pytest.fixture
def setup(flattr: Flattr, seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Setup]:
    (tmp_path / "world.sqlite").write_bytes(seeded.read_bytes())
    with World.open(tmp_path / "world.sqlite") as world:
        faults = Faults()
        world.store_token(Token("ours", "ada", "flattr-tui", frozenset({"flattr", "thing"})))
        monkeypatch.setenv("FLATTR_TUI_TOKEN", "ours")
        gateway = Gateway(create_app(world, faults=faults, rate_limit=0))
        with serving(gateway) as root:
            yield Setup(flattr, f"{root}/rest/v2", world, gateway, faults)


def prepared(setup: Setup, method: str) -> list[str]:
    """Return the arguments of a call that the server would do."""
    if method in {"flattr", "subscribe"}:
        return [f"id={setup.fresh(method)}"]
    if method == "unsubscribe":
        thing = setup.fresh(method)
        assert setup.get("subscribe", f"id={thing}").code == 0
        return [f"id={thing}"]
    if method == "flattr-url":
        return [f"url=https://flattr.com/submit/auto?url={URL}&user_id=melodia"]
    if method == "create-thing":
        return [f"url={URL}", "title=A"]
    more = ["title=B", "tags=x,y", "hidden=1"] if method == "update-thing" else []
    return [f"id={setup.create()}", *more]


METHODS = pytest.mark.parametrize(
    "method", ["flattr", "flattr-url", "create-thing", "update-thing", "delete-thing", "subscribe", "unsubscribe"]
)


@METHODS
def test_what_was_done_is_found_done(setup: Setup, method: str) -> None:
    arguments = prepared(setup, method)
    setup.gateway.broken = True
    ended = setup.get(method, *arguments)
    asked, found = ended.said.splitlines()
    assert "it may have been done, or not" in asked
    assert "ry again" not in asked
    assert found.endswith(": it was done.")
    assert ended.code == 0


@METHODS
@pytest.mark.parametrize(("status", "body"), [(500, b"<html>Oops</html>"), (200, b"<html>Oops</html>")])
def test_what_was_not_done_is_found_not_done(setup: Setup, method: str, status: int, body: bytes) -> None:
    arguments = prepared(setup, method)
    setup.fail(Fault.fail, status, body)
    ended = setup.get(method, *arguments)
    asked, found = ended.said.splitlines()
    assert "it may have been done, or not" in asked
    assert "ry again" not in asked
    assert found.endswith(": it was not done, so far.")
    assert ended.code == 1


def test_an_answer_that_says_nothing_of_it_leaves_it_open_too(setup: Setup) -> None:
    (thing,) = prepared(setup, "flattr")
    setup.fail(Fault.garbage, b"null")
    ended = setup.get("flattr", thing)
    assert "it may have been done, or not" in ended.said
    assert ended.code == 1


def test_a_toggled_subscription_is_said_as_it_is_now(setup: Setup) -> None:
    (thing,) = prepared(setup, "unsubscribe")
    setup.fail(Fault.wrong_length, 5)
    ended = setup.get("toggle-subscription", thing)
    assert "is paused now." in ended.said
    assert ended.code == 3


def test_what_cannot_be_looked_up_is_said_too(setup: Setup) -> None:
    (thing,) = prepared(setup, "flattr")
    setup.faults.add(Fault.fail(503, path="/rest/", times=FOREVER))
    ended = setup.get("flattr", thing)
    asked, found = ended.said.splitlines()
    assert "it may have been done, or not" in asked
    assert "That could not be looked up: the server failed (503)" in found
    assert ended.code == 1
