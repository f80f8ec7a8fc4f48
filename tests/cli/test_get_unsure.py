"""Tests of writes without a response: the command says that it does not know the result, looks it up, and prints it."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.sandbox.models import ThingSearch, Token
from flattr_tui.sandbox.server import serving
from flattr_tui.sandbox.world import World
from tests.cli.conftest import CommandResult, Flattr

WRITES = ("POST", "PATCH", "DELETE", "PUT")
URL = "https://new.example/thing"


class Gateway:
    """A proxy in front of a server. While it is `broken`, it passes writes on but returns 502."""

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
    """Discard a message of the server."""


class Setup:
    """A server, and the command line with a token of ada for this server."""

    def __init__(self, flattr: Flattr, source: str, world: World, gateway: Gateway, faults: Faults) -> None:
        self.gateway = gateway
        self._flattr = flattr
        self._source = source
        self.faults = faults
        things = world.search(ThingSearch(user="melodia"), count=100, page=1)[1]
        self.others = [thing.id for thing in things]

    def get(self, *arguments: str) -> CommandResult:
        return self._flattr(
            "--source", self._source, "--account", "ada", "get", *arguments, *(["--yes"] if len(arguments) > 1 else [])
        )

    def create(self) -> str:
        created = self.get("create-thing", f"url={URL}", "title=A")
        assert created.code == 0, created.err
        return str(json.loads(created.out)["id"])

    def fresh(self, method: str) -> str:
        """Return the id of a thing of melodia for which ada has not called `method` yet."""
        seen = "my-flattrs" if method.startswith("flattr") else "my-subscriptions"
        known = {one["thing"]["id"] for one in json.loads(self.get(seen).out)}
        return str(next(number for number in self.others if number not in known))

    def fail(self, fault: Callable[..., Fault], *given: Any) -> None:
        for verb in WRITES:
            self.faults.add(fault(*given, method=verb, path="/rest/", times=FOREVER))


@pytest.fixture
def setup(flattr: Flattr, seeded_world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Setup]:
    (tmp_path / "world.sqlite").write_bytes(seeded_world.read_bytes())
    with World.open(tmp_path / "world.sqlite") as world:
        faults = Faults()
        world.store_token(Token("ours", "ada", "flattr-tui", frozenset({"flattr", "thing"})))
        monkeypatch.setenv("FLATTR_TUI_TOKEN", "ours")
        gateway = Gateway(create_app(world, faults=faults, rate_limit=0))
        with serving(gateway) as root:
            yield Setup(flattr, f"{root}/rest/v2", world, gateway, faults)


def make_arguments(setup: Setup, method: str) -> list[str]:
    """Return arguments with which the server accepts a call of `method`."""
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
def test_a_write_that_was_done_is_found_done(setup: Setup, method: str) -> None:
    arguments = make_arguments(setup, method)
    setup.gateway.broken = True
    ended = setup.get(method, *arguments)
    failure, result = ended.err.splitlines()
    assert "it may have been done, or not" in failure
    assert "ry again" not in failure
    assert result.endswith(": it was done.")
    assert ended.code == 0


@METHODS
@pytest.mark.parametrize(("status", "body"), [(500, b"<html>Oops</html>"), (200, b"<html>Oops</html>")])
def test_a_write_that_was_not_done_is_found_not_done(setup: Setup, method: str, status: int, body: bytes) -> None:
    arguments = make_arguments(setup, method)
    setup.fail(Fault.fail, status, body)
    ended = setup.get(method, *arguments)
    failure, result = ended.err.splitlines()
    assert "it may have been done, or not" in failure
    assert "ry again" not in failure
    assert result.endswith(": so far it was not done.")
    assert ended.code == 1


def test_a_body_without_a_result_is_no_proof_of_a_write(setup: Setup) -> None:
    (thing,) = make_arguments(setup, "flattr")
    setup.fail(partial(Fault, status=200, body=b"null", headers={"Content-Type": "application/json"}))
    ended = setup.get("flattr", thing)
    assert "it may have been done, or not" in ended.err
    assert ended.code == 1


def test_the_state_of_a_toggled_subscription_is_printed(setup: Setup) -> None:
    (thing,) = make_arguments(setup, "unsubscribe")
    setup.fail(Fault.wrong_length, 5)
    ended = setup.get("toggle-subscription", thing)
    assert "is paused now." in ended.err
    assert ended.code == 3


def test_a_failed_look_up_is_reported(setup: Setup) -> None:
    (thing,) = make_arguments(setup, "flattr")
    setup.faults.add(Fault.fail(503, path="/rest/", times=FOREVER))
    ended = setup.get("flattr", thing)
    failure, result = ended.err.splitlines()
    assert "it may have been done, or not" in failure
    assert "Checking it failed: the server failed (503)" in result
    assert ended.code == 1
