"""Tests that a list is fetched completely before it is exported, and that a part of one is known as a part."""

import asyncio
from pathlib import Path

import pytest

from flattr_tui.cli.commands.export import fetch_all, find_saved
from flattr_tui.library.user_requests import user_flattrs_request
from flattr_tui.model.entities import Flattr
from flattr_tui.sandbox.world import World
from tests.library.library_fixtures import keys_on_server, make_library, row_keys, run_library


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


async def test_a_part_of_a_list_is_known_to_be_a_part(tmp_path: Path, shared_world: World) -> None:
    request = user_flattrs_request("ada")
    library = make_library(tmp_path, shared_world)
    async with run_library(library):
        await library.make_paginator(request).fetch_head()
        found = find_saved(library, request)
        assert found is not None
        number, is_incomplete, items = found
        assert [item.key for item in items() if isinstance(item, Flattr)] == keys_on_server(shared_world, "ada", number)
        assert is_incomplete
        await library.make_paginator(request).fetch_missing(lambda: None)
        found = find_saved(library, request)
        assert found is not None
        assert found[:2] == (len(keys_on_server(shared_world, "ada")), False)
