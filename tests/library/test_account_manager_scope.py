"""Tests that accounts read only their own private pages, and that private requests wait for a login."""

from pathlib import Path
from typing import Any

import pytest

from flattr_tui.library.events import LoginNeeded
from flattr_tui.library.sync import Syncer, Targets
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.model.entities import Thing
from flattr_tui.sandbox.fault_injection import Faults
from flattr_tui.sandbox.models import Token
from flattr_tui.sandbox.world import World
from tests.library.library_fixtures import keys_on_server, make_library, row_keys, run_library, settle

MINE = ApiRequest.of("my-flattrs", full="1")


@pytest.fixture
def tokens(world: World) -> dict[str, str]:
    """An empty dictionary. The client sends the token that a test puts into it under the key `now`.

    The server knows one token of ada and one of melodia.
    """
    for name in ("ada", "melodia"):
        world.store_token(Token(f"{name}-token", name, "flattr-tui", frozenset({"flattr", "thing"})))
    return {}


def token_reader(tokens: dict[str, str]) -> Any:
    return lambda _: tokens.get("now")


async def test_a_private_list_waits_for_the_login(tmp_path: Path, world: World, tokens: dict[str, str]) -> None:
    faults = Faults()
    library = make_library(tmp_path, world, faults=faults, account="ada", token=token_reader(tokens))
    async with run_library(library) as events:
        library.observe(MINE, stop=20)
        await settle(library)
        assert events.count(LoginNeeded(MINE)) == 1
        failure = library.feed(MINE).status.failure
        assert failure is not None
        assert failure.sentence.startswith("Your flattrs could not be fetched: you are not logged in")
        library.observe(MINE, stop=30)
        await settle(library)
        assert len(faults.seen) == 1, "the list was requested again without a login"
        tokens["now"] = "ada-token"
        library.retry_private()
        await settle(library)
        assert row_keys(library, MINE)[:100] == keys_on_server(world, "ada", 100)
        assert library.feed(MINE).status.failure is None


async def test_accounts_do_not_see_each_other(tmp_path: Path, world: World, tokens: dict[str, str]) -> None:
    tokens["now"] = "ada-token"
    library = make_library(tmp_path, world, account="ada", token=token_reader(tokens))
    async with run_library(library):
        library.observe(MINE)
        await settle(library)
        of_ada = row_keys(library, MINE)
        library.account, tokens["now"] = "melodia", "melodia-token"
        assert row_keys(library, MINE) == []
        library.observe(MINE)
        await settle(library)
        of_melodia = row_keys(library, MINE)
        assert of_melodia[:100] == keys_on_server(world, "melodia", 100)
        assert not set(of_melodia) & set(of_ada) - {"?"}
    for account, rows in [("ada", of_ada), ("melodia", of_melodia), ("", []), ("bob", [])]:
        offline = make_library(tmp_path, None, offline=True, account=account)
        async with run_library(offline):
            assert row_keys(offline, MINE) == rows


async def test_a_token_that_is_another_users_fetches_nothing(
    tmp_path: Path, world: World, tokens: dict[str, str]
) -> None:
    tokens["now"] = "melodia-token"
    library = make_library(tmp_path, world, account="ada", token=token_reader(tokens))
    async with run_library(library):
        progress = await Syncer(library).run(Targets(me=True))
        (problem,) = progress.problems
        why = "to this server, the login of ada is now melodia's. Log in again with L."
        assert (problem.sentence, problem.exit_code) == (f"Your profile could not be fetched: {why}", 4)
        for request in (MINE, ApiRequest.of("my-things")):
            library.observe(request)
            await settle(library)
            failure = library.feed(request).status.failure
            assert failure is not None
            assert why in failure.sentence
            assert row_keys(library, request) == []
        assert library.record(ApiRequest.of("me")).entity is None


async def test_a_thing_has_the_flattred_state_of_the_account(
    tmp_path: Path, world: World, tokens: dict[str, str]
) -> None:
    flattred = world.flattrs_of("ada", count=1, page=1)[0].thing.id
    request = ApiRequest.of("thing", id=str(flattred))
    library = make_library(tmp_path, world, token=token_reader(tokens))
    async with run_library(library):
        library.observe(request)
        await settle(library)
        anybody = library.record(request).entity
        assert isinstance(anybody, Thing)
        assert anybody.flattred is None
        library.account, tokens["now"] = "ada", "ada-token"
        library.observe(request)
        await settle(library)
        own = library.record(request).entity
        assert isinstance(own, Thing)
        assert own.flattred is True
        library.account = ""
        seen = library.record(request).entity
        assert isinstance(seen, Thing)
        assert seen.flattred is None


async def test_a_response_that_arrives_after_a_switch_is_not_kept_for_the_new_account(
    tmp_path: Path, world: World, tokens: dict[str, str]
) -> None:
    tokens["now"] = "ada-token"
    library = make_library(tmp_path, world, account="ada", token=token_reader(tokens))
    async with run_library(library):
        library.observe(MINE)
        library.account, tokens["now"] = "melodia", "melodia-token"
        await settle(library)
        assert row_keys(library, MINE) == []
        assert {(size.account) for size in library.responses.account_sizes()} <= {"ada"}
