"""Tests that a list is fetched completely before it is exported."""

import asyncio
from pathlib import Path

import pytest

from flattr_tui.cli.export import fetch_all
from flattr_tui.library.account_requests import user_flattrs_request
from flattr_tui.sandbox.world import World
from tests.library.library_fixtures import keys_on_server, make_library, row_keys


async def test_an_export_fails_if_the_worker_crashes(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world)
    library.report_crash(RuntimeError("a mistake of ours"))
    with pytest.raises(RuntimeError, match="a mistake of ours"):
        await asyncio.wait_for(fetch_all(library, user_flattrs_request("ada")), 5)
    await library.aclose()


async def test_all_of_a_list_is_fetched_for_an_export(tmp_path: Path, shared_world: World) -> None:
    library = make_library(tmp_path, shared_world)
    await fetch_all(library, user_flattrs_request("ada"))
    assert row_keys(library, user_flattrs_request("ada")) == keys_on_server(shared_world, "ada")
    await library.aclose()
